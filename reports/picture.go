package reports

import (
	"time"

	"github.com/hansei-mail/hansei/reports/chart"
	"github.com/hansei-mail/hansei/reports/course"
	"github.com/hansei-mail/hansei/scenarios"
)

// Figure is a chart with what stands around it on a page.
type figure struct {
	Chart chart.Chart
	// Caption says what to see; English words that are already translated.
	Caption string
	Table   table
}

// table is the figures behind a chart.
type table struct {
	Head []string
	Rows [][]string
}

// picture is one run being drawn.
type picture struct {
	in   Input
	span course.Span
	id   string // in front of every chart's ID
	axis chart.Axis
	xs   []float64 // where each bin ends
}

// newPicture draws over a span; its charts' IDs begin with id.
func newPicture(in Input, span course.Span, id string) *picture {
	p := &picture{in: in, span: span, id: id}
	until := span.At(span.Bins())
	p.axis = in.timeAxis(span.From, until)
	for i := range span.Bins() {
		p.xs = append(p.xs, span.At(i+1).Seconds())
	}
	return p
}

// whole is the run as a span: what the course holds, or what the figures do.
func (in Input) whole() course.Span {
	if in.Course != nil && in.Course.Whole.Bins() > 0 {
		return in.Course.Whole
	}
	f := in.Judgement.Figures
	n := len(f.Bins)
	s := course.Span{Bin: f.Bin, Dead: make([]int, n), Other: make([]int, n)}
	all := course.Cohort{
		Affected: true, Accepted: make([]int, n), Delivered: make([]int, n),
		Spare: make([]int, n), Backlog: make([]int, n), Oldest: make([]time.Duration, n),
	}
	for i, b := range f.Bins {
		all.Accepted[i], all.Delivered[i], all.Spare[i] = b.Accepted, b.Delivered, b.Spare
		all.Backlog[i], s.Dead[i] = b.Affected, b.Failed
	}
	s.Cohorts = []course.Cohort{all}
	return s
}

// timeAxis labels scenario time with the clock of the incident.
func (in Input) timeAxis(from, until time.Duration) chart.Axis {
	a := chart.Axis{From: from.Seconds(), Until: until.Seconds()}
	if until <= from {
		return a
	}
	step := steps[len(steps)-1]
	for _, d := range steps {
		if (until-from)/d <= 9 {
			step = d
			break
		}
	}
	layout := "15:04"
	if step >= 24*time.Hour {
		layout = "01-02"
	}
	start := in.moment(from)
	y, m, d := start.Date()
	since := start.Sub(time.Date(y, m, d, 0, 0, 0, 0, start.Location()))
	for t, i := from+(step-since%step)%step, 0; t <= until; t, i = t+step, i+1 {
		a.Ticks = append(a.Ticks, chart.Tick{
			At: t.Seconds(), Text: in.moment(t).Format(layout), Minor: i%2 == 1,
		})
	}
	return a
}

// outage is the shaded band of every chart.
func (p *picture) outage() []chart.Band {
	f := p.in.Judgement.Figures
	if f.Heal <= f.Outage {
		return nil
	}
	from, until := max(f.Outage.Seconds(), p.axis.From), min(f.Heal.Seconds(), p.axis.Until)
	if from >= until {
		return nil
	}
	return []chart.Band{{From: from, Until: until, Text: p.in.Lang.say("outage")}}
}

// rates is a series of counts as a rate a minute.
func (p *picture) rate(name string, style int, counts []int) chart.Series {
	ys := make([]float64, len(counts))
	for i, n := range counts {
		ys[i] = float64(n) / p.span.Bin.Minutes()
	}
	return chart.Series{Name: name, Kind: chart.Line, Style: style, X: p.xs, Y: ys, Visible: true}
}

// sum adds up what each cohort has in each bin.
func (p *picture) sum(pick func(course.Cohort) []int) []int {
	total := make([]int, p.span.Bins())
	for _, c := range p.span.Cohorts {
		for i, n := range pick(c) {
			total[i] += n
		}
	}
	return total
}

// highest is the greatest value of all series.
func highest(series []chart.Series) float64 {
	top := 0.0
	for _, s := range series {
		for _, y := range s.Y {
			top = max(top, y)
		}
	}
	return top
}

// maxRows bounds the table behind a chart: what is left out is still drawn.
const maxRows = 40

// tabulate writes series as a table, a row for each maxRows-th of the chart.
func (p *picture) tabulate(series []chart.Series, format func(float64) string) table {
	t := table{Head: []string{p.in.Lang.say("until")}}
	for _, s := range series {
		t.Head = append(t.Head, s.Name)
	}
	stride := max(1, (len(p.xs)+maxRows-1)/maxRows)
	for i := stride - 1; i < len(p.xs); i += stride {
		row := []string{p.in.clock(time.Duration(p.xs[i] * float64(time.Second)))}
		for _, s := range series {
			row = append(row, format(s.Y[i]))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// clock is the time of day in the scenario's zone.
func (in Input) clock(t time.Duration) string {
	return scenarios.TimeOfDay(in.moment(t), in.moment(0))
}
