package shrink

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/scenarios"
)

// hunt is one search.
type hunt struct {
	ctx     context.Context
	play    Play
	options Options

	best *scenarios.Scenario
	// expect is all that the first scenario asked, broken what of it failed and
	// held the premises on which the first run rested.
	expect scenarios.Expect
	broken []string
	held   []string
	// verdict is that on the promise in the run of best.
	seen   map[string]bool // candidates by their text, and whether they failed
	result Result
}

// begin plays the scenario as it is.
func (h *hunt) begin(s *scenarios.Scenario) error {
	if err := s.Validate(); err != nil {
		return fmt.Errorf("looking at the scenario as it is: %w", err)
	}
	h.expect = s.Expect
	h.result.Runs++
	judge, err := h.play(h.ctx, s)
	if err != nil {
		return fmt.Errorf("playing the scenario as it is: %w", err)
	}
	j := judge(s)
	if h.result.Verdict, err = chosen(j, h.options.Promise); err != nil {
		return err
	}
	h.result.Promise = h.result.Verdict.Promise
	if h.result.Promise != "alarm" { // what is left may rightly alarm nobody
		h.expect.Alarm = nil
	}
	h.broken = fails(j)
	for _, p := range j.Premises {
		if p.Held {
			h.held = append(h.held, p.Name)
		}
	}
	h.best = s
	h.note("the promise %s is broken by %s", h.result.Promise, extent(s))
	return nil
}

func fails(j *check.Judgement) []string {
	var names []string
	for _, v := range j.Verdicts {
		if v.Asked && v.Outcome == check.Fail {
			names = append(names, v.Promise)
		}
	}
	return names
}

func (h *hunt) note(format string, args ...any) {
	if h.options.Note != nil {
		h.options.Note(fmt.Sprintf(format, args...))
	}
}

// try plays a candidate, unless it is no scenario or was played before, and
// takes it as the best so far if it fails as the first one did.
func (h *hunt) try(s *scenarios.Scenario) bool {
	mend(s)
	if h.result.Stopped != "" || len(s.Messages) == 0 || h.vain(s) || s.Validate() != nil {
		return false
	}
	sum := sha256.Sum256(scenarios.Format(s))
	key := string(sum[:])
	if known, ok := h.seen[key]; ok {
		if known {
			h.best = s
		}
		return known
	}
	if h.result.Runs >= h.options.Runs {
		h.result.Stopped = fmt.Sprintf("%d runs were played", h.result.Runs)
		return false
	}
	h.result.Runs++
	judge, err := h.play(h.ctx, s)
	if h.ctx.Err() != nil {
		h.result.Stopped = "the time was over"
		if errors.Is(h.ctx.Err(), context.Canceled) {
			h.result.Stopped = "it was interrupted"
		}
		return false
	}
	h.seen[key] = err == nil && h.same(s, judge)
	if h.seen[key] {
		h.best = s
		h.note("run %d: %s left", h.result.Runs, extent(s))
	}
	return h.seen[key]
}

// vain says without playing that a candidate would lose a premise: nothing is
// sent before the first disturbance, or nothing in the outage.
func (h *hunt) vain(s *scenarios.Scenario) bool {
	before, in := false, false
	for _, m := range s.Messages {
		before = before || m.At.Time.Before(s.Outage.From.Time)
		in = in || !m.At.Time.Before(s.Outage.From.Time) && m.At.Time.Before(s.Outage.Heal.Time)
	}
	return !before && slices.Contains(h.held, "baseline-held") ||
		!in && slices.Contains(h.held, "mail-in-flight")
}

// same says that a run broke the promise as the first one did. What else may
// have broken is asked with all that the first scenario promised.
func (h *hunt) same(s *scenarios.Scenario, judge Judge) bool {
	j := judge(s)
	v, _ := j.Verdict(h.result.Promise)
	if v.Outcome == check.Pass {
		h.result.Passed++
		return false
	}
	for _, p := range j.Premises {
		if !p.Held && slices.Contains(h.held, p.Name) {
			h.result.Doubtful++
			return false
		}
	}
	if v.Outcome != check.Fail {
		h.result.Doubtful++
		return false
	}
	asked := *s
	asked.Expect = h.expect
	for _, name := range fails(judge(&asked)) {
		if !slices.Contains(h.broken, name) {
			h.result.Others++
			return false
		}
	}
	h.result.Verdict = v
	return true
}

// with is a copy of the best with one change.
func (h *hunt) with(change func(*scenarios.Scenario)) *scenarios.Scenario {
	s := *h.best
	change(&s)
	return &s
}

// lessen minimizes one list of the best scenario.
func lessen[T any](h *hunt, list []T, put func(*scenarios.Scenario, []T)) {
	minimize(list, func(part []T) bool {
		return h.try(h.with(func(s *scenarios.Scenario) { put(s, part) }))
	})
}
