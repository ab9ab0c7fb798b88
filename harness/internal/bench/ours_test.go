package bench

import (
	"context"
	"fmt"
	"net"
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

// intoFake is smtp-source to a front end of our Exchange Online.
func intoFake(t *testing.T, p programs, n int, keep bool) time.Duration {
	var taken atomic.Int64
	srv := &smtpfake.Server{
		Persona: office365.MX{Forest: "jpnprd01", Started: time.Now(), Seed: 1},
		Ended: func(r smtpfake.Result) {
			if r.Taken {
				taken.Add(1)
			}
		},
		Trouble: func(err error) { t.Errorf("the fake: %v", err) },
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	took := p.load(t, l.Addr().String(), n, keep)
	if err := srv.Close(); err != nil {
		t.Errorf("closing the fake: %v", err)
	}
	if err := <-served; err != nil {
		t.Errorf("serving: %v", err)
	}
	if taken.Load() != int64(n) {
		t.Fatalf("the fake took %d messages of %d", taken.Load(), n)
	}
	return took
}

// fromSender is our sender to smtp-sink. It composes and signs each message,
// as in a run; smtp-source sends the same letter X again and again.
func fromSender(t *testing.T, p programs, n int) time.Duration {
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
	began := time.Now()
	for i := range submissions {
		sender.Submit(ctx, &submissions[i], 0)
	}
	sender.Wait()
	took := time.Since(began)
	if taken.Load() != int64(n) {
		t.Fatalf("smtp-sink took %d messages of %d from the sender", taken.Load(), n)
	}
	return took
}
