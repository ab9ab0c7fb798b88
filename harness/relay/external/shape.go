package external

import (
	"context"

	"github.com/hansei-mail/hansei/harness/relay"
)

// What can be done to a relay is an interface each, so a relay with a hook must
// have another type than one without. These are the parts of those types.
type (
	killing  struct{ in *instance }
	halting  struct{ in *instance }
	starting struct{ in *instance }
	pausing  struct{ in *instance }
)

// Kill ends every process of the relay at once.
func (k killing) Kill(ctx context.Context) error { return k.in.down(ctx, "kill", k.in.hooks.Kill) }

// Halt ends the relay in good order.
func (h halting) Halt(ctx context.Context) error { return h.in.down(ctx, "stop", h.in.hooks.Stop) }

// Restart starts the relay again, after either.
func (s starting) Restart(ctx context.Context) error { return s.in.up(ctx) }

// Pause stops the relay's processes where they are.
func (p pausing) Pause(ctx context.Context) error { return p.in.pause(ctx) }

// Resume lets them go on.
func (p pausing) Resume(ctx context.Context) error { return p.in.resume(ctx) }

// held is what every external relay is; one without a hook for its queue says so
// when it is asked.
type held interface {
	relay.Relay
	relay.QueueReader
	relay.QueueSizer
}

// shaped is the relay with the capabilities for which there are hooks.
func (in *instance) shaped() relay.Relay {
	k, h, s, p := killing{in}, halting{in}, starting{in}, pausing{in}
	kills, halts, pauses := in.hooks.kills(), in.hooks.halts(), in.hooks.pauses()
	switch {
	case kills && halts && pauses:
		return struct {
			held
			killing
			halting
			starting
			pausing
		}{in, k, h, s, p}
	case kills && halts:
		return struct {
			held
			killing
			halting
			starting
		}{in, k, h, s}
	case kills && pauses:
		return struct {
			held
			killing
			starting
			pausing
		}{in, k, s, p}
	case halts && pauses:
		return struct {
			held
			halting
			starting
			pausing
		}{in, h, s, p}
	case kills:
		return struct {
			held
			killing
			starting
		}{in, k, s}
	case halts:
		return struct {
			held
			halting
			starting
		}{in, h, s}
	case pauses:
		return struct {
			held
			pausing
		}{in, p}
	}
	return in
}
