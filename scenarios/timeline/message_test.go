package timeline_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// TestWriteOutPlansTheSame: mail that is written out is the mail that was drawn,
// to the second, and taking a message away leaves the others as they are.
func TestWriteOutPlansTheSame(t *testing.T) {
	s := load(t, "ex196121")
	drawn := plan(t, "ex196121", timeline.Options{Seed: 7, Scale: 0.2})
	out := timeline.WriteOut(s, drawn)
	if err := out.Validate(); err != nil {
		t.Fatal(err)
	}
	again := replan(t, out)
	var want []timeline.Step
	for step := range drawn.Steps() {
		if step.Submit != nil {
			step.At = step.At.Truncate(time.Second)
		}
		want = append(want, step)
	}
	if diff := cmp.Diff(want, steps(again)); diff != "" {
		t.Fatalf("the plan has changed:\n%s", diff)
	}
	if again.Expected() != float64(len(out.Messages)) {
		t.Errorf("%g messages expected of %d", again.Expected(), len(out.Messages))
	}
	gone := out.Messages[3].ID
	out.Messages = append(out.Messages[:3:3], out.Messages[4:]...)
	var left []timeline.Step
	for _, step := range want {
		if step.Submit == nil || step.Submit.ID != gone {
			left = append(left, step)
		}
	}
	if diff := cmp.Diff(left, steps(replan(t, out))); diff != "" {
		t.Errorf("without %s:\n%s", gone, diff)
	}
}

// TestMessagesHaveDefaults: what is left out is filled in, and depends on the
// seed alone.
func TestMessagesHaveDefaults(t *testing.T) {
	s := scenarios.Loose(load(t, "ex196121"))
	s.Messages = []scenarios.Message{
		{ID: "m2", At: s.Outage.From, Route: "to-japan", From: "a@harbour.example", To: []string{"b@ume.test"}},
		{ID: "m1", At: s.From, Route: "to-japan", From: "a@harbour.example", To: []string{"b@ume.test"}},
	}
	var seeds []uint64
	for _, seed := range []uint64{1, 1, 2} {
		tl, err := timeline.Plan(s, timeline.Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		var ids string
		for _, step := range steps(tl) {
			if sub := step.Submit; sub != nil {
				ids += sub.ID
				seeds = append(seeds, sub.Seed)
				if sub.Size != 8000 || sub.Goes != scenarios.Inbound {
					t.Errorf("%+v", sub)
				}
			}
		}
		if ids != "m1m2" {
			t.Errorf("the order is %s", ids)
		}
	}
	if seeds[0] == seeds[1] || seeds[0] != seeds[2] || seeds[0] == seeds[4] {
		t.Errorf("the seeds of the content are %v", seeds)
	}
}

// TestShapesAreTheLanguages: the words of the language are those of the plan.
func TestShapesAreTheLanguages(t *testing.T) {
	plans := []timeline.Shape{
		timeline.EightBit, timeline.Dots, timeline.LongLines, timeline.Blanks, timeline.Folded,
	}
	var words []string
	for _, shape := range plans {
		words = append(words, string(shape))
	}
	if diff := cmp.Diff(words, scenarios.MessageShapes); diff != "" {
		t.Error(diff)
	}
}

func replan(t *testing.T, s *scenarios.Scenario) *timeline.Timeline {
	t.Helper()
	tl, err := timeline.Plan(s, timeline.Options{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	return tl
}

func steps(tl *timeline.Timeline) []timeline.Step {
	var all []timeline.Step
	for step := range tl.Steps() {
		all = append(all, step)
	}
	return all
}
