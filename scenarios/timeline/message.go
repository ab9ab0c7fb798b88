package timeline

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/hansei-mail/hansei/scenarios"
)

// defaultSize is that of a message that names none.
const defaultSize = 8000

// written are the submissions of messages that the scenario writes out, in the
// order of time.
func written(s *scenarios.Scenario, seed uint64) []Step {
	goes := map[string]scenarios.Goes{}
	for _, r := range s.Routes {
		goes[r.Name] = r.Goes
	}
	var steps []Step
	for _, m := range s.Messages {
		sub := &Submission{
			ID: m.ID, Route: m.Route, Goes: goes[m.Route], From: m.From, To: m.To,
			Size: cmp.Or(m.Size, defaultSize), Dirt: m.Dirt,
		}
		for _, shape := range m.Shape {
			sub.Shape = append(sub.Shape, Shape(shape))
		}
		var err error
		if sub.Seed, err = strconv.ParseUint(m.Content, 16, 64); err != nil {
			sub.Seed = derive(seed, "message", m.ID)
		}
		steps = append(steps, Step{At: s.Offset(m.At), Verb: Submit, Submit: sub})
	}
	slices.SortStableFunc(steps, func(a, b Step) int { return cmp.Compare(a.At, b.At) })
	return steps
}

// WriteOut is the scenario with every message of its plan written out, at the
// whole second in which it is due: what is left when messages are taken away
// stays as it is.
func WriteOut(s *scenarios.Scenario, t *Timeline) *scenarios.Scenario {
	out := scenarios.Loose(s)
	out.Messages = nil
	zone := s.Location()
	for step := range t.Steps() {
		sub := step.Submit
		if sub == nil {
			continue
		}
		at := s.When(step.At).In(zone)
		m := scenarios.Message{
			ID: sub.ID, Route: sub.Route, From: sub.From, To: sub.To, Size: sub.Size, Dirt: sub.Dirt,
			At:      scenarios.Moment{Text: at.Format("2006-01-02 15:04:05"), Time: at.Truncate(time.Second)},
			Content: strconv.FormatUint(sub.Seed, 16),
		}
		for _, shape := range sub.Shape {
			m.Shape = append(m.Shape, string(shape))
		}
		out.Messages = append(out.Messages, m)
	}
	return out
}

// mergeWritten gives the fixed steps and the messages written out; at the same
// moment the fixed steps come first.
func (t *Timeline) mergeWritten(yield func(Step) bool) {
	fixed := t.fixed
	for _, step := range t.written {
		for len(fixed) > 0 && fixed[0].At <= step.At {
			if !yield(fixed[0]) {
				return
			}
			fixed = fixed[1:]
		}
		if !yield(step) {
			return
		}
	}
	for _, step := range fixed {
		if !yield(step) {
			return
		}
	}
}
