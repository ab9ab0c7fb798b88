package check

import (
	"fmt"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// detourPatience is for how long a relay may leave the first MX in peace after it
// has failed, and take the second: RFC 5321 section 4.5.4.1 has it wait at least
// 30 minutes before it tries a destination again that has failed.
const detourPatience = 30 * time.Minute

// detours are what was sent to a second MX at a time when nothing was planned to
// be wrong with the first, and the minutes in which one failed all the same.
type detours struct {
	all    int // deliveries by a second MX, whenever they were
	taken  []detour
	failed map[time.Duration]bool // by the minute in which the attempt ended
}

// detour is one delivery by a second MX.
type detour struct {
	letter, rcpt int32
	began        time.Duration
}

// secondMX says that the cohort has one, and that the message came by it.
func (c *cohort) secondMX(e *evidence.Event) bool {
	return c.fallback != "" && e.Endpoint == c.fallback &&
		e.Preference > scenarios.FirstPreference
}

// detour takes in a delivery, which may have come by a second MX.
func (l *ledger) detour(li, rcpt int32, e *evidence.Event) {
	c := l.cohortOf(rcpt)
	if c == nil || !c.secondMX(e) {
		return
	}
	l.detours.all++
	if e.Began < l.calm || e.Began >= l.drained {
		l.detours.taken = append(l.detours.taken, detour{letter: li, rcpt: rcpt, began: e.Began})
	}
}

// see takes in an attempt: whoever has met a failure may turn to the second MX.
func (d *detours) see(e *evidence.Event) {
	if e.Kind != evidence.KindAttempt || e.Endpoint != string(scenarios.Office365) {
		return
	}
	if d.failed == nil {
		d.failed = map[time.Duration]bool{}
	}
	d.failed[e.T/time.Minute] = true
}

// explained says that some attempt at a provider had failed shortly before.
func (d *detours) explained(at time.Duration) bool {
	for back := time.Duration(0); back <= detourPatience/time.Minute; back++ {
		if d.failed[at/time.Minute-back] {
			return true
		}
	}
	return false
}

// strayed looks for mail that was sent to a second MX although nothing was wrong
// with the first (RFC 5321 section 5.1: the lowest preference is tried first).
func (l *ledger) strayed(w *witnesses) (figure, broken, open string) {
	n, excused := 0, 0
	for _, d := range l.detours.taken {
		switch {
		case l.detours.explained(d.began):
		case l.stalled(d.began-detourPatience, d.began):
			excused++
		default:
			n++
			w.call(d.letter, d.rcpt, func() string {
				return "sent to the second MX at " + l.clock(d.began) +
					", while nothing was wrong with the first"
			})
		}
	}
	figure = fmt.Sprintf("%s of %s by a second MX without need", count(n),
		many(l.detours.all, "delivery"))
	switch {
	case n > 0:
		broken = "mail went to a second MX although nothing was wrong with the first"
	case excused > 0:
		open = many(excused, "delivery") + " by a second MX, " + l.stoodStill()
	}
	return figure, broken, open
}

// hasSecondMX says that some cohort has one.
func (w *world) hasSecondMX() bool {
	for i := range w.cohorts {
		if w.cohorts[i].fallback != "" {
			return true
		}
	}
	return false
}
