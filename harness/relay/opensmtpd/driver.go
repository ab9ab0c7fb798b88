package opensmtpd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// Driver starts private instances of OpenSMTPD.
type Driver struct{}

var _ relay.Driver = Driver{}

// The programs where Debian installs them: the server, its control program, and
// Perl, which Debian always has (perl-base is essential) and in which the
// filter is written.
const (
	program = "/usr/sbin/smtpd"
	control = "/usr/sbin/smtpctl"
	perl    = "/usr/bin/perl"
)

// The users that Debian's OpenSMTPD is built to run as, by name; the numbers
// are where no installation has given them any: in a range that Debian and
// systemd leave alone (60706 to 61183, systemd's "Users, Groups, UIDs and
// GIDs").
const (
	owner   = "opensmtpd"
	ownerID = 60902
	keeper  = "opensmtpq"
	keepID  = 60903
)

// Name is the word for --relay.
func (Driver) Name() string { return "opensmtpd" }

// maxRate and drainRate are in scenario seconds a wall second: see Traits.
const (
	maxRate   = 600
	drainRate = 60
	topRate   = 800
	topDrain  = 300
)

// Traits: every process of OpenSMTPD reads the shared clock, whose library is
// named in the instance's own /etc/ld.so.preload: they execute the program
// anew before each goes into its chroot. Measured on two cores with 540
// messages queued: at 600 times real time its retry times are its own, at 1800
// times they are not. A slow disk is nothing to it: it makes no new message
// durable (fsync(2)) before its 250, only what changes of one later.
func (Driver) Traits() relay.Traits {
	return relay.Traits{SharesClock: true, MaxRate: maxRate, DrainRate: drainRate,
		TopRate: topRate, TopDrain: topDrain, Kills: true,
		Monitors: true,
		Abilities: relay.Abilities{
			Pauses: true, Restarts: true, FillsDisk: true, StepsClock: true,
		}}
}

// Ready says why this machine cannot run OpenSMTPD for us.
func (Driver) Ready(context.Context) error {
	if runtime.GOOS != "linux" {
		return errors.New("the driver opensmtpd needs Linux: run there, or use --relay reference")
	}
	if _, err := find(); err != nil {
		return err
	}
	if err := process.Ready(); err != nil {
		return fmt.Errorf("the driver opensmtpd cannot run here: %w", err)
	}
	if _, err := os.Stat(perl); err != nil {
		return fmt.Errorf("the driver opensmtpd has its filter in Perl, and there is no %s: "+
			"install perl-base", perl)
	}
	return otherAddress()
}

// otherAddress says whether OpenSMTPD can look up hosts here. It asks for
// addresses of a family only if the machine has one of that family besides
// 127.0.0.1 (AI_ADDRCONFIG, as its own resolver reads RFC 3493 section 6.1); a
// second one on loopback will do.
func otherAddress() error {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return fmt.Errorf("looking for addresses of this machine: %w", err)
	}
	for _, a := range all {
		prefix, err := netip.ParsePrefix(a.String())
		if err == nil && prefix.Addr().Is4() && prefix.Addr() != netip.AddrFrom4([4]byte{127, 0, 0, 1}) {
			return nil
		}
	}
	return errors.New("OpenSMTPD looks up no hosts where 127.0.0.1 is the only IPv4 address: " +
		"give loopback another one (ip address add 127.28.0.1/8 dev lo)")
}

// find looks for OpenSMTPD.
func find() (process.Package, error) { return process.FindPackage("opensmtpd", program) }
