package course

import (
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// The endpoints, as evidence names them.
const endpointSpare = "spare"

const (
	// maxReplies bounds how many different replies are told apart.
	maxReplies = 200
	// maxFrontEnds bounds how many addresses are told apart.
	maxFrontEnds = 500
)

// Look samples a run in one pass over its evidence.
func Look(p Plan, events iter.Seq2[evidence.Event, error]) *Course {
	l := newLook(p)
	tellers := newTellers(p.Stories)
	for e, err := range events {
		if err != nil {
			l.cut = err
			break
		}
		l.see(&e)
		tellers.hear(e)
	}
	c := l.course()
	c.Stories = tellers.end()
	return c
}

// look is what is kept during the pass.
type look struct {
	plan     Plan
	cut      error
	end      time.Duration
	cohorts  []cohort
	domains  map[string]int
	served   map[string][]int // cohorts by front end address, without port
	pairs    []pair
	byPair   map[pairKey]int32
	msgs     map[string]int32
	rcpts    map[string]int32
	letters  []letter
	dead     map[int32]int32 // failed attempts by second
	other    map[int32]int32
	marks    []mark
	replies  map[replyKey]*Reply
	fronts   map[string]*FrontEnd
	accepted []Spread
}

type cohort struct {
	scenarios.Cohort
	affected bool
}

// letter is what is kept of one message.
type letter struct {
	due   time.Duration
	dirty bool
	known bool
	first int32 // first pair, -1: none
}

// pair is one recipient of one message; a moment of -1 has not come.
type pair struct {
	letter, next           int32
	cohort                 int16
	taken, out, copied, up time.Duration
}

type pairKey struct{ msg, rcpt int32 }

type replyKey struct {
	by, stage, fault string
	code             int
}

// mark joins scenario time and wall time at one event.
type mark struct{ t, at time.Duration }

func newLook(p Plan) *look {
	l := &look{
		plan: p, domains: map[string]int{}, served: map[string][]int{},
		byPair: map[pairKey]int32{}, msgs: map[string]int32{}, rcpts: map[string]int32{},
		dead: map[int32]int32{}, other: map[int32]int32{},
		replies: map[replyKey]*Reply{}, fronts: map[string]*FrontEnd{},
		accepted: make([]Spread, len(p.Figures.Phases)),
	}
	for i, c := range p.Scenario.Cohorts {
		l.cohorts = append(l.cohorts, cohort{Cohort: c, affected: affects(p.Scenario, c)})
		for _, d := range c.Domains {
			l.domains[strings.ToLower(d)] = i
		}
	}
	for _, s := range p.Sites {
		l.serve(s)
	}
	return l
}

func (l *look) serve(s timeline.Site) {
	i, ok := l.domains[strings.ToLower(s.Domain)]
	if !ok {
		return
	}
	for _, address := range s.FrontEnds {
		if !slices.Contains(l.served[address], i) {
			l.served[address] = append(l.served[address], i)
		}
	}
}

// affects says that a fault or link touches the cohort; where none touches any
// (only the relay itself was hurt), all but the controls are meant. It follows
// the judge's rule, so that picture and figures speak of the same mail.
func affects(s *scenarios.Scenario, c scenarios.Cohort) bool {
	var wheres []scenarios.Where
	for _, f := range s.Faults {
		wheres = append(wheres, f.Where)
	}
	for _, k := range s.Links {
		wheres = append(wheres, k.Where)
	}
	for _, w := range wheres {
		if w.Selects(c) {
			return true
		}
	}
	for _, w := range wheres {
		if slices.ContainsFunc(s.Cohorts, w.Selects) {
			return false
		}
	}
	return !c.Control
}

func (l *look) see(e *evidence.Event) {
	l.end = max(l.end, e.T)
	if n := len(l.marks); n == 0 || e.T-l.marks[n-1].t >= time.Second {
		l.marks = append(l.marks, mark{e.T, e.At})
	}
	switch e.Kind {
	case evidence.KindSubmission:
		l.submission(e)
	case evidence.KindDelivery:
		l.delivery(e)
	case evidence.KindAttempt:
		l.attempt(e)
	case evidence.KindDSN:
		l.bounce(e)
	}
}
