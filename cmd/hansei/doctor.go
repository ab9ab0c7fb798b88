package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/harness/relay/container"
	"github.com/hansei-mail/hansei/harness/relay/drivers"
	"github.com/hansei-mail/hansei/reports"
)

// probeLimit bounds each program that doctor asks.
const probeLimit = 10 * time.Second

// frontEnd is one of the loopback addresses on which fakes listen.
const frontEnd = "127.25.0.1"

// finding is what one probe found: what is there, or the cure if it is not.
type finding struct {
	what string
	good bool
	said string
	cure string
}

func newDoctor() *cobra.Command {
	outside := false
	var flags planFlags
	c := &cobra.Command{
		Use:   "doctor [--external [SCENARIO|FILE]]",
		Short: "Say what this machine can do, and what to do about the rest",
		Long: `Say which relays this machine can test, and for what is missing, the cure. The
reference relay needs nothing but hansei itself. The exit code is always 0.

With --external, say instead what a relay must be told that runs already and that
hansei does not start: where names, domains and spare copies are, what real time
makes of the promises, and which hooks give it which capability.`,
		Example: `  hansei doctor
  hansei doctor --external ex196121 --compress 1`,
		Args: cobra.MaximumNArgs(1),
		RunE: own(func(c *cobra.Command, args []string) error {
			switch {
			case outside:
				return instructExternal(c.OutOrStdout(), strings.Join(args, ""), flags)
			case len(args) > 0:
				return usagef("a scenario belongs to doctor --external")
			}
			return examine(c.Context(), c.OutOrStdout())
		}),
	}
	c.Flags().BoolVar(&outside, "external", false,
		"say what a relay must be told that runs already")
	flags.add(c)
	return c
}

// examine runs every probe and prints its finding. Nothing is changed.
func examine(ctx context.Context, out io.Writer) error {
	style := styleOf(out)
	yes, no := "+", "-"
	if style.Unicode {
		yes, no = "✓", "✗"
	}
	for _, probe := range []func(context.Context) finding{
		probeSystem, probeRoot, probePostfix, probeCompiler, probeNamespace, probeMail, probeDNS,
		probeDocker,
	} {
		f := probe(ctx)
		mark, text := yes, f.said
		if !f.good {
			mark, text = no, strings.TrimPrefix(f.said+": "+f.cure, ": ")
		}
		if _, err := fmt.Fprintf(out, "%s %-24s %s\n", mark, f.what, reports.Escape(text)); err != nil {
			return err
		}
	}
	return relaysReady(ctx, out, yes, no)
}

// relaysReady asks each driver itself: it knows best.
func relaysReady(ctx context.Context, out io.Writer, yes, no string) error {
	all := drivers.All()
	for _, name := range relayNames() {
		mark, text := yes, "ready: hansei run ex196121 --relay "+name
		if err := all[name].Ready(ctx); err != nil {
			mark, text = no, err.Error()
		}
		_, err := fmt.Fprintf(out, "%s %-24s %s\n", mark, "relay "+name, reports.Escape(text))
		if err != nil {
			return err
		}
	}
	return nil
}

func probeSystem(context.Context) finding {
	return finding{
		what: "system", good: runtime.GOOS == "linux",
		said: fmt.Sprintf("%s/%s, %d CPUs", runtime.GOOS, runtime.GOARCH, runtime.NumCPU()),
		cure: "real relays need Linux; the reference relay does not",
	}
}

func probeRoot(context.Context) finding {
	return finding{
		what: "root", good: os.Geteuid() == 0, said: fmt.Sprintf("user id %d", os.Geteuid()),
		cure: "real relays need root: use sudo, or a container",
	}
}

func probePostfix(ctx context.Context) finding {
	f := finding{what: "Postfix", cure: "apt-get install postfix"}
	path, err := program("postconf")
	if err != nil {
		f.said = "not installed"
		return f
	}
	text, err := ask(ctx, path, "-d", "-h", "mail_version")
	if err != nil {
		f.said = err.Error()
		return f
	}
	f.good, f.said = true, text
	return f
}

func probeCompiler(context.Context) finding {
	f := finding{
		what: "C compiler", said: "no cc",
		cure: "the shared clock needs it to run a real relay fast: apt-get install gcc libc6-dev",
	}
	if path, err := program("cc"); err == nil {
		f.good, f.said = true, path
	}
	return f
}

// probeDocker asks the daemon, because a client without one is no use.
func probeDocker(ctx context.Context) finding {
	ctx, stop := context.WithTimeout(ctx, probeLimit)
	defer stop()
	f := finding{what: "Docker", cure: "relays in containers need it, no others do"}
	text, err := container.Version(ctx)
	if err != nil {
		f.said = err.Error()
		return f
	}
	f.good, f.said = true, text
	return f
}

// probeNamespace makes a mount namespace for a program that does nothing.
func probeNamespace(ctx context.Context) finding {
	f := finding{
		what: "mount namespace", said: "cannot make one",
		cure: "run as root, in a container with --cap-add SYS_ADMIN",
	}
	path, err := program("unshare")
	if err != nil {
		f.said, f.cure = "no unshare", "apt-get install util-linux"
		return f
	}
	if _, err := ask(ctx, path, "-m", "--propagation", "private", "true"); err == nil {
		f.good, f.said = true, "private"
	}
	return f
}

// probeMail binds the port to which mail is routed (RFC 5321 section 4.5.4.2).
func probeMail(context.Context) finding {
	f := finding{what: frontEnd + ":25"}
	l, err := net.Listen("tcp", frontEnd+":25")
	f.good, f.said, f.cure = bound(err)
	if err == nil {
		l.Close()
	}
	return f
}

// probeDNS binds the name server's port (RFC 1035 section 4.2).
func probeDNS(context.Context) finding {
	f := finding{what: frontEnd + ":53"}
	p, err := net.ListenPacket("udp", frontEnd+":53")
	f.good, f.said, f.cure = bound(err)
	if err == nil {
		p.Close()
	}
	return f
}

func bound(err error) (good bool, said, cure string) {
	if err == nil {
		return true, "can be bound", ""
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	cure = "run as root, and end what listens there ('ss -lnp')"
	if runtime.GOOS != "linux" {
		cure = "only Linux gives all of 127.0.0.0/8 to the loopback interface"
	}
	return false, err.Error(), cure
}

// program finds one on PATH or where systems keep those for root.
func program(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	for _, dir := range []string{"/usr/sbin", "/sbin", "/usr/local/sbin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not installed", name)
}

// ask runs a program and returns what it says.
func ask(ctx context.Context, path string, args ...string) (string, error) {
	ctx, stop := context.WithTimeout(ctx, probeLimit)
	defer stop()
	c := exec.CommandContext(ctx, path, args...)
	c.WaitDelay = time.Second // a child that keeps the pipe open must not hold us
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s does not work: %w", filepath.Base(path), err)
	}
	return strings.TrimSpace(string(out)), nil
}
