package check

import (
	"sort"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// instant is the wall time that any relay on any machine may take for what it does
// at once: to start a process, write a file and answer. A clock that runs six
// hundred times as fast makes a minute of it, which is the machine's and not the
// relay's.
const instant = 100 * time.Millisecond

// speeds is how fast the clock ran, in the order of time; before the first it is
// unknown, and taken for the wall's own. Small changes are not told, so what is
// reckoned from it is true to a factor of two.
type speeds []pacing

type pacing struct {
	from time.Duration // scenario time
	wall time.Duration // reckoned, until then
	rate float64       // scenario seconds a wall second
}

// see takes in a change.
func (s *speeds) see(e *evidence.Event) {
	*s = append(*s, pacing{from: e.T, wall: s.until(e.T), rate: max(1, e.Rate)})
}

// until is the wall time from the scenario's start to a moment.
func (s speeds) until(t time.Duration) time.Duration {
	i := sort.Search(len(s), func(i int) bool { return s[i].from > t })
	if i == 0 {
		return t
	}
	last := s[i-1]
	return last.wall + time.Duration(float64(t-last.from)/last.rate)
}

// wall is the wall time between two moments of the scenario.
func (s speeds) wall(from, to time.Duration) time.Duration { return s.until(to) - s.until(from) }

// atOnce says that something took so little wall time that its length is the
// clock's rate, and no patience of anybody's.
func (l *ledger) atOnce(from, to time.Duration) bool { return l.speeds.wall(from, to) <= instant }
