package forecast

import "math"

// delay is how long after a failure at now a message that came at born waits,
// in seconds; tries counts the failure. It is below 0 for an unknown kind.
func (r Retry) delay(born, now float64, tries int) float64 {
	switch r.Kind {
	case RetryAge:
		return min(max(now-born, r.Min), r.Max)
	case RetryList:
		return r.Waits[min(max(tries, 1), len(r.Waits))-1]
	case RetryExponential:
		return min(r.Min*math.Pow(r.Factor, float64(tries-1)), r.Max)
	case RetrySquare:
		// What is due already is tried at the next opportunity.
		wait := born + r.Unit*float64(tries)*float64(tries) - now
		if r.Max > 0 {
			wait = min(wait, r.Max)
		}
		return max(wait, 1)
	case RetryScan:
		return 0
	}
	return -1
}

// hold is how long a destination is left in peace the n-th time in a row.
func (d Dead) hold(n int) float64 { return d.Waits[min(max(n, 1), len(d.Waits))-1] }

// record is what Exim remembers of a host: when it first failed, when it was
// last tried, and when it may be tried next. Times are in seconds.
type record struct {
	failing           bool
	first, last, next float64
}

// failed is the record after one more failure (Exim specification, chapter 32,
// "Retry rules"): the first rule whose cut-off is not over counts; G multiplies
// the gap that really was.
func (d Dead) failed(old record, now float64) record {
	if !old.failing {
		old = record{failing: true, first: now, last: now, next: now}
	}
	step := d.Steps[len(d.Steps)-1]
	for _, s := range d.Steps {
		if now-old.first < s.Until {
			step = s
			break
		}
	}
	wait := step.Wait
	if gap := min(old.next, now) - old.last; step.Factor > 0 && gap >= step.Wait {
		wait = gap * step.Factor
	}
	// retry_interval_max: 24 hours unless it is set.
	wait = min(wait, 24*3600)
	old.last, old.next = now, now+wait
	return old
}
