package check

import (
	"iter"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// Ledger is what became of every message of a run, for those who judge it and
// those who draw it. It changes no more.
type Ledger struct{ ledger *ledger }

// Read reads the evidence once and enters every message. Whoever wants to see the
// events too, in the same reading, is given each; it is good until he returns.
func Read(
	s *scenarios.Scenario, events iter.Seq2[evidence.Event, error], also ...func(*evidence.Event),
) *Ledger {
	l := newLedger(s)
	l.readAll(events, also...)
	return &Ledger{l}
}

// Judge judges every promise of the scenario.
func (l *Ledger) Judge() *Judgement { return l.ledger.judge() }

// Cut is why the evidence could not be read to its end; nil: it could.
func (l *Ledger) Cut() error { return l.ledger.run.cut }

// End is the moment of the last event.
func (l *Ledger) End() time.Duration { return l.ledger.run.end }

// Never is the moment at which what did not happen happened.
const Never time.Duration = -1

// Pair is one recipient of a clean message that the relay accepted. All moments
// are of scenario time since the start.
type Pair struct {
	// Cohort is the index of the recipient's, in the scenario; -1: none of them.
	Cohort int
	// Due is when the message was due, Taken when the relay accepted it.
	Due, Taken time.Duration
	// Out is the first delivery, Copied the first spare copy, Failed the first
	// notification that says failed; Never, if there was none.
	Out, Copied, Failed time.Duration
	Fate                Fate
}

// Pairs calls f for every clean pair that the relay accepted.
func (l *Ledger) Pairs(f func(Pair)) {
	l.ledger.eachAccepted(func(li int32, m *letter, _ int32, p *pair) {
		told := Pair{
			Cohort: int(l.ledger.addresses[p.rcpt].cohort), Due: m.due, Taken: p.taken,
			Out: Never, Copied: Never, Failed: Never, Fate: l.ledger.fate(li, p),
		}
		if p.own.all > 0 {
			told.Out = p.out
		}
		if p.spare.all > 0 {
			told.Copied = p.copied
		}
		if p.bounced {
			told.Failed = p.failed
		}
		f(told)
	})
}

// Acceptances calls f for every clean message that was accepted at the first
// attempt for every recipient: when it was due, and how long after that it was.
func (l *Ledger) Acceptances(f func(due, took time.Duration)) {
	var m letter
	for li := range int32(l.ledger.letters.n) {
		l.ledger.letters.read(li, &m)
		if m.submitted && m.whole && !m.dirty {
			f(m.due, m.answered-m.due)
		}
	}
}
