package timeline_test

import (
	"bytes"
	"flag"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/catalog"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

var update = flag.Bool("update", false, "write the golden files anew")

func load(t testing.TB, name string) *scenarios.Scenario {
	t.Helper()
	s, err := catalog.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func plan(t testing.TB, name string, o timeline.Options) *timeline.Timeline {
	t.Helper()
	tl, err := timeline.Plan(load(t, name), o)
	if err != nil {
		t.Fatal(err)
	}
	return tl
}

func text(t testing.TB, tl *timeline.Timeline) string {
	t.Helper()
	var b bytes.Buffer
	n, err := tl.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("wrote %d of %d bytes: %v", n, b.Len(), err)
	}
	return b.String()
}

func TestHeadOfEX196121(t *testing.T) {
	all := text(t, plan(t, "ex196121", timeline.Options{Seed: 1}))
	got := strings.Join(strings.SplitAfterN(all, "\n", 31)[:30], "")
	file := filepath.Join("testdata", "ex196121-seed1.head.jsonl")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the plan has changed; if that is meant, run with -update (-want +got):\n%s", diff)
	}
}

func TestSameSeedSameBytes(t *testing.T) {
	one := plan(t, "ex196121/kill", timeline.Options{Seed: 7})
	first := text(t, one)
	if first != text(t, one) {
		t.Error("the same timeline gave other steps when it was read again")
	}
	if first != text(t, plan(t, "ex196121/kill", timeline.Options{Seed: 7, Scale: 1})) {
		t.Error("the same seed gave another plan")
	}
	if first == text(t, plan(t, "ex196121/kill", timeline.Options{Seed: 8})) {
		t.Error("another seed gave the same plan")
	}
}

func TestWholePlans(t *testing.T) {
	for _, name := range []string{"ex196121", "ex196121/kill", "ex196121/slow-recovery"} {
		for seed := range uint64(5) {
			tl := plan(t, name, timeline.Options{Seed: seed})
			n := checkSteps(t, tl)
			if n < 2000 {
				t.Errorf("%s, seed %d: only %d submissions", name, seed, n)
			}
			if mean := tl.Expected(); math.Abs(float64(n)-mean) > 5*math.Sqrt(mean) {
				t.Errorf("%s, seed %d: %d submissions, expected about %.0f", name, seed, n, mean)
			}
		}
	}
}

// checkSteps holds what is true of every timeline, and counts its submissions.
func checkSteps(t testing.TB, tl *timeline.Timeline) int {
	t.Helper()
	h := tl.Header()
	cohorts := map[string]bool{}
	for _, s := range h.Sites {
		cohorts[s.Domain] = true
	}
	last, n := time.Duration(0), 0
	verbs := map[timeline.Verb]int{}
	for step := range tl.Steps() {
		verbs[step.Verb]++
		if step.At < last || step.At > h.Length {
			t.Fatalf("step at %s after one at %s", step.At, last)
		}
		last = step.At
		if step.Verb != timeline.Submit {
			if step.Submit != nil || step.Name == "" {
				t.Errorf("the fixed step %+v is not whole", step)
			}
			continue
		}
		n++
		m := step.Submit
		if want := "m" + strconv.Itoa(n); m.ID != want {
			t.Fatalf("got %s, want %s", m.ID, want)
		}
		if m.Size < 1024 || len(m.To) == 0 {
			t.Errorf("%s has %d bytes and %d recipients", m.ID, m.Size, len(m.To))
		}
		for i, to := range append([]string{m.From}, m.To...) {
			if _, domain, ok := strings.Cut(to, "@"); !ok || !cohorts[domain] {
				t.Errorf("%s names %q, which is at no site", m.ID, to)
			}
			if i > 0 && slices.Contains(m.To[:i-1], to) {
				t.Errorf("%s names %q twice", m.ID, to)
			}
		}
	}
	if verbs[timeline.Phase] != 4 {
		t.Errorf("%d phases", verbs[timeline.Phase])
	}
	if verbs[timeline.Impair] != verbs[timeline.Repair] || verbs[timeline.Kill] != verbs[timeline.Restart] {
		t.Errorf("what begins must end: %v", verbs)
	}
	return n
}

func TestScaleMultiplies(t *testing.T) {
	count := func(scale float64) (n int) {
		for step := range plan(t, "ex196121", timeline.Options{Seed: 3, Scale: scale}).Steps() {
			if step.Verb == timeline.Submit {
				n++
			}
		}
		return n
	}
	one, twenty := count(1), count(20)
	if ratio := float64(twenty) / float64(one); ratio < 18 || ratio > 22 {
		t.Errorf("%d submissions at scale 20, %d at scale 1", twenty, one)
	}
	for _, bad := range []float64{-1, math.NaN(), math.Inf(1), 1e7} {
		if _, err := timeline.Plan(load(t, "ex196121"), timeline.Options{Scale: bad}); err == nil {
			t.Errorf("scale %g was planned", bad)
		}
	}
}

// The n-th message of a route is the same at every scale, only its moment and
// its number in the plan change.
func TestScaleKeepsContent(t *testing.T) {
	first := func(scale float64) timeline.Submission {
		for step := range plan(t, "ex196121", timeline.Options{Seed: 3, Scale: scale}).Steps() {
			if step.Verb == timeline.Submit && step.Submit.Route == "japan-to-america" {
				out := *step.Submit
				out.ID = ""
				return out
			}
		}
		return timeline.Submission{}
	}
	if diff := cmp.Diff(first(1), first(5)); diff != "" || first(1).Seed == 0 {
		t.Errorf("the first message of a route changed with the scale:\n%s", diff)
	}
}

func TestRateFollowsTheCurve(t *testing.T) {
	tl := plan(t, "ex196121", timeline.Options{Seed: 11, Scale: 100})
	hours := make([]float64, 13)
	for step := range tl.Steps() {
		if step.Verb == timeline.Submit && step.Submit.Route == "to-japan" {
			hours[int(step.At/time.Hour)]++
		}
	}
	// Means of the curve over each hour from 10:00 on, times the peak of 7,000.
	shares := []float64{1, 1, 0.8, 1, 1, 1, 1, 0.9, 0.7, 0.5, 0.35, 0.25, 0.2}
	for i, share := range shares {
		want := share * 7000
		if math.Abs(hours[i]-want) > 5*math.Sqrt(want) {
			t.Errorf("hour %d has %.0f submissions, want about %.0f", 10+i, hours[i], want)
		}
	}
}

func TestMailMix(t *testing.T) {
	var sizes []int
	var several, across, dirty, n float64
	shapes := map[timeline.Shape]int{}
	for step := range plan(t, "ex196121", timeline.Options{Seed: 5, Scale: 20}).Steps() {
		m := step.Submit
		if m == nil {
			continue
		}
		n++
		sizes = append(sizes, m.Size)
		if m.Dirt != "" {
			dirty++
		}
		if len(m.To) > 1 {
			several++
			domains := map[string]bool{}
			for _, to := range m.To {
				domains[to[strings.Index(to, "@"):]] = true
			}
			if len(domains) > 1 {
				across++
			}
		}
		for _, s := range m.Shape {
			shapes[s]++
		}
	}
	slices.Sort(sizes)
	near := func(what string, got, want, tolerance float64) {
		if math.Abs(got-want) > tolerance*want {
			t.Errorf("%s is %g, want about %g", what, got, want)
		}
	}
	near("the median size", float64(sizes[len(sizes)/2]), 8000, 0.05)
	near("the 99th percentile", float64(sizes[len(sizes)*99/100]), 120000, 0.15)
	near("the share with several recipients", several/n, 0.15, 0.1)
	near("the share across tenants", across/several, 0.3, 0.1)
	near("the dirty share", dirty/n, 0.02, 0.2)
	if sizes[len(sizes)-1] > 1_000_000 || len(shapes) != 5 {
		t.Errorf("the largest message has %d bytes; shapes %v", sizes[len(sizes)-1], shapes)
	}
}

func TestReadBack(t *testing.T) {
	tl := plan(t, "ex196121/slow-recovery", timeline.Options{Seed: 1<<64 - 1, Scale: 0.3})
	h, steps, err := timeline.ReadTimeline(strings.NewReader(text(t, tl)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tl.Header(), h); diff != "" {
		t.Errorf("the header changed on its way (-want +got):\n%s", diff)
	}
	want := slices.Collect(tl.Steps())
	n := 0
	for step, err := range steps {
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(step, want[n]) {
			t.Fatalf("step %d is %+v, was %+v", n, step, want[n])
		}
		n++
	}
	if n != len(want) {
		t.Errorf("read %d of %d steps", n, len(want))
	}
}

func TestReadBackSaysWhatIsWrong(t *testing.T) {
	whole := text(t, plan(t, "ex196121", timeline.Options{Scale: 0.01}))
	lines := strings.SplitAfter(whole, "\n")
	_, steps, err := timeline.ReadTimeline(strings.NewReader(lines[0] + lines[1] + lines[2][:10]))
	if err != nil {
		t.Fatal(err)
	}
	var last error
	n := 0
	for _, err := range steps {
		n, last = n+1, err
	}
	if n != 2 || last == nil || !strings.Contains(last.Error(), "line 3") {
		t.Errorf("%d steps, then %v", n, last)
	}
	for _, bad := range []string{"", "{}", `{"format":2}`, "x"} {
		if _, _, err := timeline.ReadTimeline(strings.NewReader(bad)); err == nil {
			t.Errorf("%q was read as a timeline", bad)
		}
	}
}

func TestStopsWhenAsked(t *testing.T) {
	n := 0
	for range plan(t, "ex196121", timeline.Options{}).Steps() {
		if n++; n == 10 {
			break
		}
	}
	if n != 10 {
		t.Errorf("%d steps", n)
	}
}

// A plan of a quarter of a million messages keeps no more in memory than one of
// a few: what is live while it is read does not grow.
func TestMemoryDoesNotGrow(t *testing.T) {
	live := func(scale float64) uint64 {
		var most uint64
		n := 0
		for range plan(t, "ex196121", timeline.Options{Scale: scale}).Steps() {
			if n++; n%50_000 == 0 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
		return most
	}
	small, large := live(20), live(100)
	if large > small+1<<20 {
		t.Errorf("%d bytes are live at scale 100, %d at scale 20", large, small)
	}
}

func TestSites(t *testing.T) {
	h := plan(t, "ex196121", timeline.Options{}).Header()
	hosts := map[string]bool{}
	for _, s := range h.Sites {
		if hosts[s.MX] {
			t.Errorf("two domains have the MX host %s", s.MX)
		}
		hosts[s.MX] = true
	}
	first, last := h.Sites[0], h.Sites[len(h.Sites)-1]
	want := timeline.Site{
		Domain: "kaede.example", Cohort: "japan", At: "office365", Region: "apac", Forest: "jpnprd01",
		Spare: true, MX: "kaede-example.mail.protection.outlook.test",
		FrontEnds: []string{"127.25.1.1", "127.25.1.2"},
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Error(diff)
	}
	want = timeline.Site{
		Domain: "lantern.test", Cohort: "internet", At: "internet", MX: "mx.lantern.test",
		FrontEnds: []string{"127.26.1.1"},
	}
	if diff := cmp.Diff(want, last); diff != "" {
		t.Error(diff)
	}
	if got := h.Faults[0].Sites; len(got) != 11 || slices.Contains(got, "linde.example") {
		t.Errorf("the fault selects %v", got)
	}
}

func TestNewerErasHaveFourFrontEndsAndHostsDoNotMeet(t *testing.T) {
	s := load(t, "ex196121")
	s.Era = ""
	s.Cohorts[0].Domains = []string{"a.b.test", "a-b.test"}
	tl, err := timeline.Plan(s, timeline.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := tl.Header()
	if h.Era != "2026" || len(h.Sites[0].FrontEnds) != 4 {
		t.Errorf("era %s with %v", h.Era, h.Sites[0].FrontEnds)
	}
	if h.Sites[0].MX == h.Sites[1].MX {
		t.Errorf("both domains have %s", h.Sites[0].MX)
	}
}
