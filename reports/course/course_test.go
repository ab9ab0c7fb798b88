package course_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/reports/course"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

const minute = time.Minute

// plan is a run of an hour with two cohorts, of which a fault touches one.
func plan() course.Plan {
	f := check.Figures{
		Length: time.Hour, Outage: 10 * minute, Heal: 30 * minute, Bin: 10 * minute,
		Bins: make([]check.Bin, 6), Drain: check.Drained{Pairs: 1, Took: 15 * minute},
		Phases: []check.Phase{
			{Name: "before", Until: 10 * minute}, {Name: "outage", From: 10 * minute, Until: time.Hour},
		},
	}
	return course.Plan{
		Figures: f, Stories: []string{"m1", "m9"},
		Scenario: &scenarios.Scenario{
			Cohorts: []scenarios.Cohort{
				{Name: "hit", At: scenarios.Office365, Forest: "a", Domains: []string{"hit.test"}, Spare: true},
				{Name: "well", At: scenarios.Office365, Forest: "b", Domains: []string{"well.test"}, Control: true},
			},
			Faults: []scenarios.Fault{{Name: "reset", Where: scenarios.Where{Forests: []string{"a"}}}},
		},
		Sites: []timeline.Site{
			{Domain: "hit.test", FrontEnds: []string{"127.25.1.1"}},
			{Domain: "well.test", FrontEnds: []string{"127.25.2.1"}},
		},
	}
}

func submitted(t time.Duration, msg string, to ...string) evidence.Event {
	return evidence.Event{
		T: t, At: t / 60, Kind: evidence.KindSubmission, Actor: evidence.Load, Msg: msg, Attempt: 1,
		To: to, Due: t, Outcome: evidence.Accepted, Code: 250, Reply: "2.0.0 Ok: queued as " + msg,
	}
}

func took(t time.Duration, msg, endpoint, address string, to ...string) evidence.Event {
	return evidence.Event{
		T: t, At: t / 60, Kind: evidence.KindDelivery, Actor: evidence.Fake, Msg: msg, To: to,
		Endpoint: endpoint, Address: address, Outcome: evidence.Accepted, Reply: "250 2.6.0 Queued",
	}
}

func events(list ...evidence.Event) func(func(evidence.Event, error) bool) {
	return func(yield func(evidence.Event, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func hour() []evidence.Event {
	dirty := submitted(12*minute, "m3", "a@hit.test")
	dirty.Dirt = "gtube"
	failed := evidence.Event{
		T: 16 * minute, At: 16 * time.Second, Kind: evidence.KindAttempt, Actor: evidence.Fake,
		Endpoint: "office365", Address: "127.25.1.1:25", Stage: "connect", Fault: "reset",
		Outcome: evidence.Broken,
	}
	return []evidence.Event{
		submitted(5*minute, "m2", "b@well.test"),
		took(6*minute, "m2", "office365", "127.25.2.1:25", "b@WELL.test"),
		dirty,
		submitted(15*minute, "m1", "a@hit.test", "b@well.test"),
		took(15*minute+time.Second, "m1", "spare", "127.27.0.1:25", "a=hit.test@spare.test"),
		failed,
		took(17*minute, "m1", "office365", "127.25.2.1:25", "b@well.test"),
		took(45*minute, "m1", "office365", "127.25.1.1:25", "a@hit.test"),
		{T: 50 * minute, At: 50 * time.Second, Kind: evidence.KindListing},
	}
}

func TestWhatWaitsIsSeenPerCohort(t *testing.T) {
	c := course.Look(plan(), events(hour()...))
	hit, well := c.Whole.Cohorts[0], c.Whole.Cohorts[1]
	for _, x := range []struct {
		name      string
		got, want any
	}{
		{"hit is affected", []bool{hit.Affected, well.Affected}, []bool{true, false}},
		{"backlog", hit.Backlog, []int{0, 1, 1, 1, 0, 0}},
		{"others' backlog", well.Backlog, []int{0, 0, 0, 0, 0, 0}},
		{"accepted", hit.Accepted, []int{0, 1, 0, 0, 0, 0}},
		{"others accepted", well.Accepted, []int{1, 1, 0, 0, 0, 0}},
		{"delivered", hit.Delivered, []int{0, 0, 0, 0, 1, 0}},
		{"spare", hit.Spare, []int{0, 1, 0, 0, 0, 0}},
		{"oldest", hit.Oldest, []time.Duration{0, 5 * minute, 15 * minute, 25 * minute, 0, 0}},
		{"dead", c.Whole.Dead, []int{0, 1, 0, 0, 0, 0}},
		{"other", c.Whole.Other, []int{0, 0, 0, 0, 0, 0}},
	} {
		if diff := cmp.Diff(x.want, x.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", x.name, diff)
		}
	}
	if rate := c.Whole.Rate[2]; rate < 59 || rate > 61 {
		t.Errorf("the clock ran at %v, want 60", rate)
	}
}

func TestTheCloseUpBeginsBeforeTheHeal(t *testing.T) {
	c := course.Look(plan(), events(hour()...))
	d := c.Drain
	if d.Bins() == 0 || d.From >= 30*minute || d.At(d.Bins()) < 45*minute {
		t.Fatalf("%d bins from %v to %v, want 30m and 45m in it", d.Bins(), d.From, d.At(d.Bins()))
	}
	sum := 0
	for _, n := range d.Cohorts[0].Delivered {
		sum += n
	}
	first, last := d.Cohorts[0].Backlog[0], d.Cohorts[0].Backlog[d.Bins()-1]
	if sum != 1 || first != 1 || last != 0 {
		t.Errorf("delivered %d, backlog from %d to %d; want 1, 1, 0", sum, first, last)
	}
	for i, n := range d.Cohorts[0].Accepted {
		if n != 0 {
			t.Errorf("bin %d: something was accepted that came before the close-up", i)
		}
	}
}

func TestSpreadsRepliesFrontEndsAndStories(t *testing.T) {
	c := course.Look(plan(), events(hour()...))
	n := []int{
		c.Delivery[0].Count, c.Delivery[1].Count, c.Spare[1].Count, c.Acceptance[0].Count,
	}
	if !cmp.Equal(n, []int{1, 2, 1, 1}) {
		t.Errorf("delivered before and during, spare, accepted = %v", n)
	}
	shares := c.Delivery[1].Shares()
	if len(shares) != 2 || shares[0].Share != 0.5 || shares[1].Share != 1 ||
		shares[0].Within < 2*minute || shares[1].Within < 30*minute || shares[1].Within > 41*minute {
		t.Errorf("shares %v, want half within 2m or a little more, all within 30m or a little more",
			shares)
	}
	if len(c.Replies) != 4 || c.Replies[0].By != "office365" || c.Replies[0].Code != 0 ||
		c.Replies[1].Code != 250 || c.Replies[1].Count != 3 {
		t.Errorf("replies %+v", c.Replies)
	}
	if len(c.FrontEnds) != 3 || !c.FrontEnds[0].Affected || c.FrontEnds[0].Failed != 1 ||
		c.FrontEnds[1].Affected || c.FrontEnds[1].Taken != 2 || c.FrontEnds[0].Faults["reset"] != 1 {
		t.Errorf("front ends %+v", c.FrontEnds)
	}
	alone := check.Story(events(hour()...), "m1")
	if diff := cmp.Diff(alone, c.Stories["m1"]); diff != "" || len(alone) < 5 {
		t.Errorf("a story told with others differs from one told alone (-alone +together):\n%s", diff)
	}
	if len(c.Stories["m9"]) != 0 {
		t.Error("a message that nobody saw has a story")
	}
}

func TestCutEvidenceIsSaid(t *testing.T) {
	broken := errors.New("the disk is gone")
	c := course.Look(plan(), func(yield func(evidence.Event, error) bool) {
		if yield(submitted(5*minute, "m1", "a@hit.test"), nil) {
			yield(evidence.Event{}, broken)
		}
	})
	if !errors.Is(c.Cut, broken) || c.Whole.Cohorts[0].Backlog[5] != 1 {
		t.Errorf("cut %v, backlog %v", c.Cut, c.Whole.Cohorts[0].Backlog)
	}
}

func TestABounceEndsTheWaiting(t *testing.T) {
	c := course.Look(plan(), events(submitted(5*minute, "m1", "a@hit.test"), evidence.Event{
		T: 25 * minute, Kind: evidence.KindDSN, Msg: "m1", Action: "failed",
		Final: []string{"rfc822; a@HIT.test"},
	}))
	if diff := cmp.Diff([]int{1, 1, 0, 0, 0, 0}, c.Whole.Cohorts[0].Backlog); diff != "" {
		t.Errorf("backlog (-want +got):\n%s", diff)
	}
}

func TestLostMailIsInNobodysQueue(t *testing.T) {
	p := plan()
	c := course.Look(p, events(submitted(5*minute, "m1", "a@hit.test"),
		evidence.Event{T: 50 * minute, Kind: evidence.KindListing, Began: 50 * minute}))
	if diff := cmp.Diff(make([]int, 6), c.Whole.Cohorts[0].Backlog); diff != "" {
		t.Errorf("backlog (-want +got):\n%s", diff)
	}
}
