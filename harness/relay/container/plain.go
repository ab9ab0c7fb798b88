package container

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/types/mount"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// Times on the wall, because processes and sockets know no other.
const (
	startTime = 60 * time.Second
	stopTime  = 10 * time.Second
	// answerTime is long, because an image may have a door before its relay.
	answerTime = 10 * time.Second
)

// plain is a relay of which nothing is known but its description.
type plain struct {
	driver  Driver
	world   relay.World
	private *process.Private
	house   *house
	addr    string
	queue   string // of this machine
	info    relay.Info

	mu      sync.Mutex
	stopped bool
	paused  bool
	cpu     time.Duration // of lives that have ended
	left    []relay.Queued
	leftErr error
}

var (
	_ relay.Relay          = (*plain)(nil)
	_ relay.Killer         = (*plain)(nil)
	_ relay.Pauser         = (*plain)(nil)
	_ relay.Restarter      = (*plain)(nil)
	_ relay.QueueReader    = (*plain)(nil)
	_ relay.QueueSizer     = (*plain)(nil)
	_ relay.ResourceReader = (*plain)(nil)
)

// start brings up a relay by its description alone.
func (d Driver) start(ctx context.Context, w relay.World) (relay.Relay, error) {
	switch {
	case w.Overlay != "":
		return nil, fmt.Errorf("%s takes no configuration file: its description has it", d.Name())
	case len(w.Spare.Domains) > 0 && !d.about.Spare:
		return nil, fmt.Errorf("starting %s: %w", d.Name(), errNoSpare)
	}
	if _, err := resolv(w.DNS); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(w.Dir)
	if err != nil {
		return nil, fmt.Errorf("finding the relay's folder: %w", err)
	}
	w.Dir = dir
	p := &plain{driver: d, world: w}
	if p.private, err = process.NewPrivate(d.Name()); err != nil {
		return nil, err
	}
	if err := p.build(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("preparing %s: %w", d.Name(), err), p.clear(ctx))
	}
	if err := p.boot(ctx); err != nil {
		err = fmt.Errorf("starting %s: %w", d.Name(), err)
		return nil, errors.Join(err, p.keepWords(context.WithoutCancel(ctx)), p.clear(ctx))
	}
	return p.shaped(), nil
}

// build lays out folders and files, and starts the keeper.
func (p *plain) build(ctx context.Context) error {
	about := p.driver.about
	base := p.private.Base()
	var err error
	if p.house, err = about.room(ctx, p.world, base); err != nil {
		return err
	}
	if p.addr, err = process.FreeAddress(ctx); err != nil {
		return err
	}
	files, err := about.lay(ctx, base, Layout{Hostname: p.world.Hostname, Listen: p.addr,
		DNS: p.world.DNS, Spare: p.world.Spare, Filter: p.world.Filter})
	if err != nil {
		return err
	}
	if p.queue, err = p.private.Folder("queue", 0); err != nil {
		return err
	}
	log := filepath.Join(p.world.Dir, "log")
	if err := process.OpenFolder(log, 0); err != nil {
		return err
	}
	if err := p.house.keep(ctx, bind(p.queue, about.Queue.Folder, true)); err != nil {
		return err
	}
	if err := p.give(ctx, p.queue); err != nil {
		return err
	}
	p.house.mounts = append(p.house.mounts, files...)
	p.house.mounts = append(p.house.mounts, bind(p.queue, about.Queue.Folder, false))
	if about.Log != "" {
		if err := p.give(ctx, log); err != nil {
			return err
		}
		p.house.mounts = append(p.house.mounts, bind(log, about.Log, false))
	}
	return p.describe(ctx, files)
}

// give gives a folder to the queue's user, whose number the image knows.
func (p *plain) give(ctx context.Context, folder string) error {
	name := p.driver.about.Queue.User
	if name == "" {
		return nil
	}
	out, bad, err := p.house.Ask(ctx, "id", "-u", name)
	if err != nil {
		return fmt.Errorf("asking the image for the user %s: %w: %s", name, err, words(bad))
	}
	uid, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		return fmt.Errorf("reading the number of the user %s: %w", name, err)
	}
	return process.OpenFolder(folder, uid)
}

// describe says what it is and what was changed.
func (p *plain) describe(ctx context.Context, files []mount.Mount) error {
	out, bad, err := p.house.Ask(ctx, p.driver.about.Version...)
	if err != nil {
		return fmt.Errorf("asking for the version: %w: %s", err, words(bad))
	}
	p.info = relay.Info{Name: p.driver.Name(), Version: words(out),
		Settings: p.driver.about.Settings, Changes: p.house.Changes()}
	for _, f := range files {
		p.info.Changes = append(p.info.Changes, f.Target+": written from the description "+
			"(addresses, DNS, spare copies, the filter)")
		data, err := os.ReadFile(f.Source)
		if err != nil {
			return fmt.Errorf("keeping the configuration: %w", err)
		}
		kept := filepath.Join(p.world.Dir, "config", strings.ReplaceAll(f.Target[1:], "/", "_"))
		if err := process.OpenFolder(filepath.Dir(kept), 0); err != nil {
			return err
		}
		if err := os.WriteFile(kept, data, 0o644); err != nil {
			return fmt.Errorf("keeping the configuration: %w", err)
		}
	}
	if p.world.ClockFile == nil {
		p.info.Changes = append(p.info.Changes, "clock: real time, which nobody accelerates")
	}
	return nil
}

// boot starts the relay on the queue that is there.
func (p *plain) boot(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	b, err := p.house.live(ctx, p.driver.about.Start, p.driver.about.Env)
	if err != nil {
		return err
	}
	if err := process.AwaitGreeting(ctx, p.addr, b.Done(), answerTime); err != nil {
		if text, bad := said(context.WithoutCancel(ctx), p.house.relay); bad == nil && len(text) > 0 {
			err = fmt.Errorf("%w: it said: %s", err, lastWords(string(text)))
		}
		return err
	}
	return process.System{Clock: p.world.ClockFile}.ProveClock(ctx, b)
}

// Addr is where senders hand in mail.
func (p *plain) Addr() string { return p.addr }

// Info describes it.
func (p *plain) Info() relay.Info { return p.info }

// Stop ends it in good order, lists what is left in its queue, and removes it.
func (p *plain) Stop(ctx context.Context) error {
	if p.isStopped() {
		return nil
	}
	bad := p.quit(ctx)
	left, leftErr := p.listing(ctx)
	p.mu.Lock()
	p.left, p.leftErr, p.stopped = left, leftErr, true
	p.mu.Unlock()
	return errors.Join(bad, p.keepWords(ctx), p.clear(ctx))
}

// quit ends the relay by its own command or by SIGTERM, and kills what stays.
func (p *plain) quit(ctx context.Context) error {
	b := p.house.life()
	if b == nil || !b.Alive() {
		return nil
	}
	if err := p.resume(ctx); err != nil { // a stopped process cannot end in good order
		return err
	}
	p.keepCPU()
	wait, cancel := context.WithTimeout(ctx, stopTime)
	defer cancel()
	var bad error
	if stop := p.driver.about.Stop; len(stop) > 0 {
		out, err := b.Run(wait, process.Command{Path: stop[0], Args: stop[1:]})
		if err != nil {
			bad = fmt.Errorf("stopping %s: %w: %s", p.driver.Name(), err, words([]byte(out)))
		}
	} else {
		bad = b.signal(wait, "SIGTERM")
	}
	select {
	case <-b.Done():
	case <-wait.Done(): // a delivery that hangs is killed, as at a shutdown
	}
	return errors.Join(bad, b.Kill(context.WithoutCancel(ctx)))
}

// keepWords leaves what it printed among the files of the run.
func (p *plain) keepWords(ctx context.Context) error {
	if p.house == nil || p.house.relay == nil {
		return nil
	}
	text, err := said(ctx, p.house.relay)
	if err != nil {
		return err
	}
	path := filepath.Join(p.world.Dir, "log", "container.log")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return fmt.Errorf("keeping what the container said: %w", err)
	}
	return nil
}

// clear removes the containers, then the folder.
func (p *plain) clear(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	if p.house != nil {
		if err := p.house.Close(ctx); err != nil {
			return err
		}
	}
	return p.private.Clear(ctx)
}

func (p *plain) isStopped() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopped
}

// Queue lists what it holds, alive or dead, and after the stop what was left.
func (p *plain) Queue(ctx context.Context) ([]relay.Queued, error) {
	p.mu.Lock()
	stopped, left, err := p.stopped, p.left, p.leftErr
	p.mu.Unlock()
	if stopped {
		return slices.Clone(left), err
	}
	return p.listing(ctx)
}

func (p *plain) listing(ctx context.Context) ([]relay.Queued, error) {
	out, bad, err := p.house.Ask(ctx, p.driver.about.Queue.List...)
	if err != nil {
		return nil, fmt.Errorf("listing the queue of %s: %w: %s", p.driver.Name(), err, words(bad))
	}
	return parseQueue(string(out))
}

// QueueSize counts the files of messages, or else what the listing names.
func (p *plain) QueueSize(ctx context.Context) (int, error) {
	p.mu.Lock()
	stopped, left, err := p.stopped, p.left, p.leftErr
	p.mu.Unlock()
	if stopped {
		return len(left), err
	}
	if pattern := p.driver.about.Queue.Messages; pattern != "" {
		found, err := filepath.Glob(filepath.Join(p.queue, pattern))
		if err != nil {
			return 0, fmt.Errorf("counting the queue of %s: %w", p.driver.Name(), err)
		}
		return len(found), ctx.Err()
	}
	all, err := p.listing(ctx)
	return len(all), err
}
