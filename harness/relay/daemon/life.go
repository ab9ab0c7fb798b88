// Package daemon owns the life of a relay that is one server with its children,
// in a private system of its own: how it is stopped, killed, started again and
// measured, and what is done to it in a run (mishap.go).
//
// A driver embeds a Life in its instance and has the capabilities from there; it
// keeps what only it knows: how the server is laid out and started, where its
// queue lies and how that is read. The package must not know any relay by name,
// nor read or write a configuration.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// Times on the wall, because processes and sockets know no other.
const (
	// StartTime is the longest that a start may take.
	StartTime = 60 * time.Second
	// stopTime bounds how long a stop in good order may take before the rest is
	// killed.
	stopTime = 5 * time.Second
)

// Life is one instance of a server. Its fields are set before it is started and
// not changed afterwards; its methods may be called from many goroutines.
type Life struct {
	// Name is what errors call the relay.
	Name string
	// PIDFile is where the server's number is, as the instance sees it.
	PIDFile string
	World   relay.World
	Private *process.Private
	// Spool is the folder of the queue as it was made; see Seen.
	Spool string
	Server
	demand process.Demand

	mu      sync.Mutex
	stopped bool
	paused  bool
	ahead   time.Duration // of the wall clock that its processes see
	// left and leftErr are the queue's listing at the stop.
	left    []relay.Queued
	leftErr error
}

// Server is what only the relay's own driver can do.
type Server struct {
	// Boot starts the server on the queue that is there.
	Boot func(context.Context) error
	// List lists what the queue holds, Count how many messages; both whether the
	// server runs or not.
	List  func(context.Context) ([]relay.Queued, error)
	Count func() (int, error)
	// Note writes a line of ours into the relay's log.
	Note func(text string) error
	// Closed is called when all is over; may be nil.
	Closed func() error
}

// Stop ends the server, gives deliveries under way a moment, lists what is left
// in the queue, and removes the instance. The log and the configuration stay in
// World.Dir.
func (l *Life) Stop(ctx context.Context) error {
	if l.isStopped() {
		return nil
	}
	bad := l.quit(ctx)
	bad = errors.Join(bad, l.Private.Kill(ctx))
	left, leftErr := l.List(ctx)
	l.mu.Lock()
	l.left, l.leftErr, l.stopped = left, leftErr, true
	l.mu.Unlock()
	return errors.Join(bad, l.remove(ctx))
}

func (l *Life) remove(ctx context.Context) error {
	err := l.Private.Clear(ctx)
	if l.Closed != nil {
		err = errors.Join(err, l.Closed())
	}
	return err
}

// Abandon ends an instance that did not come up. The caller's context may be
// what ended the start, so it does not count here.
func (l *Life) Abandon(ctx context.Context) error {
	if l.Private == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	return l.remove(ctx)
}

// quit sends the server SIGTERM, as Debian's services do, and waits for it and
// its children to go.
func (l *Life) quit(ctx context.Context) error {
	tree := l.Private.Tree()
	if tree == nil || !tree.Alive() {
		return nil
	}
	if err := tree.Thaw(ctx); err != nil { // a stopped process cannot end in good order
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, stopTime)
	defer cancel()
	out, err := tree.Run(ctx, process.Command{Path: "/bin/sh",
		Args: []string{"-c", `kill $(cat "$1")`, "sh", l.PIDFile}})
	if err != nil {
		return fmt.Errorf("stopping %s: %w: %s", l.Name, err, out)
	}
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		all, err := tree.Processes()
		if err != nil || len(all) == 0 {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil // a delivery that hangs is killed, as at a shutdown
		}
	}
}

// Kill ends every process of the instance at once, as a power cut does to the
// programs (not to the disk: what the kernel has taken stays written).
func (l *Life) Kill(ctx context.Context) error {
	if l.isStopped() {
		return fmt.Errorf("killing %s: it has been stopped", l.Name)
	}
	l.setPaused(false) // a stopped process dies as well
	if err := l.Private.Kill(ctx); err != nil {
		return fmt.Errorf("killing %s: %w", l.Name, err)
	}
	return nil
}

// Restart starts the instance again on the same queue, with what a crash leaves
// in the spool and in /run: servers take no offence, or clean it up themselves.
func (l *Life) Restart(ctx context.Context) error {
	if l.isStopped() {
		return fmt.Errorf("restarting %s: it has been stopped", l.Name)
	}
	if l.Private.Alive() {
		return fmt.Errorf("restarting %s: it still runs", l.Name)
	}
	if err := l.Boot(ctx); err != nil {
		return errors.Join(fmt.Errorf("restarting %s: %w", l.Name, err),
			l.Private.Kill(context.WithoutCancel(ctx)))
	}
	return nil
}

// Resources samples what the instance uses. RSS is the proportional share of
// memory, because the processes of a server share most of theirs.
func (l *Life) Resources(context.Context) (relay.Resources, error) {
	if l.isStopped() {
		return relay.Resources{}, fmt.Errorf("measuring %s: it has been stopped", l.Name)
	}
	bytes, files, err := process.Disk(l.Seen())
	if err != nil {
		return relay.Resources{}, err
	}
	u, err := l.Private.Usage()
	if err != nil {
		return relay.Resources{}, err
	}
	return relay.Resources{
		CPU: u.CPU, RSS: u.Memory, OpenFiles: u.OpenFiles, Processes: u.Processes,
		DiskBytes: bytes, DiskFiles: files,
	}, nil
}

// Queue lists what the instance holds. It works while the instance runs, while
// it is dead, and, with the listing made at the stop, afterwards.
func (l *Life) Queue(ctx context.Context) ([]relay.Queued, error) {
	l.mu.Lock()
	stopped, left, err := l.stopped, l.left, l.leftErr
	l.mu.Unlock()
	if stopped {
		return slices.Clone(left), err
	}
	return l.List(ctx)
}

// QueueSize counts the messages in the queue.
func (l *Life) QueueSize(ctx context.Context) (int, error) {
	l.mu.Lock()
	stopped, left, err := l.stopped, l.left, l.leftErr
	l.mu.Unlock()
	if stopped {
		return len(left), err
	}
	n, err := l.Count()
	return n, errors.Join(err, ctx.Err())
}

// Answers says whether the server can be asked: it runs, and nobody stopped it.
func (l *Life) Answers() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.stopped && !l.paused && l.Private.Alive()
}

func (l *Life) isStopped() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stopped
}

// KeepConfig leaves a configuration among the files of the run.
func (l *Life) KeepConfig(name, text string) error {
	dir := filepath.Join(l.World.Dir, "config")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("keeping the configuration: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		return fmt.Errorf("keeping the configuration: %w", err)
	}
	return nil
}
