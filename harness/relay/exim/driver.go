package exim

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// Driver starts private instances of Exim.
type Driver struct{}

var _ relay.Driver = Driver{}

// program is Exim where Debian installs it.
const program = "/usr/sbin/exim4"

// owner is the user that Debian's Exim is built to run as, by name; spareID is
// the number where no installation has given it one: in a range that Debian
// and systemd leave alone (60706 to 61183, systemd's "Users, Groups, UIDs and
// GIDs").
const (
	owner   = "Debian-exim"
	spareID = 60901
)

// Name is the word for --relay.
func (Driver) Name() string { return "exim" }

// maxRate and drainRate are in scenario seconds a wall second: see Traits.
const (
	maxRate   = 600
	drainRate = 60
	topDrain  = 300
)

// Traits: every process of Exim reads the shared clock, whose library is named
// in the instance's own /etc/ld.so.preload, because the program is setuid and
// executes itself again for each delivery. Measured on two cores with 500
// messages queued and a queue run each half hour: at 600 times real time the
// retry times are Exim's own. Each queue run starts a process for each message,
// so while the backlog drains the machine is the bound, hence the lower rate.
func (Driver) Traits() relay.Traits {
	return relay.Traits{SharesClock: true, MaxRate: maxRate, DrainRate: drainRate,
		TopDrain: topDrain, Kills: true,
		Monitors: true,
		Abilities: relay.Abilities{
			Pauses: true, Restarts: true, FillsDisk: true, SlowsDisk: true, StepsClock: true,
		}}
}

// Ready says why this machine cannot run Exim for us.
func (Driver) Ready(context.Context) error {
	if runtime.GOOS != "linux" {
		return errors.New("the driver exim needs Linux: run there, or use --relay reference")
	}
	if _, err := find(); err != nil {
		return err
	}
	if err := process.Ready(); err != nil {
		return fmt.Errorf("the driver exim cannot run here: %w", err)
	}
	return nil
}

// find looks for Exim.
func find() (process.Package, error) { return process.FindPackage("exim", program) }
