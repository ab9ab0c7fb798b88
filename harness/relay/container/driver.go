package container

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/postfix"
)

// postfixTongue is what an image with Postfix speaks.
const postfixTongue = "postfix"

// Driver starts relays of one description in containers. Its zero value knows of
// no image.
type Driver struct {
	about Description
	wrong error // why there is no description
}

var _ relay.Driver = Driver{}

// New is the driver for an image of one's own.
func New(about Description) Driver { return Driver{about: about} }

// Name is the word for --relay.
func (d Driver) Name() string {
	if d.about.Name == "" {
		return "container"
	}
	return namePrefix + d.about.Name
}

// Traits are what the description allows, less what no container can do here:
// its disk cannot be filled, because the file system of a queue of its own would
// be seen by its container alone; and a monitor, which is a program of this
// machine, is no part of the image.
func (d Driver) Traits() relay.Traits {
	if d.about.Speaks == postfixTongue {
		t := postfix.At(site{d}).Traits()
		t.Monitors, t.FillsDisk = false, false
		return t
	}
	t := relay.Traits{Kills: true, Abilities: relay.Abilities{Pauses: true, Restarts: true}}
	if d.about.Clock == "shared" {
		t.SharesClock, t.MaxRate = true, d.about.MaxRate
		t.SlowsDisk, t.StepsClock = true, true
	}
	return t
}

// Ready says why the image cannot run here. It builds and pulls nothing.
func (d Driver) Ready(ctx context.Context) error {
	switch {
	case d.wrong != nil:
		return d.wrong
	case d.about.Name == "":
		return errors.New("the driver container needs an image: describe it in a file, named with " +
			"--image-file, or take a shipped one, such as --relay container-postfix")
	case runtime.GOOS != "linux":
		return errors.New("relays in containers need Linux, where they share this machine's " +
			"loopback: run there, or use --relay reference")
	case os.Geteuid() != 0:
		return errors.New("relays in containers need root, to look into their queues: use sudo")
	}
	dock, err := connect(ctx)
	if err != nil {
		return err
	}
	return dock.close()
}

// Start brings up a relay in containers of its own.
func (d Driver) Start(ctx context.Context, w relay.World) (relay.Relay, error) {
	if err := d.Ready(ctx); err != nil {
		return nil, err
	}
	if w.BoundedQueue {
		return nil, fmt.Errorf("the disk of %s cannot be filled: its queue is this machine's own folder",
			d.Name())
	}
	if d.about.Speaks == postfixTongue {
		running, err := postfix.At(site{d}).Start(ctx, w)
		if err != nil {
			return nil, err
		}
		return contained{running.(postfixRelay)}, nil
	}
	return d.start(ctx, w)
}

// postfixRelay is what the host driver's relay can do that one in a container
// can do as well.
type postfixRelay interface {
	relay.Relay
	relay.Killer
	relay.Pauser
	relay.Restarter
	relay.QueueReader
	relay.QueueSizer
	relay.LogKeeper
	relay.ClockReader
	relay.ResourceReader
	relay.DiskSlower
	relay.ClockStepper
}

// contained hides the rest.
type contained struct{ postfixRelay }
