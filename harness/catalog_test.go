package harness

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/catalog"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// smallForm is about how many submissions the CI form of a scenario has at most:
// a larger scenario is scaled down to it.
const smallForm = 1200

// inShort are played by -short too: one of each kind.
var inShort = []string{"ex196121", "ex522020", "mo222965"}

// TestCatalogueKeepsItsWord plays every catalogued scenario and variant in its
// CI form against an honest relay: each promise is kept, or comes out exactly as
// the file says that it must.
func TestCatalogueKeepsItsWord(t *testing.T) {
	for _, name := range catalog.Names() {
		base := load(t, name)
		for _, variant := range append([]string{""}, base.VariantNames()...) {
			s, full := base, name
			if variant != "" {
				varied, err := base.With(variant)
				if err != nil {
					t.Fatal(err)
				}
				s, full = varied, name+"/"+variant
			}
			t.Run(full, func(t *testing.T) {
				switch {
				case len(s.Links) > 0:
					t.Skip("links need real sockets")
				case testing.Short() && !slices.Contains(inShort, full):
					t.Skip("left out of short runs")
				}
				t.Parallel()
				keepsItsWord(t, s)
			})
		}
	}
}

func keepsItsWord(t *testing.T, s *scenarios.Scenario) {
	t.Helper()
	r := &replayed{t: t, scenario: s, driver: honest(), scale: smallScale(t, s)}
	began := time.Now()
	j := r.inMemory()
	took := time.Since(began)
	if r.err != nil {
		t.Errorf("the run ended with %v", r.err)
	}
	wrong := unforeseen(s, j)
	for _, p := range j.Premises {
		if !p.Held {
			wrong = append(wrong, "premise "+p.Name+": "+p.Reason)
		}
	}
	if len(wrong) > 0 {
		t.Errorf("%s:\n%s", j.Outcome, strings.Join(wrong, "\n"))
		tell(t, j)
	}
	for _, name := range []string{"drain", "no-early-bounce", "retry-manners", "alarm"} {
		if v, ok := j.Verdict(name); ok && v.Asked {
			t.Logf("%s: %s: %s", name, v.Outcome, v.Figure)
		}
	}
	t.Logf("%s in %.1f s", j.Outcome, took.Seconds())
}

// smallScale is the scale of the CI form: 1 where the scenario is small enough.
func smallScale(t *testing.T, s *scenarios.Scenario) float64 {
	t.Helper()
	tl, err := timeline.Plan(s, timeline.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return min(1, smallForm/tl.Expected())
}

// unforeseen are the promises that came out otherwise than the file says: those
// that it does not foresee pass, the others come out as foreseen.
func unforeseen(s *scenarios.Scenario, j *check.Judgement) []string {
	var wrong []string
	for _, v := range j.Verdicts {
		want := check.Pass.String()
		if f, ok := s.Foreseen[v.Promise]; ok {
			want = f.Outcome
		}
		if v.Asked && v.Outcome.String() != want {
			wrong = append(wrong, fmt.Sprintf("%s: %s, not %s: %s; %s", v.Promise, v.Outcome, want,
				v.Figure, v.Reason))
		}
	}
	return wrong
}

// TestWhatWasNotForeseenIsTold: a promise must come out as the file says, neither
// worse nor better.
func TestWhatWasNotForeseenIsTold(t *testing.T) {
	s := &scenarios.Scenario{Foreseen: map[string]scenarios.Foreseen{
		"no-early-bounce": {Outcome: "fail", Why: "a false 550"},
	}}
	for _, c := range []struct {
		promise string
		outcome check.Outcome
		asked   bool
		wrong   int
	}{
		{"no-early-bounce", check.Fail, true, 0},
		{"no-early-bounce", check.Pass, true, 1},
		{"no-early-bounce", check.Inconclusive, true, 1},
		{"no-loss", check.Pass, true, 0},
		{"no-loss", check.Fail, true, 1},
		{"no-loss", check.Inconclusive, true, 1},
		{"no-loss", check.Inconclusive, false, 0},
	} {
		j := &check.Judgement{Verdicts: []check.Verdict{
			{Promise: c.promise, Asked: c.asked, Outcome: c.outcome},
		}}
		if got := unforeseen(s, j); len(got) != c.wrong {
			t.Errorf("%s %s: told %q, want %d", c.promise, c.outcome, got, c.wrong)
		}
	}
}
