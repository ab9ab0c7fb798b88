package outsidetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/external"
)

// Config is what its owner tells the relay of the world that it will meet.
type Config struct {
	// DNS is the name server, ip:53.
	DNS    string
	Spare  relay.Spare
	Filter []string
	// Maildir keeps the spare copies in a Maildir of the relay's own, instead of
	// sending them by the MX of the spare's domain.
	Maildir bool
	// Into keeps them in somebody else's Maildir, as its owner; empty: in none.
	Into string
	// Settings are further lines of main.cf.
	Settings string
}

// Postfix is an instance of the machine's Postfix, in a folder of its own.
type Postfix struct {
	// Address is where it takes mail.
	Address string
	dir     string
}

// Ready says why there can be none on this machine.
func Ready() error {
	if runtime.GOOS != "linux" {
		return errors.New("a relay outside of hansei is set up here on Linux only")
	}
	if os.Geteuid() != 0 {
		return errors.New("postfix needs root: use sudo, or a container")
	}
	for _, name := range []string{"postfix", "postqueue", "unshare", "mount"} {
		if _, err := program(name); err != nil {
			return err
		}
	}
	return nil
}

func program(name string) (string, error) {
	for _, dir := range []string{"/usr/sbin", "/usr/bin", "/sbin", "/bin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not installed", name)
}

// Start sets one up and starts it. When it returns an error, nothing is left.
func Start(ctx context.Context, c Config) (*Postfix, error) {
	address, err := free(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("/var/tmp", fmt.Sprintf("hansei-outside-%d-", os.Getpid()))
	if err != nil {
		return nil, fmt.Errorf("making a folder for the outside relay: %w", err)
	}
	p := &Postfix{Address: address, dir: dir}
	if err := p.write(c); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := shell(ctx, p.Hooks().Start); err != nil {
		return nil, errors.Join(err, p.Stop(context.WithoutCancel(ctx)))
	}
	return p, nil
}

// Maildir is where spare copies are, if it was asked for one.
func (p *Postfix) Maildir() string { return filepath.Join(p.dir, "mail", "spare") }

// Hooks are what its owner gives to hansei.
func (p *Postfix) Hooks() external.Hooks {
	// The master leads its process group, in which all its children are.
	group := "-- -$(tr -d ' ' <" + p.dir + "/spool/pid/master.pid)"
	postfix := "/usr/sbin/postfix -c " + p.dir + "/config "
	return external.Hooks{
		Kill: "kill -s KILL " + group,
		// Only this relay's processes shall see its name server.
		Start: "unshare -m --propagation private sh -c 'mount --bind " + p.dir +
			"/resolv.conf /etc/resolv.conf && exec " + postfix + "start'",
		Stop:     postfix + "stop",
		Pause:    "kill -s STOP " + group,
		Resume:   "kill -s CONT " + group,
		Queue:    "/usr/sbin/postqueue -c " + p.dir + "/config -j",
		Settings: "/usr/sbin/postconf -c " + p.dir + "/config minimal_backoff_time queue_run_delay",
	}
}

// Stop ends it and removes its folder. It may be called twice.
func (p *Postfix) Stop(ctx context.Context) error {
	if _, err := os.Stat(p.dir); err != nil {
		return nil
	}
	// What is paused must go on to end; what is dead need not end.
	_ = shell(ctx, p.Hooks().Resume)
	err := shell(ctx, "/usr/sbin/postfix -c "+p.dir+"/config status || exit 0; "+p.Hooks().Stop)
	return errors.Join(err, os.RemoveAll(p.dir))
}

// free is an address on which nobody listens.
func free(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// shell runs a command, with its words in the error.
func shell(ctx context.Context, command string) error {
	f, err := os.CreateTemp("", "hansei-outside-")
	if err != nil {
		return fmt.Errorf("keeping what %s says: %w", command, err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	c := exec.CommandContext(ctx, "/bin/sh", "-c", command)
	c.Stdout, c.Stderr = f, f // no pipe: a daemon may keep it
	if err := c.Run(); err != nil {
		said, _ := os.ReadFile(f.Name())
		return fmt.Errorf("running %s: %w: %s", command, err, strings.Join(strings.Fields(string(said)), " "))
	}
	return nil
}
