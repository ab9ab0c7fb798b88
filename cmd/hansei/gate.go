package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/gate"
)

// largestPlanFile bounds a gate.yaml and a baseline.
const largestPlanFile = 4 << 20

// gateFlags are what the user can say about a gate.
type gateFlags struct {
	baseline, save, runs, how string
}

func newGate() *cobra.Command {
	var f gateFlags
	c := &cobra.Command{
		Use:   "gate GATE.YAML",
		Short: "Play many scenarios against many relays, and say whether a release passes",
		Long: `Play every scenario of a gate file against every relay with every seed, and say
with one exit code whether the release passes. Inconclusive runs are made again as
often as the file allows. With --baseline, promises that the last release kept must
be kept, and medians over all seeds of drain, peak, duplicates and acceptance-p99
must not be worse than its limits. --save writes the baseline for the next release.

  scenarios: [ex196121, ex196121/kill]
  relays: [{name: postfix, config: main.cf}, {name: reference}]
  seeds: [1, 2, 3]
  retries: 1
  parallel: 2
  within: 2h
  limits: {drain: {ratio: 1.3, plus: 120}}

A promise that a scenario foresees to break (foreseen:) fails the gate as any
other does, but in a row {scenario: NAME, foreseen: allow}.

Exit codes: 0 pass, 1 fail or worse than the baseline, 70 a run that could not be
made, 3 inconclusive, 64 bad usage; of several, the first in this order.`,
		Example: `  hansei gate gate.yaml --save baseline.json
  hansei gate gate.yaml --baseline baseline.json`,
		Args: cobra.ExactArgs(1),
		RunE: own(func(c *cobra.Command, args []string) error { return f.run(c, args[0]) }),
	}
	c.Flags().StringVar(&f.baseline, "baseline", "", "file that the last release saved")
	c.Flags().StringVar(&f.save, "save", "", "file to save this gate's baseline in")
	c.Flags().StringVar(&f.how, "format", "text", "how to tell it: text, markdown, junit, html")
	runsFlag(c, &f.runs)
	return c
}

// gateFormats are the ways of telling a gate.
var gateFormats = map[string]func(io.Writer, reports.Gated) error{
	"text": reports.GateText, "markdown": reports.GateMarkdown, "junit": reports.GateJUnit,
	"html": reports.GateHTML,
}

// run is the subcommand: everything is looked at before anything starts.
func (f *gateFlags) run(c *cobra.Command, file string) error {
	tell, ok := gateFormats[f.how]
	if !ok {
		return usagef("there is no --format %q; there are text, markdown, junit, html", f.how)
	}
	plan, base, err := f.read(file)
	if err != nil {
		return err
	}
	g, err := newGating(plan, f.runs, c.ErrOrStderr())
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	sweep(ctx, c)
	if plan.Within > 0 {
		var over context.CancelFunc
		ctx, over = context.WithTimeout(ctx, plan.Within)
		defer over()
	}
	runs := g.play(ctx)
	told := reports.Gated{
		Result: gate.NewResult(runs, base, plan.Limits), Inputs: g.inputs, Command: f.command(file),
		Style: reports.Style{Unicode: true}, Folder: g.folder,
	}
	if base != nil {
		told.Baseline = base.Groups
	}
	if err := f.write(g.folder, told); err != nil {
		return err
	}
	told.Style = styleOf(c.OutOrStdout())
	if err := tell(c.OutOrStdout(), told); err != nil {
		return err
	}
	if err := summarize(func(w io.Writer) error { return reports.GateMarkdown(w, told) }); err != nil {
		return err
	}
	if f.how == "text" { // nothing may stand behind a document
		annotateGate(c.OutOrStdout(), told)
	}
	return gateError(told.Result.State())
}

// read reads the plan and the baseline.
func (f *gateFlags) read(file string) (*gate.Plan, *gate.Baseline, error) {
	text, err := slurp(file, largestPlanFile)
	if err != nil {
		return nil, nil, err
	}
	plan, err := gate.Read(text)
	if err != nil {
		return nil, nil, usagef("%s: %w", file, err)
	}
	for i, s := range plan.Scenarios { // paths are meant from where the file is
		if name := s.Scenario; isFile(name) && !filepath.IsAbs(name) {
			plan.Scenarios[i].Scenario = filepath.Join(filepath.Dir(file), name)
		}
	}
	for i, r := range plan.Relays {
		if r.Config != "" && !filepath.IsAbs(r.Config) {
			plan.Relays[i].Config = filepath.Join(filepath.Dir(file), r.Config)
		}
	}
	if f.baseline == "" {
		return plan, nil, nil
	}
	text, err = slurp(f.baseline, largestPlanFile)
	if err != nil {
		return nil, nil, err
	}
	base, err := gate.ReadBaseline(text)
	if err != nil {
		return nil, nil, usagef("%s: %w", f.baseline, err)
	}
	return plan, base, nil
}

// write leaves the combined report in the gate's folder, and the baseline where
// it was asked for.
func (f *gateFlags) write(folder string, told reports.Gated) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("making the gate's folder: %w", err)
	}
	for file, tell := range map[string]func(io.Writer, reports.Gated) error{
		"gate.txt": reports.GateText, "gate.md": reports.GateMarkdown, "gate.xml": reports.GateJUnit,
		"gate.html": reports.GateHTML,
	} {
		write := func(w io.Writer) error { return tell(w, told) }
		if err := replace(filepath.Join(folder, file), write); err != nil {
			return err
		}
	}
	base := gate.Baseline{Format: 1, Version: version(), Groups: told.Result.Groups}
	if err := replace(filepath.Join(folder, "baseline.json"), base.WriteJSON); err != nil {
		return err
	}
	if f.save == "" {
		return nil
	}
	return replace(f.save, base.WriteJSON)
}

func (f *gateFlags) command(file string) string {
	words := []string{"hansei", "gate", quote(file)}
	if f.baseline != "" {
		words = append(words, "--baseline", quote(f.baseline))
	}
	return strings.Join(words, " ")
}

// gateError is the end of a gate: fail beats error beats inconclusive.
func gateError(s gate.State) error {
	switch s {
	case gate.Passed:
		return nil
	case gate.Failed:
		return &ending{code: exitFail}
	case gate.Errored:
		return &ending{code: exitInternal}
	}
	return &ending{code: exitInconclusive}
}

// gateFolder is where the gate's runs and its report are kept.
func gateFolder(runs string, now time.Time) string {
	base := filepath.Join(runs, "gate-"+now.UTC().Format("20060102T150405Z"))
	path := base
	for n := 2; exists(path); n++ {
		path = fmt.Sprintf("%s-%d", base, n)
	}
	return path
}
