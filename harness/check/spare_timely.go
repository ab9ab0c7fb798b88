package check

import (
	"fmt"
	"time"
)

// spareTimely: a pair's first spare copy landed within the limit after the
// relay accepted it, and before its first delivery attempt ended: what is
// copied only after the tenant was tried is not there when it is needed. Copies
// that never came are told by spare-complete.
func (l *ledger) spareTimely() finding {
	within := time.Duration(l.s.Expect.SpareTimely.Within)
	w := witnesses{l: l}
	var took latencies
	l.eachAccepted(func(li int32, _ *letter, pi int32, p *pair) {
		if !l.mustHaveSpare(p) || p.spare.all == 0 {
			return
		}
		took.add(p.copied - p.taken)
		if why := l.late(pi, p, within); why != "" {
			w.call(li, p.rcpt, func() string { return why })
		}
	})
	s := took.summary()
	f := finding{
		figure: fmt.Sprintf("%s late of %s spare copies; 99 %% within %s, the last after %s; limit %s",
			count(w.all), count(s.Count), span(s.P99), span(s.Max), span(within)),
		witnesses: w.list(),
	}
	switch {
	case w.all > 0:
		f.outcome = Fail
		f.reason = "spare copies landed too late"
	case s.Count == 0:
		f.reason = "no spare copy landed"
	default:
		f.outcome = Pass
	}
	return f
}

// late says why a spare copy is late, if it is. Moments of different endpoints
// are compared on the monotonic clock, which no change of rate blurs.
func (l *ledger) late(pi int32, p *pair, within time.Duration) string {
	landed := "landed at " + l.clock(p.copied)
	tried, attributed := l.tried[pi]
	switch {
	case p.copied-p.taken > within:
		return fmt.Sprintf("%s, %s after it was accepted", landed, span(p.copied-p.taken))
	case p.own.all > 0 && p.copiedAt > p.outAt:
		return fmt.Sprintf("%s, after the delivery at %s", landed, l.clock(p.out))
	case attributed && p.copiedAt > tried:
		return landed + ", after the first delivery attempt had ended"
	}
	return ""
}
