// Package calibrate owns what a forecast's relay model learns from finished
// runs: service times, disk, the moment of its scans, and how well the model
// then tells those runs again.
//
// It reads evidence and must not judge it: what was measured of a run (peak,
// drain, curve) is handed in by who has judged it. What a run does not tell, it
// must not invent: that stays as in the base model, and is not listed as learnt.
package calibrate

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/forecast"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// Run is a finished run.
type Run struct {
	// Name is its folder, as the user named it.
	Name     string
	Scenario *scenarios.Scenario
	Timeline *timeline.Timeline
	Relay    string
	// Settings are the relay's own retry settings, in its words.
	Settings map[string]string
	Events   iter.Seq2[evidence.Event, error]
	// Peak is the most pairs that waited for affected cohorts, Drain from the
	// heal to the last delivery of the backlog; Curve the backlog at the end of
	// each Bin.
	Peak  float64
	Drain time.Duration
	Bin   time.Duration
	Curve []float64
}

// Compared is a run beside its forecast.
type Compared struct {
	Run      Run
	Forecast *forecast.Forecast
}

// Off is how far the forecast's peak and drain are from the measured ones, as
// shares of those.
func (c Compared) Off() (peak, drain float64) {
	share := func(said, is float64) float64 {
		if is == 0 {
			return math.Abs(said)
		}
		return math.Abs(said-is) / is
	}
	return share(c.Forecast.Figures.Peak, c.Run.Peak),
		share(c.Forecast.Figures.Drain.Seconds(), c.Run.Drain.Seconds())
}

// Compare forecasts a run with a model, under the run's own settings.
func Compare(r Run, m forecast.Model) (Compared, error) {
	own, err := m.With(r.Settings)
	if err != nil {
		return Compared{}, fmt.Errorf("taking the settings of %s: %w", r.Name, err)
	}
	f, err := forecast.Predict(forecast.Case{Scenario: r.Scenario, Timeline: r.Timeline}, own,
		forecast.Options{Seed: r.Timeline.Header().Seed})
	if err != nil {
		return Compared{}, fmt.Errorf("forecasting %s: %w", r.Name, err)
	}
	return Compared{r, f}, nil
}

// errNoRuns and errMixed are what cannot be learnt from.
var (
	errNoRuns = errors.New("there is no run to learn from")
	errMixed  = errors.New("one model is learnt from runs of one relay")
)

// Learn fits a model to runs, from a base that has whatever they do not tell.
func Learn(base forecast.Model, runs []Run) (forecast.Model, error) {
	if len(runs) == 0 {
		return forecast.Model{}, errNoRuns
	}
	m := base
	m.Title = "Learnt from runs"
	m.Fit = &forecast.Fit{}
	all := &seen{}
	for _, r := range runs {
		if r.Relay != runs[0].Relay {
			return forecast.Model{}, fmt.Errorf("%s and %s: %w", runs[0].Relay, r.Relay, errMixed)
		}
		if err := all.read(r); err != nil {
			return forecast.Model{}, fmt.Errorf("reading the evidence of %s: %w", r.Name, err)
		}
	}
	var err error
	if m, err = m.With(runs[0].Settings); err != nil {
		return forecast.Model{}, fmt.Errorf("taking the settings of %s: %w", runs[0].Name, err)
	}
	all.service(&m)
	all.spool(&m)
	all.accept(&m)
	all.retries(&m)
	if err := phase(&m, runs); err != nil {
		return forecast.Model{}, err
	}
	return m, quality(&m, runs)
}

// learnt adds a figure to what the fit tells of.
func learnt(m *forecast.Model, l forecast.Learnt) { m.Fit.Learnt = append(m.Fit.Learnt, l) }

// phases is how many moments of the relay's scans are tried.
const phases = 20

// phase finds when the relay's scans are, by the curve that tells the runs best.
func phase(m *forecast.Model, runs []Run) error {
	if m.Retry.Scan <= 0 {
		return nil
	}
	best, least, worst := 0.0, math.Inf(1), 0.0
	for i := range phases {
		try := *m
		try.Retry.Phase = math.Round(-m.Retry.Scan * float64(i) / phases)
		sum := 0.0
		for _, r := range runs {
			off, err := apart(r, try)
			if err != nil {
				return err
			}
			sum += off
		}
		worst = max(worst, sum)
		if sum < least {
			best, least = try.Retry.Phase, sum
		}
	}
	m.Retry.Phase = best
	learnt(m, forecast.Learnt{
		Name: "retry.phase_s", Value: best, From: len(runs), Error: least / float64(len(runs)),
		R2:  1 - least/worst,
		How: "of 20 moments for the scans, the one whose curves of the backlog are the nearest",
	})
	return nil
}

// apart is how far the forecast's backlog is from the measured one after the
// heal: the root mean square, as a share of the peak, and the drain's error.
func apart(r Run, m forecast.Model) (float64, error) {
	m, err := m.With(r.Settings)
	if err != nil {
		return 0, fmt.Errorf("taking the settings of %s: %w", r.Name, err)
	}
	f, err := forecast.Predict(forecast.Case{Scenario: r.Scenario, Timeline: r.Timeline}, m,
		forecast.Options{Engine: forecast.ByEvents, Tries: 1})
	if err != nil {
		return 0, fmt.Errorf("forecasting %s: %w", r.Name, err)
	}
	sum, n := 0.0, 0
	for i, is := range r.Curve {
		at := time.Duration(i+1) * r.Bin
		j := int(at/f.Bin) - 1
		if at < f.Heal || j < 0 || j >= len(f.Curve) {
			continue
		}
		sum += (f.Curve[j].Backlog - is) * (f.Curve[j].Backlog - is)
		n++
	}
	_, drain := Compared{r, f}.Off()
	return math.Sqrt(sum/float64(max(n, 1)))/max(r.Peak, 1) + drain, nil
}

// quality tells each run again, and what the runs covered.
func quality(m *forecast.Model, runs []Run) error {
	ranges := map[string]*forecast.Range{}
	add := func(name, unit string, v float64) {
		r := ranges[name]
		if r == nil {
			m.Fit.Ranges = append(m.Fit.Ranges, forecast.Range{Name: name, Unit: unit, Low: v, High: v})
			ranges[name] = &forecast.Range{Low: v, High: v}
			return
		}
		r.Low, r.High = min(r.Low, v), max(r.High, v)
	}
	for _, r := range runs {
		c, err := Compare(r, *m)
		if err != nil {
			return err
		}
		f, h := c.Forecast.Figures, r.Timeline.Header()
		m.Fit.Runs = append(m.Fit.Runs, forecast.FitRun{
			Run: r.Name, Scenario: h.Scenario, Relay: r.Relay, Peak: r.Peak, PeakSaid: f.Peak,
			Drain: r.Drain.Seconds(), DrainSaid: f.Drain.Seconds(),
		})
		add(forecast.RangeOutage, "s", (h.Heal - h.Outage).Seconds())
		add(forecast.RangePeak, "pairs", f.Peak)
		add(forecast.RangeRate, "messages an hour", f.Messages/h.Length.Hours())
	}
	for i := range m.Fit.Ranges {
		r := ranges[m.Fit.Ranges[i].Name]
		m.Fit.Ranges[i].Low, m.Fit.Ranges[i].High = r.Low, r.High
	}
	return nil
}
