package harness

import (
	"bytes"
	"net/textproto"
	"strings"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/fakes/internet"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/traffic"
)

// The endpoints, as the evidence names them.
const (
	endpointOffice365 = "office365"
	endpointInternet  = "internet"
	endpointSpare     = "spare"
)

// inbox looks at everything that reaches one fake, and records it.
type inbox struct {
	*recorder
	endpoint string
	keys     *traffic.Keys
	faults   *faults
	failing  func(endpoint string) error

	// found holds what was seen in messages whose transaction has not ended,
	// by session and transaction. The time of a delivery is the one at which
	// the fake took it, before its reply: what the relay does next comes after.
	mu    sync.Mutex
	found map[place]seen
}

type place struct {
	session     uint64
	transaction int
}

type seen struct {
	traffic.Finding
	at, t time.Duration
}

func newInbox(w *world, endpoint string) *inbox {
	return &inbox{
		recorder: w.recorder, endpoint: endpoint, keys: w.keys, faults: w.faults,
		failing: w.failing,
		found:   map[place]seen{},
	}
}

// open is the fake's Open.
func (b *inbox) open(m *smtpfake.Message) (smtpfake.Sink, error) {
	if b.failing != nil {
		if err := b.failing(b.endpoint); err != nil {
			return nil, err
		}
	}
	return &letterbox{
		Examiner: traffic.NewExaminer(b.keys), inbox: b,
		place: place{m.Session.Ordinal, m.Session.Transaction},
	}, nil
}

// letterbox takes one message.
type letterbox struct {
	*traffic.Examiner
	inbox *inbox
	place place
}

func (l *letterbox) Done() string {
	s := seen{Finding: l.Finding()}
	s.at, s.t = l.inbox.stamp()
	l.inbox.mu.Lock()
	l.inbox.found[l.place] = s
	l.inbox.mu.Unlock()
	return ""
}

func (l *letterbox) Abort() {}

// ended is the fake's Ended: one event for each transaction, or session that
// brought none.
func (b *inbox) ended(r smtpfake.Result) {
	at := place{r.Session.Ordinal, r.Session.Transaction}
	b.mu.Lock()
	s, ok := b.found[at]
	delete(b.found, at)
	b.mu.Unlock()
	if r.Fault != "" {
		b.tally.faults.Add(1)
	}
	e := b.event(r)
	if !r.Taken || !ok {
		b.log.Append(e)
		return
	}
	e.At, e.T, e.Size = s.at, s.t, s.Size
	e.Outcome, e.Withheld = evidence.Accepted, !r.Told
	if r.Left && e.Withheld {
		e.Left = r.Ended.Sub(b.start)
	}
	if r.Kept != "" {
		b.keep(&e, r, s.Msg)
	}
	b.took(e, s.Finding)
}

// keep hands a message that a fault holds back to it. The relay has done its
// part: to it, and to the judge, the message is delivered.
func (b *inbox) keep(e *evidence.Event, r smtpfake.Result, msg string) {
	e.Held = string(r.Kept)
	held := *e
	held.Msg = msg
	if l := b.faults.named(r.Fault); l != nil {
		l.keep(held, r)
	}
}

// event is what attempts and deliveries have in common.
func (b *inbox) event(r smtpfake.Result) evidence.Event {
	e := evidence.Event{
		Kind: evidence.KindAttempt, Actor: evidence.Fake, Endpoint: b.endpoint,
		Address: r.Session.Local, Peer: r.Session.Peer, Session: r.Session.ID,
		From: r.Session.From, To: r.Session.To, Refused: r.Session.Refused, Stage: string(r.Stage),
		Code: r.Code, Reply: r.Reply, Fault: r.Fault, Also: r.Also,
		Began:   r.Began.Sub(b.start),
		Outcome: evidence.Broken,
	}
	if len(e.To) > 0 {
		e.Site = siteOf(e.To[0])
		e.Preference = preference(b.faults.header, b.endpoint, e.Site)
	}
	switch {
	case r.Code >= 500:
		e.Outcome = evidence.Refused
	case r.Code >= 400:
		e.Outcome = evidence.Deferred
	}
	return e
}

// took records a message: ours, a DSN, or neither.
func (b *inbox) took(e evidence.Event, f traffic.Finding) {
	if f.Msg != "" {
		e.Kind, e.Msg, e.Digest, e.DKIM, e.Clues = evidence.KindDelivery, f.Msg, f.Digest, f.DKIM, f.Why
		if b.endpoint == endpointSpare {
			b.tally.spare.Add(int64(len(e.To)))
		} else {
			b.tally.finish(f.Msg, e.To)
		}
		b.log.Append(e)
		return
	}
	dsn, is, err := internet.ParseDSN(bytes.NewReader(f.Other))
	if is && err == nil {
		b.notified(e, dsn)
		return
	}
	e.Kind, e.Note = evidence.KindStray, firstLines(f.Other)
	b.log.Append(e)
}

// notified records a DSN, one event for each action it reports.
func (b *inbox) notified(e evidence.Event, dsn *internet.DSN) {
	e.Kind = evidence.KindDSN
	e.Msg = strings.TrimSpace(dsn.Original.Get(textproto.CanonicalMIMEHeaderKey(traffic.IDHeader)))
	byAction := map[string]*evidence.Event{}
	var order []string
	for _, rcpt := range dsn.Recipients {
		one, ok := byAction[rcpt.Action]
		if !ok {
			next := e
			one = &next
			one.Action, one.Status = rcpt.Action, rcpt.Status
			byAction[rcpt.Action] = one
			order = append(order, rcpt.Action)
		}
		one.Final = append(one.Final, rcpt.Final)
		one.Reply = rcpt.Diagnostic
	}
	for _, action := range order {
		one := byAction[action]
		if action == "failed" {
			b.tally.finish(one.Msg, one.Final)
		}
		b.log.Append(*one)
	}
}

// firstLines is enough of a stray message to know it again.
func firstLines(content []byte) string {
	const enough = 600
	return string(content[:min(len(content), enough)])
}
