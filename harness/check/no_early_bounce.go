package check

import (
	"fmt"
	"time"
)

// noEarlyBounce: no DSN says failed about a pair younger than the queue's
// lifetime. A delay notice is no bounce, and a pair that was delivered as well
// does not excuse one: its sender was told a lie.
func (l *ledger) noEarlyBounce() finding {
	w := witnesses{l: l}
	pairs, late := 0, 0
	youngest := forever
	bounced := func(li int32, p *pair, t time.Duration, what string) {
		age := t - l.since(li, p)
		if age >= time.Duration(l.s.Expect.NoEarlyBounce.Lifetime) {
			late++
			return
		}
		youngest = min(youngest, age)
		w.call(li, p.rcpt, func() string {
			return fmt.Sprintf("%s at %s, only %s after it was accepted", what, l.clock(t), span(age))
		})
	}
	l.each(func(li int32, _ *letter, _ int32, p *pair) {
		if p.accepted > 0 {
			pairs++
		}
		if p.bounced {
			bounced(li, p, p.failed, "bounced")
		}
	})
	for _, n := range l.spareDSN {
		if m := l.letter(n.letter); m.submitted && !m.dirty {
			p := l.pairFor(n.letter, n.rcpt)
			bounced(n.letter, &p, n.t, "its spare copy bounced")
		}
	}
	lifetime := time.Duration(l.s.Expect.NoEarlyBounce.Lifetime)
	f := finding{
		figure: fmt.Sprintf("%s bounced of %s before %s, %s later", count(w.all),
			many(pairs, "pair"), span(lifetime), count(late)),
		witnesses: w.list(),
	}
	switch {
	case w.all > 0:
		f.outcome = Fail
		f.reason = "the relay gave up mail after " + span(youngest)
	case l.nameless > 0:
		f.reason = many(l.nameless, "notification") + " did not say which message it was about"
	case pairs == 0:
		f.reason = "no pair was accepted"
	default:
		f.outcome = Pass
	}
	return f
}

// since is when the sender came with the pair that the relay took, or may have.
// A relay counts a message's age from some moment between that and its reply, so
// one that gives up exactly at the end of the lifetime is not early.
func (l *ledger) since(li int32, p *pair) time.Duration {
	if p.accepted > 0 {
		return p.handed
	}
	return l.letter(li).began
}

func (l *ledger) tooEarly(p *pair) bool {
	return p.bounced && p.failed-p.handed < time.Duration(l.s.Expect.NoEarlyBounce.Lifetime)
}
