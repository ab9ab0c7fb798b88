package container

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/moby/moby/api/types/mount"
	"github.com/testcontainers/testcontainers-go"

	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/postfix"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// site is where the Postfix of an image is.
type site struct{ Driver }

var _ postfix.Site = site{}

// Open makes a house with its keeper.
func (s site) Open(ctx context.Context, w relay.World, base string) (postfix.House, error) {
	h, err := s.about.room(ctx, w, base)
	if err != nil {
		return nil, err
	}
	log := filepath.Join(w.Dir, "log")
	// At the same paths, the driver need not know which side it is on.
	if err := h.keep(ctx, bind(base, base, true), bind(log, log, true)); err != nil {
		return nil, errors.Join(err, h.Close(context.WithoutCancel(ctx)))
	}
	h.mounts = append(h.mounts, bind(base, base, false), bind(log, log, false))
	return h, nil
}

// house is the room of one relay: its keeper, and its own container once it was
// started.
type house struct {
	about  Description
	dock   *docker
	image  string
	clock  *clock.File
	base   string
	mounts []mount.Mount
	keeper testcontainers.Container
	relay  testcontainers.Container

	mu    sync.Mutex
	lives *box
}

// life is the relay's present life, or its last; nil before the first.
func (h *house) life() *box {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lives
}

// room finds the image and writes the files that any relay here has.
func (about Description) room(ctx context.Context, w relay.World, base string) (*house, error) {
	dock, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	h := &house{about: about, dock: dock, clock: w.ClockFile, base: base}
	if _, err := dock.sweep(ctx); err != nil {
		return nil, errors.Join(err, dock.close())
	}
	if h.image, err = about.image(ctx, dock, base); err != nil {
		return nil, errors.Join(err, dock.close())
	}
	if w.ClockFile == nil {
		return h, nil
	}
	own := filepath.Join(base, "preload")
	if err := os.WriteFile(own, []byte(process.PreloadPath+"\n"), 0o644); err != nil {
		return nil, errors.Join(fmt.Errorf("writing ld.so.preload: %w", err), dock.close())
	}
	dir := w.ClockFile.Dir()
	h.mounts = append(h.mounts, bind(dir, clock.DefaultDir, true), bind(dir, dir, true),
		bind(own, "/etc/ld.so.preload", true))
	return h, nil
}

// keep starts the keeper: it has no network, and what it is shown it can read.
func (h *house) keep(ctx context.Context, shown ...mount.Mount) error {
	var err error
	h.keeper, err = h.dock.create(ctx, plan{
		image: h.image, relay: h.about.Name, line: []string{"sleep", "infinity"},
		network: "none", mounts: shown,
	})
	if err != nil {
		return err
	}
	_, err = h.dock.start(ctx, h.keeper)
	return err
}

// Changes are what being in a container changes.
func (h *house) Changes() []string {
	all := []string{"it runs in a container of the image " + h.image + ", on the network of this " +
		"machine (names come from the world's DNS alone); its queue and log are folders of this machine"}
	if h.clock != nil {
		all = append(all, "/etc/ld.so.preload: "+process.PreloadPath+" (the shared clock)")
	}
	if l := h.about.Limits; l != (Limits{}) {
		all = append(all, fmt.Sprintf("limits of the container: memory %q, CPUs %g, processes %d "+
			"(nothing and 0: none)", l.Memory, l.CPUs, l.Processes))
	}
	return all
}

// Ask runs a program in the keeper.
func (h *house) Ask(ctx context.Context, line ...string) (stdout, stderr []byte, err error) {
	return exec(ctx, h.keeper, []string{"LC_ALL=C", "TZ=UTC"}, line...)
}

// Start starts the relay, the first time in a new container and then in that one
// again, as a machine that was switched off and on.
func (h *house) Start(ctx context.Context, binds []process.Bind, c process.Command) (
	postfix.Tree, error,
) {
	env := map[string]string{}
	for _, e := range c.Env {
		name, value, _ := strings.Cut(e, "=")
		env[name] = value
	}
	if h.relay == nil {
		for _, b := range binds {
			h.mounts = append(h.mounts, bind(b.Source, b.Target, true))
		}
	}
	b, err := h.live(ctx, append([]string{c.Path}, c.Args...), env)
	if err != nil {
		return nil, err
	}
	return b, nil
}

// live is Start, with a command that may be the image's own.
func (h *house) live(ctx context.Context, line []string, env map[string]string) (*box, error) {
	var err error
	if h.relay == nil {
		h.relay, err = h.dock.create(ctx, plan{
			image: h.image, relay: h.about.Name, line: line, env: env,
			network: "host", mounts: h.mounts, limits: h.about.Limits,
		})
		if err != nil {
			return nil, err
		}
	}
	b, err := h.dock.start(ctx, h.relay)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	h.lives = b
	h.mu.Unlock()
	return b, b.here()
}

// Close removes both containers. What is told of them has been read before.
func (h *house) Close(ctx context.Context) error {
	if h.dock == nil {
		return nil
	}
	var bad error
	for _, c := range []testcontainers.Container{h.relay, h.keeper} {
		if c != nil {
			bad = errors.Join(bad, h.dock.remove(ctx, c.GetContainerID()))
		}
	}
	if b := h.life(); b != nil {
		<-b.Done() // its container is gone, or the daemon is
	}
	if bad != nil {
		return bad
	}
	dock := h.dock
	h.dock = nil
	return dock.close()
}
