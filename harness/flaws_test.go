package harness

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/relay/reference"
	"github.com/hansei-mail/hansei/scenarios"
)

// situation is the scenario in which flaws of the reference relay show.
func situation(t *testing.T, name string) *scenarios.Scenario {
	t.Helper()
	text, ok := reference.Situation(name)
	if !ok {
		t.Fatalf("no situation %q", name)
	}
	s, err := scenarios.Read(name+".yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTheHonestRelayKeepsEveryPromiseOfTheSituations: what a flaw breaks there
// is the flaw's doing.
func TestTheHonestRelayKeepsEveryPromiseOfTheSituations(t *testing.T) {
	for _, name := range reference.Situations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &replayed{t: t, scenario: situation(t, name), driver: honest(), scale: 1}
			j := r.inMemory()
			if r.err != nil || j.Outcome != check.Pass {
				t.Errorf("%s: %v", j.Outcome, r.err)
				tell(t, j)
			}
		})
	}
}

// matrixSeed lets HANSEI_SEED play the matrix with another seed than 1.
func matrixSeed(t *testing.T) uint64 {
	text := os.Getenv("HANSEI_SEED")
	if text == "" {
		return 1
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("HANSEI_SEED: %v", err)
	}
	return seed
}

// TestEveryPromiseIsBrokenAloneByAFlaw: a promise that no flaw breaks has never
// been seen to fail in a whole run.
func TestEveryPromiseIsBrokenAloneByAFlaw(t *testing.T) {
	alone := map[string]bool{}
	for _, f := range reference.Flaws() {
		if len(f.Breaks) == 1 {
			alone[f.Breaks[0]] = true
		}
		for _, name := range f.Breaks {
			if !slices.Contains(scenarios.PromiseNames, name) {
				t.Errorf("%s breaks %q, which is no promise", f.Name, name)
			}
		}
	}
	expect := reflect.TypeFor[scenarios.Expect]()
	for i := range expect.NumField() {
		name, _, _ := strings.Cut(expect.Field(i).Tag.Get("yaml"), ",")
		if !alone[name] && !shared[name] {
			t.Errorf("no flaw breaks %s alone", name)
		}
	}
}

// shared are promises that no flaw breaks alone, since what breaks them always
// breaks another one as well.
var shared = map[string]bool{}

// exactly says that these promises fail, and every other one that is asked for
// passes: a flaw must not put the rest in doubt either.
func exactly(j *check.Judgement, breaks []string) bool {
	for _, v := range j.Verdicts {
		want := check.Pass
		if slices.Contains(breaks, v.Promise) {
			want = check.Fail
		}
		if (v.Asked || want == check.Fail) && v.Outcome != want {
			return false
		}
	}
	return true
}

// TestMatrix: each planted flaw breaks exactly the promises named for it.
func TestMatrix(t *testing.T) {
	if testing.Short() {
		t.Skip("the matrix takes minutes; leave -short out")
	}
	var mu sync.Mutex
	caught := map[string]string{}
	t.Run("flaws", func(t *testing.T) {
		for _, f := range reference.Flaws() {
			t.Run(f.Name, func(t *testing.T) {
				t.Parallel()
				r := &replayed{
					t: t, scenario: situation(t, f.Shows), driver: flawed(f.Name), scale: 1,
					seed: matrixSeed(t),
				}
				j := r.inMemory()
				got := broken(j)
				mu.Lock()
				caught[f.Name] = strings.Join(got, ", ")
				mu.Unlock()
				if r.err != nil || !exactly(j, f.Breaks) {
					t.Errorf("breaks %q, want exactly %q and all others kept; %v", got, f.Breaks, r.err)
					tell(t, j)
				}
			})
		}
	})
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "FLAW\tSITUATION\tBREAKS")
	for _, f := range reference.Flaws() {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.Name, f.Shows, caught[f.Name])
	}
	_ = w.Flush()
	t.Logf("%d flaws:\n%s", len(caught), b.String())
}
