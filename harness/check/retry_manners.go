package check

import (
	"fmt"
	"time"
)

// retryManners: during the outage no front end that takes no mail sees more
// failed attempts a minute than the limit, nor do all of them together; from the
// heal until the drain is over no front end has more sessions open than the
// limit; no session goes on after a 421 (RFC 5321 section 3.8: the server closes
// the channel); and nothing goes to a second MX without need. What cannot be seen leaves the promise open, and so does
// what came all at once because the machine had stood still.
func (l *ledger) retryManners() finding {
	want := l.s.Expect.RetryManners
	if l.heal == forever {
		return finding{reason: "the scenario has no outage that heals"}
	}
	w := witnesses{l: l}
	f := finding{outcome: Pass}
	broken, open := "", ""
	add := func(part, why, unseen string) {
		f.figure = join(f.figure, part)
		broken, open = join(broken, why), join(open, unseen)
	}
	add(l.defied(&w))
	single, total := l.manners.dead()
	if l.hasSecondMX() {
		add(l.strayed(&w))
	}
	if want.PerMinute > 0 {
		add(l.hammered(&w, single, want.PerMinute, "one front end"))
	}
	if want.InTotal > 0 {
		add(l.hammered(&w, total, want.InTotal, "all front ends"))
	}
	if want.Connections > 0 {
		add(l.crowded(&w, want.Connections))
	}
	f.witnesses = w.list()
	switch {
	case broken != "":
		f.outcome, f.reason = Fail, broken
	case open != "":
		f.outcome, f.reason = Inconclusive, open
	}
	return f
}

func (l *ledger) defied(w *witnesses) (figure, broken, open string) {
	n := len(l.manners.defiant)
	for _, v := range l.manners.defiant {
		w.call(-1, -1, func() string {
			return fmt.Sprintf("a session at %s went on at %s, after it had been told 421",
				l.manners.byIndex[v.door].name, l.clock(v.from))
		})
	}
	if n > 0 {
		broken = many(n, "session") + " went on after a 421"
	}
	return fmt.Sprintf("%s of %s with a 421 went on", count(n),
		many(len(l.manners.hungUp), "session")), broken, ""
}

// hammered looks at the minutes, of which the last has the most attempts.
func (l *ledger) hammered(
	w *witnesses, minutes []deadMinute, limit int, where string,
) (figure, broken, open string) {
	most, excused := 0, 0
	for _, m := range minutes {
		at := l.outage + time.Duration(m.index)*time.Minute
		if m.tries > limit && l.stalled(at, at+time.Minute) {
			excused++
			continue
		}
		if most = m.tries; most <= limit {
			continue
		}
		w.call(-1, -1, func() string {
			return fmt.Sprintf("%s saw %s fail in the minute from %s on", m.door,
				many(m.tries, "attempt"), l.clock(at))
		})
	}
	figure = fmt.Sprintf("at most %s a minute failed at %s that took no mail; limit %s",
		many(most, "attempt"), where, count(limit))
	switch {
	case most > limit:
		broken = "a destination that was down was hammered (" + where + ")"
	case excused > 0:
		open = many(excused, "minute") + " had too many attempts, " + l.stoodStill()
	case len(minutes) == 0:
		open = "no attempt met a destination that was down during the outage"
	}
	return figure, broken, open
}

func (l *ledger) crowded(w *witnesses, limit int) (figure, broken, open string) {
	most, excused := 0, 0
	crowds := l.manners.crowds(l.world)
	for _, c := range crowds {
		if c.size > limit && l.stalled(c.at, c.at) {
			excused++
			continue
		}
		if most = c.size; most <= limit {
			continue
		}
		w.call(-1, -1, func() string {
			return fmt.Sprintf("%s had %s open at %s", c.door, many(c.size, "session"),
				l.clock(c.at))
		})
	}
	figure = fmt.Sprintf("at most %s open at one front end after the heal; limit %s",
		many(most, "session"), count(limit))
	switch {
	case most > limit:
		broken = "a destination that had just come back was run over"
	case excused > 0:
		open = many(excused, "crowd") + " too large, " + l.stoodStill()
	case most == 0:
		open = "no session was seen after the heal"
	}
	return figure, broken, open
}
