package course

import (
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/check"
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
	w := NewWatcher(p.Scenario, p.Sites)
	tellers := newTellers(p.Stories)
	ledger := check.Read(p.Scenario, events, w.See, tellers.hear)
	c := w.Course(ledger, p.Figures)
	c.Stories = tellers.end()
	return c
}

// Stories are those of the messages, from a reading of the evidence.
func Stories(events iter.Seq2[evidence.Event, error], msgs []string) map[string][]check.Line {
	tellers := newTellers(msgs)
	for e, err := range events {
		if err != nil {
			break // Course.Cut says so
		}
		tellers.hear(&e)
	}
	return tellers.end()
}

// Watcher sees the events of a run while the ledger is kept, and samples what the
// ledger does not hold.
type Watcher struct {
	end     time.Duration
	cohorts []cohort
	domains map[string]int
	served  map[string][]int // cohorts by front end address, without port
	dead    map[int32]int32  // failed attempts by second
	other   map[int32]int32
	marks   []mark
	replies map[replyKey]*Reply
	fronts  map[frontKey]*FrontEnd
}

type cohort struct {
	scenarios.Cohort
	affected bool
}

type frontKey struct{ endpoint, address string }

type replyKey struct {
	by, stage, fault string
	code             int
}

// mark joins scenario time and wall time at one event.
type mark struct{ t, at time.Duration }

// NewWatcher is ready to see a run of the scenario; sites may be empty.
func NewWatcher(s *scenarios.Scenario, sites []timeline.Site) *Watcher {
	w := &Watcher{
		domains: map[string]int{}, served: map[string][]int{},
		dead: map[int32]int32{}, other: map[int32]int32{},
		replies: map[replyKey]*Reply{}, fronts: map[frontKey]*FrontEnd{},
	}
	for i, c := range s.Cohorts {
		w.cohorts = append(w.cohorts, cohort{Cohort: c, affected: affects(s, c)})
		for _, d := range c.Domains {
			w.domains[strings.ToLower(d)] = i
		}
	}
	for _, site := range sites {
		w.serve(site)
	}
	return w
}

func (w *Watcher) serve(s timeline.Site) {
	i, ok := w.domains[strings.ToLower(s.Domain)]
	if !ok {
		return
	}
	for _, address := range s.FrontEnds {
		if !slices.Contains(w.served[address], i) {
			w.served[address] = append(w.served[address], i)
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

// See takes in one event; it keeps nothing of it.
func (w *Watcher) See(e *evidence.Event) {
	w.end = max(w.end, e.T)
	if n := len(w.marks); n == 0 || e.T-w.marks[n-1].t >= time.Second {
		w.marks = append(w.marks, mark{e.T, e.At})
	}
	switch e.Kind {
	case evidence.KindSubmission:
		w.reply(replyKey{by: evidence.Relay, stage: e.Stage, code: e.Code}, e.Reply)
	case evidence.KindDelivery:
		w.front(e).Taken++
		w.reply(replyKey{by: e.Endpoint, stage: e.Stage, fault: e.Fault, code: code(e)}, e.Reply)
	case evidence.KindAttempt:
		w.attempt(e)
	}
}
