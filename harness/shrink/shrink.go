// Package shrink owns the search for the smallest scenario that still breaks a
// promise: delta debugging over messages, faults, links, steps of the relay,
// routes, cohorts, recipients, the hours between and the content.
//
// It plays nothing itself and judges nothing: how a candidate is played is passed
// in, and what became of it is read from package check. A candidate counts only
// when it breaks the same promise as before, no promise that was not broken
// before, and rests on every premise that held before: one in which the fault is
// no longer felt, or no mail is in flight, would prove nothing of a mended relay.
package shrink

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/scenarios"
)

// Judge reads the evidence of a run that was played as a scenario asks.
type Judge func(*scenarios.Scenario) *check.Judgement

// Play plays a scenario and returns how to judge what was seen. An error that is
// not the context's only rejects the candidate.
type Play func(context.Context, *scenarios.Scenario) (Judge, error)

// Options say what is looked for and how long.
type Options struct {
	// Promise is the one that must stay broken; empty: the first that is.
	Promise string
	// Runs is the most that may be played; 0 means 400.
	Runs int
	// Note is told of each step forward; may be nil.
	Note func(string)
}

// Result is what was found.
type Result struct {
	// Scenario is the smallest one that was seen to break the promise.
	Scenario *scenarios.Scenario
	Promise  string
	// Verdict is that on the promise in the last run that broke it.
	Verdict check.Verdict
	// Runs were played; of these Passed kept the promise, Doubtful were
	// inconclusive or lost a premise, and Others broke another promise.
	Runs, Passed, Doubtful, Others int
	// Before and After say how large the scenario was and is.
	Before, After Extent
	// Stopped says why the search ended early; empty: nothing is left to take.
	Stopped string
}

// Extent is how large a scenario is.
type Extent struct {
	Messages, Recipients, Routes, Cohorts, Faults, Links, Relay int
}

// ErrKept says that there is nothing to shrink: the promise was not broken.
var ErrKept = errors.New("no promise is broken, so there is nothing to shrink")

const defaultRuns = 400

// Shrink looks for a smaller scenario. The scenario must have its messages
// written out (timeline.WriteOut). It is always played once as it is; an error
// means that even this came to nothing.
func Shrink(
	ctx context.Context, s *scenarios.Scenario, play Play, o Options,
) (*Result, error) {
	if len(s.Messages) == 0 {
		return nil, errors.New("the scenario's messages are not written out")
	}
	if o.Runs == 0 {
		o.Runs = defaultRuns
	}
	h := &hunt{
		ctx: ctx, play: play, options: o, seen: map[string]bool{},
		result: Result{Before: extent(s)},
	}
	if err := h.begin(bare(s)); err != nil {
		return nil, err
	}
	h.guess()
	for round := 0; round < maxRounds && h.result.Stopped == ""; round++ {
		before := string(scenarios.Format(h.best))
		h.messages()
		h.upheavals()
		h.places()
		h.recipients()
		h.hours()
		h.contents()
		if string(scenarios.Format(h.best)) == before {
			break
		}
	}
	h.result.Scenario, h.result.After = h.best, extent(h.best)
	return &h.result, nil
}

// maxRounds bounds how often all parts are gone through: each makes others
// smaller, and the second round seldom finds anything.
const maxRounds = 4

func extent(s *scenarios.Scenario) Extent {
	e := Extent{
		Messages: len(s.Messages), Routes: len(s.Routes), Cohorts: len(s.Cohorts),
		Faults: len(s.Faults), Links: len(s.Links), Relay: len(s.Relay),
	}
	for _, m := range s.Messages {
		e.Recipients += len(m.To)
	}
	return e
}

// String is the extent in words, without what there is none of.
func (e Extent) String() string {
	text := ""
	for _, part := range []struct {
		n    int
		what string
	}{
		{e.Messages, "messages"}, {e.Recipients, "recipients"}, {e.Routes, "routes"},
		{e.Cohorts, "cohorts"}, {e.Faults, "faults"}, {e.Links, "links"}, {e.Relay, "relay steps"},
	} {
		if part.n == 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		if part.n == 1 {
			part.what = part.what[:len(part.what)-1]
		}
		text += fmt.Sprintf("%d %s", part.n, part.what)
	}
	return text
}

// chosen is the promise to look at.
func chosen(j *check.Judgement, name string) (check.Verdict, error) {
	if name != "" {
		v, ok := j.Verdict(name)
		switch {
		case !ok:
			return v, fmt.Errorf("there is no promise %q", name)
		case v.Outcome != check.Fail:
			return v, fmt.Errorf("the promise %s came out as %s: %w", name, v.Outcome, ErrKept)
		}
		return v, nil
	}
	i := slices.IndexFunc(j.Verdicts, func(v check.Verdict) bool {
		return v.Asked && v.Outcome == check.Fail
	})
	if i < 0 {
		return check.Verdict{}, fmt.Errorf("the run came out as %s: %w", j.Outcome, ErrKept)
	}
	return j.Verdicts[i], nil
}
