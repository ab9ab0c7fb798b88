package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports/gate"
)

// Gated is a whole gate as renderers tell it.
type Gated struct {
	Result gate.Result
	// Inputs are the judged runs, by their folder.
	Inputs map[string]Input
	// Baseline is what the gate was held against, if anything.
	Baseline []gate.Group
	// Folder is where the gate is kept, for the way from there to its runs.
	Folder string
	// Command makes the same gate again.
	Command string
	Style   Style
}

// GateText tells a gate to a person.
func GateText(w io.Writer, g Gated) error {
	p := &page{style: g.Style}
	state := g.Result.State()
	word := strings.ToUpper(string(state))
	p.line(p.style.paint(bold+colour(outcomeOf(state)), word), "  ", g.words())
	if len(g.Result.Regressions) > 0 {
		p.section("Worse than the baseline")
		for _, r := range g.Result.Regressions {
			p.line("  ", p.style.mark(outcomeOf(r.State)), " ", Escape(r.Scenario), " x ",
				Escape(r.Relay), ": ", Escape(r.What))
			p.para(6, r.Said)
		}
	}
	p.section("Runs")
	for _, run := range g.Result.Runs {
		p.line("  ", p.style.mark(outcomeOf(run.State)), " ", Escape(strings.ReplaceAll(run.Name(),
			"×", p.style.pick("×", "x"))))
		p.para(6, g.said(run))
	}
	if g.Command != "" {
		p.line()
		p.line("Repeat:  ", Escape(g.Command))
	}
	if _, err := io.WriteString(w, p.b.String()); err != nil {
		return fmt.Errorf("writing the text: %w", err)
	}
	return nil
}

// outcomeOf is the outcome whose mark a state has.
func outcomeOf(s gate.State) check.Outcome {
	switch s {
	case gate.Passed:
		return check.Pass
	case gate.Failed, gate.Errored:
		return check.Fail
	}
	return check.Inconclusive
}

// words are the gate in one line.
func (g Gated) words() string {
	by, retries := g.Result.Counts()
	words := fmt.Sprintf("%d runs: %d pass", len(g.Result.Runs), by[gate.Passed])
	for _, s := range []gate.State{gate.Failed, gate.Errored, gate.Inconclusive} {
		if by[s] > 0 {
			words += fmt.Sprintf(", %d %s", by[s], s)
		}
	}
	if retries > 0 {
		words += "; inconclusive runs made again: " + number(retries)
	}
	switch n := len(g.Result.Regressions); {
	case n > 0:
		words += fmt.Sprintf("; %d worse than the baseline", n)
	case g.Result.Compared:
		words += "; nothing is worse than the baseline"
	}
	return words
}

// said is what there is to say of one run: what is not kept, or its figures.
func (g Gated) said(run gate.Run) string {
	var said []string
	if run.Why != "" {
		said = append(said, run.Why)
	}
	if run.Judgement != nil {
		for _, v := range run.Judgement.Verdicts {
			if v.Asked && !v.Waived && v.Outcome != check.Pass {
				said = append(said, fmt.Sprintf("%s %s: %s", v.Promise, v.Outcome, headline(v)))
			}
		}
		if len(said) == 0 {
			f := run.Judgement.Figures
			said = append(said, fmt.Sprintf("%s pairs, peak %s, drained in %s", number(f.Pairs),
				number(f.Backlog.Peak), Span(f.Drain.Took)))
		}
	}
	if run.Tries > 1 {
		said = append(said, fmt.Sprintf("made %d times", run.Tries))
	}
	if run.Folder != "" {
		said = append(said, "in "+run.Folder)
	}
	return strings.Join(said, "; ")
}

// GateMarkdown tells a gate as GitHub and GitLab show it below a job.
func GateMarkdown(w io.Writer, g Gated) error {
	m := &markdown{}
	state := g.Result.State()
	m.f("## %s Gate: %s\n", emojiOf(state), strings.ToUpper(string(state)))
	m.f("%s\n", md(g.words()))
	if len(g.Result.Regressions) > 0 {
		m.f("| worse than the baseline | what | before and now |\n|---|---|---|")
		for _, r := range g.Result.Regressions {
			m.f("| %s × %s | %s %s | %s |", md(r.Scenario), md(r.Relay), emojiOf(r.State), md(r.What),
				md(r.Said))
		}
		m.f("")
	}
	m.f("| | scenario | relay | seed | what was seen |\n|---|---|---|---|---|")
	for _, run := range g.Result.Runs {
		m.f("| %s | %s | %s | %d | %s |", emojiOf(run.State), md(run.Scenario),
			md(run.Relay.Called()), run.Seed, md(g.said(run)))
	}
	m.f("\n| scenario × relay | seeds | drain | peak | duplicates | acceptance p99 |\n" +
		"|---|---|---|---|---|---|")
	for _, group := range g.Result.Groups {
		m.f("| %s × %s | %d | %s | %s | %s | %s |", md(group.Scenario), md(group.Relay), group.Seeds,
			spreadWords(group, "drain", true), spreadWords(group, "peak", false),
			spreadWords(group, "duplicates", false), spreadWords(group, "acceptance-p99", true))
	}
	if g.Command != "" {
		m.f("\nRepeat: %s", code(g.Command))
	}
	if _, err := io.WriteString(w, m.b.String()); err != nil {
		return fmt.Errorf("writing Markdown: %w", err)
	}
	return nil
}

func emojiOf(s gate.State) string {
	if s == gate.Errored {
		return "💥"
	}
	return emoji(outcomeOf(s))
}

// spreadWords is a median, and the ends where they differ.
func spreadWords(g gate.Group, name string, seconds bool) string {
	s, ok := g.Figures[name]
	if !ok {
		return "–"
	}
	say := whole
	if seconds {
		say = func(v float64) string { return hours(v / 3600) }
	}
	if s.Least == s.Most {
		return say(s.Median)
	}
	return fmt.Sprintf("%s (%s–%s)", say(s.Median), say(s.Least), say(s.Most))
}

// GateJUnit tells a gate to a CI server: a suite for each run, and one for the
// comparison with the baseline.
func GateJUnit(w io.Writer, g Gated) error {
	var list []suite
	for _, run := range g.Result.Runs {
		in, judged := g.Inputs[run.Folder]
		if !judged {
			s := suite{Name: Escape(run.Name()), Time: "0", Timestamp: "1970-01-01T00:00:00"}
			s.add(testcase{Class: "hansei." + Escape(run.Scenario), Name: "run", Time: "0",
				Error: &detail{Escape(run.Why), string(run.State), Escape(run.Why)}})
			list = append(list, s)
			continue
		}
		s := in.suite()
		s.Name = Escape(run.Name())
		if run.Foreseen == gate.Allow {
			s.allow(in.Judgement.Verdicts)
		}
		for i := range s.Cases {
			s.Cases[i].Class += fmt.Sprintf(".seed%d", run.Seed)
		}
		list = append(list, s)
	}
	if g.Result.Compared {
		s := suite{Name: "baseline", Time: "0", Timestamp: "1970-01-01T00:00:00"}
		for _, r := range g.Result.Regressions {
			s.add(testcase{Class: "hansei.baseline", Time: "0",
				Name:    Escape(r.Scenario + " × " + r.Relay + " " + r.What),
				Failure: &detail{Escape(r.Said), "regression", Escape(r.Said)}})
		}
		if len(g.Result.Regressions) == 0 {
			s.add(testcase{Class: "hansei.baseline", Name: "nothing is worse", Time: "0"})
		}
		list = append(list, s)
	}
	return writeSuites(w, list)
}
