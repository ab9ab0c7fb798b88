package shrink_test

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/bubbletest"
	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/reference"
	"github.com/hansei-mail/hansei/harness/shrink"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/catalog"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// inMemory plays candidates against the reference relay in a bubble.
func inMemory(t *testing.T, flaw string) shrink.Play {
	dir, n := t.TempDir(), 0
	var driver relay.Driver = reference.New(reference.Options{
		Flaw: flaw, Settings: reference.Settings{NoSync: true},
	})
	return func(ctx context.Context, s *scenarios.Scenario) (shrink.Judge, error) {
		n++
		folder := filepath.Join(dir, strconv.Itoa(n))
		tl, err := timeline.Plan(s, timeline.Options{Seed: 1})
		if err != nil {
			return nil, err
		}
		err = bubbletest.Run(ctx, func(ctx context.Context) error {
			return harness.Run(ctx, s, tl, driver, harness.Config{
				Dir: folder, Speed: 1, Network: harness.Memory(),
			})
		})
		return func(s *scenarios.Scenario) *check.Judgement {
			return check.Judge(s, evidence.Read(filepath.Join(folder, evidence.File)))
		}, err
	}
}

// given is ex196121 with some of its mail, and with faults of a test's own.
func given(t *testing.T, faults ...scenarios.Fault) *scenarios.Scenario {
	t.Helper()
	s, err := catalog.Load("ex196121")
	if err != nil {
		t.Fatal(err)
	}
	s = scenarios.Loose(s)
	for i := range s.Cohorts { // the tests' own faults are in Europe
		s.Cohorts[i].Control = s.Cohorts[i].Control && s.Cohorts[i].Name != "europe"
	}
	for _, f := range faults {
		f.From, f.Heal = s.Outage.From, s.Outage.Heal
		s.Faults = append(s.Faults, f)
	}
	tl, err := timeline.Plan(s, timeline.Options{Seed: 1, Scale: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	return timeline.WriteOut(s, tl)
}

// TestFlawsShrinkToAFewMessages: what is left still breaks the same promise when
// it is read back from its text, an honest relay keeps it, and nothing that was
// not needed is in it.
func TestFlawsShrinkToAFewMessages(t *testing.T) {
	busy := scenarios.Fault{
		Name: "busy", Where: scenarios.Where{Cohorts: []string{"europe"}},
		Stage: scenarios.StageRcpt, Do: scenarios.Reply, Attempts: 1,
		Reply: "451 4.7.500 Server busy. Please try again later",
	}
	rude := scenarios.Fault{
		Name: "rude", Where: scenarios.Where{Cohorts: []string{"europe"}},
		Stage: scenarios.StageQuit, Do: scenarios.Reset,
	}
	for _, c := range []struct {
		flaw, promise string
		faults        []scenarios.Fault
		left          []string // of the faults
	}{
		{flaw: "truncate-spare", promise: "integrity"},
		{flaw: "deliver-twice", promise: "duplicates"},
		{flaw: "copy-to-wrong-tenant", promise: "no-invention"},
		{flaw: "keep-first-recipient", promise: "no-loss", faults: []scenarios.Fault{busy},
			left: []string{"busy"}},
		{flaw: "again-after-lost-quit", promise: "duplicates", faults: []scenarios.Fault{rude},
			left: []string{"rude"}},
		{flaw: "bounce-after-2h", promise: "no-early-bounce", left: []string{"reset"}},
	} {
		t.Run(c.flaw, func(t *testing.T) {
			t.Parallel()
			play := inMemory(t, c.flaw)
			r, err := shrink.Shrink(t.Context(), given(t, c.faults...), play, shrink.Options{
				Promise: c.promise, Note: func(line string) { t.Log(line) },
			})
			if err != nil {
				t.Fatal(err)
			}
			text := scenarios.Format(r.Scenario)
			t.Logf("%d runs: %s -> %s\n%s", r.Runs, r.Before, r.After, text)
			if r.After.Messages > 20 || r.Stopped != "" || r.Promise != c.promise {
				t.Errorf("%s: %d messages are left: %s", r.Promise, r.After.Messages, r.Stopped)
			}
			var left []string
			for _, f := range r.Scenario.Faults {
				left = append(left, f.Name)
			}
			if strings.Join(left, " ") != strings.Join(c.left, " ") {
				t.Errorf("the faults left are %v, want %v", left, c.left)
			}
			s, err := scenarios.Read("small.yaml", text)
			if err != nil {
				t.Fatal(err)
			}
			for driver, want := range map[string]check.Outcome{c.flaw: check.Fail, "": check.Pass} {
				judge, err := inMemory(t, driver)(t.Context(), s)
				if err != nil {
					t.Fatal(err)
				}
				if j := judge(s); j.Outcome != want {
					t.Errorf("with the flaw %q it came out as %s: %+v", driver, j.Outcome, j.Verdicts)
				}
			}
		})
	}
}

// TestTheSameSeedShrinksToTheSame: a search can be repeated.
func TestTheSameSeedShrinksToTheSame(t *testing.T) {
	var texts [2]string
	for i := range texts {
		r, err := shrink.Shrink(t.Context(), given(t), inMemory(t, "lose-dots"), shrink.Options{})
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(scenarios.Format(r.Scenario))
		if r.After.Messages > 20 || r.Promise != "integrity" {
			t.Errorf("%s: %s", r.Promise, r.After)
		}
	}
	if texts[0] != texts[1] {
		t.Errorf("two searches ended differently:\n%s\n%s", texts[0], texts[1])
	}
}

// TestNothingToShrink: an honest relay breaks nothing.
func TestNothingToShrink(t *testing.T) {
	for _, promise := range []string{"", "drain"} {
		_, err := shrink.Shrink(t.Context(), given(t), inMemory(t, ""), shrink.Options{Promise: promise})
		if !errors.Is(err, shrink.ErrKept) {
			t.Errorf("%q: %v", promise, err)
		}
	}
}
