package check

import (
	"fmt"
	"time"
)

// spareGrace is how long a spare copy may take before it is missing, where the
// scenario does not say within which time it must land.
const spareGrace = 10 * time.Minute

// spareComplete: every accepted clean pair of a spare cohort has a spare copy.
// A pair that vanished as a whole is told by no-loss, if that is asked.
func (l *ledger) spareComplete() finding {
	grace := spareGrace
	if t := l.s.Expect.SpareTimely; t != nil && t.Within > 0 {
		grace = time.Duration(t.Within)
	}
	w := witnesses{l: l}
	due, have, claimed, pending := 0, 0, 0, 0
	l.eachAccepted(func(li int32, _ *letter, _ int32, p *pair) {
		switch {
		case !l.mustHaveSpare(p):
			return
		case p.spare.all > 0:
			have++
		case l.claimed(li, p) == "no-loss":
			claimed++
			return
		case l.run.end-p.taken <= grace:
			pending++
		default:
			w.call(li, p.rcpt, func() string {
				return fmt.Sprintf("accepted at %s, no spare copy; it was %s", l.clock(p.taken),
					l.fate(li, p))
			})
		}
		due++
	})
	f := finding{
		figure:    fmt.Sprintf("%s of %s have a spare copy", count(have), many(due, "pair")),
		reason:    left(claimed),
		witnesses: w.list(),
	}
	switch {
	case w.all > 0:
		f.outcome = Fail
		f.reason = join("the spare lacks "+many(w.all, "pair"), f.reason)
	case pending > 0:
		f.reason = join(fmt.Sprintf("the run ended before the copies of %s were due",
			many(pending, "pair")), f.reason)
	case due == 0:
		f.reason = join("no pair that must have a spare copy was accepted", f.reason)
	default:
		f.outcome = Pass
	}
	return f
}

func (l *ledger) mustHaveSpare(p *pair) bool {
	c := l.cohortOf(p.rcpt)
	return c != nil && c.spare
}
