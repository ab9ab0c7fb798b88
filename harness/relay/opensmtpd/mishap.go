package opensmtpd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

var (
	_ relay.Pauser       = (*instance)(nil)
	_ relay.Restarter    = (*instance)(nil)
	_ relay.DiskFiller   = (*instance)(nil)
	_ relay.ClockStepper = (*instance)(nil)
)

// queue is the spool of OpenSMTPD as we see it.
func (in *instance) queue() string { return filepath.Join(in.volume(), "smtpd") }

// volume is what the instance has at /var/spool, as we see it.
func (in *instance) volume() string {
	if in.private != nil {
		if v := in.private.Volume(); v != nil {
			return v.Seen(in.spool)
		}
	}
	return in.spool
}

// bound puts a volume at the spool where the world asks for it.
func (in *instance) bound() error {
	if !in.world.BoundedQueue {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	if _, err := in.private.Bound(ctx, in.spool); err != nil {
		return err
	}
	in.info.Changes = append(in.info.Changes, "its spool lies in a file system of its own, in memory")
	return process.OpenFolder(in.volume(), 0)
}

// Pause stops every process of the instance where it is.
func (in *instance) Pause(ctx context.Context) error {
	tree := in.private.Tree()
	if in.isStopped() || tree == nil {
		return errors.New("pausing opensmtpd: it does not run")
	}
	if err := tree.Freeze(ctx); err != nil {
		return fmt.Errorf("pausing opensmtpd: %w", err)
	}
	in.setPaused(true)
	return nil
}

// Resume lets them go on.
func (in *instance) Resume(ctx context.Context) error {
	tree := in.private.Tree()
	if in.isStopped() || tree == nil {
		return errors.New("resuming opensmtpd: it does not run")
	}
	in.setPaused(false)
	return errors.Join(tree.Thaw(ctx), in.note(pauseOver))
}

// Halt ends the instance as its administrator does; Restart starts it again.
func (in *instance) Halt(ctx context.Context) error {
	if in.isStopped() {
		return errors.New("halting opensmtpd: it has been stopped")
	}
	return errors.Join(in.quit(ctx), in.private.Kill(ctx))
}

// errUnbound is what a spool on the machine's own disk answers.
var errUnbound = errors.New("filling the spool's disk: it has none of its own " +
	"(the world did not ask for it)")

// FillDisk takes the space from the spool's file system.
func (in *instance) FillDisk(ctx context.Context, left int64) (int64, error) {
	v := in.private.Volume()
	if v == nil {
		return 0, errUnbound
	}
	return v.Fill(ctx, left)
}

// FreeDisk gives it back.
func (in *instance) FreeDisk(ctx context.Context) error {
	v := in.private.Volume()
	if v == nil {
		return errUnbound
	}
	return v.Empty(ctx)
}

// errUnshared is what an instance in real time answers.
var errUnshared = errors.New("it does not run under the shared clock, by whose library this is done")

// StepClock puts the wall clock off that every process sees. The log says so,
// because stamps before and after do not compare.
func (in *instance) StepClock(_ context.Context, by time.Duration) error {
	if in.world.ClockFile == nil {
		return fmt.Errorf("stepping the clock of opensmtpd: %w", errUnshared)
	}
	if err := in.world.ClockFile.Step(by); err != nil {
		return fmt.Errorf("stepping the clock of opensmtpd: %w", err)
	}
	in.mu.Lock()
	jump := by - in.ahead
	in.ahead = by
	in.mu.Unlock()
	return in.note(clockSet + jump.String())
}

// What we write into the instance's log.
const (
	mishapTag = "hansei:"
	pauseOver = "every process goes on after a pause"
	clockSet  = "the wall clock was set by "
	bootOver  = "the server takes mail"
)

// note adds a line of ours to the log.
func (in *instance) note(text string) error { return in.log.line(mishapTag + " " + text) }

// now is the time that the instance's processes see.
func (in *instance) now() time.Time {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.world.Clock.Now().Add(in.ahead)
}

func (in *instance) setPaused(paused bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.paused = paused
}

// isPaused says whether its processes are stopped.
func (in *instance) isPaused() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.paused
}
