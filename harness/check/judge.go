package check

import (
	"fmt"
	"iter"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// Judge reads the evidence once and judges every promise of the scenario. It
// never fails: evidence that cannot be read to its end is a broken premise, and
// a check that crashes is an inconclusive verdict.
func Judge(s *scenarios.Scenario, events iter.Seq2[evidence.Event, error]) *Judgement {
	return Read(s, events).Judge()
}

// readAll feeds the events until they end or cannot be read.
func (l *ledger) readAll(
	events iter.Seq2[evidence.Event, error], also ...func(*evidence.Event),
) {
	shown := new(evidence.Event) // one for all: it leaves this function's hands
	defer func() {
		if p := recover(); p != nil {
			l.run.cut = fmt.Errorf("reading the evidence: event %d: %v", l.run.events, p)
		}
	}()
	for e, err := range events {
		if err != nil {
			l.run.cut = err
			break
		}
		l.feed(&e)
		if len(also) == 0 {
			continue
		}
		*shown = e
		for _, show := range also {
			show(shown)
		}
	}
	l.close()
}

// judge turns the closed ledger into verdicts: premises before promises. Nothing
// changes the ledger any more, so that the figures are counted meanwhile.
func (l *ledger) judge() *Judgement {
	l.backlog() // by itself, since of all it needs the most memory
	figures := l.countAside()
	j := &Judgement{Premises: l.premises()}
	for _, p := range promises {
		v := Verdict{Promise: p.name, Witnesses: []Witness{}, Reason: "not asked by this scenario"}
		if p.asked != nil && p.asked(&l.s.Expect) {
			f := l.attempted(p)
			v.Asked, v.Outcome, v.Figure, v.Reason = true, f.outcome, f.figure, f.reason
			v.Waived = f.waived
			v.Witnesses = append(v.Witnesses, f.witnesses...)
			v.weigh(j.Premises)
			v.foresee(l.s.Foreseen)
		}
		j.Verdicts = append(j.Verdicts, v)
	}
	j.Outcome = Overall(j.Verdicts)
	if f := <-figures; f != nil {
		j.Figures = *f
	} else {
		j.Figures = l.figures() // it crashed aside, and does so here for all to see
	}
	return j
}

// countAside counts the figures in a goroutine; nil if that crashed.
func (l *ledger) countAside() <-chan *Figures {
	figures := make(chan *Figures, 1)
	go func() {
		defer func() {
			if recover() != nil {
				figures <- nil
			}
		}()
		f := l.figures()
		figures <- &f
	}()
	return figures
}

// attempted runs one check; one that crashes has found nothing.
func (l *ledger) attempted(p promise) (f finding) {
	defer func() {
		if crash := recover(); crash != nil {
			f = finding{reason: fmt.Sprintf("the check crashed: %v", crash)}
		}
	}()
	return p.judge(l)
}

// weigh lets broken premises take away what the verdict says: trust takes
// everything, meaning takes a pass.
func (v *Verdict) weigh(premises []Premise) {
	face, because := v.Outcome, v.Reason
	for _, p := range premises {
		if p.Held || !p.concerns(v.Promise) || v.Outcome == Inconclusive {
			continue
		}
		switch {
		case p.weighs(v.Promise) == Trust:
			v.Outcome = Inconclusive
			v.Reason = "the evidence cannot be trusted: " + p.Reason
		case face == Pass:
			v.Outcome = Inconclusive
			v.Reason = "a pass would mean nothing: " + p.Reason
		}
	}
	if v.Outcome != face {
		v.Reason += " (by the ledger alone: " + face.String()
		if because != "" {
			v.Reason += ", " + because
		}
		v.Reason += ")"
	}
}

// foresee notes that the scenario says so too, where it does.
func (v *Verdict) foresee(known map[string]scenarios.Foreseen) {
	if f, ok := known[v.Promise]; ok && f.Outcome == v.Outcome.String() {
		v.Foreseen = f.Why
	}
}
