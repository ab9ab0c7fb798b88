package timeline

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/hansei-mail/hansei/scenarios"
)

// Compression is how much of a scenario's waiting is left out.
type Compression struct {
	// Share of the waiting that is left out: 0 none, 1 all of it.
	Share float64
	// Length is how long is played at most, where it is not 0.
	Length time.Duration
}

// Margin is what is always played on each side of whatever happens: the longest
// that a relay with usual settings waits between two attempts at a young message.
const Margin = 30 * time.Minute

// shortest is the least that is worth leaving out.
const shortest = 10 * time.Minute

// level is by which share of itself the offered load may change where a gap is.
const level = 0.25

// ParseCompression reads a share such as "0.2" or a length such as "4h".
func ParseCompression(text string) (Compression, error) {
	if share, err := strconv.ParseFloat(text, 64); err == nil {
		if !(share >= 0 && share <= 1) {
			return Compression{}, fmt.Errorf("a share of the waiting is from 0 to 1, not %s", text)
		}
		return Compression{Share: share}, nil
	}
	length, err := scenarios.ParseSpan(text)
	if err != nil || length <= 0 {
		return Compression{}, fmt.Errorf(
			"%q is neither a share of the waiting such as 0.5, nor a length to play such as 4h", text)
	}
	return Compression{Length: length.Duration()}, nil
}

// Compress is the scenario with waiting left out of the middle of its steady
// stretches: where nothing begins, ends or ramps within Margin, and where the
// load is about the same at both ends of what is left out. Nothing that it keeps
// is changed. Compressing by nothing gives the scenario itself.
func Compress(s *scenarios.Scenario, c Compression) (*scenarios.Scenario, error) {
	if c == (Compression{}) || c.Length >= s.FullLength() {
		return s, nil
	}
	steady := steadyStretches(s)
	total := time.Duration(0)
	for _, part := range steady {
		total += part.Until - part.From
	}
	share := c.Share
	if c.Length > 0 && total > 0 {
		share = min(1, float64(s.FullLength()-c.Length)/float64(total))
	}
	loads := newLoads(s)
	for range 8 {
		gaps := make([]scenarios.Gap, 0, len(steady))
		played := s.FullLength()
		for _, part := range steady {
			if gap, ok := loads.gap(part, share); ok {
				gaps = append(gaps, gap)
				played -= gap.Until.Time.Sub(gap.From.Time)
			}
		}
		if c.Length == 0 || played <= c.Length {
			return s.WithGaps(gaps)
		}
		if share == 1 {
			return nil, fmt.Errorf("compressing %s: %w", s.Name, tooShort(c.Length, played))
		}
		// Rounding, and load that is not level, have taken less than was meant.
		share = min(1, share+max(0.02, 1.1*float64(played-c.Length)/float64(total)))
	}
	return nil, fmt.Errorf("compressing %s: %w", s.Name, errors.New("no length came near enough"))
}

func tooShort(asked, least time.Duration) error {
	return fmt.Errorf("it cannot be played in %s: with all waiting left out it takes %s",
		scenarios.Span(asked), scenarios.Span(least))
}

// steadyStretches are where nothing happens for longer than the margins and
// what is worth leaving out, in full offsets.
func steadyStretches(s *scenarios.Scenario) []scenarios.Stretch {
	busy := s.Unsteady()
	for _, f := range s.Faults {
		for _, h := range spans(s, f) {
			busy = append(busy, scenarios.Stretch{From: h.From, Until: h.From},
				scenarios.Stretch{From: h.To, Until: h.To})
		}
	}
	slices.SortFunc(busy, func(a, b scenarios.Stretch) int {
		return int(math.Copysign(1, float64(a.From-b.From)))
	})
	var steady []scenarios.Stretch
	free := time.Duration(0)
	for _, b := range busy {
		if part := (scenarios.Stretch{From: free, Until: b.From - Margin}); part.From > 0 &&
			part.Until-part.From >= shortest {
			steady = append(steady, part)
		}
		free = max(free, b.Until+Margin)
	}
	return steady
}

// loads is what each route offers over the scenario, at each full minute of the
// clock from the first one on.
type loads struct {
	s     *scenarios.Scenario
	first time.Duration
	rates [][]float64
}

func newLoads(s *scenarios.Scenario) *loads {
	start := s.From.Time
	l := &loads{s: s, first: start.Truncate(time.Minute).Sub(start)}
	for _, r := range s.Routes {
		rate := newRate(s, r, 1)
		var values []float64
		for at := l.first; at <= s.FullLength(); at += time.Minute {
			values = append(values, rate.value(max(0, at.Seconds())))
		}
		l.rates = append(l.rates, values)
	}
	return l
}

// joins says whether the load is about the same at both offsets.
func (l *loads) joins(a, b time.Duration) bool {
	jump, most := 0.0, 0.0
	for _, values := range l.rates {
		x, y := values[(a-l.first)/time.Minute], values[(b-l.first)/time.Minute]
		jump += math.Abs(x - y)
		most += max(x, y)
	}
	return jump <= level*most
}

// gap is the longest gap in a steady stretch, up to a share of it, that joins
// about equal loads and keeps the beat of every wave: the one nearest to the
// middle.
func (l *loads) gap(part scenarios.Stretch, share float64) (scenarios.Gap, bool) {
	// Whole minutes of the clock, as people write them.
	start := l.s.From.Time
	from := start.Add(part.From).Truncate(time.Minute).Sub(start)
	if from < part.From {
		from += time.Minute
	}
	room := (part.Until - from).Truncate(time.Minute)
	want := time.Duration(share * float64(room)).Truncate(time.Minute)
	step := max(time.Minute, (want / 120).Truncate(time.Minute))
	switch beats := l.s.WavesIn(part); {
	case len(beats) > 1:
		return scenarios.Gap{}, false
	case len(beats) == 1:
		if step = beats[0]; step%time.Minute != 0 {
			return scenarios.Gap{}, false
		}
		want -= want % step
	}
	for length := want; length >= shortest; length -= step {
		for _, at := range fromTheMiddle(room-length, step) {
			a, b := from+at, from+at+length
			if !l.joins(a, b) {
				continue
			}
			if gap, ok := l.named(a, b); ok {
				return gap, true
			}
		}
	}
	return scenarios.Gap{}, false
}

// fromTheMiddle are places from 0 to room, the middle first, on whole minutes.
func fromTheMiddle(room, step time.Duration) []time.Duration {
	middle := (room / 2).Truncate(time.Minute)
	places := []time.Duration{middle}
	for d := step; d <= middle; d += step {
		places = append(places, middle-d, middle+d)
	}
	return places
}

// named is a gap between two full offsets, if the language can name both times.
func (l *loads) named(from, until time.Duration) (scenarios.Gap, bool) {
	a, okA := l.s.MomentAt(l.s.From.Time.Add(from))
	b, okB := l.s.MomentAt(l.s.From.Time.Add(until))
	return scenarios.Gap{From: a, Until: b}, okA && okB
}
