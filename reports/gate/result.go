package gate

import (
	"fmt"

	"github.com/hansei-mail/hansei/harness/check"
)

// State is how a run, or the whole gate, came out.
type State string

// The states; each beats those below it.
const (
	Failed       State = "fail"
	Errored      State = "error"
	Inconclusive State = "inconclusive"
	Passed       State = "pass"
)

// StateOf is a judged run's state.
func StateOf(o check.Outcome) State {
	switch o {
	case check.Pass:
		return Passed
	case check.Fail:
		return Failed
	}
	return Inconclusive
}

// Worse is the state that counts when there are two.
func Worse(a, b State) State {
	for _, s := range []State{Failed, Errored, Inconclusive} {
		if a == s || b == s {
			return s
		}
	}
	if a == Passed || b == Passed {
		return Passed
	}
	return Inconclusive // neither is a state
}

// Run is one run of the gate, as it came out.
type Run struct {
	Cell
	State State `json:"state"`
	// Tries is how often it was made: 1 and a retry each time it was
	// inconclusive. 0: it was never begun.
	Tries  int    `json:"tries"`
	Folder string `json:"folder,omitempty"`
	// Why says what went wrong where nothing was judged.
	Why       string           `json:"why,omitempty"`
	Judgement *check.Judgement `json:"-"`
}

// Result is a whole gate.
type Result struct {
	Runs []Run `json:"runs"`
	// Groups are the runs of one scenario and relay together.
	Groups []Group `json:"groups"`
	// Regressions are what is worse than in the baseline.
	Regressions []Regression `json:"regressions"`
	// Compared says that there was a baseline.
	Compared bool `json:"compared"`
}

// NewResult puts the runs together and holds them against a baseline, which may
// be nil.
func NewResult(runs []Run, base *Baseline, limits map[string]Limit) Result {
	r := Result{Runs: runs, Groups: groups(runs)}
	if base != nil {
		r.Compared = true
		r.Regressions = compare(base.Groups, r.Groups, limits)
	}
	return r
}

// State is the gate's: the worst of its runs, and failed where something is
// worse than it was. A gate without runs proved nothing.
func (r Result) State() State {
	if len(r.Runs) == 0 {
		return Inconclusive
	}
	state := Passed
	for _, run := range r.Runs {
		state = Worse(state, run.State)
	}
	for _, x := range r.Regressions {
		state = Worse(state, x.State)
	}
	return state
}

// Counts are how many runs came out how, and how many tries were retries.
func (r Result) Counts() (by map[State]int, retries int) {
	by = map[State]int{}
	for _, run := range r.Runs {
		by[run.State]++
		retries += max(0, run.Tries-1)
	}
	return by, retries
}

// Name is what a run is called in reports.
func (c Cell) Name() string {
	return fmt.Sprintf("%s × %s, seed %d", c.Scenario, c.Relay.Called(), c.Seed)
}
