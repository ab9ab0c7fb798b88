package harness

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// relayHost is the name by which the relay greets.
const relayHost = "relay.hansei.test"

// run is one run, from before its start to after its end.
type run struct {
	scenario *scenarios.Scenario
	timeline *timeline.Timeline
	header   timeline.Header
	driver   relay.Driver
	traits   relay.Traits
	cfg      Config
	network  relay.Network

	*recorder
	warp     *clock.Warp
	file     *clock.File
	world    *world
	relay    relay.Relay
	monitor  *monitor // nil: none
	pace     *pace
	stepped  stepped
	copies   *copies // nil: spare copies come to our own endpoint
	manifest Manifest

	// create, failing and silence let parts of the harness be seen to fail: where
	// the evidence is written, whether a fake can keep a message, and whether the
	// DNS says nothing to anybody. Each may be nil.
	create  func(path string, stamp evidence.Stamp) (*evidence.Log, error)
	failing func(endpoint string) error
	silence func() bool
}

// prepare refuses what cannot work on this machine, before anything is started.
func prepare(
	s *scenarios.Scenario, tl *timeline.Timeline, d relay.Driver, cfg Config,
) (*run, error) {
	r := &run{
		scenario: s, timeline: tl, header: tl.Header(), driver: d, traits: d.Traits(), cfg: cfg,
		network: cfg.Network,
	}
	if err := r.refuse(); err != nil {
		return nil, &Refusal{err.Error()}
	}
	if r.network == nil {
		r.network = exact{}
		if r.traits.InProcess {
			r.network = newMapped()
		}
	}
	r.manifest = Manifest{
		Format: 1, Version: cfg.Version, Scenario: r.header.Scenario, Variant: r.header.Variant,
		Seed: r.header.Seed, Scale: r.header.Scale, LeftOut: s.GapWords(), Command: cfg.Command,
		Host:    Host{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Kernel: kernel()},
		Started: time.Now().UTC().Round(0), Outcome: "cut",
	}
	return r, nil
}

func (r *run) refuse() error {
	if r.cfg.Dir == "" {
		return errors.New("no run folder was named; set Config.Dir")
	}
	if err := r.driver.Ready(context.Background()); err != nil {
		return err
	}
	if err := r.refuseSteps(); err != nil {
		return err
	}
	if err := r.refuseStore(); err != nil {
		return err
	}
	_, inMemory := r.network.(*memory)
	switch name := r.driver.Name(); {
	case r.cfg.Speed < 0:
		return fmt.Errorf("a speed of %g runs backward; give 1 or more, or auto", r.cfg.Speed)
	case r.cfg.Speed > 1 && !r.traits.SharesClock:
		return fmt.Errorf("the clock of %s cannot be accelerated; run it with --speed 1", name)
	case inMemory && !r.traits.InProcess:
		return fmt.Errorf("%s does not run inside this process; it needs real sockets", name)
	case inMemory && len(r.header.Links) > 0:
		return fmt.Errorf("%s impairs links, which needs real sockets", r.header.Scenario)
	case r.cfg.Watch != "" && r.traits.Watches:
		return fmt.Errorf("%s keeps a watch of its own; leave --watch out", name)
	case r.cfg.Watch != "" && !r.traits.Monitors:
		return fmt.Errorf("the driver %s cannot run a monitor beside its relay; leave --watch out",
			name)
	case r.cfg.Watch != "" && len(r.header.Services) == 0:
		return fmt.Errorf("%s has no webhook to which a monitor could speak; promise alarm in it, "+
			"or leave --watch out", r.header.Scenario)
	case r.cfg.Overlay != "" && r.traits.InProcess:
		return fmt.Errorf("%s takes no configuration file; leave --relay-config out", name)
	}
	if !r.traits.InProcess && r.traits.SharesClock && r.cfg.Speed != 1 {
		return clock.Ready()
	}
	return nil
}

// bindRefusal turns a failure to listen into what the user can do about it.
func bindRefusal(err error) error {
	var op *net.OpError
	if !errors.As(err, &op) {
		return err
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return &Refusal{fmt.Sprintf("%v: something else listens there, perhaps another run; "+
			"wait for it or stop it (ss -ltnp shows which)", err)}
	case errors.Is(err, syscall.EACCES):
		return &Refusal{fmt.Sprintf("%v: run as root, or use --relay reference, "+
			"which needs no port below 1024", err)}
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return &Refusal{fmt.Sprintf("%v: this system has no 127.0.0.0/8; use Linux, "+
			"or --relay reference", err)}
	}
	return err
}

func kernel() string {
	b, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return ""
	}
	return string(b[:max(0, len(b)-1)])
}
