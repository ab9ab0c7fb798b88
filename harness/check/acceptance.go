package check

import (
	"fmt"
	"time"
)

// accepting is what one phase saw of acceptance.
type accepting struct {
	offered, first int
	// late is from the moment due, slow from the moment the sender came.
	late, slow latencies
}

// acceptance: in every phase, at least that share of the clean messages was
// accepted at the first attempt, for every recipient, and 99 % of those within
// the limit after they were due. Messages that sending-goes-on judges are left
// to it.
func (l *ledger) acceptance() finding {
	want := l.s.Expect.Acceptance
	share := want.Share
	if share == 0 {
		share = 1
	}
	within := time.Duration(want.Within)
	refused, slow := witnesses{l: l}, witnesses{l: l}
	var phases [len(phaseNames)]accepting
	for li := range l.letters {
		m := &l.letters[li]
		if !m.submitted || m.dirty || l.judgedAsSending(m) {
			continue
		}
		a := &phases[l.phase(m.due)]
		a.offered++
		if !m.whole {
			refused.call(int32(li), -1, func() string {
				return fmt.Sprintf("due %s, not accepted at the first attempt (code %d)",
					l.clock(m.due), m.code)
			})
			continue
		}
		a.first++
		a.late.add(m.answered - m.due)
		took := m.answered - max(m.began, m.due)
		a.slow.add(took)
		if within > 0 && took > within {
			slow.call(int32(li), -1, func() string {
				return fmt.Sprintf("due %s, accepted after %s", l.clock(m.due), span(took))
			})
		}
	}
	f := sumAcceptance(phases, share, within)
	switch {
	case f.outcome == Fail && refused.all > 0:
		f.witnesses = refused.list()
	case f.outcome == Fail:
		f.witnesses = slow.list()
	}
	return f
}

func sumAcceptance(
	phases [len(phaseNames)]accepting, share float64, within time.Duration,
) finding {
	f := finding{outcome: Pass}
	offered, refused, slow, load := 0, "", "", ""
	for i := range phases {
		a, name := &phases[i], phaseNames[i]
		if a.offered == 0 {
			continue
		}
		offered += a.offered
		late, own := a.late.summary(), a.slow.summary()
		f.figure = join(f.figure, fmt.Sprintf("%s: %s of %s, 99 %% within %s", name,
			percent(a.first, a.offered), count(a.offered), span(late.P99)))
		if float64(a.first) < share*float64(a.offered)-1e-6 {
			refused = join(refused, "too few accepted at the first attempt in phase "+name)
		}
		switch {
		case within <= 0 || late.P99 <= within:
		case own.P99 > within:
			slow = join(slow, "accepted too slowly in phase "+name)
		default:
			load = join(load, "the load itself was late in phase "+name)
		}
	}
	switch {
	case refused != "" || slow != "":
		f.outcome, f.reason = Fail, join(refused, slow)
	case offered == 0:
		f.outcome, f.reason = Inconclusive, "no message was offered"
	case load != "":
		f.outcome, f.reason = Inconclusive, load
	}
	return f
}

// judgedAsSending says that sending-goes-on judges the message's acceptance.
func (l *ledger) judgedAsSending(m *letter) bool {
	return l.s.Expect.SendingGoesOn != nil && m.elsewhere && l.phase(m.due) == outage
}
