package gate

import (
	"time"

	"github.com/hansei-mail/hansei/harness/check"
)

// metric is a figure that is compared with a baseline; more is worse.
type metric struct {
	name string
	// seconds: it is a time, in seconds of scenario time; else a count.
	seconds bool
	plus    float64 // the allowance where the plan names none
	of      func(check.Figures) float64
}

// DefaultRatio is how much worse than the baseline's median a median may be
// where the plan does not say.
const DefaultRatio = 1.25

// metrics are all that is compared.
func metrics() []metric {
	return []metric{
		{"drain", true, 120, drained},
		{"peak", false, 20, func(f check.Figures) float64 { return float64(f.Backlog.Peak) }},
		{"duplicates", false, 0, func(f check.Figures) float64 { return float64(f.Duplicates) }},
		// The load itself may be a minute late (premise load-on-schedule): what
		// is less says nothing of the relay.
		{"acceptance-p99", true, 60, acceptance},
	}
}

// drained is from the heal to the last delivery of the backlog; to the run's end
// where some of it still waited then.
func drained(f check.Figures) float64 {
	if f.Drain.Left > 0 {
		return max(f.Drain.Took, f.End-f.Heal).Seconds()
	}
	return f.Drain.Took.Seconds()
}

// acceptance is the slowest phase's 99th percentile.
func acceptance(f check.Figures) float64 {
	slowest := time.Duration(0)
	for _, p := range f.Phases {
		slowest = max(slowest, p.Acceptance.P99)
	}
	return slowest.Seconds()
}

func metricOf(name string) (metric, bool) {
	for _, m := range metrics() {
		if m.name == name {
			return m, true
		}
	}
	return metric{}, false
}

func metricNames() []string {
	var names []string
	for _, m := range metrics() {
		names = append(names, m.name)
	}
	return names
}
