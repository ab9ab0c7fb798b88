package harness

import (
	"context"
	"fmt"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// upheavals are what happens to the relay itself, one after the other, beside
// the load: senders meet the relay as it is, as they would that day.
type upheavals struct {
	*conductor
	// last is closed when the one before is done; steps keep their order.
	last chan struct{}
}

// begin does one step after those before it. It says so in the evidence, with
// what do has measured.
func (u *upheavals) begin(step timeline.Step, do func() (value float64, err error)) {
	before, done := u.last, make(chan struct{})
	u.last = done
	u.upheaval.Go(func() {
		defer close(done)
		if before != nil {
			<-before
		}
		value, err := do()
		if err != nil {
			u.trouble("relay", fmt.Sprintf("%s (%s): %v", step.Verb, step.Name, err))
			return
		}
		u.log.Append(evidence.Event{
			Kind: evidence.KindStep, Actor: evidence.Relay, Step: string(step.Verb) + " done",
			Name: step.Name, Value: value,
		})
	})
}

// play does a step of the timeline if it is one for a relay.
func (u *upheavals) play(ctx context.Context, step timeline.Step) {
	of, err := u.stepOf(step.Name)
	if err != nil {
		return // not about the relay
	}
	switch step.Verb {
	case timeline.Pause, timeline.Resume:
		u.pause(ctx, step)
	case timeline.Stop, timeline.Start:
		u.restart(ctx, step)
	case timeline.FillDisk, timeline.FreeDisk:
		u.fill(ctx, step, of.Bytes)
	case timeline.SlowDisk:
		u.slow(ctx, step, of.Delay)
	case timeline.QuickDisk:
		u.slow(ctx, step, 0)
	case timeline.StepClock:
		u.stepClock(ctx, step, of.By)
	case timeline.StepBack:
		u.stepClock(ctx, step, 0)
	}
}

func (u *upheavals) stepOf(name string) (timeline.RelayStep, error) {
	for _, r := range u.header.Relay {
		if r.Name == name {
			return r, nil
		}
	}
	return timeline.RelayStep{}, fmt.Errorf("no relay step %q", name)
}

// incapable is a driver that promised more than its relay can do.
func (u *upheavals) incapable(step timeline.Step) {
	u.trouble("relay", fmt.Sprintf("%s (%s): it cannot, although its driver says so", step.Verb,
		step.Name))
}

// pause holds the clock's rate while nothing answers: attempts that hang are
// then the relay's doing, and no sign that the machine lags.
func (u *upheavals) pause(ctx context.Context, step timeline.Step) {
	pauser, ok := u.relay.(relay.Pauser)
	if !ok {
		u.incapable(step)
		return
	}
	if step.Verb == timeline.Pause {
		u.pace.hold(down)
		u.pace.excuse(true)
		u.begin(step, func() (float64, error) { return 0, pauser.Pause(ctx) })
		return
	}
	u.begin(step, func() (float64, error) {
		defer u.pace.release()
		defer u.pace.excuse(false)
		return 0, pauser.Resume(ctx)
	})
}

// restart is that of a relay that ends in good order.
func (u *upheavals) restart(ctx context.Context, step timeline.Step) {
	restarter, ok := u.relay.(relay.Restarter)
	if !ok {
		u.incapable(step)
		return
	}
	if step.Verb == timeline.Stop {
		u.pace.hold(down)
		u.begin(step, func() (float64, error) {
			ctx, cancel := context.WithTimeout(ctx, stopLimit)
			defer cancel()
			return 0, restarter.Halt(ctx)
		})
		return
	}
	u.begin(step, func() (float64, error) {
		u.pace.hold(restarting)
		defer u.pace.release()
		ctx, cancel := context.WithTimeout(ctx, startLimit)
		defer cancel()
		began := time.Now()
		err := restarter.Restart(ctx)
		return time.Since(began).Seconds(), err
	})
}

func (u *upheavals) fill(ctx context.Context, step timeline.Step, left int64) {
	filler, ok := u.relay.(relay.DiskFiller)
	if !ok {
		u.incapable(step)
		return
	}
	u.begin(step, func() (float64, error) {
		if step.Verb == timeline.FreeDisk {
			return 0, filler.FreeDisk(ctx)
		}
		free, err := filler.FillDisk(ctx, left)
		return float64(free), err
	})
}

func (u *upheavals) slow(ctx context.Context, step timeline.Step, delay time.Duration) {
	slower, ok := u.relay.(relay.DiskSlower)
	if !ok {
		u.incapable(step)
		return
	}
	u.begin(step, func() (float64, error) { return delay.Seconds(), slower.SlowDisk(ctx, delay) })
}

// stepClock also tells those who look at the relay's clock how far off it has
// to be. While it jumps they cannot know.
func (u *upheavals) stepClock(ctx context.Context, step timeline.Step, by time.Duration) {
	stepper, ok := u.relay.(relay.ClockStepper)
	if !ok {
		u.incapable(step)
		return
	}
	u.begin(step, func() (float64, error) {
		u.stepped.jump()
		err := stepper.StepClock(ctx, by)
		u.stepped.land(by)
		return by.Seconds(), err
	})
}
