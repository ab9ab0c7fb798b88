package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/shrink"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// shrinkFlags are what the user can say about a search.
type shrinkFlags struct {
	planFlags
	relay, flaw, overlay string
	promise, out, runs   string
	runsLimit            int
	within               time.Duration
}

func newShrink() *cobra.Command {
	var flags shrinkFlags
	c := &cobra.Command{
		Use:   "shrink RUN|SCENARIO|FILE",
		Short: "Find the smallest scenario that still breaks the same promise",
		Long: `Play a scenario that breaks a promise again and again, each time with less of it, and
write the smallest one that still breaks the same promise as a scenario file of its own,
with the command that repeats it. RUN is a run folder or "latest"; what it was played
with is taken from it.

Taken away are messages, faults, links, steps of the relay, routes, cohorts, recipients,
peculiarities of content and hours in which nothing happens. A candidate that breaks
another promise, or that would prove nothing of a mended relay, is rejected. A relay in
process plays in memory, in about a second a run; any other one plays on real sockets.

Exit codes: 0 a file was written, 64 bad usage, or no promise is broken,
70 internal error.`,
		Example: `  hansei shrink latest
  hansei shrink ex196121 --flaw truncate-spare --promise integrity
  hansei shrink ex196121 --relay postfix --runs-limit 20 --within 1h --out small.yaml`,
		Args: cobra.ExactArgs(1),
		RunE: own(func(c *cobra.Command, args []string) error { return flags.shrink(c, args[0]) }),
	}
	flags.add(c)
	c.Flags().StringVar(&flags.relay, "relay", referenceName,
		"relay under test: "+strings.Join(relayNames(), ", "))
	c.Flags().StringVar(&flags.flaw, "flaw", "", "planted defect of the reference relay")
	c.Flags().StringVar(&flags.overlay, "relay-config", "",
		"file with your own configuration, laid over the relay's")
	c.Flags().StringVar(&flags.promise, "promise", "",
		"the promise that must stay broken; empty: the first that is")
	c.Flags().StringVar(&flags.out, "out", "", "file to write; empty: SCENARIO-PROMISE.yaml")
	c.Flags().IntVar(&flags.runsLimit, "runs-limit", 400, "play so many runs at most")
	c.Flags().DurationVar(&flags.within, "within", 15*time.Minute, "search so long at most")
	runsFlag(c, &flags.runs)
	return c
}

// shrink is the subcommand.
func (f *shrinkFlags) shrink(c *cobra.Command, arg string) error {
	if f.runsLimit < 1 || f.within <= 0 {
		return usagef("--runs-limit and --within must be more than nothing")
	}
	s, tl, err := f.given(c, arg)
	if err != nil {
		return err
	}
	driver, err := f.driver(s)
	if err != nil {
		return err
	}
	if f.out != "" && exists(f.out) {
		return usagef("%s is there already; name another file with --out", f.out)
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := driver.Ready(ctx); err != nil {
		return usagef("the relay %s cannot run here: %w", f.relay, err)
	}
	ctx, cancel := context.WithTimeout(ctx, f.within)
	defer cancel()
	player, err := newPlayer(driver, f)
	if err != nil {
		return err
	}
	defer player.close()
	began := time.Now()
	r, err := shrink.Shrink(ctx, timeline.WriteOut(s, tl), player.play, shrink.Options{
		Promise: f.promise, Runs: f.runsLimit,
		Note: func(line string) {
			fmt.Fprintf(c.ErrOrStderr(), "%6.1fs %s\n", time.Since(began).Seconds(), line)
		},
	})
	switch {
	case errors.Is(err, shrink.ErrKept):
		return &ending{exitUsage, err}
	case err != nil:
		return err
	}
	return f.write(c, s, r, time.Since(began))
}

// given is the scenario and its plan; what a run folder says of how it was
// played holds where no flag says otherwise.
func (f *shrinkFlags) given(
	c *cobra.Command, arg string,
) (*scenarios.Scenario, *timeline.Timeline, error) {
	info, err := os.Stat(arg)
	if arg != latestLink && (err != nil || !info.IsDir()) {
		return f.plan(arg)
	}
	folder, err := runFolder(arg, f.runs)
	if err != nil {
		return nil, nil, err
	}
	s, m, err := readRun(folder)
	if err != nil {
		return nil, nil, err
	}
	said := func(flag string) bool { return c.Flags().Changed(flag) }
	if !said("seed") {
		f.seed = m.Seed
	}
	if !said("scale") {
		f.scale = m.Scale
	}
	if !said("relay") {
		f.relay = m.Relay.Name
	}
	words := strings.Fields(m.Command)
	for i, word := range words[:max(0, len(words)-1)] {
		switch {
		case word == "--flaw" && !said("flaw") && f.relay == referenceName:
			f.flaw = words[i+1]
		case word == "--relay-config" && !said("relay-config"):
			f.overlay = strings.Trim(words[i+1], "'")
		}
	}
	tl, err := timeline.Plan(s, timeline.Options{Seed: f.seed, Scale: f.scale})
	if err != nil {
		return nil, nil, &ending{exitUsage, err}
	}
	return s, tl, nil
}

// driver is the relay; one that plays in memory need not sync its disk.
func (f *shrinkFlags) driver(s *scenarios.Scenario) (relay.Driver, error) {
	driver, err := pickRelay(f.relay, f.flaw)
	if err == nil && f.relay == referenceName && livesInMemory(s, driver) {
		return quickReference(f.flaw), nil
	}
	return driver, err
}

// write writes the scenario that was found and tells of it.
func (f *shrinkFlags) write(
	c *cobra.Command, from *scenarios.Scenario, r *shrink.Result, took time.Duration,
) error {
	path := f.out
	if path == "" {
		path = freeName(from.Name + "-" + r.Promise)
	}
	if err := replace(path, textOf(f.told(from, r, path))); err != nil {
		return err
	}
	out := c.OutOrStdout()
	fmt.Fprintf(out, "%s is still broken: %s\n", r.Promise, r.Verdict.Figure)
	fmt.Fprintf(out, "  before  %s\n  after   %s\n", r.Before, r.After)
	fmt.Fprintf(out, "  %d runs in %s: %d kept the promise, %d proved nothing, %d broke another one\n",
		r.Runs, took.Round(100*time.Millisecond), r.Passed, r.Doubtful, r.Others)
	if r.Stopped != "" {
		fmt.Fprintf(out, "  it may go smaller: %s\n", r.Stopped)
	}
	fmt.Fprintf(out, "written to %s; repeat it with\n  %s\n", path, f.repeat(path))
	return nil
}
