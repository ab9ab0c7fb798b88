package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/fakes/office365"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/traffic"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// intoFake is smtp-source to a front end of our Exchange Online, which looks at
// each message and writes down what it saw, as in a run.
func intoFake(t *testing.T, p programs, m mail, n int, keep bool) effort {
	began, box := time.Now(), &box{letters: m.letters, keys: m.keys}
	log, err := evidence.Create(filepath.Join(t.TempDir(), evidence.File),
		func() (at, t time.Duration) { return time.Since(began), time.Since(began) })
	if err != nil {
		t.Fatal(err)
	}
	box.log = log
	srv := &smtpfake.Server{
		Persona: office365.MX{Forest: "jpnprd01", Started: time.Now(), Seed: 1},
		Open:    box.open, Ended: box.ended,
		Trouble: func(err error) { t.Errorf("the fake: %v", err) },
	}
	l, err := listenAsRuns(t, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	var source effort
	ours := measured(t, func() { source = p.load(t, l.Addr().String(), m, n, keep) })
	if err := errors.Join(srv.Close(), <-served, log.Close()); err != nil {
		t.Errorf("closing the fake: %v", err)
	}
	if box.taken.Load() != int64(n) {
		t.Fatalf("the fake took %d messages of %d as they were written", box.taken.Load(), n)
	}
	return effort{source.took, ours.cpu}
}

// box looks at what arrives.
type box struct {
	log     *evidence.Log
	keys    *traffic.Keys
	letters map[string]string // digests by id
	taken   atomic.Int64
	found   sync.Map // findings, by place
}

type place struct {
	session     uint64
	transaction int
}

// looked is one message under way.
type looked struct {
	*traffic.Examiner
	box   *box
	place place
}

func (l *looked) Done() string { l.box.found.Store(l.place, l.Finding()); return "" }
func (l *looked) Abort()       {}

func (b *box) open(m *smtpfake.Message) (smtpfake.Sink, error) {
	return &looked{traffic.NewExaminer(b.keys), b,
		place{m.Session.Ordinal, m.Session.Transaction}}, nil
}

func (b *box) ended(r smtpfake.Result) {
	found, ok := b.found.LoadAndDelete(place{r.Session.Ordinal, r.Session.Transaction})
	f, _ := found.(traffic.Finding)
	if !r.Taken || !ok || b.letters[f.Msg] != f.Digest || f.DKIM == "fail" {
		return
	}
	b.taken.Add(1)
	b.log.Append(evidence.Event{
		Kind: evidence.KindDelivery, Actor: evidence.Fake, Endpoint: "office365",
		Address: r.Session.Local, Peer: r.Session.Peer, Session: r.Session.ID,
		From: r.Session.From, To: r.Session.To, Stage: string(r.Stage), Msg: f.Msg,
		Digest: f.Digest, DKIM: f.DKIM, Size: f.Size, Code: r.Code, Reply: r.Reply,
		Outcome: evidence.Accepted,
	})
}

// fromSender is our sender to smtp-sink. It composes and signs each message,
// as in a run; smtp-source sends the same letter X again and again.
func fromSender(t *testing.T, p programs, n int) effort {
	addr, stop := p.startSink(t)
	defer stop()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	start := time.Now()
	var taken, others atomic.Int64
	sender := &traffic.Sender{
		Dial: func(ctx context.Context) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", addr)
		},
		Clock: clock.New(start, 1), Start: start, Until: start, // no second attempts
		Keys: traffic.NewKeys(1), Sessions: sessions,
		Record: func(e evidence.Event) {
			if e.Outcome == evidence.Accepted {
				taken.Add(1)
			} else if others.Add(1) == 1 {
				t.Errorf("%s: %s %s", e.Msg, e.Outcome, e.Reply)
			}
		},
	}
	submissions := make([]timeline.Submission, n)
	for i := range submissions {
		submissions[i] = timeline.Submission{
			ID: fmt.Sprintf("m%d", i+1), Route: "bench", From: "a@momiji.example",
			To: []string{"b@kaede.example"}, Size: size, Seed: uint64(i),
		}
	}
	e := measured(t, func() {
		for i := range submissions {
			sender.Submit(ctx, &submissions[i], 0)
		}
		sender.Wait()
	})
	if taken.Load() != int64(n) {
		t.Fatalf("smtp-sink took %d messages of %d from the sender", taken.Load(), n)
	}
	return e
}
