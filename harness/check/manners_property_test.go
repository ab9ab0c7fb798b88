package check

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// drawSessions is a handful of sessions at three front ends, some of which
// failed, around the outage and the heal.
func drawSessions(t *rapid.T) []evidence.Event {
	n := rapid.IntRange(0, 40).Draw(t, "sessions")
	events := make([]evidence.Event, 0, n)
	for i := range n {
		e := evidence.Event{
			Kind: evidence.KindAttempt, Endpoint: "office365", Fault: "resets",
			Address: fmt.Sprint("door", rapid.IntRange(1, 3).Draw(t, "door")),
			Session: fmt.Sprint("s", i),
		}
		if rapid.Bool().Draw(t, "took") {
			e.Kind, e.Fault = evidence.KindDelivery, ""
		}
		window := rapid.SampledFrom([]time.Duration{outageAt, healAt}).Draw(t, "window")
		e.Began = window + time.Duration(rapid.IntRange(-90, 300).Draw(t, "began"))*time.Second
		e.T = e.Began + time.Duration(rapid.IntRange(0, 120).Draw(t, "length"))*time.Second
		events = append(events, e)
	}
	return events
}

// naiveDead counts the worst minute of a dead front end by looking at each
// minute and each event anew.
func naiveDead(events []evidence.Event) int {
	worst := 0
	for _, door := range []string{"door1", "door2", "door3"} {
		for at := outageAt; at < healAt; at += time.Minute {
			failed, took := 0, 0
			for _, e := range events {
				if e.Address != door || e.Began < at || e.Began >= at+time.Minute {
					continue
				}
				if e.Kind == evidence.KindAttempt {
					failed++
				} else {
					took++
				}
			}
			if took == 0 {
				worst = max(worst, failed)
			}
		}
	}
	return worst
}

// naiveCrowd counts the sessions open at each second of the drain.
func naiveCrowd(events []evidence.Event, drained time.Duration) int {
	worst := 0
	for _, door := range []string{"door1", "door2", "door3"} {
		for at := healAt; at < min(drained, healAt+10*time.Minute); at += time.Second {
			open := 0
			for _, e := range events {
				if e.Address == door && e.Began <= at && at <= e.T {
					open++
				}
			}
			worst = max(worst, open)
		}
	}
	return worst
}

// TestMannersAgainstANaiveModel: the same figures as by counting, whatever the
// order in which the events came.
func TestMannersAgainstANaiveModel(t *testing.T) {
	w := newWorld(given())
	rapid.Check(t, func(t *rapid.T) {
		events := drawSessions(t)
		for range 2 {
			m := newManners()
			for i := range events {
				m.see(w, &events[i])
			}
			worst, most := 0, 0
			if single, _ := m.dead(); len(single) > 0 {
				worst = single[len(single)-1].tries
			}
			if crowds := m.crowds(w); len(crowds) > 0 {
				most = crowds[len(crowds)-1].size
			}
			if want := naiveDead(events); worst != want {
				t.Fatalf("%d attempts in the worst minute, want %d", worst, want)
			}
			if want := naiveCrowd(events, w.drained); most != want {
				t.Fatalf("%d sessions at a time, want %d", most, want)
			}
			slices.Reverse(events)
		}
	})
}
