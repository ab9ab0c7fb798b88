package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// The drawing is 80 columns wide: an indent, a name and the course of it.
const (
	drawIndent = 2
	drawNames  = 17
	drawWidth  = 80 - drawIndent - drawNames - 1
)

// drawn is a plan being drawn over one axis of time.
type drawn struct {
	s      *scenarios.Scenario
	tl     *timeline.Timeline
	h      timeline.Header
	levels []rune // of a bar, the lowest first
	solid  string
	lines  []string
}

// draw is a scenario's course as lines of text: phases, faults by the share that
// they hit, links, what happens to the relay, and the mail of each route.
func draw(s *scenarios.Scenario, tl *timeline.Timeline, unicode bool) []string {
	d := &drawn{s: s, tl: tl, h: tl.Header(), levels: []rune(".:-=+*%@"), solid: "#"}
	if unicode {
		d.levels, d.solid = []rune("▁▂▃▄▅▆▇█"), "▒"
	}
	d.phases()
	for _, f := range d.h.Faults {
		d.shares(f)
	}
	for _, l := range d.h.Links {
		d.span(l.Name, l.From, l.Heal)
	}
	for _, r := range s.Relay {
		d.span(r.Name, s.Offset(r.At), healOf(s, r.Heal))
	}
	d.routes()
	d.axis()
	return d.lines
}

// healOf is the offset of a heal; the end, where there is none.
func healOf(s *scenarios.Scenario, heal scenarios.Moment) time.Duration {
	if !heal.IsSet() {
		return s.Length()
	}
	return s.Offset(heal)
}

// at is the offset at which a column begins.
func (d *drawn) at(column int) time.Duration {
	return time.Duration(int64(d.h.Length) / drawWidth * int64(column))
}

// column is the column of an offset.
func (d *drawn) column(t time.Duration) int {
	return max(0, min(drawWidth-1, int(int64(t)*drawWidth/max(1, int64(d.h.Length)))))
}

func (d *drawn) row(name, course, said string) {
	name = reports.Escape(name)
	if runes := []rune(name); len(runes) > drawNames {
		name = string(runes[:drawNames-1]) + "~"
	}
	line := fmt.Sprintf("%*s%-*s %s", drawIndent, "", drawNames, name, course)
	d.lines = append(d.lines, strings.TrimRight(line+said, " "))
}

// phases writes their names where they are.
func (d *drawn) phases() {
	course := []rune(strings.Repeat(" ", drawWidth))
	free := 0
	for step := range d.tl.Steps() {
		if step.Verb != timeline.Phase {
			continue
		}
		at := max(free, d.column(step.At))
		label := []rune("|" + step.Name)
		if at+len(label) > drawWidth {
			label = label[:max(0, min(1, drawWidth-at))]
		}
		copy(course[at:], label)
		free = at + len(label)
	}
	d.row("phase", string(course), "")
}

// level is the sign for a share of the height.
func (d *drawn) level(share float64) rune {
	if share <= 0 {
		return ' '
	}
	n := int(math.Ceil(share*float64(len(d.levels)))) - 1
	return d.levels[max(0, min(len(d.levels)-1, n))]
}

// looks is at how many moments of a column a fault is looked at, so that one
// which comes and goes is seen.
const looks = 16

func (d *drawn) shares(f timeline.Fault) {
	course := make([]rune, drawWidth)
	for i := range course {
		most := 0.0
		for n := range time.Duration(looks) {
			most = max(most, f.ShareAt(d.at(i)+(d.at(i+1)-d.at(i))*n/looks))
		}
		course[i] = d.level(most)
	}
	d.row(f.Name, string(course), "")
}

// span is something that is there or is not.
func (d *drawn) span(name string, from, heal time.Duration) {
	a, b := d.column(from), max(d.column(from)+1, d.column(heal))
	d.row(name, strings.Repeat(" ", a)+strings.Repeat(d.solid, b-a), "")
}

// routes draws all of them to the scale of the busiest, so that they compare.
func (d *drawn) routes() {
	most := 0.0
	counts := map[string][]float64{}
	for _, route := range d.tl.Routes() {
		for i := range drawWidth {
			n := d.tl.Offered(route, d.at(i), d.at(i+1))
			counts[route] = append(counts[route], n)
			most = max(most, n)
		}
	}
	for _, route := range d.tl.Routes() {
		course := make([]rune, drawWidth)
		for i, n := range counts[route] {
			course[i] = d.level(n / most)
		}
		d.row(route, string(course), "")
	}
	hour := float64(time.Hour) / float64(max(1, d.at(1)))
	d.lines = append(d.lines, fmt.Sprintf("%*s%-*s full height: %.0f messages an hour", drawIndent, "",
		drawNames, "", most*hour))
}

// axis is the time of day, or the day where there are several.
func (d *drawn) axis() {
	layout, apart := "15:04", 9
	if d.s.FullLength() > 24*time.Hour {
		layout, apart = "01-02 15:04", 14
	}
	ticks, labels := []rune(strings.Repeat("-", drawWidth)), []rune(strings.Repeat(" ", drawWidth+12))
	for i := 0; i+len(layout) <= drawWidth+2; i += apart {
		ticks[i] = '+'
		copy(labels[i:], []rune(d.s.When(d.at(i)).Format(layout)))
	}
	for _, g := range d.h.Gaps {
		ticks[d.column(g.At)] = '/'
	}
	d.row("", string(ticks), "")
	d.row(d.s.From.Time.Format("MST"), string(labels[:drawWidth+2]), "")
}
