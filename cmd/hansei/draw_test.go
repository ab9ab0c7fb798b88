package main

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// drawing is a scenario of the catalogue as show draws it.
func drawing(t *testing.T, name, compress string, unicode bool) []string {
	t.Helper()
	s, err := find(name, "")
	if err == nil && compress != "" {
		s, err = compressed(s, compress)
	}
	var tl *timeline.Timeline
	if err == nil {
		tl, err = timeline.Plan(s, timeline.Options{Seed: 1})
	}
	if err != nil {
		t.Fatal(err)
	}
	return draw(s, tl, unicode)
}

func TestTheDrawingIsWhatItWas(t *testing.T) {
	var b strings.Builder
	for _, name := range []string{"ex196121/kill", "ex196121/slow-recovery"} {
		for _, compress := range []string{"", "0.5"} {
			for _, unicode := range []bool{true, false} {
				lines := drawing(t, name, compress, unicode)
				for _, l := range lines {
					if n := utf8.RuneCountInString(l); n > 80 {
						t.Errorf("a line has %d columns: %s", n, l)
					}
					if !unicode && strings.IndexFunc(l, func(r rune) bool { return r > '~' }) >= 0 {
						t.Errorf("not ASCII: %s", l)
					}
				}
				b.WriteString(strings.Join(lines, "\n") + "\n\n")
			}
		}
	}
	const file = "testdata/drawings.golden"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("drawn otherwise (-want +got):\n%s", diff)
	}
}

// What new writes without a scenario to begin with must be good, as it is.
func TestTheBlankScenarioIsGood(t *testing.T) {
	text := strings.Replace(string(blank), "name: NAME", "name: mine", 1)
	s, err := scenarios.Read("blank.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Faults) == 0 || len(s.Expect.Asked()) < 5 {
		t.Errorf("it shows little: %d faults, %v", len(s.Faults), s.Expect.Asked())
	}
}
