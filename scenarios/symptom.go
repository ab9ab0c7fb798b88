package scenarios

import (
	"slices"
	"strings"
)

// Symptoms are the words for what a relay sees: stages, actions, reply codes and
// enhanced codes, defer or reject, what links lack and what is done to the relay
// itself. Each is there once, sorted.
func (s *Scenario) Symptoms() []string {
	var words []string
	for _, f := range s.Faults {
		words = append(words, string(f.Stage), string(f.Do))
		code, rest, _ := strings.Cut(f.Reply, " ")
		switch {
		case strings.HasPrefix(code, "4"):
			words = append(words, code, "defer")
		case strings.HasPrefix(code, "5"):
			words = append(words, code, "reject")
		}
		if e := enhanced.FindString(rest); e != "" {
			words = append(words, strings.TrimSpace(e))
		}
	}
	for _, l := range s.Links {
		for word, has := range map[string]bool{
			"latency": l.Latency > 0, "bandwidth": l.Bandwidth > 0, "cut": l.CutAfter > 0,
			"slice": l.Slice > 0, "silent": l.Silent, "slow-close": l.SlowClose > 0,
		} {
			if has {
				words = append(words, word)
			}
		}
	}
	for _, r := range s.Relay {
		words = append(words, string(r.Do))
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// HitRegions are the regions of the cohorts that a fault or link selects,
// sorted.
func (s *Scenario) HitRegions() []string {
	var regions []string
	add := func(w Where) {
		for _, c := range s.Cohorts {
			if c.Region != "" && w.Selects(c) {
				regions = append(regions, c.Region)
			}
		}
	}
	for _, f := range s.Faults {
		add(f.Where)
	}
	for _, l := range s.Links {
		add(l.Where)
	}
	slices.Sort(regions)
	return slices.Compact(regions)
}
