package main

import (
	"encoding/json"
	"errors"
	"io"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/scenarios/forecast"
)

// mostCells bounds a sweep.
const mostCells = 10_000

// capacityFlags are what a sweep can be asked.
type capacityFlags struct {
	planFlags
	modelFlags
	outages     []time.Duration
	growths     []float64
	concurrency []int
	retries     []time.Duration
	within      time.Duration
	format      string
}

func newCapacity() *cobra.Command {
	var f capacityFlags
	c := &cobra.Command{
		Use:   "capacity SCENARIO|FILE",
		Short: "Sweep outages, growth and settings: drain, queue, disk, and the least that will do",
		Long: `Forecast every combination of outage, growth of the mail, deliveries at a time and
longest wait between attempts, and look for the least that drains in time: how many
delivery processes, so that ten hours drain in one? How much spool for a weekend?
What lies beyond the ranges that the model was fitted in is marked.`,
		Example: `  hansei capacity ex196121 --scale 500 --outage 1h,4h,10h,24h --growth 1,2,4
  hansei capacity ex196121 --relay-model fitted.json --concurrency 20,50,100 --retry 10m,4000s
  hansei capacity ex196121 --outage 60h --within 2h --format html >weekend.html`,
		Args: cobra.ExactArgs(1),
		RunE: own(func(c *cobra.Command, args []string) error { return f.run(c, args[0]) }),
	}
	f.planFlags.add(c)
	f.modelFlags.add(c)
	c.Flags().DurationSliceVar(&f.outages, "outage", nil, "lengths of the outage (default the scenario's)")
	c.Flags().Float64SliceVar(&f.growths, "growth", []float64{1}, "factors of the mail")
	c.Flags().IntSliceVar(&f.concurrency, "concurrency", nil, "deliveries at a time (default the model's)")
	c.Flags().DurationSliceVar(&f.retries, "retry", nil, "longest waits between attempts (default the model's)")
	c.Flags().DurationVar(&f.within, "within", 0, "how long the drain may take (default as promised)")
	c.Flags().StringVar(&f.format, "format", "text", "how to tell it: text, json, csv, html")
	return c
}

// check refuses what cannot be meant.
func (f *capacityFlags) check() error {
	for _, d := range append(append([]time.Duration{f.within + 1}, f.outages...), f.retries...) {
		if d <= 0 {
			return usagef("--outage, --retry and --within must be above 0")
		}
	}
	for _, g := range f.growths {
		if !(g > 0) {
			return usagef("--growth must be above 0, not %g", g)
		}
	}
	for _, n := range f.concurrency {
		if n < 1 {
			return usagef("--concurrency must be 1 at least, not %d", n)
		}
	}
	n := max(1, len(f.outages)) * max(1, len(f.growths)) * max(1, len(f.concurrency)) *
		max(1, len(f.retries))
	if n > mostCells {
		return usagef("these are %d combinations, more than %d", n, mostCells)
	}
	return nil
}

func (f *capacityFlags) run(c *cobra.Command, arg string) error {
	tell, ok := map[string]func(io.Writer, reports.Outlook) error{
		"text": reports.SweepText, "csv": reports.SweepCSV, "html": reports.OutlookHTML,
		"json": func(w io.Writer, o reports.Outlook) error {
			lines := json.NewEncoder(w)
			lines.SetIndent("", "  ")
			return lines.Encode(o.Sweep)
		},
	}[f.format]
	if !ok {
		return usagef("there is no --format %q; there are text, json, csv, html", f.format)
	}
	if err := f.check(); err != nil {
		return err
	}
	s, tl, err := f.plan(arg)
	if err != nil {
		return err
	}
	m, err := f.read()
	if err != nil {
		return err
	}
	asked := forecast.Case{Scenario: s, Timeline: tl}
	sweep, err := forecast.Capacity(asked, m, forecast.Question{
		Outages: f.outages, Growths: f.growths, Concurrency: f.concurrency, Retries: f.retries,
		Within: f.within,
	})
	if err != nil {
		return &ending{exitUsage, err}
	}
	told, err := forecast.Predict(asked, m, forecast.Options{Seed: f.seed})
	if err != nil {
		return &ending{exitUsage, err}
	}
	out := c.OutOrStdout()
	o := reports.Outlook{
		Scenario: s, Forecast: told, Model: m, Sweep: sweep, Style: styleOf(out), Version: version(),
	}
	if err := tell(out, o); err != nil && !errors.Is(err, syscall.EPIPE) {
		return err
	}
	return nil
}
