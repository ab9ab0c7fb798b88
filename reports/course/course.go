package course

import (
	"time"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// Plan is what must be known of a run before its evidence can be sampled.
type Plan struct {
	Scenario *scenarios.Scenario
	// Sites tells which front end serves which cohort; may be empty.
	Sites []timeline.Site
	// Figures give the bins and the phases, so that pictures and verdicts lie
	// over each other.
	Figures check.Figures
	// Stories are the ids of the messages whose story is wanted.
	Stories []string
}

// Course is the sampled run. Durations are of scenario time since its start.
type Course struct {
	// Whole is the run from its start to its end, Drain the close-up after the
	// heal; Drain has no bins where nothing healed.
	Whole, Drain Span
	// Delivery, Acceptance and Spare are distributions, one for each phase of
	// Plan.Figures.Phases and in that order.
	Acceptance, Delivery, Spare []Spread
	Replies                     []Reply
	FrontEnds                   []FrontEnd
	// Stories are by message id.
	Stories map[string][]check.Line
	// Cut is why the evidence could not be read to its end; nil: it could.
	Cut error
}

// Span is one stretch of the run in bins of equal width.
type Span struct {
	From, Bin time.Duration
	Cohorts   []Cohort
	// Dead counts failed attempts at front ends of affected cohorts, Other at
	// all others, in each bin.
	Dead, Other []int
	// Rate is scenario seconds a wall second.
	Rate []float64
}

// Bins is how many bins the span has.
func (s Span) Bins() int { return len(s.Dead) }

// At is where a bin begins.
func (s Span) At(bin int) time.Duration { return s.From + time.Duration(bin)*s.Bin }

// Cohort is what the mail to one cohort did, in each bin.
type Cohort struct {
	Name string
	// Affected: a fault or link touches it. Control: nothing may.
	Affected, Control bool
	Accepted          []int
	Delivered         []int
	Spare             []int
	// Backlog is pairs waiting at the bin's end; lost ones are in nobody's queue.
	// Oldest is how long the oldest of them has waited then.
	Backlog []int
	Oldest  []time.Duration
}

// Reply is what was answered how often, by whom to whom.
type Reply struct {
	// By is relay (to its senders) or the kind of endpoint that answered the
	// relay.
	By, Stage, Fault string
	// Code is the SMTP reply code; 0 where the connection ended without one.
	Code  int
	Count int
	// Sample is the first such reply.
	Sample string
}

// FrontEnd is one address that the relay spoke to.
type FrontEnd struct {
	Endpoint, Address string
	Cohorts           []string
	Affected          bool
	// Taken counts messages, Failed attempts that brought none.
	Taken, Failed int
	Faults        map[string]int
}
