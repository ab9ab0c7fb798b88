package check

import (
	"math"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// run is what the evidence says of the run itself: whether it is whole, how
// the clock went, what was felt.
type run struct {
	events     int
	began      bool
	end        time.Duration // T of the last event
	ended      evidence.Outcome
	cut        error // the evidence could not be read to its end
	troubles   int
	trouble    string
	felt       map[string]int
	asked      map[string]int  // requests at services beside the mail
	steps      map[string]bool // "verb name" of the steps done
	routes     map[string]int  // first attempts
	canaries   int
	untrue     string // the canary that is off the most
	worst      float64
	worstLimit float64
	retries    map[string]float64
	attempts   int
	failed     int
	failures   []int // failed attempts at tenants and inboxes in each second
}

func newRun() run {
	return run{
		felt: map[string]int{}, asked: map[string]int{}, steps: map[string]bool{},
		routes: map[string]int{},
	}
}

// see takes in what an event says of the run.
func (r *run) see(e *evidence.Event) {
	r.events++
	r.end = max(r.end, e.T)
	if e.Fault != "" {
		r.felt[e.Fault]++
	}
	for _, name := range e.Also {
		r.felt[name]++
	}
	switch e.Kind {
	case evidence.KindBegin:
		r.began = true
	case evidence.KindEnd:
		r.ended = e.Outcome
	case evidence.KindTrouble:
		r.troubles++
		if r.trouble == "" {
			r.trouble = e.Name + ": " + e.Note
		}
	case evidence.KindStep:
		r.steps[e.Step+" "+e.Name] = true
	case evidence.KindCanary:
		r.canary(e)
	case evidence.KindRetries:
		r.retries = e.Values
	case evidence.KindSubmission:
		if e.Attempt <= 1 {
			r.routes[e.Route]++
		}
	case evidence.KindDelivery:
		r.attempts++
	case evidence.KindRequest:
		r.asked[e.Endpoint]++
	case evidence.KindAttempt:
		r.attempt(e)
	}
}

// canary keeps the look that was off the most for its limit.
func (r *run) canary(e *evidence.Event) {
	r.canaries++
	off := math.Abs(e.Value)
	if off-e.Limit > r.worst-r.worstLimit || r.canaries == 1 {
		r.worst, r.worstLimit = off, e.Limit
		r.untrue = e.Name
	}
}

// maxSeconds bounds the curve of failures: a year.
const maxSeconds = 366 * 24 * 3600

func (r *run) attempt(e *evidence.Event) {
	r.attempts++
	if e.Outcome == evidence.Accepted {
		return
	}
	r.failed++
	second := int(max(0, e.T) / time.Second)
	if e.Endpoint == endpointSpare || second >= maxSeconds {
		return
	}
	for second >= len(r.failures) {
		r.failures = append(r.failures, make([]int, len(r.failures)+3600)...)
	}
	r.failures[second]++
}
