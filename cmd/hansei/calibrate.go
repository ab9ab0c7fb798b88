package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/harness/calibrate"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/scenarios/forecast"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

func newCalibrate() *cobra.Command {
	var runs, out, base, against string
	c := &cobra.Command{
		Use:   "calibrate RUN...",
		Short: "Learn a relay's model from finished runs, or hold a model against them",
		Long: `Learn a relay's model for 'hansei forecast' from finished, judged runs: service
times, disk and files of a queued message, the moment of its scans; the retry
settings are the relay's own words. The file keeps the runs, the ranges that they
cover and how well the model tells them again. With --check, a model is held
against runs that it was not learnt from, and nothing is learnt.`,
		Example: `  hansei calibrate runs/ex196121/*-postfix --out fitted.json
  hansei calibrate --check fitted.json runs/other/*-postfix
  hansei forecast ex196121 --relay-model fitted.json`,
		Args: cobra.MinimumNArgs(1),
		RunE: own(func(c *cobra.Command, args []string) error {
			if against != "" {
				return checkModel(c.OutOrStdout(), against, args, runs)
			}
			return learn(c.OutOrStdout(), base, out, args, runs)
		}),
	}
	c.Flags().StringVar(&out, "out", "", "file to write the model to (default standard output)")
	c.Flags().StringVar(&base, "base", "", "model of what the runs do not tell (default the relay's)")
	c.Flags().StringVar(&against, "check", "", "model to hold against the runs")
	runsFlag(c, &runs)
	return c
}

// measured reads finished runs and what was measured of them.
func measured(args []string, runs string) ([]calibrate.Run, error) {
	var out []calibrate.Run
	for _, arg := range args {
		in, err := told(arg, runs)
		if err != nil {
			return nil, err
		}
		tl, err := timeline.Plan(in.Scenario, timeline.Options{Seed: in.Run.Seed, Scale: in.Run.Scale})
		if err != nil {
			return nil, &ending{exitUsage, err}
		}
		f := in.Judgement.Figures
		if f.Drain.Left > 0 || f.Backlog.Peak == 0 {
			return nil, usagef("%s: its backlog did not drain, or there was none; such a run does not "+
				"tell a drain", arg)
		}
		r := calibrate.Run{
			Name: filepath.Base(in.Run.Folder), Scenario: in.Scenario, Timeline: tl, Relay: in.Run.Relay,
			Settings: in.Run.Settings, Events: evidence.Read(filepath.Join(in.Run.Folder, evidence.File)),
			Peak: float64(f.Backlog.Peak), Drain: f.Drain.Took, Bin: f.Bin,
		}
		for _, b := range f.Bins {
			r.Curve = append(r.Curve, float64(b.Affected))
		}
		out = append(out, r)
	}
	return out, nil
}

// learn writes a model and says how good it is.
func learn(w io.Writer, base, out string, args []string, folder string) error {
	runs, err := measured(args, folder)
	if err != nil {
		return err
	}
	if base == "" {
		base = runs[0].Relay
	}
	m, err := readModel(base)
	if err != nil {
		return err
	}
	if m, err = calibrate.Learn(m, runs); err != nil {
		return &ending{exitUsage, err}
	}
	write := func(w io.Writer) error {
		lines := json.NewEncoder(w)
		lines.SetIndent("", "  ")
		return lines.Encode(m)
	}
	if out == "" {
		return write(w)
	}
	if err := replace(out, write); err != nil {
		return err
	}
	for _, l := range m.Fit.Learnt {
		fmt.Fprintf(w, "%-24s %10.4g  from %d, error %.0f %%, R² %.3f: %s\n", l.Name, l.Value, l.From,
			100*l.Error, l.R2, l.How)
	}
	return tellCompared(w, m, runs)
}

// checkModel holds a model against runs.
func checkModel(w io.Writer, file string, args []string, folder string) error {
	m, err := readModel(file)
	if err != nil {
		return err
	}
	runs, err := measured(args, folder)
	if err != nil {
		return err
	}
	return tellCompared(w, m, runs)
}

// tellCompared is a table of forecasts beside measurements, and the worst.
func tellCompared(w io.Writer, m forecast.Model, runs []calibrate.Run) error {
	var all []calibrate.Compared
	for _, r := range runs {
		c, err := calibrate.Compare(r, m)
		if err != nil {
			return &ending{exitUsage, err}
		}
		all = append(all, c)
	}
	fmt.Fprintf(w, "\n%-16s %-30s %8s %8s %6s  %9s %9s %6s  %s\n", "scenario", "run", "peak",
		"forecast", "off", "drain", "forecast", "off", "interval of the drain")
	for _, c := range all {
		f := c.Forecast
		peak, drain := c.Off()
		fmt.Fprintf(w, "%-16s %-30s %8.0f %8.0f %5.1f%%  %9s %9s %5.1f%%  %s to %s\n", f.Scenario,
			reports.Escape(c.Run.Name), c.Run.Peak, f.Figures.Peak, 100*peak, reports.Span(c.Run.Drain),
			reports.Span(f.Figures.Drain), 100*drain, reports.Span(f.Low.Drain), reports.Span(f.High.Drain))
	}
	worst := func(pick func(calibrate.Compared) float64) calibrate.Compared {
		return slices.MaxFunc(all, func(a, b calibrate.Compared) int {
			switch {
			case pick(a) < pick(b):
				return -1
			case pick(a) > pick(b):
				return 1
			}
			return 0
		})
	}
	peakOf := func(c calibrate.Compared) float64 { p, _ := c.Off(); return p }
	drainOf := func(c calibrate.Compared) float64 { _, d := c.Off(); return d }
	p, d := worst(peakOf), worst(drainOf)
	fmt.Fprintf(w, "\nworst peak: %.1f %% (%s); worst drain: %.1f %% (%s); of %d runs\n", 100*peakOf(p),
		p.Forecast.Scenario, 100*drainOf(d), d.Forecast.Scenario, len(all))
	return nil
}
