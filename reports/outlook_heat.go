package reports

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/hansei-mail/hansei/scenarios/forecast"
)

// heat is a table whose cells are shaded by their value; each also says it.
type heat struct {
	Title string
	Head  []string
	Rows  []heatRow
}

type (
	heatRow struct {
		Name  string
		Cells []heatCell
	}
	heatCell struct {
		Text, Mark string
		Broken     bool
		Shade      template.CSS
	}
)

// heatCSS shades by a share of the ink; what breaks the promise has a bar.
const heatCSS = `
.told{color:var(--link);background:var(--card)}
.maps{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr));gap:0 40px}
.heat{width:100%;border-collapse:separate;border-spacing:2px}.heat tbody th{white-space:nowrap;width:1%}
.heat th{border:0;padding:5px 14px 5px 0}.heat thead th+th{text-align:right;padding-right:10px}
.heat td{padding:9px 10px;text-align:right;border:0;border-left:4px solid transparent;white-space:nowrap;
border-radius:3px;background:color-mix(in srgb,var(--link) var(--h),var(--bg));print-color-adjust:exact}
.heat td.broken{border-left-color:var(--fail)}
`

// heats are maps of outage × growth: the drain with each setting of the relay, and
// once, since settings hardly change them, disk and backlog.
func (o Outlook) heats() []heat {
	type setting struct {
		n    int
		wait time.Duration
	}
	var order []setting
	cells := map[setting][]forecast.Cell{}
	for _, c := range o.Sweep.Cells {
		s := setting{c.Concurrency, c.Retry}
		if cells[s] == nil {
			order = append(order, s)
		}
		cells[s] = append(cells[s], c)
	}
	var out []heat
	for _, s := range order {
		title := fmt.Sprintf("Drain with %s at a time, waits of %s at most", deliveries(s.n), Span(s.wait))
		out = append(out, heatMap(title, cells[s], true, func(c forecast.Cell) (float64, string) {
			return c.Drain.Seconds(), Span(c.Drain)
		}))
	}
	if len(order) == 0 {
		return out
	}
	first := cells[order[0]]
	return append(out,
		heatMap("Disk of the queue", first, false, func(c forecast.Cell) (float64, string) {
			return c.Disk, Bytes(int64(c.Disk))
		}),
		heatMap("Peak of the backlog, in pairs", first, false, func(c forecast.Cell) (float64, string) {
			return c.Peak, Count(int64(c.Peak + 0.5))
		}))
}

// deliveries is a number of them in words.
func deliveries(n int) string {
	if n == 1 {
		return "1 delivery"
	}
	return number(n) + " deliveries"
}

// heatMap lays cells, which come by outage and then growth, out as a map; where it
// is of the promise, it marks what breaks that.
func heatMap(
	title string, cells []forecast.Cell, promised bool, value func(forecast.Cell) (float64, string),
) heat {
	h := heat{Title: title, Head: []string{"outage"}}
	most := 0.0
	for _, c := range cells {
		v, _ := value(c)
		most = max(most, v)
	}
	for _, c := range cells {
		v, text := value(c)
		if n := len(h.Rows); n == 0 || h.Rows[n-1].Name != Span(c.Outage) {
			h.Rows = append(h.Rows, heatRow{Name: Span(c.Outage)})
		}
		if len(h.Rows) == 1 {
			h.Head = append(h.Head, fmt.Sprintf("%g × the mail", c.Growth))
		}
		shade := 0.0
		if most > 0 {
			shade = v / most * 45 // percent: text stays readable on it
		}
		cell := heatCell{
			Text: text, Shade: template.CSS(fmt.Sprintf("--h:%.0f%%", shade)),
			Broken: promised && !c.Kept,
		}
		if len(c.Outside) > 0 {
			cell.Mark = "*"
		}
		row := &h.Rows[len(h.Rows)-1]
		row.Cells = append(row.Cells, cell)
	}
	return h
}

// answer is what a page says first: what the hardest case of the sweep needs, or
// what the forecast comes to.
func (o Outlook) answer() (word, said string) {
	f := o.Forecast.Figures
	if o.Sweep == nil || len(o.Sweep.Needs) == 0 {
		return Count(int64(f.Peak+0.5)) + " pairs", fmt.Sprintf("wait at the most, with %s of disk; the "+
			"last of them is delivered %s after the heal", Bytes(int64(f.Disk+0.5)),
			Span(f.Drain.Round(time.Second)))
	}
	n := slices.MaxFunc(o.Sweep.Needs, func(a, b forecast.Need) int {
		return cmp.Compare(a.Outage.Seconds()*a.Growth, b.Outage.Seconds()*b.Growth)
	})
	of := fmt.Sprintf("%s of outage with %g × the mail, drained within %s", Span(n.Outage), n.Growth,
		Span(o.Sweep.Within))
	if len(n.Outside) > 0 {
		of += " (beyond what was measured)"
	}
	if n.Processes == 0 {
		return "No setting", "will do for " + of
	}
	return deliveries(n.Processes) + " at a time", fmt.Sprintf("and waits of %s at most will do for %s; "+
		"the queue takes %s and %s files", Span(n.Retry), of, Bytes(int64(n.Disk)),
		Count(int64(n.Files)))
}

// needs is the least that keeps the promise, as a table.
func (o Outlook) needs() webTable {
	t := webTable{
		Figures: true,
		Title:   "The least that drains within " + Span(o.Sweep.Within),
		Head:    []string{"outage and mail", "processes", "longest wait", "disk", "files", "drain"},
		Said: "Processes are deliveries at a time; a destination's own limit keeps its share of them. " +
			"The longest wait is the model's own where that will do; * is beyond what was measured.",
	}
	for _, n := range o.Sweep.Needs {
		processes, wait := Count(int64(n.Processes)), Span(n.Retry)
		if n.Processes == 0 {
			processes, wait = "– no number", "–"
		}
		asked := fmt.Sprintf("%s, %g ×", Span(n.Outage), n.Growth)
		if len(n.Outside) > 0 {
			asked += " *"
		}
		t.Rows = append(t.Rows, []string{
			asked, processes, wait,
			Bytes(int64(n.Disk)), Count(int64(n.Files)), Span(n.Drain),
		})
	}
	return t
}

// SweepText tells a sweep to a person.
func SweepText(w io.Writer, o Outlook) error {
	s := o.Sweep
	p := &page{in: o.input(), style: o.Style}
	p.line(p.style.paint(bold, Escape(p.in.Name())), "  capacity, by the model ", plainText(s.Model))
	p.line()
	p.line("  outage  growth  processes  longest wait      drain       peak       disk      files")
	for _, c := range s.Cells {
		mark := " "
		if !c.Kept {
			mark = p.style.pick("✗", "x")
		}
		beyond := ""
		if len(c.Outside) > 0 {
			beyond = "  *"
		}
		p.line(fmt.Sprintf("%s %s %6g  %9d  %s %10s %10s %10s %10s%s", mark, spaced(Span(c.Outage), 7),
			c.Growth, c.Concurrency, padLeft(Span(c.Retry), 12), Span(c.Drain),
			Count(int64(c.Peak+0.5)), Bytes(int64(c.Disk)), Count(int64(c.Files)), beyond))
	}
	needs := o.needs()
	p.section(needs.Title)
	for _, n := range needs.Rows {
		p.line(fmt.Sprintf("  %s %12s processes, waits of %s at most; %s of disk, %s files; drain %s",
			spaced(n[0], 16), n[1], n[2], n[3], n[4], n[5]))
	}
	p.line()
	p.para(2, fmt.Sprintf("%s takes longer than %s, or bounces mail", p.style.pick("✗", "x"),
		Span(s.Within)))
	if s.Measured == nil {
		p.para(2, "The model is from documentation: nothing here was measured; 'hansei calibrate' does it.")
	} else {
		for _, r := range s.Measured {
			p.para(2, fmt.Sprintf("measured: %s %.4g to %.4g %s; * is beyond that", r.Name, r.Low,
				r.High, r.Unit))
		}
	}
	if _, err := io.WriteString(w, p.b.String()); err != nil {
		return fmt.Errorf("writing the capacity: %w", err)
	}
	return nil
}

// SweepCSV writes a sweep as a table for programs: seconds, bytes and counts.
func SweepCSV(w io.Writer, o Outlook) error {
	out := csv.NewWriter(w)
	num := func(v float64) string { return strconv.FormatFloat(v, 'f', 0, 64) }
	rows := [][]string{{"outage_s", "growth", "concurrency", "retry_s", "drain_s", "peak_pairs",
		"disk_bytes", "files", "oldest_s", "bounced", "left", "kept", "beyond_measured"}}
	for _, c := range o.Sweep.Cells {
		rows = append(rows, []string{
			num(c.Outage.Seconds()), strconv.FormatFloat(c.Growth, 'g', -1, 64),
			strconv.Itoa(c.Concurrency), num(c.Retry.Seconds()), num(c.Drain.Seconds()), num(c.Peak),
			num(c.Disk), num(c.Files), num(c.Oldest.Seconds()), num(c.Bounced), num(c.Left),
			strconv.FormatBool(c.Kept), strconv.FormatBool(len(c.Outside) > 0),
		})
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("writing the capacity: %w", err)
	}
	return nil
}
