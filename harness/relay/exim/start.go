package exim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/daemon"
	"github.com/hansei-mail/hansei/harness/relay/process"
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
			return nil, errors.Join(fmt.Errorf("starting exim: %w", err), in.Abandon(ctx))
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
	in.interval = user.interval()
	if in.rule, err = newRule(user.retryLines(), in.interval); err != nil {
		return err
	}
	if in.listen, err = process.FreeAddress(ctx); err != nil {
		return err
	}
	if in.user, err = process.FindUser(owner, spareID); err != nil {
		return err
	}
	if in.Private, err = process.NewPrivate(Driver{}.Name()); err != nil {
		return err
	}
	if err := in.folders(); err != nil {
		return err
	}
	in.system = process.System{DNS: in.World.DNS, Users: []process.User{in.user},
		Package: in.pack, Clock: in.World.ClockFile}
	var changes []string
	if in.binds, changes, err = in.system.Lay(ctx, in.Private.Base()); err != nil {
		return err
	}
	// The log lies in the caller's folder, through which Exim's user may not
	// be allowed to pass: it sees it as a folder of its own.
	in.binds = append(in.binds, process.Bind{Source: filepath.Dir(in.mainlog), Target: in.logs})
	text, more := in.compose(user)
	in.info.Changes = slices.Concat(in.info.Changes, changes, more)
	// The first of the two places that Debian's Exim is built to look at.
	conf := filepath.Join(in.Private.Base(), "etc", "exim4", "exim4.conf")
	if err := process.OpenFolder(filepath.Dir(conf), 0); err != nil {
		return err
	}
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		return fmt.Errorf("writing the configuration: %w", err)
	}
	return in.KeepConfig("exim4.conf", text)
}

// folders makes those that are not part of the system's.
func (in *instance) folders() error {
	dir, err := filepath.Abs(in.World.Dir)
	if err != nil {
		return fmt.Errorf("finding the relay's folder: %w", err)
	}
	in.World.Dir = dir
	in.mainlog = filepath.Join(dir, "log", "mainlog")
	if err := process.OpenFolder(filepath.Dir(in.mainlog), in.user.UID); err != nil {
		return err
	}
	if in.Spool, err = in.Private.Folder("spool", in.user.UID); err != nil {
		return err
	}
	change, err := in.Bound(in.user.UID)
	if err != nil {
		return err
	}
	if change != "" {
		in.info.Changes = append(in.info.Changes, change)
	}
	if in.logs, err = in.Private.Folder("log", in.user.UID); err != nil {
		return err
	}
	_, err = in.Private.Folder(filepath.Dir(pidFile), in.user.UID)
	return err
}

// boot starts the daemon in a tree of its own and returns when it takes mail
// under the right clock.
func (in *instance) boot(ctx context.Context) error {
	tree, err := in.Private.Grow(ctx, in.binds)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, daemon.StartTime)
	defer cancel()
	if _, err := in.ask(ctx, "-bd", "-q"+in.interval); err != nil {
		return err
	}
	if err := tree.AwaitGreeting(ctx, in.listen); err != nil {
		return err
	}
	return in.system.ProveClock(ctx, tree)
}

// ask runs Exim in the instance and returns what it printed.
func (in *instance) ask(ctx context.Context, args ...string) (string, error) {
	out, err := in.Private.Tree().Run(ctx, process.Command{
		Path: in.pack.Path(program), Args: args, Env: []string{"TZ=UTC", "LC_ALL=C"},
	})
	if err != nil {
		words := strings.Join(strings.Fields(out), " ")
		// "Exim configuration error in line N of FILE:" and so on.
		if _, said, ok := strings.Cut(words, "Exim configuration error"); ok {
			return "", errors.New("exim says: configuration error" + said)
		}
		return "", fmt.Errorf("%w: %s", err, words)
	}
	return out, nil
}

// told are the settings besides the retry rule that decide how mail is
// delivered again.
var told = []string{
	"retry_interval_max", "retry_data_expire", "queue_run_max", "remote_max_parallel",
	"smtp_accept_max", "smtp_accept_queue", "smtp_accept_queue_per_connection",
	"delay_warning", "ignore_bounce_errors_after", "timeout_frozen_after",
}

// describe fills in what the running instance says of itself.
func (in *instance) describe(ctx context.Context) error {
	in.info.Name = Driver{}.Name()
	out, err := in.ask(ctx, "-bV")
	if err != nil {
		return err
	}
	if _, err := fmt.Sscanf(out, "Exim version %s", &in.info.Version); err != nil {
		return fmt.Errorf("reading the version of exim from %q: %w", out, err)
	}
	if out, err = in.ask(ctx, append([]string{"-bP"}, told...)...); err != nil {
		return err
	}
	in.info.Settings = map[string]string{"queue run (-q)": in.interval, "retry": in.rule.text}
	for line := range strings.Lines(out) {
		if key, value, ok := strings.Cut(line, "="); ok {
			in.info.Settings[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return nil
}

// ReadClock asks a process of Exim for the time ($tod_epoch). It answers in
// whole seconds, so the answer is the middle of that second.
func (in *instance) ReadClock(ctx context.Context) (time.Time, error) {
	if !in.Answers() {
		return time.Time{}, errors.New("reading exim's clock: it does not run")
	}
	out, err := in.ask(ctx, "-be", "$tod_epoch")
	if err != nil {
		return time.Time{}, fmt.Errorf("reading exim's clock: %w", err)
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(out), 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading exim's clock: %w", err)
	}
	return time.Unix(seconds, 0).UTC().Add(500 * time.Millisecond), nil
}
