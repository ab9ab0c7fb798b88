package postfix

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// instance is a running private Postfix.
type instance struct {
	world    relay.World
	programs programs
	place    place
	lease    *process.Lease
	volume   *process.Volume // of the queue; nil: it lies on the machine's disk
	listen   string
	binds    []process.Bind
	info     relay.Info
	rule     rule
	began    time.Time // scenario time
	demand   process.Demand

	mu      sync.Mutex
	tree    *process.Tree
	cpu     time.Duration // of trees that were killed
	stopped bool
	paused  bool
	ahead   time.Duration // of the wall clock that its processes see
	// left and leftErr are the queue's listing at the stop.
	left    []relay.Queued
	leftErr error
}

var (
	_ relay.Relay          = (*instance)(nil)
	_ relay.Killer         = (*instance)(nil)
	_ relay.QueueReader    = (*instance)(nil)
	_ relay.QueueSizer     = (*instance)(nil)
	_ relay.LogKeeper      = (*instance)(nil)
	_ relay.ClockReader    = (*instance)(nil)
	_ relay.ResourceReader = (*instance)(nil)
	_ relay.DemandReader   = (*instance)(nil)
)

// stopTime bounds, on the wall, how long a stop in good order may take before
// the rest is killed.
const stopTime = 15 * time.Second

// Addr is where senders hand in mail.
func (in *instance) Addr() string { return in.listen }

// Info describes the instance.
func (in *instance) Info() relay.Info { return in.info }

// Stop ends the instance in good order, lists what is left in its queue, and
// removes it. The log and the configuration stay in World.Dir.
func (in *instance) Stop(ctx context.Context) error {
	if in.isStopped() {
		return nil
	}
	bad := in.quit(ctx)
	left, leftErr := in.listing(ctx)
	in.mu.Lock()
	in.left, in.leftErr, in.stopped = left, leftErr, true
	in.mu.Unlock()
	bad = errors.Join(bad, in.keepListing(ctx), copyFolder(in.place.config(),
		filepath.Join(in.world.Dir, "config")))
	return errors.Join(bad, in.clear())
}

// quit ends every process in good order, or kills what does not end.
func (in *instance) quit(ctx context.Context) error {
	tree := in.running()
	if tree == nil {
		return nil
	}
	var bad error
	if tree.Alive() {
		bad = tree.Thaw(ctx) // a stopped process cannot end in good order
		ctx, cancel := context.WithTimeout(ctx, stopTime)
		out, err := tree.Run(ctx, in.command(in.programs.postfix, "stop"))
		cancel()
		if err != nil {
			bad = errors.Join(bad, fmt.Errorf("stopping postfix: %w: %s", err, out))
		}
	}
	in.keepCPU(tree)
	return errors.Join(bad, tree.Kill(ctx))
}

// keepListing leaves postqueue's own listing among the files of the run.
func (in *instance) keepListing(ctx context.Context) error {
	out, err := in.output(ctx, in.programs.postqueue, "-j")
	if err != nil {
		return fmt.Errorf("keeping the queue listing: %w", err)
	}
	path := filepath.Join(in.world.Dir, "queue.jsonl")
	if err := os.WriteFile(path, out.stdout, 0o644); err != nil {
		return fmt.Errorf("keeping the queue listing: %w", err)
	}
	return nil
}

// abandon ends an instance that did not come up. The caller's context may be
// what ended the start, so it does not count here.
func (in *instance) abandon(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	var bad error
	if t := in.running(); t != nil {
		bad = t.Kill(ctx)
	}
	return errors.Join(bad, in.clear())
}

// clear removes the instance's folder and leaves the register.
func (in *instance) clear() error {
	if in.lease == nil {
		return nil
	}
	if in.volume != nil {
		if err := in.volume.Close(context.Background()); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(in.place.base); err != nil {
		return fmt.Errorf("removing the instance: %w", err)
	}
	return in.lease.Release()
}

// running is the present tree; it may be dead, or nil before the first start.
func (in *instance) running() *process.Tree {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.tree
}

// setTree puts a new tree in place.
func (in *instance) setTree(t *process.Tree) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.tree = t
}

// isStopped says whether Stop has been through.
func (in *instance) isStopped() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.stopped
}

// copyFolder copies the plain files of one folder into another.
func copyFolder(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return fmt.Errorf("copying %s: %w", from, err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		data, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			return fmt.Errorf("copying %s: %w", from, err)
		}
		if err := os.WriteFile(filepath.Join(to, e.Name()), data, 0o644); err != nil {
			return fmt.Errorf("copying %s: %w", from, err)
		}
	}
	return nil
}
