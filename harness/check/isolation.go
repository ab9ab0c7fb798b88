package check

import (
	"fmt"
	"math"
	"time"
)

// isolationSamples is the least number of pairs, before and during the outage
// each, of which a 99th percentile may be spoken.
const isolationSamples = 20

// isolation: during the outage, the 99th percentile of a control cohort's
// delivery times is at most Ratio times the one before it. A pair that never
// arrived took for ever, once it has waited longer than that.
//
// Stalls of the machine may have made either percentile longer. To fail, the
// one without them must break the limit that the calm set with them; to pass,
// the one with them must keep the limit that the calm sets without them.
func (l *ledger) isolation() finding {
	f := finding{outcome: Pass}
	open, controls, claimed := "", 0, 0
	w := newOverdue(l)
	for i := range l.cohorts {
		c := &l.cohorts[i]
		if !c.control {
			continue
		}
		controls++
		x := l.compareTimes(int16(i))
		claimed += x.claimed
		slow := newOverdue(l)
		l.callSlow(&slow, int16(i), x.limit)
		f.figure = join(f.figure, c.name+": "+x.String(), slow.figure())
		switch {
		case x.calm.Count < isolationSamples || x.during.Count < isolationSamples ||
			x.calm.Max == forever:
			open = join(open, fmt.Sprintf("too few deliveries to compare for cohort %s (%d before, "+
				"%d during; %d needed)", c.name, x.calm.Count, x.during.Count, isolationSamples))
		case x.fairDuring.P99 > x.limit:
			f.outcome = Fail
			f.reason = join(f.reason, "cohort "+c.name+" felt an outage that was not its own")
			l.callSlow(&w, int16(i), x.limit)
		case x.during.P99 > x.limit:
			open = join(open, "cohort "+c.name+": "+slow.reason())
			l.callSlow(&w, int16(i), x.limit)
		case x.during.P99 > x.fairLimit:
			open = join(open, "cohort "+c.name+" was slow before the outage, while the machine "+
				"itself stood still: nothing to compare with")
		}
	}
	switch {
	case controls == 0:
		f.outcome, f.reason = Inconclusive, "no cohort is a control"
	case f.outcome == Pass && open != "":
		f.outcome, f.reason = Inconclusive, open
	}
	f.reason = join(f.reason, left(claimed))
	if f.outcome == Fail {
		f.witnesses = w.blamed.list()
	} else {
		f.witnesses = w.excused.list()
	}
	return f
}

// compared is a control cohort's delivery times before and during the outage;
// the fair ones are without the time in which the machine stood still.
type compared struct {
	calm, during, fairDuring Latency
	limit, fairLimit         time.Duration
	claimed                  int
}

func (x compared) String() string {
	return fmt.Sprintf("99 %% within %s, before %s (%s and %s pairs); limit %s", span(x.during.P99),
		span(x.calm.P99), count(x.during.Count), count(x.calm.Count), span(x.limit))
}

func (l *ledger) compareTimes(cohort int16) compared {
	want := l.s.Expect.Isolation
	limitOf := func(calm Latency) time.Duration {
		return times(max(calm.P99, time.Duration(want.Floor)), want.Ratio)
	}
	calm, fairCalm, n := l.deliveryTimes(cohort, before, forever)
	x := compared{calm: calm.summary(), claimed: n}
	x.limit, x.fairLimit = limitOf(x.calm), limitOf(fairCalm.summary())
	during, fairDuring, n := l.deliveryTimes(cohort, outage, x.limit)
	x.during, x.fairDuring = during.summary(), fairDuring.summary()
	x.claimed += n
	return x
}

// times is a duration times a ratio, without running over.
func times(d time.Duration, ratio float64) time.Duration {
	if product := float64(d) * ratio; product < math.MaxInt64/2 {
		return time.Duration(product)
	}
	return forever
}

// deliveryTimes are those of a cohort's pairs due in a phase, as they were and
// without the time in which the machine stood still; a pair that did not arrive
// counts as never if it has waited longer than patience.
func (l *ledger) deliveryTimes(
	cohort int16, phase int, patience time.Duration,
) (took, fair latencies, claimed int) {
	l.eachAccepted(func(li int32, m *letter, _ int32, p *pair) {
		switch {
		case l.addresses[p.rcpt].cohort != cohort || l.phase(m.due) != phase:
		case p.own.all > 0:
			took.add(p.out - p.taken)
			fair.add(p.out - p.taken - l.stalledFor(p.taken, p.out))
		case l.claimed(li, p) != "":
			claimed++
		case phase == before:
			took.add(forever)
			fair.add(forever)
		case l.run.end-p.taken <= patience:
		case l.excusable(li, p, p.taken, patience):
			took.add(forever)
			fair.add(patience)
		default:
			took.add(forever)
			fair.add(forever)
		}
	})
	return took, fair, claimed
}

func (l *ledger) callSlow(w *overdue, cohort int16, limit time.Duration) {
	l.eachAccepted(func(li int32, m *letter, _ int32, p *pair) {
		took := l.never(p, p.out-p.taken)
		if l.addresses[p.rcpt].cohort != cohort || l.phase(m.due) != outage ||
			l.reached(p)-p.taken <= limit || l.claimed(li, p) != "" {
			return
		}
		w.call(l.excusable(li, p, p.taken, limit), li, p.rcpt, func() string {
			if took == forever {
				return "accepted at " + l.clock(p.taken) + ", not delivered"
			}
			return fmt.Sprintf("accepted at %s, delivered %s later", l.clock(p.taken), span(took))
		})
	})
}
