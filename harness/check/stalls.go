package check

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// leastAftermath is the least time after a stall that still belongs to it:
// whatever should have been done meanwhile is then done all at once.
const leastAftermath = 10 * time.Second

// stalls are the times in which the machine, not the relay, may have held
// things up, with their aftermath: each lasts by its own length longer, at
// least by leastAftermath. Once closed they are in order and apart.
type stalls struct {
	seen int // as the evidence tells them
	list []idle
}

// idle is from (included) until (not included); sooner is the length of all
// that came before it.
type idle struct{ from, until, sooner time.Duration }

// see takes in one stall. One that ended before it began tells nothing.
func (s *stalls) see(e *evidence.Event) {
	from, length := max(0, e.Began), e.T-max(0, e.Began)
	if length <= 0 {
		return
	}
	s.seen++
	s.list = append(s.list, idle{from: from, until: later(e.T, max(length, leastAftermath))})
}

// later is a moment and a length of time, without running over.
func later(t, length time.Duration) time.Duration {
	if t > forever-length {
		return forever
	}
	return t + length
}

// close puts the stalls in order and those that meet together.
func (s *stalls) close() {
	slices.SortFunc(s.list, func(a, b idle) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.until, b.until))
	})
	apart := s.list[:0]
	for _, i := range s.list {
		last := len(apart) - 1
		switch {
		case last < 0:
			apart = append(apart, i)
		case i.from <= apart[last].until:
			apart[last].until = max(apart[last].until, i.until)
		default:
			i.sooner = apart[last].sooner + apart[last].until - apart[last].from
			apart = append(apart, i)
		}
	}
	s.list = apart
}

// until is how much of the run before t was stalled.
func (s *stalls) until(t time.Duration) time.Duration {
	n, _ := slices.BinarySearchFunc(s.list, t, func(i idle, t time.Duration) int {
		return cmp.Compare(i.from, t)
	})
	if n == 0 {
		return 0
	}
	last := s.list[n-1]
	return last.sooner + min(t, last.until) - last.from
}

// stalledFor is how much of the time between two moments was stalled.
func (l *ledger) stalledFor(from, to time.Duration) time.Duration {
	if to <= from {
		return 0
	}
	return l.stalls.until(to) - l.stalls.until(from)
}

// stalled says that a stall overlaps the time between two moments, or the one
// moment if they are the same. To touch is not to overlap.
func (l *ledger) stalled(from, to time.Duration) bool {
	return l.stalledFor(from, max(to, later(from, 1))) > 0
}

// blameless says that what took longer than the limit would have kept it,
// without the time in which the machine stood still.
func (l *ledger) blameless(from, to, limit time.Duration) bool {
	return l.stalled(from, to) && to-from-l.stalledFor(from, to) <= limit
}

// stoodStill tells the stalls, for reasons.
func (l *ledger) stoodStill() string {
	return fmt.Sprintf("each while the machine itself stood still (%s, %s with the aftermath)",
		many(l.stalls.seen, "stall"), span(l.stalls.until(forever)))
}
