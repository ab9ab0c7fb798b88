package check

import (
	"fmt"
	"slices"
)

// Weight says what a broken premise takes away.
type Weight string

// The two weights. Trust is the harness's own soundness (evidence whole, fakes
// and clock true): without it nothing is proven, and every verdict becomes
// inconclusive. Meaning is the run's power to tell (the fault was felt, mail
// was in flight): without it a promise kept says nothing, but a promise seen
// broken stays broken. A premise of meaning may weigh as trust for the promises
// of its TrustFor.
const (
	Trust   Weight = "trust"
	Meaning Weight = "meaning"
)

// Premise is something that must hold before promises mean anything.
type Premise struct {
	Name   string `json:"premise"`
	Held   bool   `json:"held"`
	Weight Weight `json:"weight"`
	// Figure is what was counted or measured, with its units, for people.
	Figure string `json:"figure"`
	// Reason says why it does not hold; empty when it does.
	Reason string `json:"reason,omitempty"`
	// For names the promises that need it; empty: all of them.
	For []string `json:"for,omitempty"`
	// TrustFor names those for which it weighs as trust, whatever its weight.
	TrustFor []string `json:"trust_for,omitempty"`
}

// timed are the promises that are kept or broken by how long something took. A
// load that was not on schedule tells of a machine that could not keep up: then
// no length of time in the run is the relay's own, and none of these may fail.
var timed = []string{
	"spare-timely", "acceptance", "sending-goes-on", "drain", "isolation",
	"retry-manners", "alarm",
}

// weighs is what the premise takes away from the promise.
func (p Premise) weighs(promise string) Weight {
	if slices.Contains(p.TrustFor, promise) {
		return Trust
	}
	return p.Weight
}

// concerns says that the promise needs this premise.
func (p Premise) concerns(promise string) bool {
	return len(p.For) == 0 || slices.Contains(p.For, promise)
}

// premises looks at all of them, trust first.
func (l *ledger) premises() []Premise {
	checks := []struct {
		name     string
		weight   Weight
		look     func() (figure, reason string)
		forAll   []string
		trustFor []string
	}{
		{"evidence-whole", Trust, l.evidenceWhole, nil, nil},
		{"no-trouble", Trust, l.noTrouble, nil, nil},
		{"clock-true", Trust, l.clockTrue, nil, nil},
		{"retries-true", Trust, l.retriesTrue, nil, nil},
		{"retries-on-time", Trust, l.retriesOnTime, timed, nil},
		{"faults-felt", Meaning, l.faultsFelt, nil, nil},
		{"plan-done", Meaning, l.planDone, nil, nil},
		{"mail-in-flight", Meaning, l.mailInFlight, nil, nil},
		{"enough-offered", Meaning, l.enoughOffered, nil, nil},
		{"load-on-schedule", Meaning, l.loadOnSchedule, nil, timed},
		{"baseline-held", Meaning, l.baselineHeld, nil, nil},
		{"settled", Meaning, l.settled, l.needSettling(), nil},
	}
	all := make([]Premise, 0, len(checks))
	for _, c := range checks {
		p := Premise{
			Name: c.name, Weight: c.weight, For: c.forAll, TrustFor: slices.Clone(c.trustFor),
		}
		p.Figure, p.Reason = looked(c.look)
		p.Held = p.Reason == ""
		all = append(all, p)
	}
	return all
}

// looked runs one premise; one that crashes does not hold.
func looked(look func() (string, string)) (figure, reason string) {
	defer func() {
		if crash := recover(); crash != nil {
			reason = fmt.Sprintf("looking at it crashed: %v", crash)
		}
	}()
	return look()
}
