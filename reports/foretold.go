package reports

import (
	"fmt"
	"time"

	"github.com/hansei-mail/hansei/reports/chart"
)

// foretold says the forecast beside what was measured, in a line.
func (p *page) foretold() {
	if words := p.in.foretold(); words != "" {
		p.para(2, words)
	}
}

// foretold is the forecast beside the measurement in words; "" where nothing was
// predicted.
func (in Input) foretold() string {
	f := in.Forecast
	if f == nil {
		return ""
	}
	pairs := func(v float64) string { return Count(int64(v + 0.5)) }
	whole := func(d time.Duration) string { return Span(d.Round(time.Second)) }
	got := in.Judgement.Figures
	drained := "not drained"
	if got.Drain.Left == 0 {
		drained = "drained in " + whole(got.Drain.Took)
	}
	return fmt.Sprintf("forecast (model %s): peak %s pairs (%s to %s), drained in %s (%s to %s); "+
		"measured: %s, %s", plainText(f.Model), pairs(f.Figures.Peak), pairs(f.Low.Peak),
		pairs(f.High.Peak), whole(f.Figures.Drain), whole(f.Low.Drain), whole(f.High.Drain),
		Count(int64(got.Backlog.Peak)), drained)
}

// predicted is the forecast as a dashed line over the picture's span.
func (p *picture) predicted() (chart.Series, bool) {
	f := p.in.Forecast
	if f == nil || f.Bin <= 0 {
		return chart.Series{}, false
	}
	s := chart.Series{
		Name: p.in.Lang.say("forecast"), Kind: chart.Line, Style: 5, X: p.xs, Visible: true,
		Y: make([]float64, len(p.xs)),
	}
	for i, x := range p.xs {
		s.Y[i] = between(x, f.Bin.Seconds(), len(f.Curve), func(n int) float64 {
			return f.Curve[n].Backlog
		})
	}
	return s, true
}

// between is the value of a curve at x, linear between the ends of its n bins.
func between(x, bin float64, n int, value func(int) float64) float64 {
	at := x/bin - 1
	i := int(at)
	switch {
	case n == 0:
		return 0
	case at <= 0:
		return value(0) * max(0, at+1)
	case i >= n-1:
		return value(n - 1)
	}
	return value(i) + (at-float64(i))*(value(i+1)-value(i))
}
