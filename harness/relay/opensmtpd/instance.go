package opensmtpd

import (
	"path/filepath"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/daemon"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// instance is a running private OpenSMTPD. Its Spool is what it sees as
// /var/spool.
type instance struct {
	daemon.Life
	pack   process.Package
	user   process.User
	queuer process.User
	system process.System
	binds  []process.Bind
	listen string
	log    *journal
	info   relay.Info
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
	_ relay.ClockStepper   = (*instance)(nil)
)

// pidFile is where the server's number is, as the instance sees it.
const pidFile = "/run/hansei-smtpd.pid"

// newInstance is one that is still to be built.
func newInstance(w relay.World, pack process.Package) *instance {
	in := &instance{pack: pack}
	in.Name, in.PIDFile, in.World = Driver{}.Name(), pidFile, w
	in.Server = daemon.Server{
		Boot: in.boot, List: in.listing, Count: in.count, Note: in.note,
		Closed: func() error { return in.log.close() },
	}
	return in
}

// Addr is where senders hand in mail.
func (in *instance) Addr() string { return in.listen }

// Info describes the instance.
func (in *instance) Info() relay.Info { return in.info }

// queue is the spool of OpenSMTPD as we see it.
func (in *instance) queue() string { return filepath.Join(in.Seen(), "smtpd") }

// count counts the messages in the queue.
func (in *instance) count() (int, error) {
	folders, err := in.messages()
	return len(folders), err
}

// What we write into the instance's log.
const (
	mishapTag = "hansei:"
	bootOver  = "the server takes mail"
)

// note adds a line of ours to the log.
func (in *instance) note(text string) error { return in.log.line(mishapTag + " " + text) }
