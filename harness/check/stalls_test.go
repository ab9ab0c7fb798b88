package check

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

func stallOf(from, to time.Duration) evidence.Event {
	return evidence.Event{
		Kind: evidence.KindStall, Actor: evidence.Harness, Began: from, At: to, T: to,
	}
}

// stall adds a stall, which may be in any place of the evidence.
func (h *history) stall(from, to time.Duration) {
	h.events = append(h.events, stallOf(from, to))
	h.sort()
}

func stalledLedger(events ...evidence.Event) *ledger {
	l := newLedger(&scenarios.Scenario{})
	l.readAll(feed(events, nil))
	return l
}

func TestStallsLastAsLongAgain(t *testing.T) {
	const s = time.Second
	l := stalledLedger(stallOf(500*s, 502*s), stallOf(100*s, 130*s), stallOf(150*s, 170*s),
		stallOf(300*s, 300*s), stallOf(400*s, 390*s))
	for _, c := range []struct{ from, to, want time.Duration }{
		{0, 100 * s, 0},       // touches the beginning
		{0, 101 * s, s},       // and overlaps it
		{190 * s, 300 * s, 0}, // touches the end of two that met
		{189 * s, 300 * s, s},
		{100 * s, 190 * s, 90 * s},
		{140 * s, 150 * s, 10 * s}, // within
		{0, 511 * s, 101 * s},      // a short one lasts ten seconds longer
		{0, forever, 102 * s},
		{512 * s, 600 * s, 0},
		{300 * s, 300 * s, 0}, // one without length is none
		{380 * s, 401 * s, 0}, // nor is one that ends before it begins
		{150 * s, 140 * s, 0},
		{-time.Hour, 99 * s, 0},
		{-time.Hour, 505 * s, 95 * s},
		{510 * s, 510 * s, 0}, // a moment has no length
		{forever - 1, forever, 0},
		{505 * s, 505*s + 1, 1},
		{190 * s, 190*s + 1, 0},
		{190*s - 1, 190 * s, 1},
		{99 * s, 600 * s, 102 * s},
		{120 * s, 505 * s, 75 * s},
		{-2 * time.Hour, -time.Hour, 0},
	} {
		if got := l.stalledFor(c.from, c.to); got != c.want {
			t.Errorf("%s to %s: %s, want %s", c.from, c.to, got, c.want)
		}
	}
	for at, want := range map[time.Duration]bool{
		99 * s: false, 100 * s: true, 189 * s: true, 190 * s: false, 511 * s: true, forever: false,
	} {
		if l.stalled(at, at) != want {
			t.Errorf("the moment %s: %t", at, !want)
		}
	}
}

func TestAStallWithoutEndRunsNotOver(t *testing.T) {
	l := stalledLedger(stallOf(-5, forever), stallOf(3, forever-2))
	if got := l.stalledFor(0, forever); got != forever || l.stalledFor(-5, 0) != 0 {
		t.Errorf("stalled for %d and %d", got, l.stalledFor(-5, 0))
	}
}

// The naive model looks at each unit of time and at each stall.
func TestStallsAgreeWithANaiveModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const units, least = 80, int(leastAftermath / time.Second)
		var events []evidence.Event
		var idle [units]bool
		for range rapid.IntRange(0, 5).Draw(t, "stalls") {
			from := rapid.IntRange(0, units-1).Draw(t, "from")
			to := from + rapid.IntRange(0, 20).Draw(t, "length")
			events = append(events,
				stallOf(time.Duration(from)*time.Second, time.Duration(to)*time.Second))
			for i := from; from < to && i < min(units, to+max(to-from, least)); i++ {
				idle[i] = true
			}
		}
		l := stalledLedger(events...)
		from := rapid.IntRange(0, units).Draw(t, "a")
		to := rapid.IntRange(from, units).Draw(t, "b")
		want := 0
		for _, i := range idle[from:to] {
			if i {
				want++
			}
		}
		got := l.stalledFor(time.Duration(from)*time.Second, time.Duration(to)*time.Second)
		if got != time.Duration(want)*time.Second {
			t.Fatalf("%d to %d: %s, want %ds of %v", from, to, got, want, events)
		}
	})
}
