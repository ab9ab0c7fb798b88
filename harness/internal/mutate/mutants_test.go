package mutate

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The flags of `make mutants`: the package is named from the top of the
// repository, which is three folders up.
var (
	target  = flag.String("package", "", "the package whose tests are tried; empty: none")
	shard   = flag.String("shard", "0/1", "which part of how many")
	sample  = flag.Int("sample", 0, "try only that many, drawn from -seed; 0: all")
	seed    = flag.Uint64("seed", 1, "what the sample is drawn from")
	workers = flag.Int("workers", 2, "how many are tried at a time")
	known   = flag.String("survivors", "", "the list of mutants that need not be killed")
	args    = flag.String("tests", "-test.short", "how the tests are run")
	only    = flag.String("only", "", "try only the mutants whose keys are lines of that file")
	least   = flag.Float64("least", 0.9, "the share that must be killed")
)

// chosen are the mutants of this shard and sample, in the order of the code.
func chosen(t *testing.T, all []Mutant) []Mutant {
	t.Helper()
	var i, n int
	if _, err := fmt.Sscanf(*shard, "%d/%d", &i, &n); err != nil || n < 1 || i < 0 || i >= n {
		t.Fatalf("-shard %q; write 0/4 for the first of four", *shard)
	}
	if *only != "" {
		text, err := os.ReadFile("../../../" + *only)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		all = slices.DeleteFunc(slices.Clone(all), func(m Mutant) bool {
			return !slices.Contains(lines, m.Key())
		})
	}
	if *sample > 0 && *sample < len(all) {
		dice := rand.New(rand.NewPCG(*seed, 1))
		drawn := map[int]bool{}
		for _, k := range dice.Perm(len(all))[:*sample] {
			drawn[k] = true
		}
		var some []Mutant
		for k, m := range all {
			if drawn[k] {
				some = append(some, m)
			}
		}
		all = some
	}
	return Shard(all, i, n)
}

// TestMutants plants small errors in a package, one at a time, and holds the
// share that its tests notice against the limit. Whatever they do not notice
// must be listed with a reason, where all are tried.
func TestMutants(t *testing.T) {
	if *target == "" {
		t.Skip("tries a package's tests for minutes; make mutants")
	}
	began := time.Now()
	excused := Survivors{}
	if *known != "" {
		text, err := os.ReadFile("../../../" + *known)
		if err == nil {
			excused, err = ReadSurvivors(string(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	pkg, err := Load("../../../" + *target)
	if err != nil {
		t.Fatal(err)
	}
	set, err := pkg.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	tests := Tests{
		Args: append([]string{"-test.failfast"}, strings.Fields(*args)...), Limit: 2 * time.Minute,
	}
	reached, took, err := set.Reached(t.Context(), tests)
	if err != nil {
		t.Fatal(err)
	}
	tests.Limit = max(10*time.Second, 20*took)
	mutants := chosen(t, set.Mutants)
	t.Logf("%d mutants, %d tried; the tests take %s", len(set.Mutants), len(mutants), took)
	fates := tryAll(t, set, mutants, reached, tests)
	tell(t, mutants, fates, excused, time.Since(began))
}

// tryAll tries mutants, several at a time.
func tryAll(t *testing.T, set *Set, mutants []Mutant, reached map[int]bool, tests Tests) []Fate {
	t.Helper()
	ctx, stop := context.WithCancelCause(t.Context())
	defer stop(nil)
	fates := make([]Fate, len(mutants))
	next := make(chan int)
	var builds sync.Mutex // those with a build of their own share its files
	var all sync.WaitGroup
	for range *workers {
		all.Go(func() {
			for k := range next {
				m := mutants[k]
				if m.own == nil && !reached[m.ID] {
					fates[k] = Unreached
					continue
				}
				if m.own != nil {
					builds.Lock()
				}
				fate, err := set.Try(ctx, m, tests)
				if m.own != nil {
					builds.Unlock()
				}
				if fate == Survived {
					t.Logf("survived: %s\n%s", m, m.Key())
				}
				if fates[k] = fate; err != nil {
					stop(err)
				}
			}
		})
	}
	for k := range mutants {
		if ctx.Err() != nil {
			break
		}
		next <- k
		if k%100 == 99 {
			t.Logf("%d of %d", k+1, len(mutants))
		}
	}
	close(next)
	all.Wait()
	if ctx.Err() != nil {
		t.Fatal(context.Cause(ctx))
	}
	return fates
}

// tell prints what became of the mutants and fails for what may not be.
func tell(t *testing.T, mutants []Mutant, fates []Fate, excused Survivors, took time.Duration) {
	t.Helper()
	counts := map[Fate]int{}
	for k, m := range mutants {
		counts[fates[k]]++
		_, listed := excused[m.Key()]
		switch alive := fates[k] == Survived || fates[k] == Unreached; {
		case alive && !listed && *sample > 0: // only the share counts
		case alive && !listed:
			t.Errorf("%s: %s\n%s", fates[k], m, m.Key())
		case !alive && listed:
			t.Errorf("%s, but listed as a survivor: %s", fates[k], m.Key())
		}
	}
	tried := len(mutants) - counts[Impossible]
	killed := counts[Killed] + counts[Stuck]
	t.Logf("%d mutants: %v; %.1f %% killed, in %s", len(mutants), counts,
		100*float64(killed)/float64(max(1, tried)), took.Round(time.Second))
	if float64(killed) < *least*float64(tried) {
		t.Errorf("less than %.0f %% were killed", 100**least)
	}
}
