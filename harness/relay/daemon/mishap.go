package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hansei-mail/hansei/harness/relay/process"
)

// What is written into a relay's own log of what was done to it: stamps before
// and after do not compare, and a driver that reads its log's retries must know.
const (
	// PauseOver says that every process goes on.
	PauseOver = "every process goes on after a pause"
	// ClockSet is followed by how far the wall clock was moved.
	ClockSet = "the wall clock was set by "
)

// Seen is the spool's folder as we see it.
func (l *Life) Seen() string {
	if l.Private != nil {
		if v := l.Private.Volume(); v != nil {
			return v.Seen(l.Spool)
		}
	}
	return l.Spool
}

// Bound puts a volume at the spool where the world asks for it, gives it to the
// user, and says so in a line for the manifest; empty if nothing was asked.
func (l *Life) Bound(uid int) (change string, err error) {
	if !l.World.BoundedQueue {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), StartTime)
	defer cancel()
	if _, err := l.Private.Bound(ctx, l.Spool); err != nil {
		return "", err
	}
	return "its spool lies in a file system of its own, in memory",
		process.OpenFolder(l.Seen(), uid)
}

// Pause stops every process of the instance where it is.
func (l *Life) Pause(ctx context.Context) error {
	tree := l.Private.Tree()
	if l.isStopped() || tree == nil {
		return fmt.Errorf("pausing %s: it does not run", l.Name)
	}
	if err := tree.Freeze(ctx); err != nil {
		return fmt.Errorf("pausing %s: %w", l.Name, err)
	}
	l.setPaused(true)
	return nil
}

// Resume lets them go on.
func (l *Life) Resume(ctx context.Context) error {
	tree := l.Private.Tree()
	if l.isStopped() || tree == nil {
		return fmt.Errorf("resuming %s: it does not run", l.Name)
	}
	l.setPaused(false)
	return errors.Join(tree.Thaw(ctx), l.Note(PauseOver))
}

// Halt ends the instance as its administrator does; Restart starts it again.
func (l *Life) Halt(ctx context.Context) error {
	if l.isStopped() {
		return fmt.Errorf("halting %s: it has been stopped", l.Name)
	}
	return errors.Join(l.quit(ctx), l.Private.Kill(ctx))
}

// errUnbound is what a spool on the machine's own disk answers.
var errUnbound = errors.New("filling the spool's disk: it has none of its own " +
	"(the world did not ask for it)")

// FillDisk takes the space from the spool's file system.
func (l *Life) FillDisk(ctx context.Context, left int64) (int64, error) {
	v := l.Private.Volume()
	if v == nil {
		return 0, errUnbound
	}
	return v.Fill(ctx, left)
}

// FreeDisk gives it back.
func (l *Life) FreeDisk(ctx context.Context) error {
	v := l.Private.Volume()
	if v == nil {
		return errUnbound
	}
	return v.Empty(ctx)
}

// ErrUnshared is what an instance in real time answers.
var ErrUnshared = errors.New("it does not run under the shared clock, by whose library this is done")

// StepClock puts the wall clock off that every process sees. The log says so.
func (l *Life) StepClock(_ context.Context, by time.Duration) error {
	if l.World.ClockFile == nil {
		return fmt.Errorf("stepping the clock of %s: %w", l.Name, ErrUnshared)
	}
	if err := l.World.ClockFile.Step(by); err != nil {
		return fmt.Errorf("stepping the clock of %s: %w", l.Name, err)
	}
	l.mu.Lock()
	jump := by - l.ahead
	l.ahead = by
	l.mu.Unlock()
	return l.Note(ClockSet + jump.String())
}

// Now is the time that the instance's processes see.
func (l *Life) Now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.World.Clock.Now().Add(l.ahead)
}

func (l *Life) setPaused(paused bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.paused = paused
}
