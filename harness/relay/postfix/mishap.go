package postfix

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

var (
	_ relay.Pauser       = (*instance)(nil)
	_ relay.Restarter    = (*instance)(nil)
	_ relay.DiskFiller   = (*instance)(nil)
	_ relay.DiskSlower   = (*instance)(nil)
	_ relay.ClockStepper = (*instance)(nil)
)

// spool is the queue's folder as we see it.
func (in *instance) spool() string {
	if in.volume != nil {
		return in.volume.Seen(in.place.spool())
	}
	return in.place.spool()
}

// bound puts a volume at the queue's folder where the world asks for it.
func (in *instance) bound() error {
	if !in.world.BoundedQueue {
		return nil
	}
	var err error
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	if in.volume, err = process.NewVolume(ctx, in.place.spool()); err != nil {
		return err
	}
	in.info.Changes = append(in.info.Changes, "its queue lies in a file system of its own, in memory")
	return in.lease.Update(in.held())
}

// Pause stops every process of the instance where it is.
func (in *instance) Pause(ctx context.Context) error {
	if in.isStopped() {
		return errors.New("pausing postfix: it has been stopped")
	}
	if err := in.running().Freeze(ctx); err != nil {
		return fmt.Errorf("pausing postfix: %w", err)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.paused = true
	return nil
}

// Resume lets them go on.
func (in *instance) Resume(ctx context.Context) error {
	if in.isStopped() {
		return errors.New("resuming postfix: it has been stopped")
	}
	in.mu.Lock()
	in.paused = false
	in.mu.Unlock()
	err := in.running().Thaw(ctx)
	return errors.Join(err, in.note(pauseOver))
}

// Halt ends the instance as its administrator does; Restart starts it again.
func (in *instance) Halt(ctx context.Context) error {
	if in.isStopped() {
		return errors.New("halting postfix: it has been stopped")
	}
	return in.quit(ctx)
}

// errUnbound is what a queue on the machine's own disk answers.
var errUnbound = errors.New("filling the queue's disk: it has none of its own " +
	"(the world did not ask for it)")

// FillDisk takes the space from the queue's file system.
func (in *instance) FillDisk(ctx context.Context, left int64) (int64, error) {
	if in.volume == nil {
		return 0, errUnbound
	}
	return in.volume.Fill(ctx, left)
}

// FreeDisk gives it back.
func (in *instance) FreeDisk(ctx context.Context) error {
	if in.volume == nil {
		return errUnbound
	}
	return in.volume.Empty(ctx)
}

// errUnshared is what an instance in real time answers.
var errUnshared = errors.New("it does not run under the shared clock, by whose library this is done")

// SlowDisk lets each fsync take longer.
func (in *instance) SlowDisk(_ context.Context, delay time.Duration) error {
	if in.world.ClockFile == nil {
		return fmt.Errorf("slowing the disk of postfix: %w", errUnshared)
	}
	return in.world.ClockFile.SlowDisk(delay)
}

// StepClock puts the wall clock off that every process sees. The log says so,
// because stamps before and after do not compare.
func (in *instance) StepClock(_ context.Context, by time.Duration) error {
	if in.world.ClockFile == nil {
		return fmt.Errorf("stepping the clock of postfix: %w", errUnshared)
	}
	if err := in.world.ClockFile.Step(by); err != nil {
		return fmt.Errorf("stepping the clock of postfix: %w", err)
	}
	in.mu.Lock()
	jump := by - in.ahead
	in.ahead = by
	in.mu.Unlock()
	return in.note(clockSet + jump.String())
}

// What we write into the instance's log, under a tag that is not Postfix's.
const (
	mishapTag = "hansei"
	pauseOver = "every process goes on after a pause"
	clockSet  = "the wall clock was set by "
)

// note adds a line of ours to the log, with the stamp that Postfix would give.
func (in *instance) note(text string) error {
	in.mu.Lock()
	at := in.world.Clock.Now().Add(in.ahead)
	in.mu.Unlock()
	f, err := os.OpenFile(in.place.log, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("writing to postfix's log: %w", err)
	}
	_, err = fmt.Fprintf(f, "%s relay %s[%d]: %s\n", at.Format(stampLayout[len("2006 "):]), mishapTag,
		os.Getpid(), text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing to postfix's log: %w", err)
	}
	return nil
}

// mishap takes a line of ours into account: no interval counts that it lies in.
// After the clock was put back by an hour, what the queue manager had meant to
// do within five minutes it does after an hour and five (its timers are times
// of day, events(3)); that is how Postfix is, and no sign of a busy machine.
func (t *tally) mishap(l logLine) {
	clear(t.messages)
	text, ok := strings.CutPrefix(l.text, clockSet)
	if !ok {
		return
	}
	// Whatever was excused was so on the clock as it was.
	t.excused = time.Time{}
	if jump, err := time.ParseDuration(text); err == nil && jump < 0 {
		t.excused = l.at.Add(-jump + t.rule.scan)
	}
}

// isPaused says whether its processes are stopped.
func (in *instance) isPaused() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.paused
}
