package external

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

// instance is the relay while a run has to do with it.
type instance struct {
	runner
	address string
	hooks   Hooks
	info    relay.Info

	// before are the queue ids of mail that was there before the run.
	before map[string]bool

	state struct {
		sync.Mutex
		paused, stopped bool
	}
	sized struct {
		sync.Mutex
		at  time.Time
		n   int
		err error
	}
}

// errStopped says that the run is over.
var errStopped = errors.New("the run has let go of the external relay")

// Addr is where senders hand in mail.
func (in *instance) Addr() string { return in.address }

// Info says what is known of it, and that it is its owner who knows the rest.
func (in *instance) Info() relay.Info { return in.info }

// introduce asks the relay who it is.
func (in *instance) introduce(ctx context.Context, w relay.World) error {
	version, err := greeting(ctx, in.address)
	if err != nil {
		return err
	}
	in.info = relay.Info{
		Name: "external", Version: "by its greeting: " + version,
		Settings: map[string]string{"retry": "not told: there is no --hook-settings"},
		Changes: []string{
			"none by hansei: the relay ran before at " + in.address + ", and DNS (" + w.DNS +
				"), spare copies and the filter are as its owner has set them",
			"clock: real time, which nobody accelerates",
			"hooks: " + in.hooks.list(),
		},
	}
	if in.hooks.Queue != "" {
		if err := in.noteQueue(ctx); err != nil {
			return err
		}
	}
	if in.hooks.Settings == "" {
		return nil
	}
	text, err := in.ask(ctx, "settings", in.hooks.Settings, new(bytes.Buffer))
	if err != nil {
		return err
	}
	in.info.Settings = map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(line, "="); ok {
			in.info.Settings[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	if len(in.info.Settings) == 0 {
		return errors.New("the hook settings printed no line of the form name = value")
	}
	return nil
}

// list names the hooks that there are.
func (h Hooks) list() string {
	var names []string
	for name, command := range map[string]string{
		"kill": h.Kill, "start": h.Start, "stop": h.Stop, "pause": h.Pause, "resume": h.Resume,
		"queue": h.Queue, "settings": h.Settings,
	} {
		if command != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "none"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// Stop lets go of the relay, which runs on. One that a scenario has paused is
// not left so.
func (in *instance) Stop(ctx context.Context) error {
	in.state.Lock()
	paused := in.state.paused
	in.state.stopped, in.state.paused = true, false
	in.state.Unlock()
	if !paused {
		return nil
	}
	return in.run(ctx, "resume", in.hooks.Resume)
}

// ended says whether Stop was called.
func (in *instance) ended() error {
	in.state.Lock()
	defer in.state.Unlock()
	if in.state.stopped {
		return errStopped
	}
	return nil
}

// down runs a hook that ends the relay, and looks that it has ended.
func (in *instance) down(ctx context.Context, name, command string) error {
	if err := in.ended(); err != nil {
		return err
	}
	if err := in.run(ctx, name, command); err != nil {
		return err
	}
	if err := in.await(ctx, false); err != nil {
		return fmt.Errorf("after the hook %s: %w", name, err)
	}
	return nil
}

// up runs the hook that starts the relay, and waits until it takes mail.
func (in *instance) up(ctx context.Context) error {
	if err := in.ended(); err != nil {
		return err
	}
	if _, err := greeting(ctx, in.address); err == nil {
		return errors.New("the relay runs already")
	}
	if err := in.run(ctx, "start", in.hooks.Start); err != nil {
		return err
	}
	if err := in.await(ctx, true); err != nil {
		return fmt.Errorf("after the hook start: %w", err)
	}
	return nil
}

// pause stops the relay, and looks that it greets nobody.
func (in *instance) pause(ctx context.Context) error {
	if err := in.ended(); err != nil {
		return err
	}
	in.state.Lock()
	in.state.paused = true // also where the hook has done only half of it
	in.state.Unlock()
	if err := in.run(ctx, "pause", in.hooks.Pause); err != nil {
		return err
	}
	if err := in.await(ctx, false); err != nil {
		return fmt.Errorf("after the hook pause: %w", err)
	}
	return nil
}

func (in *instance) resume(ctx context.Context) error {
	if err := in.ended(); err != nil {
		return err
	}
	if err := in.run(ctx, "resume", in.hooks.Resume); err != nil {
		return err
	}
	in.state.Lock()
	in.state.paused = false
	in.state.Unlock()
	if err := in.await(ctx, true); err != nil {
		return fmt.Errorf("after the hook resume: %w", err)
	}
	return nil
}
