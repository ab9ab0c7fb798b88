package check

import (
	"fmt"
	"time"
)

// accepting is what one phase saw of acceptance.
type accepting struct {
	offered, first int
	// down counts first attempts, not among the offered, that came while the plan
	// kept the relay from taking mail.
	down int
	// unheard counts first attempts that were dropped, slowed those accepted
	// too late, both for the machine's sake; quick those that were too late by
	// the scenario's clock alone.
	unheard, slowed, quick int
	// late is from the moment due.
	late latencies
}

// acceptance: in every phase, at least that share of the clean messages was
// accepted at the first attempt, for every recipient, and 99 % of those within
// the limit after they were due. Messages that sending-goes-on judges are left
// to it; those that came while the plan kept the relay from taking any are left
// out. Stalls of the machine excuse what was slow or dropped meanwhile, and a fast
// clock what was slow by its rate alone, so that both shares are looked at twice:
// to fail, they must be broken with all excuses made; to pass, they must hold with
// none.
func (l *ledger) acceptance() finding {
	want := l.s.Expect.Acceptance
	share := want.Share
	if share == 0 {
		share = 1
	}
	within := time.Duration(want.Within)
	refused, slow := newOverdue(l), newOverdue(l)
	var phases [len(phaseNames)]accepting
	var m letter
	for li := range int32(l.letters.n) {
		l.letters.read(li, &m)
		if !m.submitted || m.dirty || l.judgedAsSending(&m) {
			continue
		}
		a := &phases[l.phase(m.due)]
		start := max(m.began, m.due)
		if !m.whole && l.couldNotTake(&m, start) {
			a.down++
			continue
		}
		a.offered++
		if !m.whole {
			excused := l.unheard(&m, start, within)
			if excused {
				a.unheard++
			}
			refused.call(excused, li, -1, func() string {
				return fmt.Sprintf("due %s, not accepted at the first attempt (code %d)",
					l.clock(m.due), m.code)
			})
			continue
		}
		a.first++
		a.late.add(m.answered - m.due)
		took := m.answered - start
		if within > 0 && took > within {
			quick := l.atOnce(start, m.answered)
			excused := quick || l.blameless(start, m.answered, within)
			switch {
			case quick:
				a.quick++
			case excused:
				a.slowed++
			}
			slow.call(excused, li, -1, func() string {
				return fmt.Sprintf("due %s, accepted after %s", l.clock(m.due), span(took))
			})
		}
	}
	f := l.sumAcceptance(&phases, share, within)
	switch {
	case f.outcome == Fail && refused.blamed.all > 0:
		f.witnesses = refused.list()
	case f.outcome == Fail:
		f.witnesses = slow.list()
	case f.outcome == Inconclusive && refused.excused.all > 0:
		f.witnesses = refused.excused.list()
	case f.outcome == Inconclusive:
		f.witnesses = slow.excused.list()
	}
	return f
}

// unheard says that a first attempt was dropped for the machine's sake: while
// it stood still, and in no more time besides than the relay has to answer.
func (l *ledger) unheard(m *letter, start, within time.Duration) bool {
	if within <= 0 {
		return m.dropped && l.stalled(start, m.answered)
	}
	return m.dropped && l.blameless(start, m.answered, within)
}

func (l *ledger) sumAcceptance(
	phases *[len(phaseNames)]accepting, share float64, within time.Duration,
) finding {
	f := finding{outcome: Pass}
	offered, refused, slow, open := 0, "", "", ""
	for i := range phases {
		a, name := &phases[i], phaseNames[i]
		if a.offered == 0 {
			continue
		}
		offered += a.offered
		late, needed := a.late.summary(), share*float64(a.offered)-1e-6
		f.figure = join(f.figure, fmt.Sprintf("%s: %s of %s, 99 %% within %s", name,
			percent(a.first, a.offered), count(a.offered), span(late.P99)))
		if a.down > 0 {
			f.figure += fmt.Sprintf(" (%s more came while the relay was down)", count(a.down))
		}
		if n := a.unheard + a.slowed; n > 0 {
			f.figure += fmt.Sprintf(" (%s excused by stalls of the machine)", count(n))
		}
		switch {
		case float64(a.first) >= needed:
		case float64(a.first+a.unheard) < needed:
			refused = join(refused, "too few accepted at the first attempt in phase "+name)
		default:
			open = join(open, fmt.Sprintf("%s dropped in phase %s, %s",
				many(a.unheard, "first attempt"), name, l.stoodStill()))
		}
		if within <= 0 || late.P99 <= within {
			continue
		}
		switch took, fair := l.handling(i); {
		case fair > within:
			slow = join(slow, "accepted too slowly in phase "+name)
		case took > within && a.quick > 0:
			open = join(open, fmt.Sprintf("in phase %s the clock ran so fast that %s took longer than %s, "+
				"each within about %s of the wall's time", name, count(a.quick), span(within), instant))
		case took > within:
			open = join(open, fmt.Sprintf("%s took too long in phase %s, %s",
				count(a.slowed), name, l.stoodStill()))
		default:
			open = join(open, "the load itself was late in phase "+name)
		}
	}
	switch {
	case refused != "" || slow != "":
		f.outcome, f.reason = Fail, join(refused, slow)
	case offered == 0:
		f.outcome, f.reason = Inconclusive, "no message was offered"
	case open != "":
		f.outcome, f.reason = Inconclusive, open
	}
	return f
}

// handling is how long 99 % of a phase's messages took from the moment the sender
// came, and how long without the time in which the machine stood still, and
// without what the clock's rate alone made long.
func (l *ledger) handling(phase int) (took, fair time.Duration) {
	var all, without latencies
	var m letter
	for li := range int32(l.letters.n) {
		l.letters.read(li, &m)
		if !m.submitted || m.dirty || !m.whole || l.judgedAsSending(&m) || l.phase(m.due) != phase {
			continue
		}
		start := max(m.began, m.due)
		all.add(m.answered - start)
		fair := m.answered - start - l.stalledFor(start, m.answered)
		if l.atOnce(start, m.answered) {
			fair = min(fair, time.Duration(l.s.Expect.Acceptance.Within))
		}
		without.add(fair)
	}
	return all.summary().P99, without.summary().P99
}

// judgedAsSending says that sending-goes-on judges the message's acceptance.
func (l *ledger) judgedAsSending(m *letter) bool {
	return l.s.Expect.SendingGoesOn != nil && m.elsewhere && l.phase(m.due) == outage
}
