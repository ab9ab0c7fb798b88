package check

import (
	"slices"
	"time"
)

// latencies collects durations for a Latency; it sorts when asked.
type latencies []time.Duration

func (l *latencies) add(d time.Duration) { *l = append(*l, max(0, d)) }

// summary is by nearest rank: the smallest duration that at least that share
// of all does not exceed, so that no figure is one that nobody saw.
func (l latencies) summary() Latency {
	if len(l) == 0 {
		return Latency{}
	}
	slices.Sort(l)
	rank := func(percent int) time.Duration { return l[(len(l)*percent+99)/100-1] }
	return Latency{Count: len(l), P50: rank(50), P99: rank(99), Max: l[len(l)-1]}
}
