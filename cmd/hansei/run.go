package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/container"
	"github.com/hansei-mail/hansei/harness/relay/process"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// largestOverlay bounds a relay configuration.
const largestOverlay = 1 << 20

// runFlags are what the user can say about a run.
type runFlags struct {
	planFlags
	relay   string
	flaw    string
	overlay string
	speed   string
	runs    string
	live    string
	watch   string
	apart   bool
	folder  string
	format  *format
	externalFlags
	imageFlags
}

func newRun() *cobra.Command {
	flags := runFlags{format: newFormat("text", "json")}
	c := &cobra.Command{
		Use:   "run SCENARIO|FILE",
		Short: "Play a scenario against a relay, then judge what became of every message",
		Long: `Play a scenario against a real relay, then judge what became of every message.
SCENARIO is a NAME or NAME/VARIANT of the catalogue, FILE a .yaml file of your own.

The run is kept in RUNS/SCENARIO/TIME-RELAY, and RUNS/latest points to it. Ctrl-C
ends a run in good order and judges what there is; a second one ends it at once.

A relay that raises no alarms can be given its operator's own monitor with --watch.
Its environment has HANSEI_ALERTS_URL (where alarms go, in the form of Prometheus's
Alertmanager or as plain text), HANSEI_HEALTH_URL, HANSEI_TOKEN_URL, HANSEI_CLIENT_ID,
HANSEI_CLIENT_SECRET and HANSEI_SCOPE (the provider's health page and its sign-in),
HANSEI_RELAY (where the relay takes mail), and as the relay has them HANSEI_CONFIG and
HANSEI_QUEUE. What it prints is kept as monitor.log.

Exit codes: 0 every promise kept, 1 a promise broken, 3 inconclusive,
64 bad usage or bad scenario, 70 internal error.`,
		Example: `  hansei run ex196121
  hansei run ex196121 --relay postfix --relay-config main.cf
  hansei run ex196121/kill --seed 7 --format json
  hansei run last-night.yaml --runs /tmp/runs
  hansei run ex196121 --flaw skip-spare
  hansei run ex196121 --relay postfix --watch ./monitor.sh
  hansei run ex196121 --live 127.0.0.1:8025
  hansei run ex196121 --relay container-postfix
  hansei run short.yaml --relay container --image-file relay.yaml
  hansei run short.yaml --relay external --relay-address 127.0.0.1:2525 \
      --hook-queue 'postqueue -j' --spare maildir:/var/mail/spare`,
		Args: cobra.ExactArgs(1),
		RunE: own(func(c *cobra.Command, args []string) error { return flags.run(c, args[0]) }),
	}
	flags.planFlags.add(c)
	c.Flags().StringVar(&flags.relay, "relay", "reference",
		"relay under test: "+strings.Join(relayNames(), ", "))
	c.Flags().StringVar(&flags.overlay, "relay-config", "",
		"file with your own configuration, laid over the relay's")
	c.Flags().StringVar(&flags.speed, "speed", "auto",
		"scenario seconds in a wall second while only waiting happens, or auto")
	c.Flags().StringVar(&flags.flaw, "flaw", "",
		"planted defect of the reference relay, to see the judge work (hansei flaws --list)")
	flags.externalFlags.add(c)
	flags.imageFlags.add(c)
	c.Flags().StringVar(&flags.watch, "watch", "",
		"command of the shell that is your own monitor: it runs beside the relay, on its clock,\n"+
			"and raises alarms at $HANSEI_ALERTS_URL (hansei run --help tells what else it knows)")
	c.Flags().StringVar(&flags.live, "live", "",
		"address of loopback at which to show the run while it goes on, such as 127.0.0.1:8025")
	c.Flags().BoolVar(&flags.apart, "apart", false,
		"run in a network namespace of its own, so that several can at a time (Linux, root)")
	c.Flags().StringVar(&flags.folder, "folder", "", "run folder to make, instead of one in --runs")
	runsFlag(c, &flags.runs)
	flags.format.add(c)
	return c
}

// run is the subcommand: all that the user may have got wrong is looked at
// before anything starts.
func (f *runFlags) run(c *cobra.Command, arg string) error {
	if err := f.format.check(); err != nil {
		return err
	}
	if f.apart && f.live != "" {
		return usagef("--live cannot be seen from outside of --apart; leave one of them out")
	}
	driver, err := f.driver()
	if err != nil {
		return err
	}
	speed, err := parseSpeed(f.speed)
	if err != nil {
		return err
	}
	s, tl, err := f.plan(arg)
	if err != nil {
		return err
	}
	cfg := harness.Config{
		Speed: speed, Version: version(), Command: f.command(arg), Watch: f.watch,
	}
	if err := f.ofTheUser(&cfg); err != nil {
		return err
	}
	if f.apart {
		if err := apart(); err != nil {
			return err
		}
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	sweep(ctx, c)
	if err := driver.Ready(ctx); err != nil {
		return usagef("the relay %s cannot run here: %w", f.relay, err)
	}
	cfg.Forecast = predict(s, tl, f.relay, cfg.Overlay)
	cfg.Dir = f.newFolder(s)
	if exists(cfg.Dir) {
		return usagef("the run folder %s exists; name one that does not", cfg.Dir)
	}
	live := newLive(c.ErrOrStderr(), s.From.Time.Location())
	live.when = s.When
	cfg.Progress = live.show
	shown, err := f.view(s, tl, &cfg, live, stop)
	if err != nil {
		return err
	}
	go func() {
		<-ctx.Done()
		stop() // from here on a second signal ends the program at once
		live.interrupted()
	}()
	live.note(fmt.Sprintf("%s against relay %s, seed %d, into %s", scenarioName(s), f.relay,
		f.seed, cfg.Dir))
	if words := s.GapWords(); words != "" {
		live.note(words)
	}
	err = harness.Run(ctx, s, tl, driver, cfg)
	live.end()
	return errors.Join(f.judged(c, cfg.Dir, err), shown.close(cfg.Dir))
}

// driver is that of the relay which the flags describe.
func (f *runFlags) driver() (relay.Driver, error) {
	driver, err := pickRelay(f.relay, f.flaw)
	if err != nil {
		return nil, err
	}
	if f.apart && f.relay == externalName {
		return nil, usagef("a relay that runs already cannot be reached from --apart; leave it out")
	}
	if driver, err = f.imageFlags.pick(driver); err != nil {
		return nil, err
	}
	if f.apart && isContainer(driver) {
		return nil, usagef("a container cannot reach the world of --apart; leave it out")
	}
	return f.externalFlags.pick(driver)
}

// ofTheUser reads what is the user's own beside the relay: its configuration and
// the store of spare copies.
func (f *runFlags) ofTheUser(cfg *harness.Config) error {
	var err error
	if cfg.Spare, err = f.store(); err != nil || f.overlay == "" {
		return err
	}
	text, err := slurp(f.overlay, largestOverlay)
	cfg.Overlay = string(text)
	return err
}

// newFolder is the run folder that the user named, or a new one.
func (f *runFlags) newFolder(s *scenarios.Scenario) string {
	if f.folder != "" {
		return f.folder
	}
	return newFolder(f.runs, s, f.relay, time.Now())
}

// view opens the live view, if one is asked for.
func (f *runFlags) view(
	s *scenarios.Scenario, tl *timeline.Timeline, cfg *harness.Config, l *live, stop func(),
) (*view, error) {
	if f.live == "" {
		return nil, nil
	}
	v, err := openView(f.live, s, tl, cfg, f.relay, stop)
	if err != nil {
		return nil, err
	}
	l.note("live at " + v.server.URL())
	cfg.Progress = func(p harness.Progress) {
		l.show(p)
		v.show(p)
	}
	return v, nil
}

// judged is the second half: judge and tell. An interrupted run is judged too,
// because what it did record is worth reading.
func (f *runFlags) judged(c *cobra.Command, folder string, err error) error {
	var refusal *harness.Refusal
	switch {
	case errors.As(err, &refusal):
		f.tidy(folder)
		return err
	case err != nil && !exists(folder):
		f.tidy(folder)
		if errors.Is(err, context.Canceled) {
			return &ending{exitInconclusive, errors.New("interrupted before the run began")}
		}
		return err
	case err != nil && !errors.Is(err, context.Canceled):
		return errors.Join(err, f.pointLatest(folder))
	}
	if err := f.pointLatest(folder); err != nil {
		return err
	}
	in, err := judge(folder)
	if err != nil {
		return err
	}
	if err := f.format.render(c, in); err != nil {
		return err
	}
	if err := summarize(func(w io.Writer) error { return reports.Markdown(w, in) }); err != nil {
		return err
	}
	if f.format.name == "text" { // nothing may stand behind a document
		annotate(c.OutOrStdout(), in)
	}
	return outcomeError(in.Judgement.Outcome)
}

// pointLatest makes the folder the latest one, if it is among the runs.
func (f *runFlags) pointLatest(folder string) error {
	if f.folder != "" {
		return nil
	}
	return pointLatest(f.runs, folder)
}

// tidy removes the folders above a run that never began. os.Remove refuses
// folders that hold something, which is what is wanted.
func (f *runFlags) tidy(folder string) {
	if f.folder != "" {
		return
	}
	if os.Remove(filepath.Dir(folder)) == nil {
		os.Remove(f.runs)
	}
}

// sweep removes what a killed run left behind, and says so.
func sweep(ctx context.Context, c *cobra.Command) {
	swept, containers := container.Sweep(ctx) // before the folders that they write to
	folders, err := process.Sweep(ctx)
	swept, err = append(swept, folders...), errors.Join(containers, err)
	for _, what := range swept {
		fmt.Fprintf(c.ErrOrStderr(), "hansei: left behind by an earlier run, now gone: %s\n",
			reports.Escape(what))
	}
	if err != nil {
		fmt.Fprintf(c.ErrOrStderr(), "hansei: warning: sweeping up after earlier runs: %v\n", err)
	}
}

// command is the command line that repeats the run; whatever decides its
// course is in it, and where it is kept is not.
func (f *runFlags) command(arg string) string {
	words := []string{"hansei", "run", quote(arg)}
	flag := func(name, value string) { words = append(words, "--"+name, quote(value)) }
	if f.variant != "" {
		flag("variant", f.variant)
	}
	flag("relay", f.relay)
	if f.overlay != "" {
		flag("relay-config", f.overlay)
	}
	if f.flaw != "" {
		flag("flaw", f.flaw)
	}
	if f.watch != "" {
		flag("watch", f.watch)
	}
	f.externalFlags.tell(flag)
	f.imageFlags.tell(flag)
	flag("seed", strconv.FormatUint(f.seed, 10))
	if f.scale != 1 {
		flag("scale", strconv.FormatFloat(f.scale, 'g', -1, 64))
	}
	if f.compress != "" {
		flag("compress", f.compress)
	}
	if f.speed != "auto" {
		flag("speed", f.speed)
	}
	return strings.Join(words, " ")
}

// quote makes a word safe to paste into a POSIX shell.
func quote(word string) string {
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"+
		"0123456789-_./=:,+@%") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// parseSpeed reads --speed; 0 is auto.
func parseSpeed(word string) (float64, error) {
	if word == "auto" {
		return 0, nil
	}
	n, err := strconv.ParseFloat(strings.TrimSuffix(word, "x"), 64)
	if err != nil || !(n > 0) || math.IsInf(n, 0) {
		return 0, usagef("--speed must be auto or a number above 0, not %q", word)
	}
	return n, nil
}

func scenarioName(s *scenarios.Scenario) string {
	if s.Variant == "" {
		return s.Name
	}
	return s.Name + "/" + s.Variant
}
