package timeline

import (
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/hansei-mail/hansei/scenarios"
)

// Format is the version of timeline.jsonl that this package writes.
const Format = 1

// quietAfter is when the phase after begins where no drain is promised.
const quietAfter = time.Hour

// Options are what a plan depends on beside the scenario.
type Options struct {
	Seed uint64
	// Scale multiplies the rate of every route; 0 means 1.
	Scale float64
}

// Timeline is a planned run: a header and steps in the order of time. Steps
// are made while they are read, so that a plan of ten million messages needs no
// more memory than its routes.
type Timeline struct {
	header  Header
	fixed   []Step
	streams []plan              // one for each route
	gaps    []scenarios.Stretch // in full offsets
	written []Step              // instead of streams, where the scenario writes its mail out
}

// Plan makes the timeline of a scenario. The same scenario, seed and scale give
// the same timeline. Where the scenario leaves the mail mix out, sizes have a
// median of 8 kB, a 99th percentile of 120 kB and a limit of 1 MB, and each
// message has one recipient.
func Plan(s *scenarios.Scenario, o Options) (*Timeline, error) {
	if o.Scale == 0 {
		o.Scale = 1
	}
	if !(o.Scale > 0) || o.Scale > 1e6 {
		return nil, fmt.Errorf("planning %s: the scale %g is not between 0 and 1000000", s.Name, o.Scale)
	}
	if s.Length() <= 0 {
		return nil, fmt.Errorf("planning %s: %w", s.Name, errors.New("it has no length"))
	}
	t := &Timeline{header: Header{
		Format: Format, Scenario: s.Name, Variant: s.Variant, Seed: o.Seed, Scale: o.Scale,
		Zone: s.Zone, Start: s.Start(), Length: s.Length(),
		Outage: s.Offset(s.Outage.From), Heal: s.Offset(s.Outage.Heal), Era: era(s),
		Faults: []Fault{}, Links: []Link{}, Gaps: gapsOf(s),
	}}
	t.header.Sites = sites(s, t.header.Era)
	t.header.Health, t.header.Services = health(s), s.Needs()
	for _, f := range s.Faults {
		t.header.Faults = append(t.header.Faults, fault(s, f, o.Seed, t.header.Sites))
	}
	for _, l := range s.Links {
		t.header.Links = append(t.header.Links, link(s, l))
	}
	for _, r := range s.Relay {
		t.header.Relay = append(t.header.Relay, relayStep(s, r))
	}
	for _, c := range s.Gaps {
		t.gaps = append(t.gaps, stretch(s, c))
	}
	t.fixed = fixedSteps(s, t.header)
	if len(s.Messages) > 0 {
		t.written = written(s, o.Seed)
		return t, nil
	}
	for _, r := range s.Routes {
		p, err := newPlan(s, r, o)
		if err != nil {
			return nil, fmt.Errorf("planning route %q of %s: %w", r.Name, s.Name, err)
		}
		t.streams = append(t.streams, p)
	}
	return t, nil
}

// Header is everything about the plan that is not a step. Its lists are the
// timeline's own: read, do not write.
func (t *Timeline) Header() Header { return t.header }

// Expected is how many submissions the rates ask for: the mean over all seeds.
func (t *Timeline) Expected() float64 {
	sum := float64(len(t.written))
	for _, p := range t.streams {
		sum += p.rate.total()
		for _, c := range t.gaps {
			sum -= p.rate.before(c.Until.Seconds()) - p.rate.before(c.From.Seconds())
		}
	}
	return sum
}

// Steps gives all steps, in the order of time; it can be called again and gives
// the same steps.
func (t *Timeline) Steps() iter.Seq[Step] {
	return func(yield func(Step) bool) { t.merge(yield) }
}

// defaultEra is spoken where the scenario names none.
const defaultEra = "2026"

func era(s *scenarios.Scenario) string {
	if s.Era == "" {
		return defaultEra
	}
	return s.Era
}

func link(s *scenarios.Scenario, l scenarios.Link) Link {
	return Link{
		Name: l.Name, Where: l.Where, Sites: selected(s, l.Where),
		From: s.Offset(l.From), Heal: s.Offset(l.Heal),
		Latency: l.Latency.Duration(), Bandwidth: l.Bandwidth, CutAfter: l.CutAfter,
		Slice: l.Slice, Silent: l.Silent, SlowClose: l.SlowClose.Duration(),
	}
}
