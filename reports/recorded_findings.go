package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports/trackrecord"
)

// recordFindings tells why promises are broken, where that was seen, and what a
// second run with another setting came to.
func (m *markdown) recordFindings(r Recorded) {
	if len(r.Plan.Findings) == 0 {
		return
	}
	m.f("\n## What is broken, and what mends it")
	for _, f := range r.Plan.Findings {
		m.f("\n### %s: %s\n", md(f.Relay), md(strings.Join(f.Promises, ", ")))
		m.f("%s\n", md(strings.TrimSpace(f.Because)))
		m.f("Decided by: %s\n", code(strings.TrimSpace(f.Setting)))
		if f.Never != "" {
			m.f("No setting of it mends this: %s\n", md(strings.TrimSpace(f.Never)))
		}
		m.seen(r, f)
		m.mended(r, f)
	}
}

// seen lists the runs in which the promises of a finding were broken.
func (m *markdown) seen(r Recorded, f trackrecord.Finding) {
	none := true
	for _, t := range r.Plan.Tables {
		for _, c := range t.Cells() {
			in, ok := r.Runs[c.Key()]
			if !ok {
				continue
			}
			for _, promise := range in.came(check.Fail) {
				if f.Explains(c, promise) {
					v, _ := in.Judgement.Verdict(promise)
					m.f("- %s, %s: %s", md(c.Scenario), md(promise), md(headline(v)))
					none = false
				}
			}
		}
	}
	if none {
		m.f("Not seen in the runs of this record.")
	}
}

// mended is the second run beside the first.
func (m *markdown) mended(r Recorded, f trackrecord.Finding) {
	second, ok := r.Plan.Mended(f)
	if !ok {
		return
	}
	first, _ := r.Plan.Stock(f)
	m.f("\nWith this instead:\n\n```\n%s\n```\n", fenceless(f.Mend.Config))
	m.f("| %s | as shipped | with the setting |\n|---|---|---|", md(f.Mend.On))
	for _, promise := range f.Promises {
		m.f("| %s | %s | %s |", md(promise), md(r.promiseWords(first, promise)),
			md(r.promiseWords(second, promise)))
	}
	m.f("| the whole run | %s | %s |", md(r.wholeWords(first)), md(r.wholeWords(second)))
	m.f("| attempts in vain | %s | %s |", md(r.of(first, Input.vainWords)),
		md(r.of(second, Input.vainWords)))
}

// fenceless is a configuration that cannot end the block that it stands in.
func fenceless(config string) string {
	lines := strings.Split(strings.TrimSpace(config), "\n")
	for i, l := range lines {
		lines[i] = strings.ReplaceAll(Escape(l), "```", "'''")
	}
	return strings.Join(lines, "\n")
}

func (r Recorded) of(c trackrecord.Cell, words func(Input) string) string {
	in, ok := r.Runs[c.Key()]
	if !ok {
		return "not played"
	}
	return words(in)
}

func (r Recorded) wholeWords(c trackrecord.Cell) string { return r.of(c, Input.recordWords) }

func (r Recorded) promiseWords(c trackrecord.Cell, promise string) string {
	return r.of(c, func(in Input) string {
		v, ok := in.Judgement.Verdict(promise)
		if !ok || !v.Asked {
			return "not asked"
		}
		return emoji(v.Outcome) + " " + headline(v)
	})
}

// recordOpen lists what nobody has explained yet, and what a run left open, so
// that neither can be overlooked.
func (m *markdown) recordOpen(r Recorded) {
	var broken, open []string
	for _, c := range r.Plan.Cells() {
		in, ok := r.Runs[c.Key()]
		if !ok {
			continue
		}
		for _, promise := range in.came(check.Fail) {
			v, _ := in.Judgement.Verdict(promise)
			if v.Foreseen == "" && !r.explained(c, promise) {
				broken = append(broken, entry(c, v))
			}
		}
		open = append(open, in.open(c)...)
	}
	m.list("Broken, and not explained yet", broken)
	m.list("Left open", open)
	m.foreseen(r)
}

// open tells why promises of a run are inconclusive; those of one reason together,
// because one broken premise touches many.
func (in Input) open(c trackrecord.Cell) []string {
	var reasons []string
	by := map[string][]string{}
	for _, v := range in.Judgement.Verdicts {
		if !v.Asked || v.Waived || v.Outcome != check.Inconclusive {
			continue
		}
		if by[v.Reason] == nil {
			reasons = append(reasons, v.Reason)
		}
		by[v.Reason] = append(by[v.Reason], v.Promise)
	}
	var said []string
	for _, reason := range reasons {
		said = append(said, fmt.Sprintf("%s, %s: %s", c.Name(), strings.Join(by[reason], ", "), reason))
	}
	return said
}

func entry(c trackrecord.Cell, v check.Verdict) string {
	return fmt.Sprintf("%s, %s: %s", c.Name(), v.Promise, headline(v))
}

// explained says whether a finding is about it. What is broken in a mended run
// too is told beside the mend.
func (r Recorded) explained(c trackrecord.Cell, promise string) bool {
	stock := c
	for _, f := range r.Plan.Findings {
		if second, ok := r.Plan.Mended(f); ok && second.Key() == c.Key() {
			stock.Config = ""
		}
	}
	return slices.ContainsFunc(r.Plan.Findings, func(f trackrecord.Finding) bool {
		return f.Explains(stock, promise)
	})
}

// foreseen lists what the scenarios themselves say that a good relay breaks too.
func (m *markdown) foreseen(r Recorded) {
	var all []string
	for _, c := range r.Plan.Cells() {
		for _, v := range r.Runs[c.Key()].verdicts() {
			if v.Foreseen != "" {
				all = append(all, fmt.Sprintf("%s, %s: %s", c.Name(), v.Promise, strings.TrimSpace(v.Foreseen)))
			}
		}
	}
	m.list("Broken as the scenario foresees of any relay that follows the standard", all)
}

// verdicts are those of a run that may not have been played.
func (in Input) verdicts() []check.Verdict {
	if in.Judgement == nil {
		return nil
	}
	return in.Judgement.Verdicts
}

func (m *markdown) list(title string, entries []string) {
	if len(entries) == 0 {
		return
	}
	m.f("\n## %s\n", title)
	for _, e := range entries {
		m.f("- %s", md(e))
	}
}
