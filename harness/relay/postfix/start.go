package postfix

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// listenIP is where instances take mail. Every address of 127.0.0.0/8 works on
// Linux without configuration; one of our own keeps the ports apart.
const listenIP = "127.28.0.1"

// Start brings up a private instance.
func (d Driver) Start(ctx context.Context, w relay.World) (relay.Relay, error) {
	if err := d.Ready(ctx); err != nil {
		return nil, err
	}
	in := &instance{world: w, driver: d, began: w.Clock.Now()}
	if d.site == nil {
		var err error
		if in.programs, err = find(ctx); err != nil {
			return nil, err
		}
	}
	if err := in.build(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("preparing postfix: %w", err), in.clear())
	}
	if err := in.boot(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("starting postfix: %w", err), in.abandon(ctx))
	}
	if err := in.describe(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("starting postfix: %w", err), in.abandon(ctx))
	}
	return in, nil
}

// build lays out the instance's folders and configuration.
func (in *instance) build(ctx context.Context) error {
	if err := in.found(ctx); err != nil {
		return err
	}
	user, err := parseMain(in.world.Overlay)
	if err != nil {
		return err
	}
	stock, err := in.programs.stockMaster(in.reader(ctx))
	if err != nil {
		return err
	}
	if in.listen, err = freeAddress(ctx); err != nil {
		return err
	}
	services, changes, err := master(stock, in.listen)
	if err != nil {
		return err
	}
	in.info.Changes = append(in.info.Changes, changes...)
	main, changes := compose(settings(in.world, in.place, in.programs.version), user)
	in.info.Changes = append(in.info.Changes, changes...)
	files := map[string]string{
		filepath.Join(in.place.config(), "main.cf"):   main,
		filepath.Join(in.place.config(), "master.cf"): services,
		in.place.spareTable():                         spareTable(in.world.Spare),
		in.place.filterTable():                        filterTable(in.world.Filter),
	}
	for path, text := range files {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return fmt.Errorf("writing the configuration: %w", err)
		}
	}
	binds, changes, err := etcFiles(in.world, in.place.etc())
	if err != nil {
		return err
	}
	in.binds = binds
	in.info.Changes = append(in.info.Changes, changes...)
	return copyFolder(in.place.config(), filepath.Join(in.world.Dir, "config"))
}

// found makes the folders. The register learns of the base before it exists.
func (in *instance) found(ctx context.Context) error {
	dir, err := filepath.Abs(in.world.Dir)
	if err != nil {
		return fmt.Errorf("finding the relay's folder: %w", err)
	}
	in.world.Dir = dir
	parent := os.TempDir()
	if s, err := os.Stat("/var/tmp"); err == nil && s.IsDir() {
		parent = "/var/tmp" // on disk, where a queue belongs, even if /tmp is in memory
	}
	// A name of its own, so that the register knows it before it exists: the
	// process and the nanosecond are ours alone.
	base := filepath.Join(parent, fmt.Sprintf("%s%s-%d-%s", process.Prefix, in.driver.Name(),
		os.Getpid(), strconv.FormatInt(time.Now().UnixNano(), 36)))
	in.place = place{base: base, dir: dir, log: filepath.Join(dir, "log", "maillog")}
	if in.lease, err = process.Register(in.held()); err != nil {
		return err
	}
	if err := os.Mkdir(base, 0o711); err != nil {
		return fmt.Errorf("making the instance's folder: %w", err)
	}
	for _, path := range []string{in.place.config(), in.place.spool(), in.place.data(),
		in.place.etc(), filepath.Dir(in.place.log), filepath.Join(dir, "config")} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			return fmt.Errorf("making the instance's folders: %w", err)
		}
		// The umask may have taken what Postfix's user needs.
		if err := os.Chmod(path, 0o755); err != nil {
			return fmt.Errorf("opening the instance's folders: %w", err)
		}
	}
	if err := os.Chmod(base, 0o711); err != nil {
		return fmt.Errorf("opening the instance's folder: %w", err)
	}
	if err := in.move(ctx); err != nil {
		return err
	}
	uid, err := in.owner(ctx)
	if err != nil {
		return err
	}
	if err := os.Chown(in.place.data(), uid, -1); err != nil {
		return fmt.Errorf("giving the data folder to %s: %w", in.programs.owner, err)
	}
	return in.bound()
}

// held is what the register must know of.
func (in *instance) held() process.Held {
	h := process.Held{What: in.driver.Name() + " instance", Folders: []string{in.place.base}}
	if t, ok := in.running().(*process.Tree); ok {
		h.Processes = []process.ID{t.Root()}
	}
	if in.volume != nil {
		h.Processes = append(h.Processes, in.volume.Root())
	}
	return h
}

// freeAddress finds a port that nobody listens on.
func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp4", net.JoinHostPort(listenIP, "0"))
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// boot starts the instance's programs in a tree of their own and returns when
// they take mail under the right clock.
func (in *instance) boot(ctx context.Context) error {
	from, err := logSize(in.place.log)
	if err != nil {
		return err
	}
	out, err := in.launch(ctx)
	if err != nil {
		return in.complaint(ctx, from, out, err)
	}
	if err := in.awaitReady(ctx, from); err != nil {
		if errors.Is(err, process.ErrGone) {
			return in.complaint(ctx, from, "", err)
		}
		return err
	}
	return in.proveClock(ctx, in.running())
}

// launch starts the programs in a tree of their own. What they said belongs to
// the error.
func (in *instance) launch(ctx context.Context) (said string, err error) {
	if in.house != nil {
		tree, err := in.house.Start(ctx, in.binds, in.command(in.programs.postfix, "start-fg"))
		if err != nil {
			return "", err
		}
		in.setTree(tree)
		return "", nil
	}
	tree, err := process.New(ctx, process.Options{Binds: in.binds, In: in.volume})
	if err != nil {
		return "", err
	}
	in.setTree(tree)
	if err := in.lease.Update(in.held()); err != nil {
		return "", err
	}
	return tree.Run(ctx, in.command(in.programs.postfix, "start"))
}

// command is one of Postfix's programs on this instance, in the environment in
// which the instance runs.
func (in *instance) command(path string, args ...string) process.Command {
	c := process.Command{Path: path, Env: []string{"TZ=UTC", "LC_ALL=C"}}
	c.Args = append([]string{"-c", in.place.config()}, args...)
	if in.world.ClockFile != nil {
		c.Env = append(c.Env, in.world.ClockFile.Env()...)
	}
	return c
}

// describe fills in what the running instance says of itself.
func (in *instance) describe(ctx context.Context) error {
	in.info.Name = in.driver.Name()
	in.info.Version = in.programs.version
	var err error
	if in.info.Settings, err = in.retrySettings(ctx); err != nil {
		return err
	}
	in.rule, err = newRule(in.info.Settings)
	if err != nil {
		return err
	}
	warnings, err := in.warnings(ctx)
	if err != nil {
		return err
	}
	in.info.Changes = append(in.info.Changes, warnings...)
	return nil
}

// complaint is err in Postfix's own words, where it said any.
func (in *instance) complaint(ctx context.Context, from int64, out string, err error) error {
	if words := fatalWords(in.place.log, from); words != "" {
		return errors.New(words)
	}
	// Without a terminal, postfix(1) speaks to its log only, and before it can
	// read its configuration it has none. postqueue stumbles over the same
	// setting and says so on its standard error.
	said, _ := in.output(ctx, in.programs.postqueue, "-j")
	for _, text := range []string{string(said.stderr), out} {
		hint := ""
		for line := range strings.Lines(text) {
			if _, words, ok := strings.Cut(line, ": warning: "); ok {
				hint = " (" + strings.TrimSpace(words) + ")"
			}
			if words := fatalOf(line); words != "" && !strings.Contains(words, "ystem is down") {
				return errors.New(words + hint)
			}
		}
	}
	return fmt.Errorf("%w: %s", err, strings.Join(strings.Fields(out), " "))
}
