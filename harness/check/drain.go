package check

import (
	"fmt"
	"time"
)

// inBacklog says that a pair was waiting for an affected cohort at the heal.
func (l *ledger) inBacklog(p *pair) bool {
	c := l.cohortOf(p.rcpt)
	return c != nil && c.affected && p.accepted > 0 && p.taken < l.heal &&
		(p.own.all == 0 || p.out >= l.heal) && (!p.bounced || p.own.all > 0 || p.failed >= l.heal)
}

// drain: every pair of the backlog is delivered within the limit after the
// heal. A pair that bounced leaves it where no-early-bounce is asked, which
// judges its time; a stall of the machine since the heal excuses what kept the
// limit without it.
func (l *ledger) drain() finding {
	if l.heal == forever {
		return finding{reason: "the scenario has no outage that heals"}
	}
	within := time.Duration(l.s.Expect.Drain.Within)
	w := newOverdue(l)
	backlog, claimed, pending := 0, 0, 0
	took := time.Duration(0)
	l.eachAccepted(func(li int32, _ *letter, _ int32, p *pair) {
		bounced := p.bounced && p.own.all == 0 && l.s.Expect.NoEarlyBounce != nil
		switch {
		case !l.inBacklog(p):
			return
		case l.claimed(li, p) != "" || bounced:
			claimed++
			return
		case p.own.all > 0:
			took = max(took, p.out-l.heal)
			if p.out-l.heal > within {
				w.call(l.excusable(li, p, l.heal, within), li, p.rcpt, func() string {
					return fmt.Sprintf("accepted at %s, delivered at %s, %s after the heal",
						l.clock(p.taken), l.clock(p.out), span(p.out-l.heal))
				})
			}
		case l.run.end-l.heal < within:
			pending++
		default:
			took = forever
			w.call(l.excusable(li, p, l.heal, within), li, p.rcpt, func() string {
				return fmt.Sprintf("accepted at %s, not delivered by the end at %s: %s",
					l.clock(p.taken), l.clock(l.run.end), l.fate(li, p))
			})
		}
		backlog++
	})
	return l.sumDrain(w, backlog, claimed, pending, took, within)
}

func (l *ledger) sumDrain(
	w overdue, backlog, claimed, pending int, took, within time.Duration,
) finding {
	b := l.backlog()
	f := finding{reason: left(claimed), witnesses: w.list()}
	switch {
	case backlog == 0:
		f.figure = "no pair waited at the heal"
	default:
		f.figure = fmt.Sprintf("%s waited at the heal, the last delivered %s after it; limit %s",
			many(backlog, "pair"), span(took), span(within))
		if took == forever {
			f.figure = fmt.Sprintf("%s waited at the heal, not all delivered by the end; limit %s",
				many(backlog, "pair"), span(within))
		}
	}
	if w.excused.all > 0 {
		f.figure = join(f.figure, count(w.all())+" too late", w.figure())
	}
	f.figure += fmt.Sprintf("; peak %s (%s bytes), oldest %s", many(b.Peak, "pair"),
		count(b.Bytes), span(b.Oldest))
	switch {
	case w.blamed.all > 0:
		f.outcome = Fail
		f.reason = join(many(w.blamed.all, "pair")+
			" of the backlog not delivered within the limit", f.reason)
	case w.excused.all > 0:
		f.reason = join(w.reason(), f.reason)
	case pending > 0:
		f.reason = join(fmt.Sprintf("the run ended %s after the heal, with %s still waiting",
			span(l.run.end-l.heal), many(pending, "pair")), f.reason)
	case l.run.end < l.heal:
		f.reason = join("the run ended before the heal", f.reason)
	default:
		f.outcome = Pass
	}
	return f
}
