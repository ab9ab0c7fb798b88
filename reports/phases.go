package reports

import (
	"fmt"
	"time"

	"github.com/hansei-mail/hansei/harness/check"
)

// fates says what became of the mail as a whole.
func (p *page) fates() {
	f := p.in.Judgement.Figures
	n := func(n int) string { return Count(int64(n)) }
	p.section("Mail (a pair is one recipient of one message)")
	p.fact("messages", n(f.Offered)+" offered, "+n(f.Accepted)+" accepted, "+n(f.Refused)+
		" refused, "+n(f.Unknown)+" never answered; "+n(f.Dirty)+" more to be filtered")
	p.fact("pairs", n(f.Pairs)+" accepted: "+n(f.Delivered)+" delivered, "+n(f.Bounced)+
		" bounced, "+n(f.Queued)+" queued, "+n(f.Lost)+" lost, "+n(f.Unaccounted)+" unaccounted")
	if f.SpareDue > 0 {
		p.fact("spare", n(f.Spare)+" of "+n(f.SpareDue)+" copies")
	}
	p.fact("attempts", n(f.Attempts)+" by the relay, "+n(f.FailedAttempts)+" brought no message")
	p.fact("doubles", n(f.Duplicates)+" second deliveries unexplained, "+n(f.Explained)+
		" explained")
}

// fact is one wrapped row of a word and what is to be said under it.
func (p *page) fact(word, text string) {
	const indent = 12
	for i, l := range Wrap(text, MaxWidth-indent) {
		head := ""
		if i == 0 {
			head = "  " + word
		}
		p.line(pad(head, indent), l)
	}
}

// phases is the table of acceptance and delivery times.
func (p *page) phases() {
	f := p.in.Judgement.Figures
	if len(f.Phases) == 0 {
		return
	}
	p.section("Phases, by the moment a message was due (p50 / p99 of scenario time)")
	dash := p.style.pick("–", "-")
	rows := [][]string{{
		"phase", "from" + dash + "until", "offered", "at first try", "to accept",
		"to deliver", "spare copy",
	}}
	for _, ph := range f.Phases {
		rows = append(rows, []string{
			Escape(ph.Name),
			p.clock(ph.From) + dash + p.clock(ph.Until),
			Count(int64(ph.Offered)),
			share(ph.First, ph.Offered),
			latency(ph.Acceptance), latency(ph.Delivery), latency(ph.Spare),
		})
	}
	p.table(rows, 2)
}

// table writes rows in columns as wide as they need; the first `left` columns
// are words and start at the left, the others are figures and end at the right.
func (p *page) table(rows [][]string, left int) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], columns(cell))
		}
	}
	for n, row := range rows {
		line := " "
		for i, cell := range row {
			if i < left {
				line += " " + pad(cell, widths[i]) + " "
			} else {
				line += " " + padLeft(cell, widths[i]) + " "
			}
		}
		if n == 0 {
			line = p.style.paint(faint, line)
		}
		p.line(line)
	}
}

// share is a part of a whole in per cent, rounded down, so that 100 % is all.
func share(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	hundredths := part * 10000 / whole
	return fmt.Sprintf("%d.%02d %%", hundredths/100, hundredths%100)
}

// latency is a distribution's middle and its slow end.
func latency(l check.Latency) string {
	if l.Count == 0 {
		return "-"
	}
	return Span(l.P50) + " / " + Span(l.P99)
}

// clock is the time of day in the scenario's zone.
func (p *page) clock(t time.Duration) string { return p.in.clock(t) }

// moment is the wall-clock time of the incident, in its zone.
func (in Input) moment(t time.Duration) time.Time {
	return in.Judgement.Figures.Start.Add(t + in.Scenario.LeftOut(t)).In(in.zone())
}

func (in Input) zone() *time.Location {
	if zone, err := time.LoadLocation(in.Judgement.Figures.Zone); err == nil {
		return zone
	}
	return time.UTC
}
