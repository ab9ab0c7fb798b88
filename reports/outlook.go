package reports

import (
	"bytes"
	_ "embed" // the page of a forecast
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports/chart"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/forecast"
)

//go:embed pagefiles/outlook.html
var outlookHTML string

// Outlook is a forecast to be told, with the sweep around it if there is one.
type Outlook struct {
	Scenario *scenarios.Scenario
	Forecast *forecast.Forecast
	Model    forecast.Model
	Sweep    *forecast.Sweep
	Version  string
	Style    Style
}

// input lets a forecast be drawn as a run is.
func (o Outlook) input() Input {
	f := o.Forecast
	return Input{
		Scenario: o.Scenario, Style: o.Style, Forecast: f,
		Judgement: &check.Judgement{Figures: check.Figures{
			Start: f.Start, Zone: f.Zone, Length: f.Length, Outage: f.Outage, Heal: f.Heal, Bin: f.Bin,
		}},
	}
}

// outlookRow is one figure with its interval.
type outlookRow struct{ name, value, from, to string }

// rows are the forecast's figures in words.
func (o Outlook) rows() []outlookRow {
	f := o.Forecast
	n := func(v float64) string { return Count(int64(v + 0.5)) }
	b := func(v float64) string { return Bytes(int64(v + 0.5)) }
	d := func(v time.Duration) string { return Span(v.Round(time.Second)) }
	rows := []outlookRow{}
	add := func(name string, say func(forecast.Figures) string) {
		rows = append(rows, outlookRow{name, say(f.Figures), say(f.Low), say(f.High)})
	}
	add("messages", func(x forecast.Figures) string { return n(x.Messages) })
	add("peak, pairs", func(x forecast.Figures) string { return n(x.Peak) })
	add("peak, content", func(x forecast.Figures) string { return b(x.PeakBytes) })
	add("disk of the queue", func(x forecast.Figures) string { return b(x.Disk) })
	add("files (inodes)", func(x forecast.Figures) string { return n(x.Files) })
	add("drain after the heal", func(x forecast.Figures) string { return d(x.Drain) })
	add("oldest", func(x forecast.Figures) string { return d(x.Oldest) })
	add("attempts", func(x forecast.Figures) string { return n(x.Attempts) })
	add("attempts a minute", func(x forecast.Figures) string { return n(x.PerMinute) })
	add("connections", func(x forecast.Figures) string { return n(x.Connections) })
	add("spare copies", func(x forecast.Figures) string { return n(x.Spare) })
	add("spare, content", func(x forecast.Figures) string { return b(x.SpareBytes) })
	add("bounced", func(x forecast.Figures) string { return n(x.Bounced) })
	add("never left", func(x forecast.Figures) string { return n(max(0, x.Left)) })
	return rows
}

// facts is what the forecast is of.
func (o Outlook) facts() string {
	f := o.Forecast
	return fmt.Sprintf("model %s, engine %s, seed %d, scale %g, growth %g; outage %s of %s",
		plainText(f.Model), f.Engine, f.Seed, f.Scale, f.Growth, Span(f.Heal-f.Outage), Span(f.Length))
}

// OutlookText tells a forecast to a person.
func OutlookText(w io.Writer, o Outlook) error {
	p := &page{in: o.input(), style: o.Style}
	p.line(p.style.paint(bold, Escape(p.in.Name())), "  forecast")
	p.para(0, o.facts())
	p.line()
	p.line(fmt.Sprintf("  %-22s %14s   %s", "", "forecast", "in "+Count(int64(o.Forecast.Tries))+" tries"))
	for _, r := range o.rows() {
		p.line(fmt.Sprintf("  %-22s %14s   %s to %s", r.name, r.value, r.from, r.to))
	}
	o.drawBacklog(p)
	for _, words := range o.Forecast.Outside {
		p.para(2, "beyond what was measured: "+words)
	}
	for _, words := range o.Forecast.Unmodelled {
		p.para(2, "not followed: "+words)
	}
	if _, err := io.WriteString(w, p.b.String()); err != nil {
		return fmt.Errorf("writing the forecast: %w", err)
	}
	return nil
}

// drawBacklog draws the curve as the report of a run draws the measured one.
func (o Outlook) drawBacklog(p *page) {
	f := o.Forecast
	figures := &p.in.Judgement.Figures
	figures.Backlog = check.Backlog{
		Peak: int(f.Figures.Peak + 0.5), Bytes: int64(f.Figures.PeakBytes), At: f.Figures.PeakAt,
		Oldest: f.Figures.Oldest,
	}
	figures.Drain = check.Drained{
		Pairs: int(f.Figures.AtHeal + 0.5), Left: int(f.Figures.Left + 0.5), Took: f.Figures.Drain,
	}
	for _, point := range f.Curve {
		figures.Bins = append(figures.Bins, check.Bin{T: point.T, Affected: int(point.Backlog + 0.5)})
	}
	p.backlog()
}

// outlookPage is what the page's template reads.
type outlookPage struct {
	Kind, Title, Name, Facts, Policy, Version, Zone, Tag string
	Word, Said                                           string
	Within                                               string
	CSS                                                  template.CSS
	Figures                                              []webFigure
	Needs                                                []webTable
	Table                                                webTable
	Heat                                                 []heat
	Notes                                                []string
}

// OutlookHTML tells a forecast, and the sweep around it, as a page that needs
// nothing but itself.
func OutlookHTML(w io.Writer, o Outlook) error {
	t, err := pageTemplate(English)
	if err == nil {
		t, err = t.New("outlook").Parse(outlookHTML)
	}
	if err != nil {
		return fmt.Errorf("reading the forecast's template: %w", err)
	}
	in := o.input()
	page := outlookPage{
		Title: plainText(o.Scenario.Title), Name: plainText(in.Name()), Facts: o.facts(),
		Policy: policy, Version: plainText(o.Version), Tag: English.tag(),
		Zone: in.moment(0).Format("MST") + ", " + in.moment(0).Format("2006-01-02"),
		CSS:  template.CSS(chart.CSS + pageCSS + heatCSS), Figures: o.charts(in),
		Kind: "Forecast", Table: o.table(), Notes: o.notes(),
	}
	page.Word, page.Said = o.answer()
	if o.Sweep != nil {
		page.Kind, page.Within = "Capacity", Span(o.Sweep.Within)
		page.Heat, page.Needs = o.heats(), []webTable{o.needs()}
	}
	var b bytes.Buffer // a page that is cut in the middle would look whole
	if err := t.Execute(&b, page); err != nil {
		return fmt.Errorf("making the page: %w", err)
	}
	if _, err := b.WriteTo(w); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

func (o Outlook) notes() []string {
	var notes []string
	for _, words := range o.Forecast.Outside {
		notes = append(notes, "Beyond what was measured: "+plainText(words))
	}
	for _, words := range o.Forecast.Unmodelled {
		notes = append(notes, "Not followed: "+plainText(words))
	}
	return notes
}

// table is the figures as a table.
func (o Outlook) table() webTable {
	t := webTable{
		Figures: true, Title: "The forecast in figures", Head: []string{"figure", "forecast", "least", "most"},
		Said: fmt.Sprintf("Least and most of %d forecasts with other seeds and other moments of the "+
			"relay's scans.", o.Forecast.Tries),
	}
	for _, r := range o.rows() {
		t.Rows = append(t.Rows, []string{r.name, r.value, r.from, r.to})
	}
	return t
}

// charts are the backlog and the attempts over time.
func (o Outlook) charts(in Input) []webFigure {
	f := o.Forecast
	until := f.Bin * time.Duration(len(f.Curve))
	axis := in.timeAxis(0, until)
	bands := []chart.Band{}
	if f.Heal > f.Outage {
		bands = append(bands, chart.Band{From: f.Outage.Seconds(), Until: f.Heal.Seconds(), Text: "outage"})
	}
	draw := func(id, title, said, unit string, area bool, value func(forecast.Point) float64) webFigure {
		s := chart.Series{Name: title, Kind: chart.Line, Visible: true}
		if area {
			s.Kind = chart.Area
		}
		t := table{Head: []string{"until", unit}}
		for i, point := range f.Curve {
			end := point.T + f.Bin
			s.X, s.Y = append(s.X, end.Seconds()), append(s.Y, value(point))
			s.Base = append(s.Base, 0)
			if i%max(1, len(f.Curve)/maxRows) == 0 {
				t.Rows = append(t.Rows, []string{in.clock(end), whole(value(point))})
			}
		}
		c := chart.Chart{
			ID: id, Title: title, Desc: said, Height: plotHeight + 40,
			X: axis, Bands: bands, Series: []chart.Series{s},
		}
		c.Y = chart.Scale(highest(c.Series), true, countLabel)
		c.Y.Title = unit
		return figure{Chart: c, Caption: c.Desc, Table: t}.show()
	}
	x := f.Figures
	return []webFigure{
		draw("backlog", "Backlog of the affected cohorts", fmt.Sprintf("At most %s pairs, at %s; the last "+
			"of them is delivered %s after the heal.", Count(int64(x.Peak+0.5)), in.clock(x.PeakAt),
			Span(x.Drain.Round(time.Second))), "pairs waiting", true,
			func(p forecast.Point) float64 { return p.Backlog }),
		draw("disk", "Disk of the whole queue", fmt.Sprintf("At most %s, in %s files.",
			Bytes(int64(x.Disk+0.5)), Count(int64(x.Files+0.5))), "MB", true,
			func(p forecast.Point) float64 { return p.Bytes / 1e6 }),
		draw("attempts", "Attempts", fmt.Sprintf("%s in all, to every destination and those in vain too.",
			Count(int64(x.Attempts+0.5))), "attempts a minute", false,
			func(p forecast.Point) float64 { return p.Attempts / max(f.Bin.Minutes(), 1e-9) }),
	}
}

// spaced pads a word to a width, for plain tables.
func spaced(word string, width int) string {
	return word + strings.Repeat(" ", max(0, width-columns(word)))
}
