package check

import (
	"math"
	"time"

	"github.com/hansei-mail/hansei/scenarios"
)

// drainTime is how long the phase drain lasts where the scenario does not say.
const drainTime = time.Hour

// world is the scenario as the checks need it: moments as offsets from its
// start, and which cohort a mail domain belongs to.
type world struct {
	s      *scenarios.Scenario
	start  time.Time
	length time.Duration
	// outage and heal are both at infinity when the scenario has no outage.
	outage, heal, drained time.Duration
	// calm ends where the first fault, link or relay step begins, or the
	// outage: what was due until then is the baseline.
	calm    time.Duration
	cohorts []cohort
	domains map[string]int16
	// crowdsMatter: the scenario limits how many sessions are open at a time.
	crowdsMatter bool
}

// cohort is a cohort of the scenario, and whether a fault or link touches it.
type cohort struct {
	name           string
	endpoint       string
	spare, control bool
	affected       bool
	fallback       string // the endpoint of its second MX; empty: it has none
}

// forever is a moment that no run reaches.
const forever = time.Duration(math.MaxInt64)

func newWorld(s *scenarios.Scenario) *world {
	w := &world{s: s, start: s.From.Time, domains: map[string]int16{}}
	w.length = w.offset(s.Until)
	w.crowdsMatter = s.Expect.RetryManners != nil && s.Expect.RetryManners.Connections > 0
	w.outage, w.heal, w.drained = forever, forever, forever
	if !s.Outage.From.Time.IsZero() && s.Outage.Heal.Time.After(s.Outage.From.Time) {
		w.outage, w.heal = w.offset(s.Outage.From), w.offset(s.Outage.Heal)
		w.drained = w.heal + drainTime
		if s.Expect.Drain != nil && s.Expect.Drain.Within > 0 {
			w.drained = w.heal + time.Duration(s.Expect.Drain.Within)
		}
	}
	for i, c := range s.Cohorts {
		w.cohorts = append(w.cohorts, cohort{
			name: c.Name, endpoint: string(c.At), spare: c.Spare, control: c.Control,
			fallback: endpointOf(s, c.Fallback),
		})
		for _, d := range c.Domains {
			w.domains[domainOf(canonical("@"+d))] = int16(i)
		}
	}
	w.markAffected()
	w.calm = w.calmUntil()
	return w
}

// endpointOf is where a cohort lives; empty where there is none of that name.
func endpointOf(s *scenarios.Scenario, cohort string) string {
	for _, c := range s.Cohorts {
		if cohort != "" && c.Name == cohort {
			return string(c.At)
		}
	}
	return ""
}

// markAffected marks the cohorts that a fault or link selects. Where none
// selects any (only the relay itself was hurt), all but the controls count.
func (w *world) markAffected() {
	var wheres []scenarios.Where
	for _, f := range w.s.Faults {
		wheres = append(wheres, f.Where)
	}
	for _, l := range w.s.Links {
		wheres = append(wheres, l.Where)
	}
	some := false
	for i, c := range w.s.Cohorts {
		for _, where := range wheres {
			if where.Selects(c) {
				w.cohorts[i].affected, some = true, true
			}
		}
	}
	for i := range w.cohorts {
		if !some {
			w.cohorts[i].affected = !w.cohorts[i].control
		}
	}
}

func (w *world) calmUntil() time.Duration {
	calm := min(w.outage, w.length)
	for _, f := range w.s.Faults {
		calm = min(calm, w.offset(f.From))
	}
	for _, l := range w.s.Links {
		calm = min(calm, w.offset(l.From))
	}
	for _, r := range w.s.Relay {
		calm = min(calm, w.offset(r.At))
	}
	return max(calm, 0)
}

func (w *world) offset(m scenarios.Moment) time.Duration { return w.s.Offset(m) }

// The phases, by the moment at which a message was due.
const (
	before = iota
	outage
	drain
	after
)

var phaseNames = [...]string{"before", "outage", "drain", "after"}

func (w *world) phase(due time.Duration) int {
	switch {
	case due < w.outage:
		return before
	case due < w.heal:
		return outage
	case due < w.drained:
		return drain
	default:
		return after
	}
}

// clock is the scenario's time of day at an offset, in the scenario's zone;
// without a start, the offset itself.
func (w *world) clock(t time.Duration) string {
	if w.start.IsZero() {
		return t.Round(time.Millisecond).String()
	}
	return w.s.When(t).Format("2006-01-02 15:04:05")
}
