package check

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// late writes the lines of a history later than what they tell of happened, each
// by its own time, as actors do that are busy with something else. What one
// session tells stays in order, and so do the ends of the run.
func (h *history) late(t *rapid.T, most time.Duration) []evidence.Event {
	type line struct {
		evidence.Event
		written time.Duration
	}
	delays := map[string]time.Duration{}
	lines := make([]line, len(h.events))
	for i, e := range h.events {
		lines[i] = line{e, e.At}
		switch e.Kind {
		case evidence.KindBegin, evidence.KindQueued, evidence.KindListing, evidence.KindEnd:
			continue
		}
		key := e.Session
		if key == "" {
			key = string(e.Kind) + e.Msg
		}
		if _, ok := delays[key]; !ok {
			delays[key] = time.Duration(rapid.Int64Range(0, int64(most)).Draw(t, "delay"))
		}
		lines[i].written = min(e.At+delays[key], untilAt-1)
	}
	slices.SortStableFunc(lines, func(a, b line) int { return int(a.written - b.written) })
	events := make([]evidence.Event, len(lines))
	for i := range lines {
		events[i] = lines[i].Event
	}
	return events
}

// TestLinesMayBeWrittenLate: any order of lines that the clock allows gives the
// same judgement, to the last word.
func TestLinesMayBeWrittenLate(t *testing.T) {
	write := func(events []evidence.Event) string {
		text, err := json.Marshal(Judge(given(), feed(events, nil)))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	moved := 0
	rapid.Check(t, func(t *rapid.T) {
		h := healthy()
		h.chance(rapid.Uint64Range(0, 1000).Draw(t, "chance"))
		h.sort()
		other := h.late(t, 20*time.Minute)
		if !slices.EqualFunc(h.events, other, func(a, b evidence.Event) bool {
			return a.Kind == b.Kind && a.Msg == b.Msg && a.At == b.At
		}) {
			moved++
		}
		if a, b := write(h.events), write(other); a != b {
			t.Fatalf("in order of time:\n%s\nin another:\n%s", a, b)
		}
	})
	if moved == 0 {
		t.Error("every line stayed where it was")
	}
}
