package gate_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports/gate"
)

func TestReadIsStrictAndNamesEveryProblem(t *testing.T) {
	p, err := gate.Read([]byte("scenarios: [a, b/c]\nrelays: [{name: postfix, config: main.cf}, {name: reference}]\n" +
		"seeds: [1, 2]\nwithin: 2h\nlimits: {drain: {ratio: 1.5}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Cells()) != 8 || p.Scale != 1 || p.Parallel != 1 || p.Within != 2*time.Hour {
		t.Errorf("%d cells, scale %v, parallel %d, within %v", len(p.Cells()), p.Scale, p.Parallel, p.Within)
	}
	for text, want := range map[string][]string{
		"scenarios: [a]\nrelay: [x]\n": {"relay"},
		"{}":                           {"scenarios:", "relays:"},
		"scenarios: [a]\nrelays: [{name: x}, {name: x}]\nseeds: [1, 1]\n":      {"twice", "seeds:"},
		"scenarios: [a]\nrelays: [{name: x}]\nlimits: {speed: {}}\n":           {"no figure", "drain"},
		"scenarios: [a]\nrelays: [{name: x}]\nlimits: {drain: {ratio: 0.5}}\n": {"ratio must be"},
		"scenarios: [a]\nrelays: [{config: x}]\nretries: -1\n":                 {"no name", "negative"},
	} {
		_, err := gate.Read([]byte(text))
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%q: %v, want it to name %q", text, err, w)
			}
		}
	}
}

// The gate's state in all combinations: fail beats error beats inconclusive
// beats pass, in whatever order they come.
func TestWorse(t *testing.T) {
	order := []gate.State{gate.Failed, gate.Errored, gate.Inconclusive, gate.Passed}
	for i, a := range order {
		for j, b := range order {
			if got, want := gate.Worse(a, b), order[min(i, j)]; got != want {
				t.Errorf("%s and %s are %s, want %s", a, b, got, want)
			}
			r := gate.Result{Runs: []gate.Run{{State: a}, {State: b}, {State: gate.Passed}}}
			if got, want := r.State(), order[min(i, j)]; got != want {
				t.Errorf("a gate of %s, %s and pass is %s, want %s", a, b, got, want)
			}
		}
	}
	if got := (gate.Result{}).State(); got != gate.Inconclusive {
		t.Errorf("a gate without runs is %s, want inconclusive", got)
	}
	regressed := gate.Result{
		Runs: []gate.Run{{State: gate.Passed}}, Regressions: []gate.Regression{{State: gate.Failed}},
	}
	if got := regressed.State(); got != gate.Failed {
		t.Errorf("a gate that is worse than its baseline is %s, want fail", got)
	}
}

// runs are one scenario and relay with a drain for each seed.
func runs(outcome check.Outcome, drains ...time.Duration) []gate.Run {
	var all []gate.Run
	for i, d := range drains {
		all = append(all, gate.Run{
			Cell:  gate.Cell{Scenario: "s", Relay: gate.Relay{Name: "r"}, Seed: uint64(i)},
			State: gate.StateOf(outcome), Tries: 1,
			Judgement: &check.Judgement{
				Outcome:  outcome,
				Verdicts: []check.Verdict{{Promise: "drain", Asked: true, Outcome: outcome}, {Promise: "alarm"}},
				Figures: check.Figures{
					Backlog: check.Backlog{Peak: 1000}, Drain: check.Drained{Took: d},
				},
			},
		})
	}
	return all
}

func base(t testing.TB, all []gate.Run) *gate.Baseline {
	t.Helper()
	var b bytes.Buffer
	written := gate.Baseline{Format: 1, Groups: gate.NewResult(all, nil, nil).Groups}
	if err := written.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	back, err := gate.ReadBaseline(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return back
}

func whats(r gate.Result) []string {
	var all []string
	for _, x := range r.Regressions {
		all = append(all, x.What)
	}
	return all
}

func TestRegressions(t *testing.T) {
	const m = time.Minute
	for name, c := range map[string]struct {
		before, after []gate.Run
		limits        map[string]gate.Limit
		want          []string
		state         gate.State
	}{
		"the same": {runs(check.Pass, 8*m, 9*m, 10*m), runs(check.Pass, 10*m, 8*m, 9*m), nil, nil, gate.Passed},
		"one slow seed is noise": {
			runs(check.Pass, 8*m, 9*m, 10*m), runs(check.Pass, 8*m, 9*m, 40*m), nil, nil, gate.Passed,
		},
		"twice as slow": {
			runs(check.Pass, 8*m, 9*m, 10*m), runs(check.Pass, 18*m, 17*m, 20*m), nil,
			[]string{"drain"}, gate.Failed,
		},
		"within its limit": {
			runs(check.Pass, 8*m, 9*m, 10*m), runs(check.Pass, 18*m, 17*m, 20*m),
			map[string]gate.Limit{"drain": {Ratio: 2.5}}, nil, gate.Passed,
		},
		"two of three are slow, the third is as ever: beyond noise": {
			runs(check.Pass, 8*m, 9*m, 10*m), runs(check.Pass, 9*m, 40*m, 41*m), nil,
			[]string{"drain"}, gate.Failed,
		},
		"the median is just beyond, the best seed is as ever": {
			runs(check.Pass, 8*m, 9*m, 10*m), runs(check.Pass, 8*m, 13*m, 14*m), nil, nil, gate.Passed,
		},
		"as slow as the baseline's slowest": {
			runs(check.Pass, 8*m, 9*m, 30*m), runs(check.Pass, 30*m, 29*m, 30*m), nil, nil, gate.Passed,
		},
		"a promise broken": {
			runs(check.Pass, 8*m), runs(check.Fail, 8*m), nil, []string{"drain"}, gate.Failed,
		},
		"broken before, too": {runs(check.Fail, 8*m), runs(check.Fail, 8*m), nil, nil, gate.Failed},
		"not judged now": {
			runs(check.Pass, 8*m), runs(check.Inconclusive, 80*m), nil, []string{"not judged"},
			gate.Inconclusive,
		},
		"gone": {runs(check.Pass, 8*m), nil, nil, []string{"missing"}, gate.Inconclusive},
	} {
		r := gate.NewResult(c.after, base(t, c.before), c.limits)
		if diff := cmp.Diff(c.want, whats(r)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if r.State() != c.state {
			t.Errorf("%s: %s, want %s", name, r.State(), c.state)
		}
	}
}

func TestARegressionNamesItsFigure(t *testing.T) {
	const m = time.Minute
	for want, c := range map[string][2][]gate.Run{
		"20m, baseline 8m, limit 10m": {runs(check.Pass, 8*m), runs(check.Pass, 20*m)},
		"20m in all 2 seeds, baseline median 8m of 2 seeds (8m to 9m), limit 10m": {
			runs(check.Pass, 8*m, 9*m), runs(check.Pass, 20*m, 20*m),
		},
		"median 2h of 3 seeds (1h0m30s to 3h), baseline median 9m30s of 3 seeds (8m to 10m), limit 11m53s": {
			runs(check.Pass, 8*m, 10*m, 9*m+m/2), runs(check.Pass, 60*m+m/2, 180*m, 120*m),
		},
	} {
		r := gate.NewResult(c[1], base(t, c[0]), nil)
		if len(r.Regressions) != 1 || r.Regressions[0].Said != want {
			t.Errorf("got  %+v\nwant %s", r.Regressions, want)
		}
	}
}

// The same build against itself is never a regression, whatever its noise, as
// long as the seeds are the same.
func TestTheSameBuildNeverRegresses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var drains []time.Duration
		for i := range rapid.IntRange(1, 7).Draw(t, "seeds") {
			drains = append(drains, time.Duration(rapid.IntRange(0, 1e6).Draw(t, fmt.Sprint(i)))*time.Second)
		}
		all := runs(check.Pass, drains...)
		b := gate.Baseline{Format: 1, Groups: gate.NewResult(all, nil, nil).Groups}
		if r := gate.NewResult(all, &b, nil); len(r.Regressions) > 0 {
			t.Fatalf("against itself: %+v", r.Regressions)
		}
	})
}

// Over many gates, noise alone is seldom called a regression, and what takes twice as
// long, or four times, nearly always is.
func TestNoiseIsNoRegression(t *testing.T) {
	const gates = 2000
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name          string
		least, most   time.Duration
		seeds, slower int
		from, until   float64 // of all gates
	}{
		{"the same build, three seeds", 5 * time.Minute, 10 * time.Minute, 3, 1, 0, 0.035},
		{"the same build, five seeds", 5 * time.Minute, 10 * time.Minute, 5, 1, 0, 0.005},
		{"the same quiet build", 9 * time.Minute, 11 * time.Minute, 3, 1, 0, 0},
		{"twice as slow", 5 * time.Minute, 10 * time.Minute, 3, 2, 0.96, 1},
		{"four times as slow", 5 * time.Minute, 10 * time.Minute, 3, 4, 1, 1},
	} {
		draw := func(slower int) []gate.Run {
			var drains []time.Duration
			for range c.seeds {
				some := c.least + time.Duration(random.Int64N(int64(c.most-c.least)))
				drains = append(drains, some*time.Duration(slower))
			}
			return runs(check.Pass, drains...)
		}
		found := 0
		for range gates {
			before := gate.NewResult(draw(1), nil, nil).Groups
			r := gate.NewResult(draw(c.slower), &gate.Baseline{Format: 1, Groups: before}, nil)
			if len(r.Regressions) > 0 {
				found++
			}
		}
		if share := float64(found) / gates; share < c.from || share > c.until {
			t.Errorf("%s: %.3f of the gates see a regression, want %.3f to %.3f", c.name, share, c.from,
				c.until)
		}
	}
}

func TestRetriesAreCounted(t *testing.T) {
	r := gate.Result{Runs: []gate.Run{
		{State: gate.Passed, Tries: 3}, {State: gate.Inconclusive}, {State: gate.Failed, Tries: 1},
	}}
	by, retries := r.Counts()
	if retries != 2 || by[gate.Passed] != 1 || by[gate.Failed] != 1 || by[gate.Inconclusive] != 1 {
		t.Errorf("%v, %d retries", by, retries)
	}
}
