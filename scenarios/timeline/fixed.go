package timeline

import (
	"cmp"
	"slices"
	"time"

	"github.com/hansei-mail/hansei/scenarios"
)

// The phases of a run, in order. After begins when the promised drain is over.
const (
	Before = "before"
	Outage = "outage"
	Drain  = "drain"
	After  = "after"
)

// fixedSteps are all steps that do not depend on the seed.
func fixedSteps(s *scenarios.Scenario, h Header) []Step {
	steps := []Step{
		{At: 0, Verb: Phase, Name: Before},
		{At: h.Outage, Verb: Phase, Name: Outage},
		{At: h.Heal, Verb: Phase, Name: Drain},
		{At: min(h.Length, h.Heal+drainLimit(s)), Verb: Phase, Name: After},
	}
	for _, f := range h.Faults {
		steps = append(steps, Step{At: f.From, Verb: Inject, Name: f.Name})
		if f.Heal >= 0 {
			steps = append(steps, Step{At: f.Heal, Verb: Heal, Name: f.Name})
		}
	}
	for _, l := range h.Links {
		steps = append(steps, Step{At: l.From, Verb: Impair, Name: l.Name},
			Step{At: l.Heal, Verb: Repair, Name: l.Name})
	}
	steps = append(steps, relaySteps(h)...)
	slices.SortStableFunc(steps, func(a, b Step) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(rank(a.Verb), rank(b.Verb)))
	})
	return steps
}

func drainLimit(s *scenarios.Scenario) time.Duration {
	if d := s.Expect.Drain; d != nil {
		return d.Within.Duration()
	}
	return quietAfter
}

// rank orders steps of the same moment: first the phase, then what ends, then
// what begins, and mail last.
func rank(v Verb) int {
	switch v {
	case Phase:
		return 0
	case Heal, Repair, Restart, Resume, Start, FreeDisk, QuickDisk, StepBack:
		return 1
	case Submit:
		return 3
	}
	return 2
}
