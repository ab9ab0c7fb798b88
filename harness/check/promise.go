package check

import "github.com/hansei-mail/hansei/scenarios"

// promise is one check: how the scenario asks for it, and how the ledger is
// read for it.
type promise struct {
	name  string
	asked func(*scenarios.Expect) bool
	judge func(*ledger) finding
}

// finding is what a check says before the premises are weighed.
type finding struct {
	outcome        Outcome
	waived         bool // nobody was there who could keep or break it
	figure, reason string
	witnesses      []Witness
}

// promises are all checks, in the order of scenarios.PromiseNames.
var promises = []promise{
	{"no-loss", func(e *scenarios.Expect) bool { return e.NoLoss != nil }, (*ledger).noLoss},
	{"integrity", func(e *scenarios.Expect) bool { return e.Integrity != nil },
		(*ledger).integrity},
	{"no-invention", func(e *scenarios.Expect) bool { return e.NoInvention != nil },
		(*ledger).noInvention},
	{"duplicates", func(e *scenarios.Expect) bool { return e.Duplicates != nil },
		(*ledger).duplicates},
	{"spare-complete", func(e *scenarios.Expect) bool { return e.SpareComplete != nil },
		(*ledger).spareComplete},
	{"spare-timely", func(e *scenarios.Expect) bool { return e.SpareTimely != nil },
		(*ledger).spareTimely},
	{"spare-clean", func(e *scenarios.Expect) bool { return e.SpareClean != nil },
		(*ledger).spareClean},
	{"acceptance", func(e *scenarios.Expect) bool { return e.Acceptance != nil },
		(*ledger).acceptance},
	{"sending-goes-on", func(e *scenarios.Expect) bool { return e.SendingGoesOn != nil },
		(*ledger).sendingGoesOn},
	{"drain", func(e *scenarios.Expect) bool { return e.Drain != nil }, (*ledger).drain},
	{"isolation", func(e *scenarios.Expect) bool { return e.Isolation != nil },
		(*ledger).isolation},
	{"retry-manners", func(e *scenarios.Expect) bool { return e.RetryManners != nil },
		(*ledger).retryManners},
	{"no-early-bounce", func(e *scenarios.Expect) bool { return e.NoEarlyBounce != nil },
		(*ledger).noEarlyBounce},
	{"alarm", func(e *scenarios.Expect) bool { return e.Alarm != nil }, (*ledger).alarm},
	{"footprint", func(e *scenarios.Expect) bool { return e.Footprint != nil },
		(*ledger).footprint},
}

// each calls f for every clean pair that a submission named. What f is given is
// good until it returns.
func (l *ledger) each(f func(li int32, m *letter, pi int32, p *pair)) {
	var m letter
	var p pair
	for li := range int32(l.letters.n) {
		l.letters.read(li, &m)
		if m.dirty {
			continue
		}
		for pi := m.pairs; pi != 0; pi = p.next {
			l.pairs.read(pi, &m, &p)
			if p.named {
				f(li, &m, pi, &p)
			}
		}
	}
}

// eachAccepted calls f for every clean pair that was accepted: those that the
// relay answers for.
func (l *ledger) eachAccepted(f func(li int32, m *letter, pi int32, p *pair)) {
	l.each(func(li int32, m *letter, pi int32, p *pair) {
		if p.accepted > 0 {
			f(li, m, pi, p)
		}
	})
}

// claimed says that another promise, which the scenario asks for, already
// breaks on this pair: a lost pair is told by no-loss and one that bounced too
// early by no-early-bounce, and no third promise is broken by it again. It
// names that promise.
func (l *ledger) claimed(li int32, p *pair) (by string) {
	switch l.fate(li, p) {
	case Lost:
		if l.s.Expect.NoLoss != nil {
			return "no-loss"
		}
	case Bounced:
		if l.s.Expect.NoEarlyBounce != nil && l.tooEarly(p) {
			return "no-early-bounce"
		}
	}
	return ""
}

// left says how many pairs were left to another promise, for reasons.
func left(n int) string {
	if n == 0 {
		return ""
	}
	return "not counting " + many(n, "pair") + " that no-loss or no-early-bounce tells"
}

// join puts the parts of a reason together that say something.
func join(parts ...string) string {
	reason := ""
	for _, part := range parts {
		if part == "" {
			continue
		}
		if reason != "" {
			reason += "; "
		}
		reason += part
	}
	return reason
}
