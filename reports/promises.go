package reports

import (
	"strings"

	"github.com/hansei-mail/hansei/harness/check"
)

// nameWidth is the column of promise and premise names.
const nameWidth = 18

// promises is the table of what was promised and what became of it.
func (p *page) promises() {
	p.section("Promises")
	var not []string
	for _, v := range p.in.Judgement.Verdicts {
		if !v.Asked {
			not = append(not, v.Promise)
			continue
		}
		p.finding(v.Outcome, v.Promise, v.Figure, Because(v))
	}
	if len(not) > 0 {
		p.para(2, "not asked: "+strings.Join(not, ", "))
	}
}

// premises lists those that do not hold, because they are what makes verdicts
// inconclusive.
func (p *page) premises() {
	broken := false
	for _, pr := range p.in.Judgement.Premises {
		if pr.Held {
			continue
		}
		if !broken {
			p.section("Premises that do not hold")
			broken = true
		}
		p.finding(check.Inconclusive, pr.Name, pr.Figure, pr.Reason)
	}
}

// finding is one row: mark, name, figure, and the reason below. A reason that has
// been told already is only pointed to: one broken premise touches every promise.
func (p *page) finding(o check.Outcome, name, figure, reason string) {
	const indent = 4 + nameWidth
	lines := Wrap(Escape(figure), MaxWidth-indent)
	if len(lines) == 0 {
		lines = []string{""}
	}
	p.line("  ", p.style.mark(o), " ", pad(Escape(name), nameWidth), lines[0])
	for _, l := range lines[1:] {
		p.line(strings.Repeat(" ", indent), l)
	}
	if before, ok := p.said[reason]; ok && reason != "" {
		reason = "as for " + before
	} else {
		p.said[reason] = name
	}
	p.para(indent, reason)
}
