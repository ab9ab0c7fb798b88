package opensmtpd

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

// instance is a running private OpenSMTPD.
type instance struct {
	world   relay.World
	pack    process.Package
	user    process.User
	queuer  process.User
	system  process.System
	private *process.Private
	binds   []process.Bind
	listen  string
	// spool is what the instance sees as /var/spool.
	spool string
	log   *journal
	info  relay.Info

	mu      sync.Mutex
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
)

// pidFile is where the server's number is, as the instance sees it.
const pidFile = "/run/hansei-smtpd.pid"

// Times on the wall, because processes and sockets know no other.
const (
	// startTime is the longest that a start may take.
	startTime = 60 * time.Second
	// stopTime bounds how long a stop in good order may take before the rest is
	// killed.
	stopTime = 5 * time.Second
)

// Addr is where senders hand in mail.
func (in *instance) Addr() string { return in.listen }

// Info describes the instance.
func (in *instance) Info() relay.Info { return in.info }

// Stop ends the server, gives deliveries under way a moment, lists what is left
// in the queue, and removes the instance. The log and the configuration stay in
// World.Dir.
func (in *instance) Stop(ctx context.Context) error {
	if in.isStopped() {
		return nil
	}
	bad := in.quit(ctx)
	bad = errors.Join(bad, in.private.Kill(ctx))
	left, leftErr := in.listing(ctx)
	in.mu.Lock()
	in.left, in.leftErr, in.stopped = left, leftErr, true
	in.mu.Unlock()
	return errors.Join(bad, in.private.Clear(ctx), in.log.close())
}

// quit sends the server SIGTERM, as Debian's service does, and waits for it and
// its children to go.
func (in *instance) quit(ctx context.Context) error {
	tree := in.private.Tree()
	if tree == nil || !tree.Alive() {
		return nil
	}
	if err := tree.Thaw(ctx); err != nil { // a stopped process cannot end in good order
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, stopTime)
	defer cancel()
	out, err := tree.Run(ctx, process.Command{Path: "/bin/sh",
		Args: []string{"-c", "kill $(cat " + pidFile + ")"}})
	if err != nil {
		return fmt.Errorf("stopping opensmtpd: %w: %s", err, out)
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
func (in *instance) Kill(ctx context.Context) error {
	if in.isStopped() {
		return errors.New("killing opensmtpd: it has been stopped")
	}
	in.setPaused(false) // a stopped process dies as well
	if err := in.private.Kill(ctx); err != nil {
		return fmt.Errorf("killing opensmtpd: %w", err)
	}
	return nil
}

// Restart starts the instance again on the same queue, with what a crash leaves
// in the spool and in /run: OpenSMTPD itself takes no offence.
func (in *instance) Restart(ctx context.Context) error {
	if in.isStopped() {
		return errors.New("restarting opensmtpd: it has been stopped")
	}
	if in.private.Alive() {
		return errors.New("restarting opensmtpd: it still runs")
	}
	if err := in.boot(ctx); err != nil {
		return errors.Join(fmt.Errorf("restarting opensmtpd: %w", err),
			in.private.Kill(context.WithoutCancel(ctx)))
	}
	return nil
}

// Resources samples what the instance uses. RSS is the proportional share of
// memory, because OpenSMTPD's processes are one program and share most of it.
func (in *instance) Resources(context.Context) (relay.Resources, error) {
	if in.isStopped() {
		return relay.Resources{}, errors.New("measuring opensmtpd: it has been stopped")
	}
	bytes, files, err := process.Disk(in.queue())
	if err != nil {
		return relay.Resources{}, err
	}
	u, err := in.private.Usage()
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
func (in *instance) Queue(ctx context.Context) ([]relay.Queued, error) {
	in.mu.Lock()
	stopped, left, err := in.stopped, in.left, in.leftErr
	in.mu.Unlock()
	if stopped {
		return slices.Clone(left), err
	}
	return in.listing(ctx)
}

// QueueSize counts the messages in the queue.
func (in *instance) QueueSize(ctx context.Context) (int, error) {
	in.mu.Lock()
	stopped, left, err := in.stopped, in.left, in.leftErr
	in.mu.Unlock()
	if stopped {
		return len(left), err
	}
	folders, err := in.messages()
	return len(folders), errors.Join(err, ctx.Err())
}

// isStopped says whether Stop has been through.
func (in *instance) isStopped() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.stopped
}

// keepConfig leaves the configuration among the files of the run.
func (in *instance) keepConfig(text string) error {
	dir := filepath.Join(in.world.Dir, "config")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("keeping the configuration: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "exim4.conf"), []byte(text), 0o644); err != nil {
		return fmt.Errorf("keeping the configuration: %w", err)
	}
	return nil
}
