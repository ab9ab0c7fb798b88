package check

import "fmt"

// noLoss: no accepted pair is lost. A pair that nobody can account for makes
// it inconclusive, since it may be in a queue that could not be read.
func (l *ledger) noLoss() finding {
	w := witnesses{l: l}
	pairs, unaccounted := 0, 0
	l.eachAccepted(func(li int32, m *letter, _ int32, p *pair) {
		pairs++
		switch l.fate(li, p) {
		case Lost:
			w.call(li, p.rcpt, func() string {
				return fmt.Sprintf("accepted at %s (due %s), then neither delivered, bounced "+
					"nor queued", l.clock(p.taken), l.clock(m.due))
			})
		case Unaccounted:
			unaccounted++
		}
	})
	f := finding{
		figure:    fmt.Sprintf("%s lost of %s", count(w.all), many(pairs, "pair")),
		witnesses: w.list(),
	}
	if unaccounted > 0 {
		f.figure += fmt.Sprintf(", %s unaccounted", count(unaccounted))
	}
	switch {
	case w.all > 0:
		f.outcome = Fail
		f.reason = "the relay accepted " + many(w.all, "pair") + " and has no trace of them"
	case unaccounted > 0:
		f.reason = many(unaccounted, "pair") + " cannot be accounted for: " + l.why()
	case pairs == 0:
		f.reason = "no pair was accepted"
	default:
		f.outcome = Pass
	}
	return f
}

// why says why it is not settled what became of a pair.
func (l *ledger) why() string {
	q := &l.listing
	switch {
	case !q.closed:
		return "the relay's queue was not listed"
	case q.note != "":
		return "the relay's queue could not be read: " + q.note
	case l.nameless > 0:
		return many(l.nameless, "notification") + " did not say which message it was about"
	case len(l.vain.doubtful) > 0:
		return "mail was refused for good, and so were notifications at MAIL, which does not " +
			"say whom they were for"
	case q.anyone || len(q.maybe) > 0:
		return "the relay's queue holds entries that do not say whose they are"
	default:
		return "the relay accepted them after its queue had been listed"
	}
}
