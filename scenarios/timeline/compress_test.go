package timeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

func compress(t testing.TB, s *scenarios.Scenario, c timeline.Compression) *scenarios.Scenario {
	t.Helper()
	out, err := timeline.Compress(s, c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func planned(t testing.TB, s *scenarios.Scenario, seed uint64) (timeline.Header, []timeline.Step) {
	t.Helper()
	tl, err := timeline.Plan(s, timeline.Options{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return tl.Header(), slices.Collect(tl.Steps())
}

func TestCompressingByNothingChangesNoByte(t *testing.T) {
	s := load(t, "ex196121")
	for _, c := range []timeline.Compression{{}, {Length: 13 * time.Hour}, {Length: 20 * time.Hour}} {
		out := compress(t, s, c)
		if string(out.Text()) != string(s.Text()) || len(out.Gaps) != 0 {
			t.Errorf("%+v changed the scenario: %v", c, out.Gaps)
		}
	}
}

func TestALengthIsKeptOrRefused(t *testing.T) {
	s := load(t, "ex196121")
	out := compress(t, s, timeline.Compression{Length: 9 * time.Hour})
	if got := out.Length(); got > 9*time.Hour || got < 8*time.Hour {
		t.Errorf("it is played in %s, want about 9h: %s", got, out.GapWords())
	}
	if got := out.FullLength(); got != 13*time.Hour {
		t.Errorf("it lasted %s", got)
	}
	if words := out.GapWords(); !strings.HasPrefix(words, "13h played as ") ||
		!strings.HasSuffix(words, " left out") {
		t.Errorf("it says %q", words)
	}
	_, err := timeline.Compress(s, timeline.Compression{Length: time.Hour})
	if err == nil || !strings.Contains(err.Error(), "it takes ") {
		t.Errorf("an hour for ten: %v", err)
	}
}

func TestCompressionsAreRead(t *testing.T) {
	for text, want := range map[string]timeline.Compression{
		"0": {}, "0.2": {Share: 0.2}, "1": {Share: 1}, "4h": {Length: 4 * time.Hour},
	} {
		if got, err := timeline.ParseCompression(text); err != nil || got != want {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "1.5", "-1", "NaN", "four", "0s"} {
		if got, err := timeline.ParseCompression(text); err == nil {
			t.Errorf("%q was taken for %+v", text, got)
		}
	}
}

// full is the full offset of what is played at an offset.
func full(h timeline.Header, at time.Duration) time.Duration {
	left := time.Duration(0)
	for _, g := range h.Gaps {
		if at >= g.At {
			left += g.Length
		}
	}
	return at + left
}

// Whatever is left out: what is kept is, message by message and step by step,
// what the full plan has there, in its order and as far apart.
func TestWhatIsKeptIsWhatItWas(t *testing.T) {
	for _, name := range []string{"ex196121", "ex196121/kill", "ex196121/slow-recovery"} {
		s := load(t, name)
		rapid.Check(t, func(t *rapid.T) {
			share := rapid.Float64Range(0.05, 1).Draw(t, "share")
			seed := rapid.Uint64().Draw(t, "seed")
			out, err := timeline.Compress(s, timeline.Compression{Share: share})
			if err != nil {
				t.Fatal(err)
			}
			if diff := kept(s, out, seed); diff != "" {
				t.Fatalf("%s: %s", out.GapWords(), diff)
			}
		})
	}
}

// kept says what a compressed plan has that the full one has not, or the other
// way round.
func kept(s, out *scenarios.Scenario, seed uint64) string {
	o := timeline.Options{Seed: seed}
	whole, err := timeline.Plan(s, o)
	part, err2 := timeline.Plan(out, o)
	if err != nil || err2 != nil {
		return fmt.Sprint(err, err2)
	}
	h := part.Header()
	say := func(step timeline.Step, at time.Duration) string {
		line := fmt.Sprint(at, " ", step.Verb, " ", step.Name)
		if m := step.Submit; m != nil {
			line += fmt.Sprint(m.Route, m.From, m.To, m.Size, m.Dirt, m.Shape, m.Seed)
		}
		return line
	}
	var want, got []string
	for step := range whole.Steps() {
		if !out.Skipped(step.At) {
			want = append(want, say(step, step.At))
		}
	}
	last := time.Duration(0)
	for step := range part.Steps() {
		if step.At < last {
			return fmt.Sprintf("%s comes before what came before it", step.At)
		}
		last = step.At
		got = append(got, say(step, full(h, step.At)))
	}
	if !slices.Equal(want, got) {
		for i := range want {
			if i >= len(got) || want[i] != got[i] {
				return fmt.Sprintf("%d steps, want %d; the first other one is %q, want %q", len(got),
					len(want), got[min(i, len(got)-1)], want[i])
			}
		}
		return fmt.Sprintf("%d steps, want %d", len(got), len(want))
	}
	if h.Length != out.Length() || full(h, h.Length) != out.FullLength() {
		return fmt.Sprintf("it is %s long, in full %s", h.Length, full(h, h.Length))
	}
	return sameFaults(whole.Header(), h)
}

// sameFaults compares the faults at each minute that is kept.
func sameFaults(whole, part timeline.Header) string {
	for i, f := range part.Faults {
		for at := time.Duration(0); at < part.Length; at += time.Minute {
			if got, want := f.ShareAt(at), whole.Faults[i].ShareAt(full(part, at)); got != want {
				return fmt.Sprintf("fault %s hits %g at %s, want %g", f.Name, got, at, want)
			}
			before := whole.Faults[i]
			a, okA := f.CapAt(at)
			b, okB := before.CapAt(full(part, at))
			if a != b || okA != okB {
				return fmt.Sprintf("fault %s caps %d at %s, want %d", f.Name, a, at, b)
			}
		}
	}
	return ""
}

// patterned has everything that a gap must not break: days with a curve and a
// change of the clocks, a wave, hours, ramps, a step.
const patterned = `name: patterned
title: Four days with everything in them
zone: Europe/Berlin
from: "2024-10-25 08:00"
until: "2024-10-29 08:00"
outage: {from: "2024-10-25 14:00", heal: "2024-10-28 12:00"}
cohorts:
  - {name: ours, at: office365, region: eur, forest: eurprd02, domains: [a.example], mailboxes: 9}
  - {name: world, at: internet, domains: [world.test], mailboxes: 9}
curves:
  day: [{at: "06:00", is: 0.1}, {at: "09:00", is: 1}, {at: "17:00", is: 1}, {at: "20:00", is: 0.1}]
routes:
  - {name: in, from: world, to: ours, peak: 20, curve: day, goes: inbound}
  - {name: out, from: ours, to: world, peak: 6, goes: outbound}
faults:
  - {name: wave, where: {regions: [eur]}, stage: connect, do: reset, from: "14:00",
     heal: "2024-10-26 14:00", wave: {period: 7m, on: 3m}}
  - {name: hours, where: {regions: [eur]}, stage: mail, do: reply, reply: "451 4.3.2 Later",
     from: "14:00", heal: "2024-10-28 12:00", hours: [{from: "22:00", to: "02:00"}]}
  - {name: ramp, where: {regions: [eur]}, stage: data, do: close, from: "2024-10-27 00:00",
     heal: "2024-10-28 12:00", share: [{at: "2024-10-27 00:00", is: 0.2},
       {at: "2024-10-27 12:00", is: 0.2}, {at: "2024-10-27 14:00", is: 0.8}]}
  - {name: cap, where: {regions: [eur]}, stage: connect, do: close, from: "2024-10-26 16:00",
     heal: "2024-10-27 12:00", cap: [{at: "2024-10-26 16:00", is: 5},
       {at: "2024-10-27 06:00", is: 9}], shape: step}
expect: {no-loss: , drain: {within: 2h}}
`

func TestWavesHoursRampsAndClocksKeepTheirBeat(t *testing.T) {
	s, err := scenarios.Read("patterned.yaml", []byte(patterned))
	if err != nil {
		t.Fatal(err)
	}
	short := compress(t, s, timeline.Compression{Share: 1})
	if len(short.Gaps) < 4 || short.Length() > 60*time.Hour {
		t.Errorf("little was left out: %s", short.GapWords())
	}
	beats := 0
	for _, g := range short.Gaps {
		if g.From.Time.Before(s.Faults[0].Heal.Time) && g.From.Time.After(s.Faults[0].From.Time) {
			beats++
			if d := g.Until.Time.Sub(g.From.Time); d%(7*time.Minute) != 0 {
				t.Errorf("a gap of %s breaks the wave of 7m", d)
			}
		}
	}
	if beats == 0 {
		t.Error("nothing was left out of the wave, so nothing shows that it keeps its beat")
	}
	rapid.Check(t, func(t *rapid.T) {
		out, err := timeline.Compress(s, timeline.Compression{
			Share: rapid.Float64Range(0.05, 1).Draw(t, "share"),
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := kept(s, out, rapid.Uint64().Draw(t, "seed")); diff != "" {
			t.Fatalf("%s: %s", out.GapWords(), diff)
		}
		for _, g := range out.Gaps {
			for _, b := range s.Unsteady() {
				from, until := g.From.Time.Sub(s.From.Time), g.Until.Time.Sub(s.From.Time)
				if from < b.Until+timeline.Margin && until > b.From-timeline.Margin {
					t.Fatalf("%s is nearer than the margin to %v", out.GapWords(), b)
				}
			}
		}
	})
}

func TestTheExpectationKnowsOfTheGaps(t *testing.T) {
	s := load(t, "ex196121")
	out := compress(t, s, timeline.Compression{Share: 1})
	sum, n := 0.0, 20
	for seed := range n {
		for _, step := range second(planned(t, out, uint64(seed))) {
			if step.Submit != nil {
				sum++
			}
		}
	}
	tl, err := timeline.Plan(out, timeline.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if mean := sum / float64(n); mean < 0.97*tl.Expected() || mean > 1.03*tl.Expected() {
		t.Errorf("%.0f submissions, expected %.0f", mean, tl.Expected())
	}
}

func second(_ timeline.Header, steps []timeline.Step) []timeline.Step { return steps }
