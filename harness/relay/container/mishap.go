package container

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/moby/moby/client"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// signal sends one to the first process of the container.
func (b *box) signal(ctx context.Context, name string) error {
	_, err := b.dock.api.ContainerKill(ctx, b.c.GetContainerID(),
		client.ContainerKillOptions{Signal: name})
	if err != nil {
		return fmt.Errorf("sending %s to a container: %w", name, err)
	}
	return nil
}

// running is its present life, or why there is none to do something to.
func (p *plain) running(doing string) (*box, error) {
	if p.isStopped() {
		return nil, fmt.Errorf("%s %s: it has been stopped", doing, p.driver.Name())
	}
	b := p.house.life()
	if b == nil || !b.Alive() {
		return nil, fmt.Errorf("%s %s: it does not run", doing, p.driver.Name())
	}
	return b, nil
}

// Kill ends every process at once.
func (p *plain) Kill(ctx context.Context) error {
	b, err := p.running("killing")
	if err != nil {
		return err
	}
	p.keepCPU()
	p.setPaused(false) // a stopped process dies as well
	return b.Kill(ctx)
}

// Restart starts it again on the same queue.
func (p *plain) Restart(ctx context.Context) error {
	if _, err := p.running("restarting"); err == nil {
		return fmt.Errorf("restarting %s: it still runs", p.driver.Name())
	} else if p.isStopped() {
		return err
	}
	if err := p.boot(ctx); err != nil {
		err = fmt.Errorf("restarting %s: %w", p.driver.Name(), err)
		return errors.Join(err, p.house.life().Kill(context.WithoutCancel(ctx)))
	}
	return nil
}

// Halt ends it in good order; Restart starts it again.
func (p *plain) Halt(ctx context.Context) error {
	if _, err := p.running("halting"); err != nil {
		return err
	}
	return p.quit(ctx)
}

// Pause stops every process where it is.
func (p *plain) Pause(ctx context.Context) error {
	b, err := p.running("pausing")
	if err != nil {
		return err
	}
	p.setPaused(true)
	return b.Freeze(ctx)
}

// Resume lets them go on.
func (p *plain) Resume(ctx context.Context) error {
	if _, err := p.running("resuming"); err != nil {
		return err
	}
	return p.resume(ctx)
}

func (p *plain) resume(ctx context.Context) error {
	p.setPaused(false)
	return p.house.life().Thaw(ctx)
}

func (p *plain) setPaused(paused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paused = paused
}

// keepCPU adds what a life has used to the account before it ends.
func (p *plain) keepCPU() {
	if u, err := p.house.life().Usage(); err == nil {
		p.mu.Lock()
		p.cpu += u.CPU
		p.mu.Unlock()
	}
}

// Resources samples what it uses.
func (p *plain) Resources(context.Context) (relay.Resources, error) {
	if p.isStopped() {
		return relay.Resources{}, fmt.Errorf("measuring %s: it has been stopped", p.driver.Name())
	}
	bytes, files, err := process.Disk(p.queue)
	if err != nil {
		return relay.Resources{}, err
	}
	u, err := p.house.life().Usage()
	if err != nil && !errors.Is(err, process.ErrGone) {
		return relay.Resources{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return relay.Resources{
		CPU: p.cpu + u.CPU, RSS: u.Memory, OpenFiles: u.OpenFiles, Processes: u.Processes,
		DiskBytes: bytes, DiskFiles: files,
	}, nil
}

// shaped is the relay with what its description allows.
func (p *plain) shaped() relay.Relay {
	if p.driver.about.Clock != "shared" {
		return p
	}
	return &shared{plain: p}
}

// shared is one whose programs read the shared clock.
type shared struct{ *plain }

var (
	_ relay.ClockReader  = (*shared)(nil)
	_ relay.DiskSlower   = (*shared)(nil)
	_ relay.ClockStepper = (*shared)(nil)
)

// ReadClock asks date, in the relay's own container.
func (s *shared) ReadClock(ctx context.Context) (time.Time, error) {
	b, err := s.running("reading the clock of")
	if err != nil {
		return time.Time{}, err
	}
	s.mu.Lock()
	paused := s.paused
	s.mu.Unlock()
	if paused {
		return time.Time{}, fmt.Errorf("reading the clock of %s: it is paused", s.driver.Name())
	}
	out, err := b.Run(ctx, process.Command{Path: "date", Args: []string{"-u", "+%s.%N"}})
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the clock of %s: %w: %s", s.driver.Name(), err, out)
	}
	var sec, nsec int64
	if _, err := fmt.Sscanf(out, "%d.%d", &sec, &nsec); err != nil {
		return time.Time{}, fmt.Errorf("reading what date said, %q: %w", out, err)
	}
	return time.Unix(sec, nsec).UTC(), nil
}

// errUnshared is what a relay in real time answers.
var errUnshared = errors.New("it does not run under the shared clock, by whose library this is done")

// SlowDisk lets each fsync take longer.
func (s *shared) SlowDisk(_ context.Context, delay time.Duration) error {
	if s.world.ClockFile == nil {
		return fmt.Errorf("slowing the disk of %s: %w", s.driver.Name(), errUnshared)
	}
	return s.world.ClockFile.SlowDisk(delay)
}

// StepClock puts the wall clock off that every process sees.
func (s *shared) StepClock(_ context.Context, by time.Duration) error {
	if s.world.ClockFile == nil {
		return fmt.Errorf("stepping the clock of %s: %w", s.driver.Name(), errUnshared)
	}
	return s.world.ClockFile.Step(by)
}
