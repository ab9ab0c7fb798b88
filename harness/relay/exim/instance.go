package exim

import (
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/daemon"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// instance is a running private Exim.
type instance struct {
	daemon.Life
	pack   process.Package
	user   process.User
	system process.System
	binds  []process.Bind
	listen string
	// logs is a folder as the instance sees it; mainlog is its log as we see it.
	logs, mainlog string
	interval      string
	info          relay.Info
	rule          rule
}

var (
	_ relay.Relay          = (*instance)(nil)
	_ relay.Killer         = (*instance)(nil)
	_ relay.QueueReader    = (*instance)(nil)
	_ relay.QueueSizer     = (*instance)(nil)
	_ relay.LogKeeper      = (*instance)(nil)
	_ relay.ClockReader    = (*instance)(nil)
	_ relay.ResourceReader = (*instance)(nil)
	_ relay.Pauser         = (*instance)(nil)
	_ relay.Restarter      = (*instance)(nil)
	_ relay.DiskFiller     = (*instance)(nil)
	_ relay.DiskSlower     = (*instance)(nil)
	_ relay.ClockStepper   = (*instance)(nil)
)

// pidFile is where the daemon writes its number, as the instance sees it.
const pidFile = "/run/exim4/exim.pid"

// newInstance is one that is still to be built.
func newInstance(w relay.World, pack process.Package) *instance {
	in := &instance{pack: pack}
	in.Name, in.PIDFile, in.World = Driver{}.Name(), pidFile, w
	in.Server = daemon.Server{Boot: in.boot, List: in.listing, Count: in.count, Note: in.note}
	return in
}

// Addr is where senders hand in mail.
func (in *instance) Addr() string { return in.listen }

// Info describes the instance.
func (in *instance) Info() relay.Info { return in.info }

// count counts the messages in the spool.
func (in *instance) count() (int, error) {
	ids, err := in.messages()
	return len(ids), err
}
