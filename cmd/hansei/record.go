package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/trackrecord"
)

// againAll plays every run anew.
const againAll = "all"

// recordFlags are what the user can say about a track record.
type recordFlags struct {
	runs, out, again string
	most             int
	scale            float64
}

func newRecord() *cobra.Command {
	var f recordFlags
	c := &cobra.Command{
		Use:   "record RECORD.YAML",
		Short: "Play what a track record needs, and write its tables from finished runs",
		Long: `Play every scenario of a record file against every relay, as each is shipped, and
write one page of Markdown: verdicts and figures of each run; why a promise is broken,
by which line of the relay's configuration; and the same run with the setting that
mends it. Runs that are there already, in RUNS/record, are told as they are; with
--again inconclusive (or all) they are played anew. --most N plays N runs and no more.

  title: Our relays on 2019-11-19
  tables:
    - title: The outage
      scenarios: [ex196121, ex196121/kill]
      relays: [postfix, exim]
      scale: 0.5
  findings:
    - relay: postfix
      promises: [drain]
      setting: maximal_backoff_time = 4000s
      because: What was tried just before the heal rests for more than an hour.
      mend: {on: ex196121, config: "maximal_backoff_time = 900s"}

A broken promise is what a record is for, and does not fail it. Exit codes: 0 every
run is told, 3 some are missing, 64 bad usage, 70 a run that could not be made.`,
		Example: `  hansei record reports/example/track-record.yaml --out track-record.md
  hansei record ours.yaml --most 1`,
		Args: cobra.ExactArgs(1),
		RunE: own(func(c *cobra.Command, args []string) error { return f.run(c, args[0]) }),
	}
	runsFlag(c, &f.runs)
	c.Flags().StringVar(&f.out, "out", "", "file to write, instead of the standard output")
	c.Flags().StringVar(&f.again, "again", "",
		"of the runs that are there, those to play anew: inconclusive, or all")
	c.Flags().IntVar(&f.most, "most", -1, "how many runs to play at most; -1: all that are missing")
	c.Flags().Float64Var(&f.scale, "scale", 0,
		"play every table with so much of its scenarios' mail, whatever the file says")
	return c
}

// run is the subcommand: everything is looked at before anything starts.
func (f *recordFlags) run(c *cobra.Command, file string) error {
	if f.again != "" && f.again != againAll && f.again != check.Inconclusive.String() {
		return usagef("--again is %q; there are inconclusive, all", f.again)
	}
	text, err := slurp(file, largestPlanFile)
	if err != nil {
		return err
	}
	plan, err := trackrecord.Read(text)
	if err != nil {
		return usagef("%s: %w", file, err)
	}
	command := "hansei record " + quote(file)
	if f.scale != 0 {
		plan.Rescale(f.scale)
		command += " --scale " + strconv.FormatFloat(f.scale, 'g', -1, 64)
	}
	r := &recording{
		plan: plan, folder: filepath.Join(f.runs, "record"), beside: filepath.Dir(file),
		again: f.again, most: f.most, errs: c.ErrOrStderr(), runs: map[string]reports.Input{},
	}
	if err := r.check(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	sweep(ctx, c)
	failed := r.play(ctx)
	told := reports.Recorded{
		Plan: plan, Runs: r.runs, Command: command,
	}
	if err := f.write(c.OutOrStdout(), told); err != nil {
		return err
	}
	switch missing := len(plan.Cells()) - len(r.runs); {
	case failed > 0:
		return &ending{exitInternal, fmt.Errorf("%d runs could not be made", failed)}
	case missing > 0:
		return &ending{exitInconclusive, fmt.Errorf("%d runs are still missing", missing)}
	}
	return nil
}

func (f *recordFlags) write(stdout io.Writer, told reports.Recorded) error {
	if f.out == "" {
		return reports.RecordMarkdown(stdout, told)
	}
	return replace(f.out, func(w io.Writer) error { return reports.RecordMarkdown(w, told) })
}

// recording is a track record being made.
type recording struct {
	plan *trackrecord.Plan
	// folder keeps the runs; a scenario's own file is found beside the record's.
	folder, beside string
	again          string
	most           int
	errs           io.Writer
	runs           map[string]reports.Input
}

// check refuses what could not be played: nobody wants to learn of a typing
// error after the first hour.
func (r *recording) check() error {
	for _, cell := range r.plan.Cells() {
		if _, err := pickRelay(cell.Relay, ""); err != nil {
			return err
		}
		flags := planFlags{seed: cell.Seed, scale: cell.Scale, compress: cell.Compress}
		if _, _, err := flags.plan(r.scenario(cell)); err != nil {
			return err
		}
	}
	return nil
}

func (r *recording) scenario(cell trackrecord.Cell) string {
	if isFile(cell.Scenario) && !filepath.IsAbs(cell.Scenario) {
		return filepath.Join(r.beside, cell.Scenario)
	}
	return cell.Scenario
}

// play tells the runs that are there, and makes those that are not. It returns
// how many could not be made.
func (r *recording) play(ctx context.Context) (failed int) {
	for _, cell := range r.plan.Cells() {
		in, err := r.one(ctx, cell)
		switch {
		case err != nil:
			failed++
			fmt.Fprintln(r.errs, reports.Escape(fmt.Sprintf("%-12s %s: %v", "error", cell.Name(), err)))
		case in != nil:
			in.Run.Folder = filepath.ToSlash(in.Run.Folder)
			r.runs[cell.Key()] = *in
			fmt.Fprintln(r.errs, reports.Escape(fmt.Sprintf("%-12s %s, scale %g, in %s",
				in.Judgement.Outcome, cell.Name(), cell.Scale, in.Run.Folder)))
		}
	}
	return failed
}
