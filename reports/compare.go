package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hansei-mail/hansei/harness/check"
)

// CompareText tells two runs side by side.
func CompareText(w io.Writer, a, b Input, style Style) error {
	p := &page{in: a, style: style}
	p.line("A  ", Escape(a.Run.Folder), "  ", Escape(a.Name()), ", ", a.relayName())
	p.line("B  ", Escape(b.Run.Folder), "  ", Escape(b.Name()), ", ", b.relayName())
	p.section("Promises")
	p.table(promisePairs(a, b), 4)
	p.section("Figures")
	p.table(figurePairs(a, b), 1)
	if _, err := io.WriteString(w, p.b.String()); err != nil {
		return fmt.Errorf("writing the text: %w", err)
	}
	return nil
}

// CompareMarkdown tells two runs side by side as Markdown.
func CompareMarkdown(w io.Writer, a, b Input) error {
	m := &markdown{}
	m.f("A: %s, %s × %s\n", code(a.Run.Folder), md(a.Name()), md(a.relayName()))
	m.f("B: %s, %s × %s\n", code(b.Run.Folder), md(b.Name()), md(b.relayName()))
	for _, rows := range [][][]string{promisePairs(a, b), figurePairs(a, b)} {
		for i, row := range rows {
			cells := make([]string, len(row))
			for j, cell := range row {
				cells[j] = md(cell)
			}
			m.f("| %s |", strings.Join(cells, " | "))
			if i == 0 {
				m.f("|%s", strings.Repeat("---|", len(row)))
			}
		}
		m.f("")
	}
	if _, err := io.WriteString(w, m.b.String()); err != nil {
		return fmt.Errorf("writing Markdown: %w", err)
	}
	return nil
}

// promisePairs is each promise that one of two runs was asked.
func promisePairs(a, b Input) [][]string {
	rows := [][]string{{"promise", "A", "B", "change"}}
	word := func(v check.Verdict) string {
		if !v.Asked {
			return "not asked"
		}
		return v.Outcome.String()
	}
	for _, va := range a.Judgement.Verdicts {
		vb, _ := b.Judgement.Verdict(va.Promise)
		if !va.Asked && !vb.Asked {
			continue
		}
		change := ""
		switch {
		case word(va) == word(vb):
		case vb.Asked && vb.Outcome == check.Fail:
			change = "broken"
		case va.Asked && va.Outcome == check.Fail && vb.Outcome == check.Pass:
			change = "mended"
		default:
			change = "other"
		}
		rows = append(rows, []string{Escape(va.Promise), word(va), word(vb), change})
	}
	return rows
}

// figurePairs are the numbers of two runs.
func figurePairs(a, b Input) [][]string {
	fa, fb := a.Judgement.Figures, b.Judgement.Figures
	rows := [][]string{{"figure", "A", "B"}}
	count := func(name string, pick func(check.Figures) int) {
		rows = append(rows, []string{name, number(pick(fa)), number(pick(fb))})
	}
	count("messages offered", func(f check.Figures) int { return f.Offered })
	count("pairs accepted", func(f check.Figures) int { return f.Pairs })
	count("pairs delivered", func(f check.Figures) int { return f.Delivered })
	count("pairs bounced", func(f check.Figures) int { return f.Bounced })
	count("pairs queued", func(f check.Figures) int { return f.Queued })
	count("pairs lost", func(f check.Figures) int { return f.Lost })
	count("spare copies", func(f check.Figures) int { return f.Spare })
	count("second deliveries, unexplained", func(f check.Figures) int { return f.Duplicates })
	count("attempts in vain", func(f check.Figures) int { return f.FailedAttempts })
	count("backlog's peak", func(f check.Figures) int { return f.Backlog.Peak })
	rows = append(rows,
		[]string{"backlog's size", Bytes(fa.Backlog.Bytes), Bytes(fb.Backlog.Bytes)},
		[]string{"oldest waited", Span(fa.Backlog.Oldest), Span(fb.Backlog.Oldest)},
		[]string{"drained in", Span(fa.Drain.Took), Span(fb.Drain.Took)},
	)
	for _, pa := range fa.Phases {
		i := slices.IndexFunc(fb.Phases, func(p check.Phase) bool { return p.Name == pa.Name })
		if i < 0 {
			continue
		}
		pb := fb.Phases[i]
		rows = append(rows,
			[]string{Escape(pa.Name) + ": to accept, p50 / p99", latency(pa.Acceptance), latency(pb.Acceptance)},
			[]string{Escape(pa.Name) + ": to deliver, p50 / p99", latency(pa.Delivery), latency(pb.Delivery)},
		)
	}
	return rows
}
