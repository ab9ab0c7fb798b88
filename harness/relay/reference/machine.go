package reference

import (
	"context"
	"sync"
	"syscall"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
)

// machine is what the relay runs on, over all its lives: what stops a process,
// whatever it does, the wall clock that somebody may set, and the disk. It is
// the seam at which a run does to this relay what it does to the processes of a
// real one.
type machine struct {
	clock clock.Clock // the scenario's

	mu     sync.Mutex
	frozen chan struct{} // closed when the relay may go on; nil: it runs
	ahead  time.Duration // of the wall clock, before the scenario's
	full   bool
	left   int64 // bytes, while full
	delay  time.Duration
}

// pass waits while the relay is frozen, and says whether it was. Whatever the
// relay does to the world or to its queue comes by here.
func (m *machine) pass() (waited bool) {
	if m == nil {
		return false
	}
	for {
		m.mu.Lock()
		frozen := m.frozen
		m.mu.Unlock()
		if frozen == nil {
			return waited
		}
		<-frozen
		waited = true
	}
}

// freeze stops the relay at its next step; false if it was frozen.
func (m *machine) freeze() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.frozen != nil {
		return false
	}
	m.frozen = make(chan struct{})
	return true
}

// thaw lets it go on; false if it was not frozen.
func (m *machine) thaw() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.frozen == nil {
		return false
	}
	close(m.frozen)
	m.frozen = nil
	return true
}

// step puts the wall clock off.
func (m *machine) step(by time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ahead = by
}

func (m *machine) offset() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ahead
}

// fill leaves that much space on the disk; free takes the limit away.
func (m *machine) fill(left int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.full, m.left = true, left
}

func (m *machine) free() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.full = false
}

// take asks the disk for room for a new message.
func (m *machine) take(size int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.full {
		return nil
	}
	if size > m.left {
		return syscall.ENOSPC
	}
	m.left -= size
	return nil
}

// slow makes each durable write take that much longer.
func (m *machine) slow(delay time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.delay = delay
}

// write is what comes before each durable write.
func (m *machine) write() {
	if m == nil {
		return
	}
	m.mu.Lock()
	delay := m.delay
	m.mu.Unlock()
	if delay > 0 {
		// It ends by itself, and a disk does not hear of anybody's end.
		_ = m.clock.Sleep(context.Background(), delay)
	}
	m.pass()
}

// wristwatch is a clock on the machine's, as a program reads it: set by the wall
// clock once and going on without a jump, or the wall clock itself.
type wristwatch struct {
	*machine
	set  time.Duration
	wall bool
}

// steady is the monotonic clock of one life, which begins with the wall's time.
func (m *machine) steady() wristwatch { return wristwatch{machine: m, set: m.offset()} }

// onWall is the wall clock.
func (m *machine) onWall() wristwatch { return wristwatch{machine: m, wall: true} }

// Now is the time.
func (w wristwatch) Now() time.Time {
	if w.wall {
		return w.clock.Now().Add(w.offset())
	}
	return w.clock.Now().Add(w.set)
}

// Sleep waits, and longer while the relay is frozen.
func (w wristwatch) Sleep(ctx context.Context, d time.Duration) error {
	err := w.clock.Sleep(ctx, d)
	w.pass()
	return err
}

// Deadline is the scenario's.
func (w wristwatch) Deadline(d time.Duration) time.Time { return w.clock.Deadline(d) }

// Rate is the scenario's.
func (w wristwatch) Rate() float64 { return w.clock.Rate() }
