package reports

import (
	"fmt"
	"strings"
	"time"
)

// The size of the chart in characters: with its axis it fits MaxWidth.
const (
	chartWidth  = 88
	chartHeight = 10
	chartIndent = 9
)

// eighths fill a character cell from the bottom, in eighths (Unicode block
// elements); ASCII has only empty and full.
var eighths = []string{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}

// backlog draws what waited for the affected cohorts over scenario time.
func (p *page) backlog() {
	f := p.in.Judgement.Figures
	p.section("Backlog: accepted pairs that wait for the affected cohorts")
	c := newCurve(p.in)
	if c.top == 0 {
		p.line("  nothing waited")
		return
	}
	if at := c.column(f.Backlog.At); f.Backlog.Peak > 0 {
		p.line(strings.Repeat(" ", chartIndent+at), p.style.pick("▼", "v"))
	}
	for row := chartHeight - 1; row >= 0; row-- {
		p.line(padLeft(c.label(row), chartIndent-2), " ", p.style.pick("│", "|"), c.row(p.style, row))
	}
	axis, labels := c.axis(p.style)
	p.line(strings.Repeat(" ", chartIndent-1), axis)
	p.line(strings.Repeat(" ", chartIndent), labels)
	p.legend()
}

// legend says in words what the chart shows.
func (p *page) legend() {
	f, zone := p.in.Judgement.Figures, p.in.moment(0).Format("MST")
	shade, peak, mark := p.style.pick("░", "."), p.style.pick("▼", "v"), p.style.pick("◆", "*")
	dash := p.style.pick("–", "-")
	p.line(fmt.Sprintf("  %s outage %s%s%s %s     %s peak %s pairs, %s, at %s", shade,
		p.clock(f.Outage), dash, p.clock(f.Heal), zone, peak, Count(int64(f.Backlog.Peak)),
		Bytes(f.Backlog.Bytes), p.clock(f.Backlog.At)))
	oldest := "oldest waited " + Span(f.Backlog.Oldest)
	if f.Backlog.Msg != "" {
		oldest += " (" + f.Backlog.Msg + ")"
	}
	switch {
	case f.Drain.Pairs == 0:
		p.para(2, "nothing waited at the heal; "+oldest)
	case f.Drain.Left > 0:
		p.para(2, fmt.Sprintf("%s of the %s pairs that waited at the heal still wait at the end; %s",
			Count(int64(f.Drain.Left)), Count(int64(f.Drain.Pairs)), oldest))
	default:
		p.para(2, fmt.Sprintf("%s drained at %s, %s after the heal (%s pairs); %s", mark,
			p.clock(f.Heal+f.Drain.Took), Span(f.Drain.Took), Count(int64(f.Drain.Pairs)), oldest))
	}
}

// curve is the backlog resampled to the chart's columns.
type curve struct {
	values  []int // the most in each column
	top     int
	total   time.Duration
	outage  int // first and last-but-one column of the outage
	heal    int
	drained int // column of the last delivery of the backlog, or -1
	in      Input
}

// newCurve takes for each column the greatest backlog of the bins it covers: a
// peak must not vanish because the terminal is narrow.
func newCurve(in Input) curve {
	f := in.Judgement.Figures
	c := curve{
		values: make([]int, chartWidth), total: f.Bin * time.Duration(len(f.Bins)),
		drained: -1, in: in, top: f.Backlog.Peak,
	}
	if c.total <= 0 {
		c.top = 0
		return c
	}
	n := len(f.Bins)
	for i := range c.values {
		first := i * n / chartWidth
		last := max(first+1, ((i+1)*n+chartWidth-1)/chartWidth)
		for _, b := range f.Bins[first:min(last, n)] {
			c.values[i] = max(c.values[i], b.Affected)
		}
		c.top = max(c.top, c.values[i])
	}
	c.outage, c.heal = c.column(f.Outage), c.column(f.Heal)
	if f.Drain.Pairs > 0 && f.Drain.Left == 0 {
		c.drained = c.column(f.Heal + f.Drain.Took)
	}
	return c
}

// column is where a moment lies.
func (c curve) column(t time.Duration) int {
	if c.total <= 0 {
		return 0
	}
	return max(0, min(chartWidth-1, int(int64(t)*chartWidth/int64(c.total))))
}

// label names the top, the middle and the bottom of the axis.
func (c curve) label(row int) string {
	switch row {
	case chartHeight - 1:
		return Count(int64(c.top))
	case chartHeight/2 - 1:
		return Count(int64(c.top / 2))
	}
	return ""
}

// row draws one line of the chart, from row 0 at the bottom.
func (c curve) row(s Style, row int) string {
	var b strings.Builder
	for i, v := range c.values {
		// A backlog of one must be seen: never less than one eighth.
		height := v * chartHeight * 8 / c.top
		if v > 0 {
			height = max(height, 1)
		}
		fill := max(0, min(8, height-row*8))
		during := i >= c.outage && i < c.heal
		switch {
		case fill == 0 && during:
			b.WriteString(s.paint(faint, s.pick("░", ".")))
		case fill == 0:
			b.WriteByte(' ')
		case during:
			b.WriteString(s.paint(red, s.pick(eighths[fill], "#")))
		default:
			b.WriteString(s.paint(yellow, s.pick(eighths[fill], "#")))
		}
	}
	return b.String()
}

// steps are the distances between clock times on the axis.
var steps = []time.Duration{
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute,
	30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	24 * time.Hour, 48 * time.Hour, 96 * time.Hour,
}

// axis is the line below the chart, and the clock times below that.
func (c curve) axis(s Style) (line, labels string) {
	const apart = 8 // columns between two clock times
	step := steps[len(steps)-1]
	for _, d := range steps {
		if int64(d)*chartWidth/int64(c.total) >= apart {
			step = d
			break
		}
	}
	cells := strings.Split(strings.Repeat(s.pick("─", "-"), chartWidth), "")
	texts := []byte(strings.Repeat(" ", chartWidth+6))
	for t := c.firstTick(step); t <= c.total; t += step {
		at := c.column(t)
		cells[at] = s.pick("┬", "+")
		copy(texts[at:], c.in.moment(t).Format("15:04"))
	}
	if c.drained >= 0 {
		cells[c.drained] = s.pick("◆", "*")
	}
	return s.pick("└", "+") + strings.Join(cells, ""),
		strings.TrimRight(string(texts[:MaxWidth-chartIndent]), " ")
}

// firstTick is the first round clock time of the incident's zone: counted from
// the local midnight before the start.
func (c curve) firstTick(step time.Duration) time.Duration {
	start := c.in.moment(0)
	y, m, d := start.Date()
	since := start.Sub(time.Date(y, m, d, 0, 0, 0, 0, start.Location()))
	return (step - since%step) % step
}
