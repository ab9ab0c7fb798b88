package check

import (
	"fmt"
	"strings"
	"time"
)

// spareTimely: a pair's first spare copy landed within the limit after the
// relay accepted it, and before its first delivery attempt ended: what is
// copied only after the tenant was tried is not there when it is needed. Copies
// that never came are told by spare-complete. A stall of the machine excuses the
// length, never the order. Where a copy's own time is too coarse to tell, nothing
// is told.
func (l *ledger) spareTimely() finding {
	within := time.Duration(l.s.Expect.SpareTimely.Within)
	w := newOverdue(l)
	var took latencies
	var slow, behind int
	var unsure blurry
	l.eachAccepted(func(li int32, _ *letter, pi int32, p *pair) {
		if !l.mustHaveSpare(p) || p.spare.all == 0 {
			return
		}
		took.add(p.copied - p.taken)
		order := l.disorder(pi, p)
		switch {
		case unsure.is(l, pi, p, order, within):
		case p.copied-p.taken > within:
			excused := order == "" && l.blameless(p.taken, p.copied, within)
			if !excused {
				slow++
			}
			w.call(excused, li, p.rcpt, func() string {
				return fmt.Sprintf("landed at %s, %s after it was accepted", l.clock(p.copied),
					span(p.copied-p.taken))
			})
		case order != "":
			behind++
			w.call(false, li, p.rcpt, func() string { return order })
		}
	})
	s := took.summary()
	f := finding{
		figure: join(fmt.Sprintf("%s late of %s spare copies; 99 %% within %s, the last after %s; "+
			"limit %s", count(w.all()), count(s.Count), span(s.P99), span(s.Max), span(within)),
			unsure.figure(), w.figure()),
		witnesses: w.list(),
	}
	switch {
	case w.blamed.all > 0:
		f.outcome = Fail
		f.reason = tooLate(slow, behind, within)
	case w.excused.all > 0:
		f.reason = w.reason()
	case unsure.all > 0:
		f.reason = unsure.reason()
	case s.Count == 0:
		f.reason = "no spare copy landed"
	default:
		f.outcome = Pass
	}
	return f
}

// tooLate says in which of the two ways copies were late.
func tooLate(slow, behind int, within time.Duration) string {
	var why []string
	if behind > 0 {
		why = append(why, fmt.Sprintf("%s landed only after the delivery that a copy must precede",
			count(behind)))
	}
	if slow > 0 {
		why = append(why, fmt.Sprintf("%s landed too late, more than %s after the message was accepted",
			count(slow), span(within)))
	}
	return strings.Join(why, "; ")
}

// disorder says why a spare copy came after what it must precede, if it did.
// Moments of different endpoints are compared on the monotonic clock, which no
// change of rate blurs.
func (l *ledger) disorder(pi int32, p *pair) string {
	landed := "landed at " + l.clock(p.copied)
	tried, attributed := l.tried[pi]
	switch {
	case p.own.all > 0 && p.copiedAt > p.outAt:
		return fmt.Sprintf("%s, after the delivery at %s", landed, l.clock(p.out))
	case attributed && p.copiedAt > tried:
		return landed + ", after the first delivery attempt had ended"
	}
	return ""
}
