package container

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	tcexec "github.com/testcontainers/testcontainers-go/exec"

	"github.com/hansei-mail/hansei/harness/relay/process"
)

// absent says that what was asked for is not there.
func absent(err error) bool { return errdefs.IsNotFound(err) }

// plan is what a container is made of.
type plan struct {
	image string
	relay string
	// line is the command; empty: the image's own.
	line   []string
	env    map[string]string
	mounts []mount.Mount
	// network is "host" or "none".
	network string
	limits  Limits
}

// bind shows a folder or file of this machine.
func bind(source, target string, readOnly bool) mount.Mount {
	return mount.Mount{Type: mount.TypeBind, Source: source, Target: target, ReadOnly: readOnly}
}

// create makes a container and does not start it.
func (d *docker) create(ctx context.Context, p plan) (testcontainers.Container, error) {
	mine, err := owner()
	if err != nil {
		return nil, err
	}
	memory, err := p.limits.memory()
	if err != nil {
		return nil, err
	}
	req := testcontainers.ContainerRequest{
		Image: p.image, Env: p.env,
		Labels: map[string]string{relayLabel: p.relay, ownerLabel: mine},
		ConfigModifier: func(c *container.Config) {
			if len(p.line) > 0 {
				c.Entrypoint, c.Cmd = p.line[:1], p.line[1:]
			}
		},
		HostConfigModifier: func(h *container.HostConfig) {
			h.NetworkMode = container.NetworkMode(p.network)
			h.Mounts = p.mounts
			h.Memory, h.MemorySwap = memory, memory // no swap beside it
			h.NanoCPUs = int64(p.limits.CPUs * 1e9)
			if p.limits.Processes > 0 {
				h.PidsLimit = &p.limits.Processes
			}
		},
	}
	c, err := d.provider.CreateContainer(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("making a container of %s: %w", p.image, oneLine(err))
	}
	return c, nil
}

// exec runs a program in a running container.
func exec(ctx context.Context, c testcontainers.Container, env []string, line ...string) (
	stdout, stderr []byte, err error,
) {
	code, said, err := c.Exec(ctx, line, tcexec.WithEnv(env))
	if err != nil {
		return nil, nil, fmt.Errorf("asking Docker to run %s: %w", line[0], err)
	}
	var out, bad bytes.Buffer
	if _, err := stdcopy.StdCopy(&out, &bad, said); err != nil {
		return nil, nil, fmt.Errorf("reading what %s said: %w", line[0], err)
	}
	if code != 0 {
		err = fmt.Errorf("exit code %d", code)
	}
	return out.Bytes(), bad.Bytes(), err
}

// box is one life of a container, from its start to its end.
type box struct {
	dock *docker
	c    testcontainers.Container
	pid  int // of its first process, as this machine counts
	done chan struct{}

	// mu is held for reading while a program is run in the container: one that is
	// being started when the container is paused hangs, and then neither it nor
	// the pause ever ends (seen with Docker 20.10).
	mu     sync.RWMutex
	paused bool
}

// start starts a container that is made or has ended.
func (d *docker) start(ctx context.Context, c testcontainers.Container) (*box, error) {
	if err := c.Start(ctx); err != nil {
		return nil, fmt.Errorf("starting a container: %w", oneLine(err))
	}
	b := &box{dock: d, c: c, done: make(chan struct{})}
	state, err := c.State(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking at a container: %w", err)
	}
	b.pid = state.Pid
	go b.watch(context.WithoutCancel(ctx))
	return b, nil
}

// watch closes done at the end of the container.
func (b *box) watch(ctx context.Context) {
	defer close(b.done)
	waiting := b.dock.api.ContainerWait(ctx, b.c.GetContainerID(), client.ContainerWaitOptions{
		Condition: container.WaitConditionNotRunning,
	})
	select {
	case <-waiting.Result:
	case <-waiting.Error: // removed, or the daemon has ended
	}
}

// Done is closed when it has ended.
func (b *box) Done() <-chan struct{} { return b.done }

// Alive says whether it has not.
func (b *box) Alive() bool {
	select {
	case <-b.done:
		return false
	default:
		return true
	}
}

// Processes are those of the container.
func (b *box) Processes() ([]process.Process, error) {
	if !b.Alive() || b.pid == 0 {
		return nil, nil
	}
	return process.Sharing(b.pid)
}

// Usage is what they use.
func (b *box) Usage() (process.Usage, error) {
	all, err := b.Processes()
	if err != nil || len(all) == 0 {
		return process.Usage{}, errors.Join(err, process.ErrGone)
	}
	return process.UsageOf(all)
}

// errPaused is what a paused container answers.
var errPaused = errors.New("the container is paused")

// Run runs one more program in the container, unless that is paused.
func (b *box) Run(ctx context.Context, c process.Command) (string, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.paused {
		return "", errPaused
	}
	out, bad, err := exec(ctx, b.c, c.Env, append([]string{c.Path}, c.Args...)...)
	if err != nil && b.ends(ctx) {
		err = nil // it ended the relay, and so the container that it ran in itself
	}
	return string(out) + string(bad), err
}

// ends says whether the container ends in this moment.
func (b *box) ends(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	select {
	case <-b.done:
		return true
	case <-ctx.Done():
		return false
	}
}

// Freeze stops every process where it is, by the freezer of the container's
// control group.
func (b *box) Freeze(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.paused {
		return nil
	}
	_, err := b.dock.api.ContainerPause(ctx, b.c.GetContainerID(), client.ContainerPauseOptions{})
	if err != nil {
		return fmt.Errorf("pausing a container: %w", err)
	}
	b.paused = true
	return nil
}

// Thaw lets them go on.
func (b *box) Thaw(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.paused {
		return nil
	}
	_, err := b.dock.api.ContainerUnpause(ctx, b.c.GetContainerID(), client.ContainerUnpauseOptions{})
	if err != nil {
		return fmt.Errorf("letting a container go on: %w", err)
	}
	b.paused = false
	return nil
}

// Kill ends every process at once with SIGKILL and returns when they are gone.
// It may be called again.
func (b *box) Kill(ctx context.Context) error {
	if !b.Alive() {
		return nil
	}
	if err := b.killFrozen(ctx); err != nil {
		return err
	}
	_, err := b.dock.api.ContainerKill(ctx, b.c.GetContainerID(), client.ContainerKillOptions{
		Signal: "SIGKILL",
	})
	if err != nil && !absent(err) && !errdefs.IsConflict(err) { // a conflict: it has ended
		return fmt.Errorf("killing a container: %w", err)
	}
	select {
	case <-b.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for a killed container to go: %w", ctx.Err())
	}
}

// killFrozen has the processes of a paused container meet their end before they
// can do anything else: Docker kills no container that is paused.
func (b *box) killFrozen(ctx context.Context) error {
	b.mu.RLock()
	paused := b.paused
	b.mu.RUnlock()
	if !paused {
		return nil
	}
	all, err := b.Processes()
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := syscall.Kill(p.PID, syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) &&
			!errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("killing a paused container: %w", err)
		}
	}
	return b.Thaw(ctx)
}

// here refuses a container whose network is not ours: under --apart, or with a
// daemon that lives in a network namespace of its own.
func (b *box) here() error {
	its, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", b.pid))
	if err != nil {
		return nil // it has ended, of which others tell
	}
	ours, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return fmt.Errorf("looking at our network: %w", err)
	}
	if its != ours {
		return errors.New("the Docker daemon lives in another network namespace than hansei, so " +
			"that its containers cannot reach this world: leave --apart out")
	}
	return nil
}

// said is what the container has printed, in both streams.
func said(ctx context.Context, c testcontainers.Container) ([]byte, error) {
	logs, err := c.Logs(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading what a container said: %w", err)
	}
	defer logs.Close()
	text, err := io.ReadAll(logs)
	if err != nil {
		return nil, fmt.Errorf("reading what a container said: %w", err)
	}
	return text, nil
}

// words are a program's words in one line.
func words(said []byte) string { return strings.Join(strings.Fields(string(said)), " ") }
