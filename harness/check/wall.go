package check

import (
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// instant is the wall time that any relay on any machine may take for what it does
// at once: to start a process, write a file and answer. A clock that runs six
// hundred times as fast makes a minute of it, which is the machine's and not the
// relay's.
const instant = 100 * time.Millisecond

// speeds is how fast the clock ran, from when on; before the first it is unknown,
// and taken for the wall's own.
type speeds []pacing

type pacing struct {
	from time.Duration // scenario time
	rate float64       // scenario seconds a wall second
}

// see takes in a change.
func (c *speeds) see(e *evidence.Event) { *c = append(*c, pacing{e.T, e.Rate}) }

// wall is the wall time between two moments of the scenario.
func (c speeds) wall(from, to time.Duration) time.Duration {
	var sum float64
	at, rate := from, 1.0
	for _, p := range c {
		if p.from >= to {
			break
		}
		if p.from > at {
			sum += float64(p.from-at) / max(1, rate)
			at = p.from
		}
		rate = p.rate
	}
	return time.Duration(sum + float64(max(0, to-at))/max(1, rate))
}

// atOnce says that something took so little wall time that its length is the
// clock's rate, and no patience of anybody's.
func (l *ledger) atOnce(from, to time.Duration) bool { return l.speeds.wall(from, to) <= instant }
