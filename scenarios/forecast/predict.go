package forecast

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// Options are how a forecast is made.
type Options struct {
	// Seed is for what the engines draw; the plan has its own.
	Seed uint64
	// Engine is ByEvents or ByCohorts; empty: by events up to MostEvents messages.
	Engine string
	// Tries is how many forecasts the intervals are from; 0 means 9, or 3 by
	// cohorts.
	Tries int
}

// MostEvents is the number of messages up to which each is followed by itself.
const MostEvents = 200_000

// tries is how many forecasts an interval is from: with nine, the next one lies
// within their range four times out of five.
const (
	tries    = 9
	fewTries = 3
)

// errEngine is the answer to a name that is no engine's.
var errEngine = errors.New("there are the engines events and cohorts")

// Predict makes a forecast of a case for a relay.
func Predict(c Case, m Model, o Options) (*Forecast, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	w, err := newWorld(c)
	if err != nil {
		return nil, err
	}
	expected := w.expected()
	switch o.Engine {
	case ByEvents, ByCohorts:
	case "":
		o.Engine = ByCohorts
		if expected <= MostEvents {
			o.Engine = ByEvents
		}
	default:
		return nil, fmt.Errorf("engine %q: %w", o.Engine, errEngine)
	}
	if o.Engine == ByEvents && expected > math.MaxInt32/16 {
		return nil, fmt.Errorf("forecasting %.0f messages one by one takes more memory than is "+
			"allowed; take the engine cohorts", expected)
	}
	if o.Tries == 0 {
		o.Tries = tries
		if o.Engine == ByCohorts { // it draws nothing but the moment of the scans
			o.Tries = fewTries
		}
	}
	p := predictor{c: c, w: w, m: m, o: o}
	f := p.head()
	p.fill(f)
	f.Outside = outside(w, &m, f)
	return f, nil
}

// expected is how many messages the rates ask for.
func (w *world) expected() float64 {
	sum := 0.0
	for _, r := range w.scenario.Routes {
		rate := newRate(w, r)
		sum += rate.total()
	}
	return sum
}

// predictor makes one forecast several times over.
type predictor struct {
	c Case
	w *world
	m Model
	o Options
}

func (p *predictor) head() *Forecast {
	h := p.w.header
	return &Forecast{
		Format: Format, Scenario: h.Scenario, Variant: h.Variant, Seed: h.Seed, Scale: h.Scale,
		Growth: p.w.growth, Model: p.m.Name, Engine: p.o.Engine, Start: h.Start, Zone: h.Zone,
		Length: h.Length, Outage: h.Outage, Heal: h.Heal, Tries: p.o.Tries,
		Unmodelled: p.w.unmodelled,
	}
}

// fill makes the forecast, and the others that its intervals are from. Nobody
// knows when a relay's scans begin: the first forecast takes the model's word,
// the others any moment.
func (p *predictor) fill(f *Forecast) {
	dice := rand.New(rand.NewPCG(p.o.Seed, 0x666f726563617374))
	for try := range p.o.Tries {
		m := p.m
		if try > 0 && m.Retry.Scan > 0 {
			m.Retry.Phase = math.Floor(dice.Float64() * m.Retry.Scan)
		}
		t := p.once(&m, p.o.Seed+uint64(try))
		figures := t.figures()
		if try > 0 {
			f.Low, f.High = spread(f.Low, figures, math.Min), spread(f.High, figures, math.Max)
			continue
		}
		f.Figures, f.Low, f.High = figures, figures, figures
		f.Bin = span(t.width)
		f.Curve = t.points
		for i := range f.Curve {
			if i < len(t.perBin) {
				f.Curve[i].Attempts = t.perBin[i]
			}
		}
	}
}

func (p *predictor) once(m *Model, seed uint64) *tally {
	if p.o.Engine == ByCohorts {
		return newCohorts(p.w, m, maxSteps).run()
	}
	l := (*load)(nil)
	if p.w.planned {
		l = p.w.plannedLoad(p.c)
	} else {
		l = p.w.drawnLoad(p.w.header.Seed)
	}
	l.turnAway(p.w)
	return newEvents(p.w, m, l, seed).run()
}

// spread takes the lesser or the greater of each figure.
func spread(a, b Figures, pick func(x, y float64) float64) Figures {
	d := func(x, y time.Duration) time.Duration {
		return time.Duration(pick(float64(x), float64(y)))
	}
	return Figures{
		Messages: pick(a.Messages, b.Messages), Pairs: pick(a.Pairs, b.Pairs),
		Delivered: pick(a.Delivered, b.Delivered), Bounced: pick(a.Bounced, b.Bounced),
		Left: pick(a.Left, b.Left), Peak: pick(a.Peak, b.Peak),
		PeakBytes: pick(a.PeakBytes, b.PeakBytes), PeakAt: d(a.PeakAt, b.PeakAt),
		AtHeal: pick(a.AtHeal, b.AtHeal), Drain: d(a.Drain, b.Drain), Oldest: d(a.Oldest, b.Oldest),
		Disk: pick(a.Disk, b.Disk), Files: pick(a.Files, b.Files),
		Attempts: pick(a.Attempts, b.Attempts), Failed: pick(a.Failed, b.Failed),
		PerMinute: pick(a.PerMinute, b.PerMinute), Connections: pick(a.Connections, b.Connections),
		Spare: pick(a.Spare, b.Spare), SpareBytes: pick(a.SpareBytes, b.SpareBytes),
	}
}

// outside says where a case is beyond what the model was fitted for.
func outside(w *world, m *Model, f *Forecast) []string {
	if m.Fit == nil {
		return []string{"the model " + m.Name + " is from documentation, not from runs of this relay"}
	}
	is := map[string]float64{
		RangeOutage: w.heal - w.outage, RangePeak: f.Figures.Peak,
		RangeRate: f.Figures.Messages / max(w.length, 1) * 3600,
	}
	var out []string
	for _, r := range m.Fit.Ranges {
		v, known := is[r.Name]
		if !known || v >= r.Low*0.99 && v <= r.High*1.01 {
			continue
		}
		out = append(out, fmt.Sprintf("%s %.4g %s is outside of the %.4g to %.4g that the model %s "+
			"was fitted for", r.Name, v, r.Unit, r.Low, r.High, m.Name))
	}
	return out
}
