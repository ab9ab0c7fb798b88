package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports/trackrecord"
)

// Recorded is a track record as renderers tell it: what was planned, and the
// finished runs. No figure of it comes from anywhere else.
type Recorded struct {
	Plan *trackrecord.Plan
	// Runs are the judged runs, by their cell's Key; one that is not there was
	// not played.
	Runs map[string]Input
	// Command makes the same record again.
	Command string
}

// RecordMarkdown tells a track record as a page of Markdown.
func RecordMarkdown(w io.Writer, r Recorded) error {
	m := &markdown{}
	m.f("# %s\n", md(r.Plan.Title))
	if r.Plan.About != "" {
		m.f("%s\n", md(strings.TrimSpace(r.Plan.About)))
	}
	m.f("Written by %s from finished runs, made by hansei %s on %s.", code(r.Command),
		md(r.common(func(in Input) string { return in.Run.Version })),
		md(r.common(func(in Input) string { return in.Run.Host })))
	for _, t := range r.Plan.Tables {
		m.recordTable(r, t)
	}
	m.recordFindings(r)
	m.recordOpen(r)
	if _, err := io.WriteString(w, m.b.String()); err != nil {
		return fmt.Errorf("writing Markdown: %w", err)
	}
	return nil
}

// common is what all runs say, or each different thing that they do.
func (r Recorded) common(of func(Input) string) string {
	var said []string
	for _, cell := range r.Plan.Cells() {
		if in, ok := r.Runs[cell.Key()]; ok && !slices.Contains(said, of(in)) {
			said = append(said, of(in))
		}
	}
	if len(said) == 0 {
		return "nobody yet"
	}
	return strings.Join(said, "; ")
}

// recordTable is one table: a row for each run.
func (m *markdown) recordTable(r Recorded, t trackrecord.Table) {
	m.f("\n## %s\n", md(t.Title))
	if t.About != "" {
		m.f("%s\n", md(strings.TrimSpace(t.About)))
	}
	words := fmt.Sprintf("Seed %d, relays as they are shipped", t.Seed)
	if t.Scale != 1 {
		words += fmt.Sprintf("; played at scale %g: %g times the mail that the scenario has",
			t.Scale, t.Scale)
	}
	if t.Compress != "" {
		words += "; waiting left out: --compress " + t.Compress
	}
	m.f("%s.\n", md(words))
	m.f("| scenario | relay | promises | pairs | lost | peak backlog | oldest | drained in | " +
		"attempts in vain | delivered twice | wall time |")
	m.f("|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")
	for _, c := range t.Cells() {
		in, ok := r.Runs[c.Key()]
		if !ok {
			m.f("| %s | %s | not played | – | – | – | – | – | – | – | – |", md(c.Scenario), md(c.Relay))
			continue
		}
		f := in.Judgement.Figures
		m.f("| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |", md(c.Scenario),
			md(in.relayName()), md(in.recordWords()), number(f.Pairs), in.lostWords(),
			in.peakWords(), Span(f.Backlog.Oldest), in.drainedWords(), in.vainWords(),
			number(f.Duplicates), Span(in.Run.Wall))
	}
}

// recordWords are how a run came out: how many promises were kept, and which not.
func (in Input) recordWords() string {
	asked, kept, _, _, _ := in.tally()
	words := fmt.Sprintf("%s %d of %d", emoji(in.Judgement.Outcome), kept, asked)
	for _, o := range []check.Outcome{check.Fail, check.Inconclusive} {
		if names := in.came(o); len(names) > 0 {
			said := map[check.Outcome]string{check.Fail: "broken", check.Inconclusive: "open"}[o]
			words += "; " + said + ": " + strings.Join(names, ", ")
		}
	}
	return words
}

// came are the promises of the run that came out so.
func (in Input) came(o check.Outcome) []string {
	var names []string
	for _, v := range in.Judgement.Verdicts {
		if v.Asked && !v.Waived && v.Outcome == o {
			names = append(names, v.Promise)
		}
	}
	return names
}

func (in Input) lostWords() string {
	f := in.Judgement.Figures
	words := number(f.Lost)
	if f.Unaccounted > 0 {
		words += fmt.Sprintf(" and %s unaccounted for", number(f.Unaccounted))
	}
	return words
}

func (in Input) peakWords() string {
	b := in.Judgement.Figures.Backlog
	return number(b.Peak) + ", " + Bytes(b.Bytes)
}

// drainedWords is how long the backlog of the heal took; a scenario in which
// nothing waited then has nothing to drain.
func (in Input) drainedWords() string {
	d := in.Judgement.Figures.Drain
	switch {
	case d.Left > 0:
		return fmt.Sprintf("%s of %s left", number(d.Left), number(d.Pairs))
	case d.Pairs == 0:
		return "–"
	}
	return Span(d.Took)
}

// vainWords counts attempts at front ends of affected cohorts that brought
// nothing.
func (in Input) vainWords() string {
	if in.Course == nil {
		return "–"
	}
	n := 0
	for _, e := range in.Course.FrontEnds {
		if e.Affected {
			n += e.Failed
		}
	}
	return number(n)
}
