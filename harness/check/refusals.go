package check

import (
	"slices"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// envelope is a sender and a recipient, as addresses; the recipient is -1 where the
// sender alone had been named.
type envelope struct{ from, to int32 }

// refusals keeps the envelopes with a sender that somebody refused for good: most
// of them are what was handed in, the others the relay's own (see circling).
type refusals map[envelope]refusal

// refusal is when an envelope was refused first and last, and how often.
type refusal struct {
	first, last time.Duration
	times       int
}

// refused takes in what a session or transaction refused for good, also one that
// brought a message for others. What has no sender is a notification.
func (l *ledger) refused(e *evidence.Event) {
	refused, unnamed := refusedBy(e)
	if e.Endpoint == endpointSubmission {
		return
	}
	if unnamed {
		l.refusedTo(-1, e)
	}
	for _, to := range refused {
		l.refusedTo(l.addressOf(to), e)
	}
}

func (l *ledger) refusedTo(rcpt int32, e *evidence.Event) {
	if e.From == "" {
		l.vain.notices[rcpt] = append(l.vain.notices[rcpt], e.T)
		return
	}
	key := envelope{l.addressOf(e.From), rcpt}
	r, known := l.refusals[key]
	if !known {
		r.first = e.T
	}
	r.last = e.T
	r.times++
	l.refusals[key] = r
}

// refusedBy are the recipients that a transaction refused for good: those that it
// told so, and with the message all. One that was refused at MAIL named nobody.
func refusedBy(e *evidence.Event) (refused []string, unnamed bool) {
	refused = e.Refused
	if e.Kind != evidence.KindAttempt || e.Code < 500 {
		return refused, false
	}
	switch scenarios.Stage(e.Stage) {
	case scenarios.StageMail:
		return refused, len(e.To) == 0
	case scenarios.StageData, scenarios.StageBody, scenarios.StageEOD:
		return append(slices.Clip(refused), e.To...), false
	}
	return refused, false
}

// of says that the pair itself was refused for good after it was handed in.
func (r refusals) of(from int32, p *pair) bool {
	return r.since(envelope{from, p.rcpt}, p.handed) || r.since(envelope{from, -1}, p.handed)
}

func (r refusals) since(e envelope, t time.Duration) bool {
	one, known := r[e]
	return known && one.last >= t
}
