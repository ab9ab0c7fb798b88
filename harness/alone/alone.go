package alone

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hansei-mail/hansei/fakes/certs"
	"github.com/hansei-mail/hansei/fakes/control"
	"github.com/hansei-mail/hansei/fakes/health"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// Kind says which fake it is.
type Kind string

// The kinds.
const (
	Office365 Kind = "office365"
	Internet  Kind = "internet"
	Spare     Kind = "spare"
	DNS       Kind = "dns"
	Entra     Kind = "entra"
	Health    Kind = "health"
	Alerts    Kind = "alerts"
)

// Kinds are all kinds.
func Kinds() []Kind { return []Kind{Office365, Internet, Spare, DNS, Entra, Health, Alerts} }

// Config says what is served, where, and what goes wrong.
type Config struct {
	Kind Kind
	// Listen is the address of the first front end, on loopback; those after it
	// take the ports that follow, or free ones where the port is 0. "": free
	// ports of 127.0.0.1.
	Listen string
	// Control is the address of the control interface, on loopback; "": none.
	Control string
	// Scenario gives front ends, names and faults, which come and go as its
	// hours pass, Speed times as fast as the wall's; nil: none of them.
	Scenario *scenarios.Scenario
	Speed    float64 // 0: 1
	Seed     uint64
	// Faults are there from the start, by name.
	Faults []Named
	// TLS offers STARTTLS, or serves HTTPS, with a throwaway certificate for
	// 127.0.0.1 and the hosts of the scenario. See Fake.Authority.
	TLS bool
	Era string // of office365: 2019, 2023 or 2026
	// Forest names the front ends of office365 where no scenario does.
	Forest string
	// Submission is smtp.office365.com instead of an MX: it wants TLS and AUTH.
	Submission bool
	// MaxSession ends sessions that last longer; 0: never.
	MaxSession time.Duration
	// MaxSessions is how many may be open at once; 0: any.
	MaxSessions int
	// Triggers lets recipients such as rcpt-451@mx.test ask for faults.
	Triggers bool
	// Records are those of the dns beside the scenario's: "NAME TYPE VALUE".
	Records []string
	// DANE names MX hosts as tenants have them who have chosen DNSSEC and DANE.
	DANE bool
	// Incidents are those that health tells of.
	Incidents []health.Incident
	// Out takes one line for each event; nil: nobody reads them.
	Out io.Writer
}

// Named is a fault with its name; its words are a JSON object.
type Named struct {
	Name  string
	Words json.RawMessage
}

// Address is where a fake is reached, and what is there.
type Address struct{ At, What string }

// Fake is one that serves. Its methods may be called from many goroutines.
type Fake struct {
	cfg    Config
	clock  *clock.Warp
	start  time.Time
	header timeline.Header
	began  time.Time
	record *control.Record
	played *harness.Played
	web    *webFaults
	ca     *certs.Authority
	tls    *tls.Config

	addresses []Address
	servers   []*smtpfake.Server
	closers   []func() error
	serving   sync.WaitGroup
	closing   atomic.Bool
	ctx       context.Context
	stop      context.CancelFunc
	turned    chan struct{} // the faults have changed: see keepDoors
	failed    chan error    // what ends it by itself

	doors   sync.Mutex // guards gates and their turning
	gates   []gated
	letters sync.Map // place → *letter, of transactions that have not ended

	mu    sync.Mutex
	words map[string]json.RawMessage // of the faults that are set
	order []string
	out   sync.Mutex
}

// ErrNotLoopback says that an address is not one of this machine alone.
var ErrNotLoopback = errors.New("fakes are on loopback only; use an address of 127.0.0.0/8")

// Start opens every listener and serves until Close. Whatever is wrong with the
// Config is an error, and nothing stays open then.
func Start(cfg Config) (*Fake, error) {
	f, err := prepare(cfg)
	if err != nil {
		return nil, err
	}
	for _, fault := range cfg.Faults {
		if err := f.Put(fault.Name, fault.Words); err != nil {
			return nil, fmt.Errorf("fault %s: %w", fault.Name, err)
		}
	}
	if err := f.serve(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// prepare makes all that needs no listener.
func prepare(cfg Config) (*Fake, error) {
	f := &Fake{
		cfg: cfg, began: time.Now(), record: &control.Record{}, words: map[string]json.RawMessage{},
		turned: make(chan struct{}, 1), failed: make(chan error, 1), web: &webFaults{seed: cfg.Seed},
	}
	f.ctx, f.stop = context.WithCancel(context.Background())
	if f.cfg.Speed == 0 {
		f.cfg.Speed = 1
	}
	f.start = f.began
	if cfg.Scenario != nil {
		if !slices.Contains([]Kind{Office365, Internet, Spare, DNS}, cfg.Kind) {
			return nil, fmt.Errorf("a scenario says nothing about %s; leave it out", cfg.Kind)
		}
		plan, err := timeline.Plan(cfg.Scenario, timeline.Options{Seed: cfg.Seed})
		if err != nil {
			return nil, fmt.Errorf("planning the scenario: %w", err)
		}
		f.header = plan.Header()
		f.start = f.header.Start
		if f.cfg.Era == "" {
			f.cfg.Era = f.header.Era
		}
	}
	f.clock = clock.New(f.start, f.cfg.Speed)
	f.played = harness.NewPlayed(f.clock, f.start, f.sessions)
	for _, fault := range f.header.Faults {
		if f.mine(fault) {
			f.played.Put(fault, false)
		}
	}
	return f, f.certify()
}

// mine says whether a fault of the scenario is at this fake.
func (f *Fake) mine(fault timeline.Fault) bool {
	if fault.Stage == scenarios.StageLookup {
		return f.cfg.Kind == DNS
	}
	return fault.Where.Place() == string(f.cfg.Kind)
}

// certify makes the throwaway authority.
func (f *Fake) certify() error {
	if !f.cfg.TLS {
		return nil
	}
	ca, err := certs.New(f.start)
	if err != nil {
		return err
	}
	names := []string{"127.0.0.1", "localhost", "mx.test"}
	for _, site := range f.header.Sites {
		names = append(names, site.MX)
	}
	f.ca = ca
	f.tls, err = ca.Server(names...)
	return err
}

// Addresses are where the fake is reached, the control interface last.
func (f *Fake) Addresses() []Address { return slices.Clone(f.addresses) }

// Authority is the certificate of the throwaway authority in PEM, nil without
// TLS.
func (f *Fake) Authority() []byte {
	if f.ca == nil {
		return nil
	}
	return f.ca.PEM()
}

// Record is what arrived and happened.
func (f *Fake) Record() *control.Record { return f.record }

// Failed tells of what ended the fake by itself.
func (f *Fake) Failed() <-chan error { return f.failed }

// fail ends the fake for a reason; the first one counts.
func (f *Fake) fail(err error) {
	select {
	case f.failed <- err:
	default:
	}
}

// Close ends everything and waits until it has ended.
func (f *Fake) Close() error {
	f.closing.Store(true)
	f.stop()
	f.Heal()
	var errs []error
	for _, end := range slices.Backward(f.closers) {
		if err := end(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	f.serving.Wait()
	return errors.Join(errs...)
}

// run serves in the background.
func (f *Fake) run(serve func() error, end func() error) {
	f.closers = append(f.closers, end)
	f.serving.Go(func() {
		if err := serve(); err != nil && !f.closing.Load() {
			f.fail(err)
		}
	})
}

// sessions is how many are open; a fake has one forest, or counts them all.
func (f *Fake) sessions(string) int {
	n := 0
	for _, srv := range f.servers {
		n += srv.Sessions()
	}
	return n
}

func (f *Fake) forest() string {
	if f.cfg.Forest == "" {
		return "namprd03"
	}
	return f.cfg.Forest
}
