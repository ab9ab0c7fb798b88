package chart

import (
	"fmt"
	"html"
	"strconv"
	"strings"
)

// SVG is the chart as an element for a page that has the package's CSS.
func (c Chart) SVG() string {
	d := &drawing{c: c}
	d.f(`<svg class="chart" id="%s" viewBox="0 0 %d %d" role="img" `+
		`aria-labelledby="%s-t %s-d" xmlns="http://www.w3.org/2000/svg">`,
		c.ID, Width, c.Height, c.ID, c.ID)
	d.f(`<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`, c.ID, text(c.Title), c.ID,
		text(c.Desc))
	d.body()
	d.b.WriteString("</svg>")
	return d.b.String()
}

// drawing is a chart being written.
type drawing struct {
	c Chart
	b strings.Builder
}

func (d *drawing) f(format string, args ...any) { fmt.Fprintf(&d.b, format, args...) }

func text(s string) string { return html.EscapeString(s) }

// n is a coordinate, short.
func n(v float64) string {
	s := strconv.FormatFloat(v, 'f', 1, 64)
	return strings.TrimSuffix(s, ".0")
}

func (d *drawing) x(v float64) float64 {
	a := d.c.X
	if a.Until <= a.From {
		return left
	}
	share := max(0, min(1, (v-a.From)/(a.Until-a.From)))
	return left + share*(Width-left-right)
}

func (d *drawing) y(v float64) float64 {
	a := d.c.Y
	floor := float64(d.c.Height - bottom)
	if a.Until <= a.From {
		return floor
	}
	share := max(0, min(1, (v-a.From)/(a.Until-a.From)))
	return floor - share*(floor-top)
}

func (d *drawing) body() {
	d.patterns()
	d.bands()
	d.grid()
	for _, s := range d.c.Series {
		if s.Visible && len(s.X) > 0 {
			d.series(s)
		}
	}
	d.lanes()
	d.marks()
}

// patterns are the hatchings, in this chart's own names.
func (d *drawing) patterns() {
	angles := [Hatches]int{45, 135, 0, 90, 20, 160}
	gaps := [Hatches]int{6, 6, 5, 5, 9, 9}
	used := map[string]bool{}
	d.b.WriteString("<defs>")
	pattern := func(kind string, i int) {
		id := fmt.Sprintf("%s-%s%d", d.c.ID, kind, i)
		if used[id] {
			return
		}
		used[id] = true
		k := i % Hatches
		d.f(`<pattern id="%s" width="%d" height="%d" patternUnits="userSpaceOnUse" `+
			`patternTransform="rotate(%d)"><path class="%s%d" d="M0 0V%d"/></pattern>`,
			id, gaps[k], gaps[k], angles[k], kind, k, gaps[k])
	}
	for _, b := range d.c.Bands {
		if b.Hatch > 0 {
			pattern("b", b.Hatch-1)
		}
	}
	for _, l := range d.c.Lanes {
		pattern("b", max(0, l.Hatch-1))
	}
	for _, s := range d.c.Series {
		if s.Kind == Area {
			pattern("h", s.Style%Styles)
		}
	}
	d.b.WriteString("</defs>")
}

func (d *drawing) bands() {
	floor := d.c.Height - bottom
	for _, b := range d.c.Bands {
		x1, x2 := d.x(b.From), d.x(b.Until)
		fill := `class="shade"`
		if b.Hatch > 0 {
			fill = fmt.Sprintf(`fill="url(#%s-b%d)"`, d.c.ID, b.Hatch-1)
		}
		d.f(`<rect %s x="%s" y="%d" width="%s" height="%d"><title>%s</title></rect>`, fill,
			n(x1), top, n(max(1, x2-x1)), floor-top, text(b.Text))
	}
}

func (d *drawing) grid() {
	floor := float64(d.c.Height - bottom)
	for _, t := range d.c.Y.Ticks {
		y := d.y(t.At)
		d.f(`<path class="grid" d="M%d %sH%d"/>`, left, n(y), Width-right)
		d.f(`<text class="y%s" x="%d" y="%s">%s</text>`, minor(t), left-7, n(y+4), text(t.Text))
	}
	if d.c.Y.Title != "" {
		d.f(`<text class="unit" x="%d" y="%d">%s</text>`, left+4, top-3, text(d.c.Y.Title))
	}
	for _, t := range d.c.X.Ticks {
		x := d.x(t.At)
		d.f(`<path class="tick" d="M%s %sv5"/>`, n(x), n(floor))
		class, at := "x", x
		if x > Width-40 {
			class, at = "y", Width-2 // the label ends where the chart does
		}
		d.f(`<text class="%s%s" x="%s" y="%s">%s</text>`, class, minor(t), n(at), n(floor+20),
			text(t.Text))
	}
	d.f(`<path class="axis" d="M%d %dV%sH%d"/>`, left, top, n(floor), Width-right)
}

func minor(t Tick) string {
	if t.Minor {
		return " minor"
	}
	return ""
}

func (d *drawing) series(s Series) {
	dim := ""
	if s.Dimmed {
		dim = " dim"
	}
	if s.Kind == Area {
		path := d.path(s.X, s.Y, false)
		var back strings.Builder
		for i := len(s.X) - 1; i >= 0; i-- {
			back.WriteString("L" + n(d.x(s.X[i])) + " " + n(d.y(s.Base[i])))
		}
		d.f(`<path class="a%d" d="%sZ"/>`, s.Style%Styles, path+back.String())
		d.f(`<path fill="url(#%s-h%d)" d="%sZ"/>`, d.c.ID, s.Style%Styles, path+back.String())
		d.f(`<path class="s%d edge" d="%s"/>`, s.Style%Styles, path)
		return
	}
	d.f(`<path class="s%d%s" d="%s"/>`, s.Style%Styles, dim, d.path(s.X, s.Y, s.Kind == Step))
}

// path joins points; those in the middle of a straight line are left out, and so
// are repeated ones: most of a run, nothing changes.
func (d *drawing) path(xs, ys []float64, steps bool) string {
	var b strings.Builder
	for i := range xs {
		y := n(d.y(ys[i]))
		same := i > 0 && i < len(xs)-1 && n(d.y(ys[i-1])) == y && n(d.y(ys[i+1])) == y
		switch {
		case i == 0:
			b.WriteString("M" + n(d.x(xs[i])) + " " + y)
		case same:
		case steps:
			b.WriteString("H" + n(d.x(xs[i])) + "V" + y)
		default:
			b.WriteString("L" + n(d.x(xs[i])) + " " + y)
		}
	}
	return b.String()
}

func (d *drawing) marks() {
	for _, m := range d.c.Marks {
		x, y := d.x(m.X), d.y(m.Y)
		d.f(`<path class="mark" d="M%s %sl-5 -9h10z"/>`, n(x), n(y))
		anchor, dx, dy := "end", -9.0, -2.0
		if m.After {
			anchor, dx = "start", 9
		}
		if m.Below {
			dy = 14
		}
		d.f(`<text class="label" text-anchor="%s" x="%s" y="%s">%s</text>`, anchor, n(x+dx),
			n(max(y+dy, top-4)), text(m.Text))
	}
}

// laneBar is the height of a bar at a share of all.
const laneBar = 18

// lanes are bars below each other, their height the share that is hit.
func (d *drawing) lanes() {
	for i, l := range d.c.Lanes {
		if len(l.X) == 0 {
			continue
		}
		floor := float64(top + (i+1)*laneHeight - 2)
		y := func(v float64) float64 { return floor - max(0, min(1, v))*laneBar }
		var b strings.Builder
		b.WriteString("M" + n(d.x(l.X[0])) + " " + n(floor))
		for j := range l.X {
			b.WriteString("L" + n(d.x(l.X[j])) + " " + n(y(l.Y[j])))
		}
		b.WriteString("L" + n(d.x(l.X[len(l.X)-1])) + " " + n(floor) + "Z")
		d.f(`<path class="lane" d="%s"/>`, b.String())
		d.f(`<path class="laneline" fill="url(#%s-b%d)" d="%s"><title>%s</title></path>`, d.c.ID,
			max(0, l.Hatch-1), b.String(), text(l.Text))
		x, anchor := d.x(l.X[0]), "start"
		if x > Width/2 {
			x, anchor = d.x(l.X[len(l.X)-1]), "end"
		}
		d.f(`<text class="label" text-anchor="%s" x="%s" y="%s">%s</text>`, anchor, n(x),
			n(floor-laneBar-5), text(l.Text))
	}
}

// legend is a row of samples and names under a title.
func (d *drawing) legend() {
	x := float64(14)
	for _, s := range d.c.Series {
		d.f(`<g transform="translate(%s 24)">%s</g>`, n(x), Swatch(s))
		d.f(`<text class="label" x="%s" y="33">%s</text>`, n(x+30), text(s.Name))
		x += 44 + 6.6*float64(halves(s.Name))
	}
}

// halves is how wide words are in halves of a square: letters of East Asia fill one
// (Unicode Standard Annex 11), others about half of one.
func halves(words string) int {
	n := 0
	for _, r := range words {
		if n++; r >= 0x2e80 {
			n++
		}
	}
	return n
}

// Swatch is the sample of a series for a legend, 24 by 12 user units.
func Swatch(s Series) string {
	if s.Kind == Area {
		return fmt.Sprintf(`<rect class="a%d" width="24" height="11"/>`+
			`<path class="s%d" d="M0 1H24"/>%s`, s.Style%Styles, s.Style%Styles, hatchSample(s.Style))
	}
	return fmt.Sprintf(`<path class="s%d" d="M0 6H24"/>`, s.Style%Styles)
}

// hatchSample are a few strokes in the direction of a hatching.
func hatchSample(style int) string {
	strokes := [Styles]string{
		"M2 11L10 1M9 11L17 1M16 11L24 1", "M2 1L10 11M9 1L17 11M16 1L24 11",
		"M4 1V11M10 1V11M16 1V11M22 1V11", "M0 4H24M0 8H24",
		"M3 11L8 1M14 11L19 1", "M3 1L8 11M14 1L19 11",
	}
	k := style % Styles
	return fmt.Sprintf(`<path class="h%d" d="%s"/>`, k, strokes[k])
}
