package reference

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

// version is the reference relay's own.
const version = "1"

// Options are what a user of the driver may choose.
type Options struct {
	// Flaw is the name of a planted flaw; empty: none. See Flaws.
	Flaw     string
	Settings Settings
}

// Driver starts reference relays.
type Driver struct{ options Options }

// New is the driver of the reference relay.
func New(opts Options) *Driver { return &Driver{options: opts} }

// Name is the word for --relay.
func (d *Driver) Name() string { return "reference" }

// Ready refuses a flaw that does not exist; any machine can run the relay.
func (d *Driver) Ready(context.Context) error {
	if flaw(d.options.Flaw).known() {
		return nil
	}
	var names []string
	for _, f := range Flaws() {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return fmt.Errorf("the reference relay has no flaw %q; it has %s", d.options.Flaw,
		strings.Join(names, ", "))
}

// Traits: in process, on the scenario's clock at any rate.
func (d *Driver) Traits() relay.Traits {
	return relay.Traits{
		InProcess: true, SharesClock: true, Kills: true, Watches: true,
		Abilities: relay.Abilities{
			Pauses: true, Restarts: true, FillsDisk: true, SlowsDisk: true, StepsClock: true,
		},
	}
}

// Start brings the relay up.
func (d *Driver) Start(ctx context.Context, w relay.World) (relay.Relay, error) {
	if err := d.Ready(ctx); err != nil {
		return nil, err
	}
	if w.Network == nil || w.Resolver == nil || w.Clock == nil {
		return nil, errors.New("the reference relay needs a network, a resolver and a clock")
	}
	f := flaw(d.options.Flaw)
	i := &instance{world: w, settings: d.options.Settings.filled(f), flaw: f,
		machine: &machine{clock: w.Clock}}
	addr := i.settings.Listen
	if addr == "" {
		addr = net.JoinHostPort(w.Hostname, "0")
	}
	e, err := newEngine(w, i.machine, i.settings, f, addr)
	if err != nil {
		return nil, fmt.Errorf("starting the reference relay: %w", err)
	}
	i.engine, i.addr = e, e.listener.Addr().String()
	i.watch = newWatch(i)
	return i, nil
}

// errDown is the answer of a relay that is not running.
var errDown = errors.New("the reference relay is not running")

// instance is a relay over all its lives.
type instance struct {
	world    relay.World
	settings Settings
	flaw     flaw
	machine  *machine
	addr     string
	watch    *watch // nil: there is nobody to tell

	mu      sync.Mutex
	engine  *engine // nil: killed or stopped
	stopped bool
}

// Addr is where senders hand in mail.
func (i *instance) Addr() string { return i.addr }

// Info describes the relay and owns up to its flaw.
func (i *instance) Info() relay.Info {
	info := relay.Info{Name: "reference", Version: version, Settings: i.settings.told()}
	if i.flaw != "" {
		info.Changes = []string{fmt.Sprintf("flaw %s: %s", i.flaw, i.flaw.what())}
	}
	return info
}

// Stop ends the relay in good order; a second time it does nothing.
func (i *instance) Stop(ctx context.Context) error {
	i.watch.stop()
	e := i.take(true)
	if e == nil {
		return nil
	}
	return e.stop(ctx)
}

// Kill ends the relay as SIGKILL would.
func (i *instance) Kill(context.Context) error {
	e := i.take(false)
	if e == nil {
		return errDown
	}
	return e.kill()
}

// take is the running engine, for whoever ends it. The lock is not held while
// it ends: that waits on the scenario's clock.
func (i *instance) take(stop bool) *engine {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.stopped = i.stopped || stop
	e := i.engine
	i.engine = nil
	return e
}

// Restart starts the relay again on the queue that Kill or Halt left, at the
// same address.
func (i *instance) Restart(context.Context) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.engine != nil || i.stopped {
		return errors.New("only a relay that is down can be started again")
	}
	e, err := newEngine(i.world, i.machine, i.settings, i.flaw, i.addr)
	if err != nil {
		return fmt.Errorf("starting the reference relay again: %w", err)
	}
	i.engine = e
	return nil
}

func (i *instance) running() (*engine, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.engine == nil {
		return nil, errDown
	}
	return i.engine, nil
}

// Queue lists what the relay still holds, oldest first.
func (i *instance) Queue(ctx context.Context) ([]relay.Queued, error) {
	e, err := i.running()
	if err != nil {
		return nil, err
	}
	var list []relay.Queued
	err = e.queue.each(func(env *envelope) error {
		to, reason := env.remaining()
		list = append(list, relay.Queued{
			ID: queueID(env.ID), MessageID: env.Mark, Sender: env.From,
			Recipients: to, Arrived: env.arrived(), Reason: reason,
		})
		return ctx.Err()
	})
	return list, err
}

// QueueSize is how many messages wait.
func (i *instance) QueueSize(context.Context) (int, error) {
	e, err := i.running()
	if err != nil {
		return 0, err
	}
	return int(e.queue.size.Load()), nil
}

// ReadClock is the wall clock that the relay sees.
func (i *instance) ReadClock(context.Context) (time.Time, error) {
	e, err := i.running()
	if err != nil {
		return time.Time{}, err
	}
	return e.machine.onWall().Now(), nil
}
