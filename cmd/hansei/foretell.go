package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/forecast"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// modelFlags say which relay a question is about.
type modelFlags struct {
	model   string
	overlay string
}

func (f *modelFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.model, "relay-model", "postfix", "file of 'hansei calibrate', or a "+
		"shipped model: "+strings.Join(forecast.ShippedNames(), ", "))
	c.Flags().StringVar(&f.overlay, "relay-config", "",
		"file with your own main.cf settings, laid over the model's")
}

// read is the model under the user's own settings.
func (f *modelFlags) read() (forecast.Model, error) {
	m, err := readModel(f.model)
	if err != nil || f.overlay == "" {
		return m, err
	}
	text, err := slurp(f.overlay, largestOverlay)
	if err != nil {
		return forecast.Model{}, err
	}
	if m, err = m.With(overlaid(string(text))); err != nil {
		return forecast.Model{}, &ending{exitUsage, err}
	}
	return m, nil
}

// readModel is a shipped model or a file's.
func readModel(arg string) (forecast.Model, error) {
	if slices.Contains(forecast.ShippedNames(), arg) {
		return forecast.Shipped(arg)
	}
	if _, err := os.Stat(arg); err != nil {
		return forecast.Model{}, usagef("there is no relay model %q%s; 'hansei calibrate RUN' "+
			"makes one", arg, suggestion(arg, forecast.ShippedNames()))
	}
	data, err := slurp(arg, largestFile)
	if err != nil {
		return forecast.Model{}, err
	}
	m, err := forecast.ReadModel(data)
	if err != nil {
		return forecast.Model{}, usagef("%s: %w", arg, err)
	}
	return m, nil
}

// overlaid are the settings of a text of "name = value" lines.
func overlaid(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(line, "=")
		if ok && !strings.HasPrefix(line, "#") {
			out[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return out
}

// predict is the forecast that a run folder gets: of the relay's shipped model,
// under the user's settings as far as the model knows them. A relay that has no
// model has no forecast; that is no reason not to run.
func predict(
	s *scenarios.Scenario, tl *timeline.Timeline, relay, overlay string,
) *forecast.Forecast {
	m, err := forecast.Shipped(strings.TrimPrefix(relay, imageName+"-"))
	if err != nil {
		return nil
	}
	if own, err := m.With(overlaid(overlay)); err == nil {
		m = own
	}
	f, err := forecast.Predict(forecast.Case{Scenario: s, Timeline: tl}, m, forecast.Options{})
	if err != nil {
		return nil
	}
	return f
}

// foretold is the forecast in a run folder; nil if there is none.
func foretold(folder string) *forecast.Forecast {
	file, err := os.Open(filepath.Join(folder, forecast.File))
	if err != nil {
		return nil
	}
	defer file.Close()
	f, err := forecast.Read(file)
	if err != nil {
		return nil
	}
	return f
}

// forecastFlags are what a forecast can be asked.
type forecastFlags struct {
	planFlags
	modelFlags
	outage time.Duration
	growth float64
	engine string
	format string
}

func newForecast() *cobra.Command {
	var f forecastFlags
	c := &cobra.Command{
		Use:   "forecast SCENARIO|FILE",
		Short: "Predict queue, drain and disk of a relay in a scenario, without running it",
		Long: `Predict how large the queue grows, how long it drains and what it takes of the
disk, by a model of the relay: a shipped one of its documentation, or one that
'hansei calibrate' has learnt from runs. The forecast says where it is beyond what
its model was fitted for.`,
		Example: `  hansei forecast ex196121
  hansei forecast ex196121 --outage 24h --scale 500
  hansei forecast ex196121 --relay-model fitted.json --relay-config main.cf
  hansei forecast ex196121 --format html >forecast.html`,
		Args: cobra.ExactArgs(1),
		RunE: own(func(c *cobra.Command, args []string) error { return f.run(c, args[0]) }),
	}
	f.planFlags.add(c)
	f.modelFlags.add(c)
	c.Flags().DurationVar(&f.outage, "outage", 0, "length of the outage, such as 24h (default the scenario's)")
	c.Flags().Float64Var(&f.growth, "growth", 1, "multiply the amount of mail, beside --scale")
	c.Flags().StringVar(&f.engine, "engine", "", "events or cohorts (default by the amount of mail)")
	c.Flags().StringVar(&f.format, "format", "text", "how to tell it: text, json, html")
	return c
}

func (f *forecastFlags) run(c *cobra.Command, arg string) error {
	tell, ok := map[string]func(io.Writer, reports.Outlook) error{
		"text": reports.OutlookText, "html": reports.OutlookHTML,
		"json": func(w io.Writer, o reports.Outlook) error { return o.Forecast.Write(w) },
	}[f.format]
	if !ok {
		return usagef("there is no --format %q; there are text, json, html", f.format)
	}
	s, tl, err := f.plan(arg)
	if err != nil {
		return err
	}
	m, err := f.read()
	if err != nil {
		return err
	}
	told, err := forecast.Predict(
		forecast.Case{Scenario: s, Timeline: tl, Outage: f.outage, Growth: f.growth}, m,
		forecast.Options{Seed: f.seed, Engine: f.engine})
	if err != nil {
		return &ending{exitUsage, err}
	}
	out := c.OutOrStdout()
	o := reports.Outlook{
		Scenario: s, Forecast: told, Model: m, Style: styleOf(out), Version: version(),
	}
	if err := tell(out, o); err != nil && !errors.Is(err, syscall.EPIPE) {
		return err
	}
	return nil
}
