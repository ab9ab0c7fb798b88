package check

import (
	"fmt"
	"time"
)

// sendingGoesOn: mail of routes that go elsewhere, due during the outage, was
// accepted and delivered within the limit, counted from the moment the sender
// came. A stall of the machine excuses what kept the limit without it.
func (l *ledger) sendingGoesOn() finding {
	within := time.Duration(l.s.Expect.SendingGoesOn.Within)
	w := newOverdue(l)
	var took latencies
	claimed, pending := 0, 0
	l.each(func(li int32, m *letter, _ int32, p *pair) {
		if !l.judgedAsSending(m) {
			return
		}
		start := max(m.began, m.due)
		switch {
		case l.claimed(li, p) != "" && p.accepted > 0:
			claimed++
		case p.own.all > 0 && p.out-start <= within:
			took.add(p.out - start)
		case p.own.all == 0 && l.run.end-start <= within:
			pending++
		default:
			took.add(l.never(p, p.out-start))
			w.call(l.excusable(li, p, start, within), li, p.rcpt,
				func() string { return l.unsent(m, p, start) })
		}
	})
	s := took.summary()
	f := finding{
		figure: join(fmt.Sprintf("%s late or undelivered of %s; 99 %% within %s; limit %s",
			count(w.all()), many(s.Count, "pair"), span(s.P99), span(within)), w.figure()),
		reason:    left(claimed),
		witnesses: w.list(),
	}
	switch {
	case w.blamed.all > 0:
		f.outcome = Fail
		f.reason = join("mail to unaffected places was held up by the outage", f.reason)
	case w.excused.all > 0:
		f.reason = join(w.reason(), f.reason)
	case pending > 0:
		f.reason = join("the run ended while "+many(pending, "pair")+" had time left", f.reason)
	case s.Count == 0:
		f.reason = join("nobody sent mail elsewhere during the outage", f.reason)
	default:
		f.outcome = Pass
	}
	return f
}

// never is the duration of a pair's delivery, or forever if there is none.
func (l *ledger) never(p *pair, took time.Duration) time.Duration {
	if p.own.all == 0 {
		return forever
	}
	return took
}

func (l *ledger) unsent(m *letter, p *pair, start time.Duration) string {
	switch {
	case p.own.all > 0:
		return fmt.Sprintf("handed in at %s, delivered %s later", l.clock(start),
			span(p.out-start))
	case p.accepted == 0:
		return fmt.Sprintf("handed in at %s, never accepted (first code %d)", l.clock(start), m.code)
	default:
		return fmt.Sprintf("accepted at %s, not delivered", l.clock(p.taken))
	}
}
