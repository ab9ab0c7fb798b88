package postfix

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// Driver starts private instances of the machine's Postfix, or of one that is
// somewhere else on it (see Site).
type Driver struct{ site Site }

var _ relay.Driver = Driver{}

// Name is the word for --relay.
func (d Driver) Name() string {
	if d.site != nil {
		return d.site.Name()
	}
	return "postfix"
}

// maxRate and drainRate are in scenario seconds a wall second: see Traits.
const (
	maxRate   = 600
	drainRate = 120
	// topRate and topDrain hold while the queue manager rests: a scan of the
	// deferred queue is what an accelerated clock makes late.
	topRate  = 900
	topDrain = 600
)

// Traits: every process of Postfix reads the shared clock, because its daemons
// keep the environment that import_environment names. Measured on two cores
// with 500 messages queued: at 600 times real time no retry is early and 2 %
// are later than the configuration says, by less than a minute; at 1800 the
// retries are no longer Postfix's own. Draining is bound by round trips that no
// clock speeds up, hence the lower rate.
func (Driver) Traits() relay.Traits {
	return relay.Traits{SharesClock: true, MaxRate: maxRate, DrainRate: drainRate,
		TopRate: topRate, TopDrain: topDrain, Kills: true,
		Monitors: true,
		Abilities: relay.Abilities{
			Pauses: true, Restarts: true, FillsDisk: true, SlowsDisk: true, StepsClock: true,
		}}
}

// Ready says why this machine cannot run Postfix for us.
func (d Driver) Ready(ctx context.Context) error {
	if d.site != nil {
		return d.site.Ready(ctx)
	}
	if runtime.GOOS != "linux" {
		return errors.New("the driver postfix needs Linux: run there, or use --relay reference")
	}
	p, err := find(ctx)
	if err != nil {
		return err
	}
	if err := process.Ready(); err != nil {
		return err
	}
	_, err = p.stockMaster(os.ReadFile)
	return err
}

// programs is where the parts of the installed Postfix are.
type programs struct {
	postfix, postconf, postqueue, postcat, postlog string
	version, owner, meta, daemons                  string
}

// errMissing is what to do without Postfix.
var errMissing = errors.New("postfix is not installed: apt-get install postfix " +
	"(dnf install postfix, apk add postfix)")

// find looks for the installed Postfix and asks it about itself.
func find(ctx context.Context) (programs, error) {
	var p programs
	for name, path := range map[string]*string{
		"postfix": &p.postfix, "postconf": &p.postconf, "postqueue": &p.postqueue,
		"postcat": &p.postcat, "postlog": &p.postlog,
	} {
		var err error
		if *path, err = locate(name); err != nil {
			return programs{}, errMissing
		}
	}
	return p, p.introduce(func(line ...string) ([]byte, error) {
		return exec.CommandContext(ctx, line[0], line[1:]...).Output()
	})
}

// introduce asks postconf about what is installed.
func (p *programs) introduce(ask func(line ...string) ([]byte, error)) error {
	// -d: the defaults that are compiled in; the machine's own configuration
	// is none of our business and may be broken or absent.
	for key, value := range map[string]*string{
		"mail_version": &p.version, "mail_owner": &p.owner,
		"meta_directory": &p.meta, "daemon_directory": &p.daemons,
	} {
		out, err := ask(p.postconf, "-x", "-d", "-h", key)
		if err != nil {
			return fmt.Errorf("asking the installed postfix for its %s: %w", key, err)
		}
		*value = strings.TrimSpace(string(out))
	}
	return nil
}

// locate finds a program in the PATH or where administrators' programs are,
// which the PATH of an ordinary login does not name.
func locate(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return filepath.Abs(path)
	}
	path, err := exec.LookPath(filepath.Join("/usr/sbin", name))
	if err != nil {
		return "", fmt.Errorf("looking for %s: %w", name, err)
	}
	return path, nil
}

// stockMaster is the master.cf that the installed package came with, before
// anybody edited it.
func (p programs) stockMaster(read func(path string) ([]byte, error)) (string, error) {
	for _, path := range []string{
		"/usr/share/postfix/master.cf.dist",         // Debian
		filepath.Join(p.meta, "master.cf.proto"),    // Debian and upstream's own
		filepath.Join(p.daemons, "master.cf.proto"), // where meta_directory is libexec
		filepath.Join(p.meta, "master.cf"),          // others: as configured
		"/etc/postfix/master.cf",
	} {
		data, err := read(path)
		if err == nil {
			return string(data), nil
		}
	}
	return "", errors.New("the installed postfix came without a master.cf: " +
		"reinstall it (apt-get install --reinstall postfix)")
}
