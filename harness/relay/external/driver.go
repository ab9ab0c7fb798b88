package external

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/hansei-mail/hansei/harness/relay"
)

// Options say where the relay is, and what can be done to it.
type Options struct {
	// Address is where it takes mail, ip:port of 127.0.0.0/8.
	Address string
	Hooks   Hooks
}

// Driver is one relay that runs already. Its zero value knows of none.
type Driver struct{ options Options }

var _ relay.Driver = Driver{}

// New is the driver for the relay of these options.
func New(o Options) Driver { return Driver{o} }

// Name is the word for --relay.
func (Driver) Name() string { return "external" }

// Traits are real time, and what there are hooks for.
func (d Driver) Traits() relay.Traits {
	h := d.options.Hooks
	return relay.Traits{
		Kills:     h.kills(),
		Abilities: relay.Abilities{Pauses: h.pauses(), Restarts: h.halts()},
	}
}

// Ready says why the relay cannot be tested. It sends nothing but a greeting.
func (d Driver) Ready(ctx context.Context) error {
	if d.options.Address == "" {
		return errors.New("the driver external needs a relay that runs already: name its address " +
			"with --relay-address (hansei doctor --external says what the relay must be told)")
	}
	if err := checkAddress(d.options.Address); err != nil {
		return err
	}
	if err := d.options.Hooks.check(); err != nil {
		return err
	}
	if _, err := greeting(ctx, d.options.Address); err != nil {
		return fmt.Errorf("no relay answers at %s: start it first, hansei does not (%w)",
			d.options.Address, err)
	}
	return nil
}

// checkAddress refuses what is not this machine's own loopback: a run is a load
// that no relay in production should see, and hansei sends it nowhere else.
func checkAddress(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("the relay's address %q is not ip:port, such as 127.0.0.1:2525", address)
	}
	if !at.Addr().Is4() || !at.Addr().IsLoopback() || at.Port() == 0 {
		return fmt.Errorf("the relay's address %s is not of 127.0.0.0/8: hansei sends its load to "+
			"this machine's loopback only; bring a relay that is elsewhere here by a tunnel "+
			"(ssh -L 127.0.0.1:2525:127.0.0.1:25 HOST)", address)
	}
	return nil
}

// Start finds the relay running, and takes it as it is.
func (d Driver) Start(ctx context.Context, w relay.World) (relay.Relay, error) {
	if err := d.Ready(ctx); err != nil {
		return nil, err
	}
	if err := fits(w); err != nil {
		return nil, err
	}
	logs := filepath.Join(w.Dir, "log")
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder for what hooks say: %w", err)
	}
	in := &instance{
		address: d.options.Address,
		runner: runner{
			address: d.options.Address, said: filepath.Join(logs, "hooks.log"),
		},
		hooks: d.options.Hooks,
	}
	if err := in.introduce(ctx, w); err != nil {
		return nil, err
	}
	return in.shaped(), nil
}

// fits refuses a world in which a relay must be started or configured.
func fits(w relay.World) error {
	dns, err := netip.ParseAddrPort(w.DNS)
	switch {
	case err != nil || !dns.Addr().IsLoopback() || dns.Port() != 53:
		return fmt.Errorf("the DNS server of this world, %q, is not port 53 of loopback", w.DNS)
	case w.ClockFile != nil:
		return errors.New("an external relay lives in real time and cannot share a clock; " +
			"use --speed 1")
	case w.Overlay != "":
		return errors.New("an external relay has the configuration that it has; " +
			"leave --relay-config out, and change it where the relay is")
	case w.BoundedQueue:
		return errors.New("the disk of an external relay cannot be filled")
	}
	return nil
}
