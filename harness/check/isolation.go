package check

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// isolationSamples is the least number of pairs, before and during the outage
// each, of which a 99th percentile may be spoken.
const isolationSamples = 20

// isolation: during the outage, the 99th percentile of a control cohort's
// delivery times is at most Ratio times the one before it. A pair that never
// arrived took for ever, once it has waited longer than that.
func (l *ledger) isolation() finding {
	want := l.s.Expect.Isolation
	f := finding{outcome: Pass}
	few, controls, claimed := "", 0, 0
	w := witnesses{l: l}
	for i := range l.cohorts {
		c := &l.cohorts[i]
		if !c.control {
			continue
		}
		controls++
		calm, n := l.deliveryTimes(int16(i), before, forever)
		claimed += n
		base := max(calm.summary().P99, time.Duration(want.Floor))
		limit := times(base, want.Ratio)
		during, n := l.deliveryTimes(int16(i), outage, limit)
		claimed += n
		s := during.summary()
		f.figure = join(f.figure, fmt.Sprintf("%s: 99 %% within %s, before %s (%s and %s pairs); "+
			"limit %s", c.name, span(s.P99), span(calm.summary().P99), count(s.Count),
			count(len(calm)), span(limit)))
		switch {
		case len(calm) < isolationSamples || s.Count < isolationSamples ||
			slices.Contains(calm, forever):
			few = join(few, fmt.Sprintf("too few deliveries to compare for cohort %s (%d before, "+
				"%d during; %d needed)", c.name, len(calm), s.Count, isolationSamples))
		case s.P99 > limit:
			f.outcome = Fail
			f.reason = join(f.reason, "cohort "+c.name+" felt an outage that was not its own")
			l.callSlow(&w, int16(i), limit)
		}
	}
	switch {
	case controls == 0:
		f.outcome, f.reason = Inconclusive, "no cohort is a control"
	case f.outcome == Pass && few != "":
		f.outcome, f.reason = Inconclusive, few
	}
	f.reason, f.witnesses = join(f.reason, left(claimed)), w.list()
	return f
}

// times is a duration times a ratio, without running over.
func times(d time.Duration, ratio float64) time.Duration {
	if product := float64(d) * ratio; product < math.MaxInt64/2 {
		return time.Duration(product)
	}
	return forever
}

// deliveryTimes are those of a cohort's pairs due in a phase; a pair that did
// not arrive counts as never if it has waited longer than patience.
func (l *ledger) deliveryTimes(
	cohort int16, phase int, patience time.Duration,
) (took latencies, claimed int) {
	l.eachAccepted(func(li int32, m *letter, _ int32, p *pair) {
		switch {
		case l.addresses[p.rcpt].cohort != cohort || l.phase(m.due) != phase:
		case p.own.all > 0:
			took.add(p.out - p.taken)
		case l.claimed(li, p) != "":
			claimed++
		case l.run.end-p.taken > patience || phase == before:
			took.add(forever)
		}
	})
	return took, claimed
}

func (l *ledger) callSlow(w *witnesses, cohort int16, limit time.Duration) {
	l.eachAccepted(func(li int32, m *letter, _ int32, p *pair) {
		took := l.never(p, p.out-p.taken)
		if l.addresses[p.rcpt].cohort != cohort || l.phase(m.due) != outage || took <= limit ||
			l.claimed(li, p) != "" {
			return
		}
		w.call(li, p.rcpt, func() string {
			if took == forever {
				return "accepted at " + l.clock(p.taken) + ", not delivered"
			}
			return fmt.Sprintf("accepted at %s, delivered %s later", l.clock(p.taken), span(took))
		})
	})
}
