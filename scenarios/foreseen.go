package scenarios

import (
	"maps"
	"slices"
	"strings"
)

// Foreseen is what becomes of a promise that even a good relay cannot keep in
// this incident, and why: a provider that takes mail with a 250 and loses it
// lets no-loss fail. The verdict is what it would be without; it is only told
// that it was foreseen.
type Foreseen struct {
	// Outcome is how the promise comes out: fail or inconclusive.
	Outcome string `yaml:"outcome" jsonschema:"enum=fail,enum=inconclusive"`
	// Why says what stands in the way, in a sentence for whoever reads the verdict.
	Why   string `yaml:"why"`
	Basis *Basis `yaml:"basis,omitempty"`
}

// ForeseenOutcomes are the words of Foreseen.Outcome: a pass needs no excuse.
var ForeseenOutcomes = []string{"fail", "inconclusive"}

// foreseen checks what the scenario says that nobody can keep.
func (v *validator) foreseen() {
	asked := v.s.Expect.Asked()
	for _, promise := range slices.Sorted(maps.Keys(v.s.Foreseen)) {
		path, f := join("foreseen", promise), v.s.Foreseen[promise]
		switch {
		case !slices.Contains(PromiseNames, promise):
			v.say(path, suggest(promise, PromiseNames), "there is no promise %q to foresee",
				clip(promise))
		case !slices.Contains(asked, promise) && !v.broken("expect"):
			v.say(path, "ask it in expect, or leave it out here",
				"%s is foreseen but not asked", promise)
		}
		v.oneOf(join(path, "outcome"), "outcome", f.Outcome, ForeseenOutcomes)
		if strings.TrimSpace(f.Why) == "" {
			v.say(join(path, "why"), "say what keeps even a good relay from keeping it",
				"why %s is foreseen to come out so is empty", clip(promise))
		}
		if f.Basis != nil {
			v.basis(f.Basis, join(path, "basis"))
		}
	}
}

// foresee is a scenario's map with a variant's entries in place of its own.
func foresee(base, change map[string]Foreseen) map[string]Foreseen {
	if len(change) == 0 {
		return base
	}
	all := maps.Clone(base)
	if all == nil {
		all = map[string]Foreseen{}
	}
	maps.Copy(all, change)
	return all
}
