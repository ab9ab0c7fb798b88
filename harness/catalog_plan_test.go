package harness

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/catalog"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

var update = flag.Bool("update", false, "write the golden plans anew")

// plans are the golden digests, one file a scenario.
const plans = "testdata/plans"

// TestCataloguePlansAreKnown: each scenario and variant plans to what it did
// before, to the byte. A file tells the counts, so that a change can be read.
func TestCataloguePlansAreKnown(t *testing.T) {
	names := catalog.Names()
	for _, name := range names {
		var got bytes.Buffer
		base := load(t, name)
		digestPlan(t, &got, base)
		for _, variant := range base.VariantNames() {
			varied, err := base.With(variant)
			if err != nil {
				t.Fatal(err)
			}
			digestPlan(t, &got, varied)
		}
		file := filepath.Join(plans, name+".txt")
		if *update {
			if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%s has no golden plan; run with -update: %v", name, err)
			continue
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("%s plans to something else (run with -update if that is meant):\n%s", name, diff)
		}
	}
	for _, file := range found(t, filepath.Join(plans, "*.txt")) {
		if name := filepath.Base(file[:len(file)-len(".txt")]); !slices.Contains(names, name) {
			t.Errorf("%s is the plan of no scenario", file)
		}
	}
}

func found(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// digestPlan writes the plan's digest, its counts of steps by verb, of messages
// by route and of what it names otherwise.
func digestPlan(t *testing.T, w io.Writer, s *scenarios.Scenario) {
	t.Helper()
	tl, err := timeline.Plan(s, timeline.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.New()
	size, err := tl.WriteTo(digest)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for step := range tl.Steps() {
		counts["verb "+string(step.Verb)]++
		switch {
		case step.Submit == nil:
			counts[string(step.Verb)+" "+step.Name]++
		default:
			counts["route "+step.Submit.Route]++
			counts["recipients "+step.Submit.Route] += len(step.Submit.To)
		}
	}
	title := s.Name
	if s.Variant != "" {
		title += "/" + s.Variant
	}
	fmt.Fprintf(w, "%s: %d bytes, sha256 %x\n", title, size, digest.Sum(nil))
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(w, "  %s: %d\n", key, counts[key])
	}
}
