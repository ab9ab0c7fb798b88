// Package relay owns the contract between the harness and the relay under
// test: the Driver that starts one, the Relay that runs, and the small optional
// interfaces (capabilities) that say what more can be done to it.
//
// It must not know any relay by name; drivers live in sub-packages and are
// listed in package drivers.
package relay

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
)

// Driver starts one kind of relay. It must not alter the relay's programs, and
// says in Info.Changes exactly what it adds to the relay's configuration.
type Driver interface {
	// Name is the word for --relay: lower case.
	Name() string
	// Ready says why this machine cannot run the relay, as one sentence with
	// its cure, or nil. It starts nothing.
	Ready(ctx context.Context) error
	// Traits are facts that the harness must know before the start.
	Traits() Traits
	// Start brings a relay up in w and returns when it accepts mail. When it
	// returns an error, nothing is left behind.
	Start(ctx context.Context, w World) (Relay, error)
}

// Traits are what the harness must prepare for.
type Traits struct {
	// InProcess relays use World.Network and World.Resolver, and need neither
	// real DNS nor port 25.
	InProcess bool
	// SharesClock: every process of the relay reads World.ClockFile, so that
	// scenario time may run faster than the wall.
	SharesClock bool
	// MaxRate bounds the clock's rate (scenario seconds a wall second); 0: no
	// bound of its own.
	MaxRate float64
	// TopRate, above MaxRate, is how fast the clock may run while no process of the
	// relay is busy, which a DemandReader tells; 0: MaxRate.
	TopRate float64
	// Kills: the running relay is a Killer.
	Kills bool
	// Watches: the relay comes with a watch of its own, which raises alarms at
	// World.Services.
	Watches bool
	// Monitors: the running relay is a MonitorHost.
	Monitors bool
	// Abilities are what else can be done to it; see steps.go.
	Abilities
	// DrainRate bounds the rate while the backlog drains; 0: MaxRate.
	DrainRate float64
	// TopDrain is to DrainRate what TopRate is to MaxRate.
	TopDrain float64
}

// World is what a relay may know of its surroundings.
type World struct {
	// Dir is the relay's private folder, empty, owned by the caller.
	Dir string
	// Hostname is the name by which the relay greets, e.g. "relay.hansei.test".
	Hostname string
	Clock    clock.Clock
	// ClockFile is the folder of the shared clock and its shim; nil when time
	// is real.
	ClockFile *clock.File
	// Network and Resolver are the world for relays in process.
	Network  Network
	Resolver Resolver
	// DNS is the address of a real DNS server, ip:53, for all others.
	DNS string
	// Spare says which recipients get a spare copy, and where it goes.
	Spare Spare
	// Filter are the test strings in whose presence the relay must refuse a
	// message; see package traffic.
	Filter []string
	// Overlay is the text of the user's own configuration, laid over the
	// driver's in the relay's own language; empty: none.
	Overlay string
	// Services are those beside the mail.
	Services Services
	// BoundedQueue asks for a file system of the queue's own whose space can be
	// taken away; see DiskFiller.
	BoundedQueue bool
	// Seed is for relays in process that need randomness.
	Seed uint64
}

// Network is how relays in process, fakes and senders reach each other.
type Network interface {
	Listen(addr string) (net.Listener, error)
	Dial(ctx context.Context, addr string) (net.Conn, error)
}

// Resolver is the part of *net.Resolver that routing mail needs.
type Resolver interface {
	LookupMX(ctx context.Context, domain string) ([]*net.MX, error)
	LookupHost(ctx context.Context, host string) ([]string, error)
}

// Spare says where copies go: for a recipient of one of Domains, to
// Address(recipient) by way of Domain's MX.
type Spare struct {
	Domains []string
	Domain  string
}

// Relay is a running relay.
type Relay interface {
	// Addr is where senders hand in mail, host:port.
	Addr() string
	// Info describes what runs.
	Info() Info
	// Stop ends the relay in good order and leaves nothing but files in Dir.
	// It may be called twice.
	Stop(ctx context.Context) error
}

// Info describes a running relay, for the manifest.
type Info struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Changes are the driver's additions to the relay's own configuration, one
	// line each, with the reason.
	Changes []string `json:"changes"`
	// Settings are the retry settings in force, as the relay itself names them.
	Settings map[string]string `json:"settings"`
}

// Killer can end every process of the relay at once and start it again on the
// same queue.
type Killer interface {
	Kill(ctx context.Context) error
	Restart(ctx context.Context) error
}

// QueueReader can list what the relay still holds.
type QueueReader interface {
	Queue(ctx context.Context) ([]Queued, error)
}

// Queued is one message in the relay's queue.
type Queued struct {
	// ID is the relay's own; MessageID is the value of the message's
	// X-Hansei-Id header, empty where it could not be read.
	ID        string
	MessageID string
	Sender    string
	// Recipients that are still to be served.
	Recipients []string
	Arrived    time.Time
	Reason     string
}

// QueueSizer can say cheaply and at any time how many messages wait.
type QueueSizer interface {
	QueueSize(ctx context.Context) (int, error)
}

// ErrNoRetries is what Retries returns for a relay that made none.
var ErrNoRetries = errors.New("the relay's log tells of no retries")

// LogKeeper writes its log to a file of World.Dir/log, and can read its own
// retries from it.
type LogKeeper interface {
	// Retries compares the intervals between a message's delivery attempts
	// with the relay's configuration.
	Retries(ctx context.Context) (Retries, error)
}

// Retries is how true a relay kept its own retry times.
type Retries struct {
	Intervals             int
	Early, Late           int
	WorstEarly, WorstLate time.Duration
	// Rule is the rule applied, in words and in the relay's own settings.
	Rule string
}

// ClockReader can say what time a process of the relay believes it is.
type ClockReader interface {
	ReadClock(ctx context.Context) (relay time.Time, err error)
}

// DemandReader can tell cheaply, some fifty times a second, how busy the relay
// is: the share of the wall time since it was last asked in which its busiest
// process wanted a processor, 0 to 1. Near 1 the relay is what the scenario
// waits for, and a faster clock would only make it late.
type DemandReader interface {
	Demand() (float64, error)
}

// ResourceReader samples what the relay uses.
type ResourceReader interface {
	Resources(ctx context.Context) (Resources, error)
}

// Resources is one sample of a relay's use of the machine.
type Resources struct {
	CPU       time.Duration // user and system, all processes, since the start
	RSS       int64         // bytes
	DiskBytes int64         // below its queue folder
	DiskFiles int64
	OpenFiles int64
	Processes int64
}
