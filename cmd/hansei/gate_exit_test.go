package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/gate"
)

// gateExits are the exit codes of a gate in which runs came out so, in all
// combinations; and of the same gate where the comparison with the baseline finds
// something missing, and where it finds something worse.
var gateExits = []struct {
	runs                 string
	alone, missing, less int
}{
	{"pass", 0, 3, 1},
	{"fail", 1, 1, 1},
	{"inconclusive", 3, 3, 1},
	{"error", 70, 70, 1},
	{"pass fail", 1, 1, 1},
	{"pass inconclusive", 3, 3, 1},
	{"pass error", 70, 70, 1},
	{"fail inconclusive", 1, 1, 1},
	{"fail error", 1, 1, 1},
	{"inconclusive error", 70, 70, 1},
	{"pass fail inconclusive", 1, 1, 1},
	{"pass fail error", 1, 1, 1},
	{"pass inconclusive error", 70, 70, 1},
	{"fail inconclusive error", 1, 1, 1},
	{"pass fail inconclusive error", 1, 1, 1},
}

// gateOf plays runs that come out as their words say, in that order; each is one
// seed, and each that is judged has a backlog of 1000 pairs.
func gateOf(t *testing.T, words []string, base *gate.Baseline) int {
	t.Helper()
	var seeds []string
	for i := range words {
		seeds = append(seeds, fmt.Sprint(i+1))
	}
	g := gatingOf(t, "{scenarios: [s], relays: [{name: r}], seeds: ["+strings.Join(seeds, ", ")+"]}")
	g.made = func(_ context.Context, c gate.Cell) (string, *reports.Input, error) {
		in := judged(check.Inconclusive)
		switch words[c.Seed-1] {
		case "error":
			return "", nil, errors.New("port 25 is taken")
		case "pass":
			in = judged(check.Pass)
		case "fail":
			in = judged(check.Fail)
		}
		in.Judgement.Figures.Backlog.Peak = 1000
		return fmt.Sprint(c.Seed), in, nil
	}
	result := gate.NewResult(g.play(t.Context()), base, nil)
	return tell(io.Discard, gateError(result.State()))
}

// Every combination of outcomes has its exit code, in whatever order they come.
func TestGateExitCodesInAllCombinations(t *testing.T) {
	seen := map[string]bool{}
	worse := &gate.Baseline{Format: 1, Groups: []gate.Group{{ // a backlog that none of the runs has
		Scenario: "s", Relay: "r", Seeds: 3,
		Figures: map[string]gate.Spread{"peak": {Median: 10, Least: 10, Most: 10}},
	}}}
	missing := &gate.Baseline{Format: 1, Groups: []gate.Group{{Scenario: "gone", Relay: "r", Seeds: 1}}}
	for _, c := range gateExits {
		words := strings.Fields(c.runs)
		slices.Sort(words)
		seen[strings.Join(words, " ")] = true
		for range len(words) { // each comes first once, and last
			words = append(words[1:], words[0])
			if got := gateOf(t, words, nil); got != c.alone {
				t.Errorf("%q: exit code %d, want %d", words, got, c.alone)
			}
			if got := gateOf(t, words, missing); got != c.missing {
				t.Errorf("%q, and one missing: exit code %d, want %d", words, got, c.missing)
			}
			if got := gateOf(t, append(slices.Clone(words), "pass"), worse); got != c.less {
				t.Errorf("%q and a pass, worse than the baseline: exit code %d, want %d", words, got, c.less)
			}
		}
	}
	if len(seen) != 1<<4-1 {
		t.Errorf("%d combinations of four outcomes, want all 15", len(seen))
	}
	if got := tell(io.Discard, gateError(gate.Result{}.State())); got != exitInconclusive {
		t.Errorf("a gate without runs: exit code %d, want %d", got, exitInconclusive)
	}
}
