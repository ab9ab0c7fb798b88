package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/chart"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// planText tells a plan to a person: how long, how much, what, and its course.
func planText(w io.Writer, s *scenarios.Scenario, tl *timeline.Timeline, style reports.Style) error {
	counts, pairs, total := map[string]int{}, 0, 0
	for step := range tl.Steps() {
		if m := step.Submit; m != nil {
			counts[m.Route]++
			pairs += len(m.To)
			total++
		}
	}
	h := tl.Header()
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s\n", scenarioName(s), reports.Escape(s.Title))
	fmt.Fprintf(&b, "seed %d, scale %g: %s, %s messages to %s recipients\n", h.Seed, h.Scale,
		reports.Span(h.Length), reports.Count(int64(total)), reports.Count(int64(pairs)))
	if words := s.GapWords(); words != "" {
		fmt.Fprintf(&b, "%s\n", words)
	}
	lines := draw(s, tl, style.Unicode)
	fmt.Fprintf(&b, "\n%s\n\nMessages\n", strings.Join(lines, "\n"))
	for _, route := range tl.Routes() {
		fmt.Fprintf(&b, "  %-26s %7s\n", route, reports.Count(int64(counts[route])))
	}
	b.WriteString("\nSteps\n")
	for step := range tl.Steps() {
		if step.Submit == nil {
			fmt.Fprintf(&b, "  %s  %-8s %s\n", s.When(step.At).Format("2006-01-02 15:04:05"), step.Verb,
				reports.Escape(step.Name))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// planBins is how many points the course of mail has in a picture.
const planBins = 240

// planSVG draws a plan: what breaks, and the mail of each route, over one axis.
func planSVG(w io.Writer, s *scenarios.Scenario, tl *timeline.Timeline) error {
	h := tl.Header()
	axis := planAxis(s, h)
	outage := []chart.Band{{From: h.Outage.Seconds(), Until: h.Heal.Seconds(), Text: "outage"}}
	faults := chart.Chart{ID: "faults", Title: "What breaks, and the share that feels it", X: axis,
		Bands: outage, Desc: "Shaded: the outage."}
	lane := func(name string, xs, ys []float64) {
		faults.Lanes = append(faults.Lanes, chart.Lane{
			Text: reports.Escape(name), Hatch: len(faults.Lanes)%chart.Hatches + 1, X: xs, Y: ys,
		})
	}
	for _, f := range h.Faults {
		xs, ys := faultCourse(f, h)
		lane(f.Name+": "+string(f.Do)+" @ "+string(f.Stage), xs, ys)
	}
	flat := func(name string, from, heal time.Duration) {
		lane(name, []float64{from.Seconds(), heal.Seconds()}, []float64{1, 1})
	}
	for _, l := range h.Links {
		flat("network "+l.Name, l.From, l.Heal)
	}
	for _, r := range s.Relay {
		flat("relay "+r.Name+": "+string(r.Do), s.Offset(r.At), healOf(s, r.Heal))
	}
	faults.Height = chart.LanesHeight(len(faults.Lanes))
	mail := mailChart(tl, axis, outage)
	desc := strings.TrimPrefix(fmt.Sprintf("%s; times are of %s", s.GapWords(), s.Zone), "; ")
	head := chart.Heading{Title: scenarioName(s), Said: s.Title, Desc: desc}
	_, err := io.WriteString(w, chart.Sheet(head, []chart.Chart{faults, mail}))
	return err
}

// faultCourse samples a fault's share, and is exact where it turns.
func faultCourse(f timeline.Fault, h timeline.Header) (xs, ys []float64) {
	end := h.Length
	if f.Heal >= 0 {
		end = f.Heal
	}
	for i := range planBins + 1 {
		at := f.From + (end-f.From)*time.Duration(i)/planBins
		xs = append(xs, at.Seconds())
		ys = append(ys, f.ShareAt(min(at, end-1)))
	}
	return xs, ys
}

// mailChart is messages an hour on each route.
func mailChart(tl *timeline.Timeline, axis chart.Axis, bands []chart.Band) chart.Chart {
	c := chart.Chart{ID: "mail", Title: "Messages an hour, by route", Height: 260, X: axis,
		Bands: bands, Desc: "The mean over all seeds."}
	most, length := 0.0, tl.Header().Length
	for i, route := range tl.Routes() {
		s := chart.Series{Name: reports.Escape(route), Kind: chart.Line, Style: i, Visible: true}
		for n := range planBins {
			from, until := length*time.Duration(n)/planBins, length*time.Duration(n+1)/planBins
			rate := tl.Offered(route, from, until) / (until - from).Hours()
			s.X, s.Y = append(s.X, ((from+until)/2).Seconds()), append(s.Y, rate)
			most = max(most, rate)
		}
		c.Series = append(c.Series, s)
	}
	c.Y = chart.Scale(most, false, nil)
	return c
}

// planAxis labels eight moments with the clock of the incident.
func planAxis(s *scenarios.Scenario, h timeline.Header) chart.Axis {
	a := chart.Axis{Until: h.Length.Seconds()}
	layout := "15:04"
	if s.FullLength() > 48*time.Hour {
		layout = "01-02 15h"
	}
	for i := range 9 {
		at := (h.Length * time.Duration(i) / 8).Round(time.Minute)
		a.Ticks = append(a.Ticks, chart.Tick{
			At: at.Seconds(), Text: s.When(at).Format(layout), Minor: i%2 == 1,
		})
	}
	return a
}
