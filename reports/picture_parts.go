package reports

import (
	"strconv"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/reports/chart"
	"github.com/hansei-mail/hansei/reports/course"
	"github.com/hansei-mail/hansei/scenarios"
)

// plotHeight is the height of an ordinary chart, in user units.
const plotHeight = 190

// faults are the lanes of what was broken, each as high as the share it hits.
func (p *picture) faults() (figure, bool) {
	lang := p.in.Lang
	c := chart.Chart{
		ID: p.id + "faults", Title: lang.say("What was broken, and when"), X: p.axis,
		Desc: lang.say("One bar for each fault, as high as the share of sessions that it hit."),
	}
	t := table{Head: []string{lang.say("what"), lang.say("from"), lang.say("until")}}
	add := func(name string, from, heal scenarios.Moment, permanent bool, xs, ys []float64) {
		end := p.in.at(heal)
		if permanent {
			end = "–"
		}
		c.Lanes = append(c.Lanes, chart.Lane{
			Text: Escape(name), Hatch: len(c.Lanes)%chart.Hatches + 1, X: xs, Y: ys,
		})
		t.Rows = append(t.Rows, []string{Escape(name), p.in.at(from), end})
	}
	start := p.in.Scenario
	for _, f := range p.in.Scenario.Faults {
		xs, ys := p.shares(f, p.in.Scenario)
		add(f.Name+": "+did(f), f.From, f.Heal, f.Permanent, xs, ys)
	}
	flat := func(from, heal scenarios.Moment) ([]float64, []float64) {
		return []float64{seconds2(from, start), seconds2(heal, start)}, []float64{1, 1}
	}
	for _, l := range p.in.Scenario.Links {
		xs, ys := flat(l.From, l.Heal)
		add(lang.say("network")+" "+l.Name, l.From, l.Heal, false, xs, ys)
	}
	for _, r := range p.in.Scenario.Relay {
		xs, ys := flat(r.At, r.Heal)
		if r.Permanent {
			xs[1] = p.axis.Until
		}
		add(lang.say("relay")+" "+r.Name+": "+string(r.Do), r.At, r.Heal, r.Permanent, xs, ys)
	}
	c.Height = chart.LanesHeight(len(c.Lanes))
	return figure{Chart: c, Caption: c.Desc, Table: t}, len(c.Lanes) > 0
}

// did is a fault in a few words.
func did(f scenarios.Fault) string {
	words := string(f.Do) + " @ " + string(f.Stage)
	if f.Reply != "" {
		code, _, _ := strings.Cut(f.Reply, " ")
		words = code + " @ " + string(f.Stage)
	}
	if at := f.Where.At; at != "" && at != string(scenarios.Office365) {
		words += ", " + at
	}
	if where := append(append([]string{}, f.Where.Regions...), f.Where.Forests...); len(where) > 0 {
		words += ", " + strings.Join(where, " ")
	}
	return words
}

func seconds2(m scenarios.Moment, s *scenarios.Scenario) float64 { return s.Offset(m).Seconds() }

// at is the time of day of one of the scenario's moments.
func (in Input) at(m scenarios.Moment) string {
	return scenarios.TimeOfDay(m.Time, in.Scenario.From.Time)
}

// shares is the course of a fault's share of sessions.
func (p *picture) shares(f scenarios.Fault, start *scenarios.Scenario) (xs, ys []float64) {
	from, until := seconds2(f.From, start), p.axis.Until
	if !f.Permanent {
		until = seconds2(f.Heal, start)
	}
	if len(f.Share) == 0 {
		return []float64{from, until}, []float64{1, 1}
	}
	xs, ys = append(xs, from), append(ys, f.Share[0].Is)
	for _, s := range f.Share {
		xs, ys = append(xs, max(from, min(until, seconds2(s.At, start)))), append(ys, s.Is)
	}
	return append(xs, until), append(ys, f.Share[len(f.Share)-1].Is)
}

// backlog is what waited for each affected cohort, on top of each other.
func (p *picture) backlog(title string) figure {
	lang, f := p.in.Lang, p.in.Judgement.Figures
	c := chart.Chart{
		ID: p.id + "backlog", Title: title, Height: plotHeight + 60, X: p.axis,
		Bands: p.bands(),
		Desc: lang.sayf("Most at once: %s pairs (%s) at %s. The oldest waited %s.",
			Count(int64(f.Backlog.Peak)), Bytes(f.Backlog.Bytes), p.in.clock(f.Backlog.At),
			Span(f.Backlog.Oldest)),
	}
	base := make([]float64, p.span.Bins())
	for style, cohort := range p.span.Cohorts { // a cohort looks the same in every chart
		if !cohort.Affected {
			continue
		}
		name := Escape(cohort.Name)
		if name == "" {
			name = lang.say("affected cohorts")
		}
		top, own := make([]float64, len(base)), make([]float64, len(base))
		for i, n := range cohort.Backlog {
			own[i] = float64(n)
			top[i] = base[i] + own[i]
		}
		c.Series = append(c.Series, chart.Series{
			Name: name, Kind: chart.Area, Style: style, X: p.xs, Y: top, Base: base, Visible: true,
		})
		base = top
	}
	areas := c.Series
	if s, ok := p.predicted(); ok {
		c.Series = append(c.Series, s)
	}
	c.Y = chart.Scale(highest(c.Series), true, countLabel)
	c.Y.Title = lang.say("pairs waiting")
	c.Marks = p.moments(base)
	return figure{Chart: c, Caption: c.Desc, Table: p.tabulate(own(areas), whole)}
}

// own undoes the stacking, for the table.
func own(stacked []chart.Series) []chart.Series {
	plain := make([]chart.Series, len(stacked))
	for i, s := range stacked {
		ys := make([]float64, len(s.Y))
		for j := range ys {
			ys[j] = s.Y[j] - s.Base[j]
		}
		s.Y = ys
		plain[i] = s
	}
	return plain
}

// bands shade the outage, and hatch each fault that has times of its own.
func (p *picture) bands() []chart.Band {
	bands := p.outage()
	f := p.in.Judgement.Figures
	for i, fault := range p.in.Scenario.Faults {
		xs, _ := p.shares(fault, p.in.Scenario)
		from, until := xs[0], xs[len(xs)-1]
		if from == f.Outage.Seconds() && until == f.Heal.Seconds() || until <= p.axis.From {
			continue
		}
		bands = append(bands, chart.Band{
			From: max(from, p.axis.From), Until: min(until, p.axis.Until),
			Hatch: i%chart.Hatches + 1, Text: Escape(fault.Name),
		})
	}
	before := len(p.in.Scenario.Faults) + len(p.in.Scenario.Links) // as the lanes are hatched
	for i, r := range p.in.Scenario.Relay {
		from, until := seconds2(r.At, p.in.Scenario), seconds2(r.Heal, p.in.Scenario)
		if r.Permanent {
			until = p.axis.Until
		}
		if until > p.axis.From {
			bands = append(bands, chart.Band{
				From: max(from, p.axis.From), Until: min(until, p.axis.Until),
				Hatch: (before+i)%chart.Hatches + 1, Text: Escape(r.Name),
			})
		}
	}
	return bands
}

// moments mark the peak and the end of the drain.
func (p *picture) moments(total []float64) []chart.Mark {
	f := p.in.Judgement.Figures
	var marks []chart.Mark
	value := func(t time.Duration) float64 {
		i := int((t - p.span.From) / p.span.Bin)
		if i < 0 || i >= len(total) {
			return 0
		}
		return total[i]
	}
	if f.Backlog.Peak > 0 && f.Backlog.At > p.span.From {
		y := max(value(f.Backlog.At), float64(f.Backlog.Peak)*0.98)
		marks = append(marks, chart.Mark{
			X: f.Backlog.At.Seconds(), Y: y, After: p.span.From > 0, Below: p.span.From > 0,
			Text: p.in.Lang.sayf("peak %s", Count(int64(f.Backlog.Peak))),
		})
	}
	if f.Drain.Pairs > 0 && f.Drain.Left == 0 {
		marks = append(marks, chart.Mark{
			X: (f.Heal + f.Drain.Took).Seconds(), Y: 0, After: p.early(f.Heal + f.Drain.Took),
			Text: p.in.Lang.sayf("drained %s", p.in.clock(f.Heal+f.Drain.Took)),
		})
	}
	return marks
}

// early says that there is room for words to the right of a moment.
func (p *picture) early(t time.Duration) bool {
	return t.Seconds() < p.axis.From+0.84*(p.axis.Until-p.axis.From)
}

// flows are what came, went and was copied, a minute.
func (p *picture) flows(title string) figure {
	lang := p.in.Lang
	series := []chart.Series{
		p.rate(lang.say("accepted"), 0, p.sum(func(c course.Cohort) []int { return c.Accepted })),
		p.rate(lang.say("delivered"), 1, p.sum(func(c course.Cohort) []int { return c.Delivered })),
		p.rate(lang.say("spare copies"), 2, p.sum(func(c course.Cohort) []int { return c.Spare })),
	}
	c := chart.Chart{
		ID: p.id + "flow", Title: title, Height: plotHeight, X: p.axis, Bands: p.outage(),
		Desc:   lang.say("Pairs a minute of scenario time, of all cohorts."),
		Series: series, Y: chart.Scale(highest(series), false, nil),
	}
	c.Y.Title = lang.say("pairs a minute")
	return figure{Chart: c, Caption: c.Desc, Table: p.tabulate(series, tenth)}
}

// oldest is how long the oldest pair of each cohort has waited.
func (p *picture) oldest() (figure, bool) {
	lang := p.in.Lang
	c := chart.Chart{
		ID: p.id + "oldest", Title: lang.say("Age of the oldest pair that waits"),
		Height: plotHeight, X: p.axis, Bands: p.outage(),
		Desc: lang.say("For each cohort, at the end of each bin; thin lines are cohorts " +
			"that nothing touched."),
	}
	for _, cohort := range p.span.Cohorts {
		ys := make([]float64, len(cohort.Oldest))
		for i, d := range cohort.Oldest {
			ys[i] = d.Hours()
		}
		c.Series = append(c.Series, chart.Series{
			Name: Escape(cohort.Name), Style: len(c.Series), X: p.xs, Y: ys, Visible: true,
			Dimmed: !cohort.Affected,
		})
	}
	c.Y = chart.Scale(highest(c.Series), false, nil)
	c.Y.Title = lang.say("hours")
	return figure{Chart: c, Caption: c.Desc, Table: p.tabulate(c.Series, hours)},
		p.in.Course != nil
}

// dead is how hard the relay knocked at what was broken.
func (p *picture) dead(title string) figure {
	lang := p.in.Lang
	series := []chart.Series{p.rate(lang.say("at affected front ends"), 1, p.span.Dead)}
	if p.in.Course != nil {
		series = append(series, p.rate(lang.say("at all others"), 5, p.span.Other))
	}
	c := chart.Chart{
		ID: p.id + "dead", Title: title, Height: plotHeight, X: p.axis, Bands: p.outage(),
		Desc:   lang.say("Attempts a minute that brought no message, without those at the spare store."),
		Series: series, Y: chart.Scale(highest(series), false, nil),
	}
	c.Y.Title = lang.say("attempts a minute")
	return figure{Chart: c, Caption: c.Desc, Table: p.tabulate(series, tenth)}
}

// clockRate is how fast scenario time ran.
func (p *picture) clockRate() (figure, bool) {
	lang := p.in.Lang
	if len(p.span.Rate) == 0 {
		return figure{}, false
	}
	series := []chart.Series{{
		Name: lang.say("rate"), Kind: chart.Step, Style: 0, X: p.xs, Y: p.span.Rate, Visible: true,
	}}
	c := chart.Chart{
		ID: p.id + "rate", Title: lang.say("The clock's rate"), Height: plotHeight, X: p.axis,
		Bands: p.outage(), Series: series, Y: chart.Scale(highest(series), false, nil),
		Desc: lang.say("Seconds of scenario time in a second on the wall, mean of each bin."),
	}
	c.Y.Title = "×"
	return figure{Chart: c, Caption: c.Desc, Table: p.tabulate(series, whole)}, true
}

func countLabel(v float64) string { return Count(int64(v)) }
func whole(v float64) string      { return Count(int64(v + 0.5)) }
func tenth(v float64) string      { return strconv.FormatFloat(v, 'f', 1, 64) }
func hours(v float64) string      { return Span(time.Duration(v * float64(time.Hour))) }
