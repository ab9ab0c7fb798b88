package reports

import (
	"math"
	"time"

	"github.com/hansei-mail/hansei/reports/chart"
	"github.com/hansei-mail/hansei/reports/course"
)

// decades label a logarithmic axis of durations.
var decades = []time.Duration{
	time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second,
	10 * time.Second, time.Minute, 10 * time.Minute, time.Hour, 10 * time.Hour, 4 * 24 * time.Hour,
}

// spreads are the distributions of how long things took, a line for each phase.
func (in Input) spreads(id, title string, all []course.Spread) (figure, bool) {
	f := in.Judgement.Figures
	c := chart.Chart{
		ID: id, Title: title, Height: plotHeight + 10,
		Desc: in.Lang.say("The share of all that took at most so long, by the phase in which the " +
			"message was due. Further left is faster."),
	}
	c.Y = chart.Axis{Until: 1, Title: in.Lang.say("share")}
	for i, label := range []string{"0 %", "25 %", "50 %", "75 %", "100 %"} {
		c.Y.Ticks = append(c.Y.Ticks, chart.Tick{At: float64(i) / 4, Text: label, Minor: i%2 == 1})
	}
	log := func(d time.Duration) float64 { return math.Log10(max(1e-3, d.Seconds())) }
	c.X = chart.Axis{From: math.Inf(1), Until: math.Inf(-1)}
	for i := range all {
		points := all[i].Shares()
		if len(points) == 0 {
			continue
		}
		s := chart.Series{
			Name: in.Lang.say(f.Phases[i].Name), Style: i, Kind: chart.Step, Visible: true,
		}
		s.X, s.Y = append(s.X, log(points[0].Within)-1.0/8), append(s.Y, 0)
		for _, p := range points {
			s.X, s.Y = append(s.X, log(p.Within)), append(s.Y, p.Share)
		}
		c.X.From = min(c.X.From, s.X[0])
		c.X.Until = max(c.X.Until, s.X[len(s.X)-1])
		c.Series = append(c.Series, s)
	}
	c.X.Until += 0.15
	for i := range c.Series {
		s := &c.Series[i]
		s.X, s.Y = append(s.X, c.X.Until), append(s.Y, 1)
	}
	for i, d := range decades {
		if at := log(d); at >= c.X.From && at <= c.X.Until {
			c.X.Ticks = append(c.X.Ticks, chart.Tick{At: at, Text: Span(d), Minor: i%2 == 1})
		}
	}
	return figure{Chart: c, Caption: c.Desc, Table: in.spreadTable(all)}, len(c.Series) > 0
}

// spreadTable gives what a reader takes from a distribution.
func (in Input) spreadTable(all []course.Spread) table {
	t := table{Head: []string{
		in.Lang.say("phase"), in.Lang.say("count"), "50 %", "90 %", "99 %", "100 %",
	}}
	for i := range all {
		if all[i].Count == 0 {
			continue
		}
		row := []string{
			in.Lang.say(in.Judgement.Figures.Phases[i].Name), Count(int64(all[i].Count)),
		}
		points := all[i].Shares()
		for _, share := range []float64{0.5, 0.9, 0.99, 1} {
			for _, p := range points {
				if p.Share >= share-1e-12 {
					row = append(row, "≤ "+Span(p.Within))
					break
				}
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
