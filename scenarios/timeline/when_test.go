package timeline_test

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// vocabulary is the plan of a scenario that uses every word.
func vocabulary(t *testing.T, seed uint64) map[string]timeline.Fault {
	t.Helper()
	text, err := os.ReadFile("../testdata/good/vocabulary.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Read("vocabulary.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	tl, err := timeline.Plan(s, timeline.Options{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]timeline.Fault{}
	for _, f := range tl.Header().Faults {
		byName[f.Name] = f
	}
	return byName
}

// turns lists when a fault goes on and off.
func turns(f timeline.Fault) []time.Duration {
	var all []time.Duration
	for at, on := time.Duration(-1), false; ; {
		next, ok := f.Turn(at)
		if !ok {
			return all
		}
		if at = next; f.On(at) != on {
			on = !on
			all = append(all, at)
		}
	}
}

// TestWhen: waves, hours and steps, by the minute; the scenario begins at 08:00.
func TestWhen(t *testing.T) {
	faults := vocabulary(t, 1)
	var waves []time.Duration
	for m := 60 * time.Minute; m < 120*time.Minute; m += 8 * time.Minute {
		waves = append(waves, m, min(m+5*time.Minute, 2*time.Hour))
	}
	if diff := cmp.Diff(waves, turns(faults["refuse"])); diff != "" {
		t.Errorf("waves (-want +got):\n%s", diff)
	}
	// From 8:30 to 9:30, but not before the fault's own 9:00.
	if diff := cmp.Diff([]time.Duration{time.Hour, 90 * time.Minute}, turns(faults["late"])); diff != "" {
		t.Errorf("hours (-want +got):\n%s", diff)
	}
	for at, want := range map[time.Duration]float64{
		time.Hour: 0.2, 89 * time.Minute: 0.2, 90 * time.Minute: 0, 2 * time.Hour: 0,
	} {
		if got := faults["cut"].ShareAt(at); got != want {
			t.Errorf("a step at %s is %g, want %g", at, got, want)
		}
	}
	for at, want := range map[time.Duration]int{
		time.Hour: 10, 75 * time.Minute: 6, 90 * time.Minute: 2, 119 * time.Minute: 2,
	} {
		if got, ok := faults["full"].CapAt(at); !ok || got != want {
			t.Errorf("the cap at %s is %d, want %d", at, got, want)
		}
	}
	if _, ok := faults["cut"].CapAt(time.Hour); ok {
		t.Error("a fault without a cap has one")
	}
}

// TestFrontEnds: half of a forest's addresses, the same for the same seed and
// others for another.
func TestFrontEnds(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(20) {
		one, two := vocabulary(t, seed)["refuse"].Addresses, vocabulary(t, seed)["refuse"].Addresses
		if len(one) != 2 || cmp.Diff(one, two) != "" {
			t.Fatalf("seed %d drew %v and %v", seed, one, two)
		}
		seen[one[0]+one[1]] = true
	}
	if len(seen) < 3 {
		t.Errorf("20 seeds drew only %d sets", len(seen))
	}
}

// TestWords: what the plan works out for the fakes.
func TestWords(t *testing.T) {
	faults := vocabulary(t, 1)
	if got := faults["wrong-region"].Answers; len(got) != 4 || got[0] != "127.25.2.1" {
		t.Errorf("the other forest is at %v", got)
	}
	if got := faults["greylist"].Sites; cmp.Diff([]string{"one.example"}, got) != "" {
		t.Errorf("the tenant is %v", got)
	}
	if h := faults["busy"].History; h.Window != 10*time.Minute || h.For != 3*time.Hour {
		t.Errorf("the history is %+v", h)
	}
}
