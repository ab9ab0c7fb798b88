package opensmtpd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/daemon"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// Where OpenSMTPD is built to look, as the instance sees it.
const (
	confPath = "/etc/smtpd.conf"
	// spoolPath and libPath are the folders above its spool and above the empty
	// one that it changes its root to. They exist on every Debian, so that they
	// can be mounted upon; what is in them may not.
	spoolPath = "/var/spool"
	libPath   = "/var/lib"
)

// Start brings up a private instance.
func (d Driver) Start(ctx context.Context, w relay.World) (relay.Relay, error) {
	if err := d.Ready(ctx); err != nil {
		return nil, err
	}
	pack, err := find()
	if err != nil {
		return nil, err
	}
	in := newInstance(w, pack)
	for _, step := range []func(context.Context) error{in.build, in.boot, in.describe} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("starting opensmtpd: %w", err), in.Abandon(ctx))
		}
	}
	return in, nil
}

// build lays out the instance's folders and configuration.
func (in *instance) build(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	user, err := parseOverlay(in.World.Overlay)
	if err != nil {
		return err
	}
	if in.listen, err = process.FreeAddress(ctx); err != nil {
		return err
	}
	if in.user, err = process.FindUser(owner, ownerID); err != nil {
		return err
	}
	if in.queuer, err = process.FindUser(keeper, keepID); err != nil {
		return err
	}
	if in.Private, err = process.NewPrivate(Driver{}.Name()); err != nil {
		return err
	}
	in.system = process.System{DNS: in.World.DNS, Users: []process.User{in.user, in.queuer},
		Package: in.pack, Clock: in.World.ClockFile}
	binds, changes, err := in.system.Lay(ctx, in.Private.Base())
	if err != nil {
		return err
	}
	lib, err := in.folders()
	if err != nil {
		return err
	}
	in.binds = append(binds, process.Bind{Source: in.Spool, Target: spoolPath},
		process.Bind{Source: lib, Target: libPath})
	if err := in.layTable(); err != nil {
		return err
	}
	text, more := in.compose(user)
	in.info.Changes = slices.Concat(in.info.Changes, changes, more)
	in.info.Settings = user.settings()
	return in.configure(text)
}

// folders makes those that are not part of the system's, and the log.
func (in *instance) folders() (lib string, err error) {
	dir, err := filepath.Abs(in.World.Dir)
	if err != nil {
		return "", fmt.Errorf("finding the relay's folder: %w", err)
	}
	in.World.Dir = dir
	logs := filepath.Join(dir, "log")
	if err := process.OpenFolder(logs, 0); err != nil {
		return "", err
	}
	if in.log, err = newJournal(filepath.Join(logs, logName), in.Now); err != nil {
		return "", err
	}
	if in.Spool, err = in.Private.Folder("spool", 0); err != nil {
		return "", err
	}
	change, err := in.Bound(0)
	if err != nil {
		return "", err
	}
	if change != "" {
		in.info.Changes = append(in.info.Changes, change)
	}
	if _, err := in.Private.Folder(filepath.Join("lib", "opensmtpd", "empty"), 0); err != nil {
		return "", err
	}
	return in.Private.Folder("lib", 0)
}

// configure writes what the instance finds in its /etc.
func (in *instance) configure(text string) error {
	etc := filepath.Join(in.Private.Base(), "etc")
	for name, text := range map[string]string{
		filepath.Base(confPath): text, "mailname": in.hostname() + "\n",
	} {
		if err := os.WriteFile(filepath.Join(etc, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("writing the configuration: %w", err)
		}
	}
	if err := writeFilter(etc); err != nil {
		return err
	}
	return in.KeepConfig(filepath.Base(confPath), text)
}

// boot starts the server in a tree of its own and returns when it takes mail
// under the right clock.
func (in *instance) boot(ctx context.Context) error {
	for try := 1; ; try++ {
		err := in.tryBoot(ctx)
		if !errors.Is(err, errSlow) || try == bootTries {
			return err
		}
		if err := in.Private.Kill(ctx); err != nil {
			return err
		}
	}
}

// bootTries is how often a start is tried that the clock's speed spoils.
const bootTries = 8

// errSlow is when the server's processes gave each other up as they started:
// they wait 10 seconds of their time for each other (smtpd.c, setup_proc), which
// is little of ours when time goes fast.
var errSlow = errors.New("its processes took too long to start for the speed of the clock")

// tryBoot starts it once.
func (in *instance) tryBoot(ctx context.Context) error {
	tree, err := in.Private.Grow(ctx, in.binds)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, daemon.StartTime)
	defer cancel()
	server := in.pack.Path(program)
	if out, err := in.ask(ctx, server, "-n", "-f", confPath); err != nil {
		return fmt.Errorf("opensmtpd says of its configuration: %s", said(out, err))
	}
	in.log.begin()
	ended, err := in.launch(ctx)
	if err != nil {
		return err
	}
	go func() {
		select {
		case <-ended:
			cancel() // nobody will greet
		case <-ctx.Done():
		}
	}()
	if err := tree.AwaitGreeting(ctx, in.listen); err != nil {
		select {
		case <-ended:
		default:
			return err
		}
		words := in.log.words()
		if in.World.ClockFile != nil && strings.Contains(words, "imsg_wait") {
			return fmt.Errorf("%w: %s", errSlow, words)
		}
		return fmt.Errorf("it ended at once, with the words: %s", words)
	}
	if err := in.system.ProveClock(ctx, tree); err != nil {
		return err
	}
	return in.note(bootOver)
}

// plainEnv is the environment of all programs.
var plainEnv = []string{"TZ=UTC", "LC_ALL=C"}

// ask runs a program in the instance and returns what it printed.
func (in *instance) ask(ctx context.Context, path string, args ...string) (string, error) {
	return in.Private.Tree().Run(ctx, process.Command{Path: path, Args: args, Env: plainEnv})
}

// said is one sentence of a program that failed.
func said(out string, err error) string {
	if words := strings.Join(strings.Fields(out), " "); words != "" {
		return words
	}
	return err.Error()
}

// describe fills in what the server says of itself.
func (in *instance) describe(ctx context.Context) error {
	in.info.Name = Driver{}.Name()
	// It prints its version and how it is used, and calls that a failure.
	out, err := in.ask(ctx, in.pack.Path(program), "-h")
	_, words, ok := strings.Cut(out, "version: OpenSMTPD ")
	if f := strings.Fields(words); ok && len(f) > 0 {
		in.info.Version = f[0]
		return nil
	}
	return fmt.Errorf("reading the version of opensmtpd: %s", said(out, err))
}
