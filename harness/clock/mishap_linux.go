package clock

import (
	"errors"
	"sync/atomic"
	"time"
)

// errClosed is what a clock answers that was let go of.
var errClosed = errors.New("the shared clock was closed")

// coarse is by how much the kernel's stamps of files may lie behind its clock:
// they are as old as its last tick (CONFIG_HZ is 100 at least).
const coarse = 10 * time.Millisecond

// Step puts the wall clock that the processes see ahead of scenario time, or
// behind it, as somebody who sets a machine's clock does. Their monotonic
// clocks go on without a jump, and so does every wait for a length of time.
// A step of zero puts it right. The Warp itself is scenario time, always.
func (f *File) Step(by time.Duration) error {
	return f.change(func(l *layout) {
		atomic.StoreInt64(&l.aheadFrom, time.Now().Add(-coarse).UnixNano())
		atomic.StoreInt64(&l.ahead, int64(by))
	})
}

// SlowDisk makes each fsync of the processes take that much scenario time
// longer; zero makes it quick again.
func (f *File) SlowDisk(delay time.Duration) error {
	return f.change(func(l *layout) { atomic.StoreInt64(&l.syncDelay, int64(max(delay, 0))) })
}

// change writes into the file, unless it is closed.
func (f *File) change(write func(*layout)) error {
	f.warp.mu.Lock()
	defer f.warp.mu.Unlock()
	if f.data == nil {
		return errClosed
	}
	write(f.layout())
	return nil
}
