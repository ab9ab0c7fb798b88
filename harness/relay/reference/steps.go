package reference

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

var (
	_ relay.Pauser       = (*instance)(nil)
	_ relay.Restarter    = (*instance)(nil)
	_ relay.DiskFiller   = (*instance)(nil)
	_ relay.DiskSlower   = (*instance)(nil)
	_ relay.ClockStepper = (*instance)(nil)
)

// Pause stops every loop of the relay where it next touches the world.
func (i *instance) Pause(context.Context) error {
	e, err := i.running()
	if err != nil {
		return err
	}
	if !i.machine.freeze() {
		return errors.New("the reference relay is paused already")
	}
	e.log.write("pause")
	return nil
}

// Resume lets them go on.
func (i *instance) Resume(context.Context) error {
	e, err := i.running()
	if err != nil {
		return err
	}
	e.log.write("resume", "at", stamp(e.world.Clock.Now()))
	if !i.machine.thaw() {
		return errors.New("the reference relay is not paused")
	}
	return nil
}

// Halt ends the relay in good order; Restart starts it again.
func (i *instance) Halt(ctx context.Context) error {
	e := i.take(false)
	if e == nil {
		return errDown
	}
	return e.stop(ctx)
}

// FillDisk lets the queue refuse new messages once left bytes are used up.
func (i *instance) FillDisk(_ context.Context, left int64) (int64, error) {
	if !i.world.BoundedQueue {
		return 0, errors.New("filling the disk: the world was not made for it")
	}
	i.machine.fill(left)
	i.note("disk-full", "left", fmt.Sprint(left))
	return left, nil
}

// FreeDisk gives the space back.
func (i *instance) FreeDisk(context.Context) error {
	i.machine.free()
	i.note("disk-free")
	return nil
}

// SlowDisk makes every commit take longer.
func (i *instance) SlowDisk(_ context.Context, delay time.Duration) error {
	i.machine.slow(delay)
	i.note("disk-delay", "delay", delay.String())
	return nil
}

// StepClock puts the wall clock off.
func (i *instance) StepClock(_ context.Context, by time.Duration) error {
	i.machine.step(by)
	i.note("clock-step", "ahead", by.String())
	return nil
}

// note writes a line into the log of a relay that runs.
func (i *instance) note(event string, pairs ...string) {
	if e, err := i.running(); err == nil {
		e.log.write(event, pairs...)
	}
}
