package reports

import (
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"time"

	"github.com/hansei-mail/hansei/scenarios/forecast"
)

// heat is a table whose cells are shaded by their value; each also says it.
type heat struct {
	Title, Said string
	Head        []string
	Rows        []heatRow
}

type (
	heatRow struct {
		Name  string
		Cells []heatCell
	}
	heatCell struct {
		Text, Mark, Class string
		Shade             template.CSS
	}
)

// heatCSS shades by a share of the ink; what breaks the promise has a bar.
const heatCSS = `
.heat td{padding:7px 12px;text-align:right;border-left:3px solid transparent;
background:color-mix(in srgb,var(--link) var(--h),var(--bg))}
.heat td.broken{border-left-color:var(--fail)}
`

// heats are maps of outage × growth, for each setting of the relay: the drain,
// and once, since settings hardly change it, the disk.
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
	for i, s := range order {
		said := fmt.Sprintf("%d deliveries at a time, waits of %s at most. ", s.n, Span(s.wait))
		out = append(out, heatMap("Drain, by outage and growth", said+"A bar marks what takes longer "+
			"than "+Span(o.Sweep.Within)+", or bounces; * what is beyond the measured.", cells[s],
			func(c forecast.Cell) (float64, string) { return c.Drain.Seconds(), Span(c.Drain) }))
		if i == 0 {
			out = append(out, heatMap("Disk of the queue, by outage and growth", said, cells[s],
				func(c forecast.Cell) (float64, string) { return c.Disk, Bytes(int64(c.Disk)) }))
			out = append(out, heatMap("Peak of the backlog, by outage and growth", said+"In pairs.",
				cells[s], func(c forecast.Cell) (float64, string) {
					return c.Peak, Count(int64(c.Peak + 0.5))
				}))
		}
	}
	return out
}

// heatMap lays cells, which come by outage and then growth, out as a map.
func heatMap(
	title, said string, cells []forecast.Cell, value func(forecast.Cell) (float64, string),
) heat {
	h := heat{Title: title, Said: said, Head: []string{"outage"}}
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
		cell := heatCell{Text: text, Shade: template.CSS(fmt.Sprintf("--h:%.0f%%", shade))}
		if !c.Kept {
			cell.Class = "broken"
		}
		if len(c.Outside) > 0 {
			cell.Mark = "*"
		}
		row := &h.Rows[len(h.Rows)-1]
		row.Cells = append(row.Cells, cell)
	}
	return h
}

// needs is the least that keeps the promise, as a table.
func (o Outlook) needs() webTable {
	t := webTable{
		Title: "The least that drains within " + Span(o.Sweep.Within),
		Head:  []string{"outage and mail", "processes", "longest wait", "disk", "files", "drain"},
		Said: "Processes are deliveries at a time; a destination's own limit keeps its share of them. " +
			"The longest wait is the model's own where that will do.",
	}
	for _, n := range o.Sweep.Needs {
		processes, wait := Count(int64(n.Processes)), Span(n.Retry)
		if n.Processes == 0 {
			processes, wait = "– no number", "–"
		}
		t.Rows = append(t.Rows, []string{
			fmt.Sprintf("%s, %g ×", Span(n.Outage), n.Growth), processes, wait,
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
