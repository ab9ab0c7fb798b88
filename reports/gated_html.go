package reports

import (
	"bytes"
	_ "embed" // the page's template
	"fmt"
	"html/template"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports/chart"
	"github.com/hansei-mail/hansei/reports/gate"
	"github.com/hansei-mail/hansei/scenarios"
)

//go:embed pagefiles/gate.html
var gateHTML string

// gatePage is what the gate's template reads; see web for how it is escaped.
type gatePage struct {
	Policy, Word, Outcome, Sign, Said, Command string
	CSS                                        template.CSS
	Compared                                   bool
	Worse, Runs                                []gateMark
	Relays                                     []string
	Matrix                                     []gateRow
	Promises                                   webTable
	Figures                                    []gateFigures
}

type (
	// gateMark is how one run, or one comparison, came out.
	gateMark struct{ Class, Sign, Word, Name, Gloss, Figure, Link string }
	// gateRow is one scenario, with the marks of each relay's seeds.
	gateRow struct {
		Name  string
		Cells [][]gateMark
	}
	// gateFigures are the spreads of one scenario and relay, or what they were before.
	gateFigures struct {
		Name   string
		Before bool
		Judged string
		Cells  []gateFigure
	}
	gateFigure struct {
		Text  string
		Worse bool
	}
)

// GateHTML tells a gate as one page that needs nothing but itself; it links the
// reports of the runs, which stand below the gate's folder.
func GateHTML(w io.Writer, g Gated) error {
	t, err := template.New("gate").Parse(gateHTML)
	if err != nil {
		return fmt.Errorf("reading the gate page's template: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, g.page()); err != nil {
		return fmt.Errorf("making the gate's page: %w", err)
	}
	if _, err := b.WriteTo(w); err != nil {
		return fmt.Errorf("writing the gate's page: %w", err)
	}
	return nil
}

func (g Gated) page() gatePage {
	state := g.Result.State()
	head := markOf(state)
	p := gatePage{
		Policy: policy, Word: strings.ToUpper(head.Word), Outcome: head.Class, Sign: head.Sign,
		Said: g.words(), Command: plainText(g.Command), Compared: g.Result.Compared,
		CSS: template.CSS(chart.CSS + pageCSS),
	}
	for _, r := range g.Result.Regressions {
		m := markOf(r.State)
		m.Name, m.Gloss = plainText(r.What), plainText(r.Scenario+" × "+r.Relay)
		m.Figure = plainText(r.Said)
		p.Worse = append(p.Worse, m)
	}
	for _, run := range g.Result.Runs {
		m := g.mark(run)
		m.Name, m.Figure = plainText(run.Name()), plainText(g.said(run))
		p.Runs = append(p.Runs, m)
	}
	g.matrix(&p)
	p.Promises, p.Figures = g.promises(), g.figures()
	return p
}

// markOf is a state as the page shows it.
func markOf(s gate.State) gateMark {
	o := outcomeOf(s)
	return gateMark{Class: o.String(), Sign: sign(o), Word: string(s)}
}

// mark is a run's, with the way to its own report where there is one.
func (g Gated) mark(run gate.Run) gateMark {
	m := markOf(run.State)
	if _, judged := g.Inputs[run.Folder]; !judged || g.Folder == "" {
		return m
	}
	if path, err := filepath.Rel(g.Folder, run.Folder); err == nil {
		m.Link = filepath.ToSlash(filepath.Join(path, "report.html"))
	}
	return m
}

func (g Gated) matrix(p *gatePage) {
	var relays, names []string
	for _, run := range g.Result.Runs {
		if called := run.Relay.Called(); !slices.Contains(relays, called) {
			relays = append(relays, called)
		}
		if !slices.Contains(names, run.Scenario) {
			names = append(names, run.Scenario)
		}
	}
	p.Relays = plainTexts(relays)
	for _, name := range names {
		row := gateRow{Name: plainText(name), Cells: make([][]gateMark, len(relays))}
		for _, run := range g.Result.Runs {
			if i := slices.Index(relays, run.Relay.Called()); run.Scenario == name {
				row.Cells[i] = append(row.Cells[i], g.mark(run))
			}
		}
		p.Matrix = append(p.Matrix, row)
	}
}

// promises says of each how many runs of a scenario and relay kept it.
func (g Gated) promises() webTable {
	t := webTable{Title: "Promises", Head: []string{"promise"}}
	for _, group := range g.Result.Groups {
		t.Head = append(t.Head, plainText(group.Scenario+" × "+group.Relay))
	}
	for _, promise := range scenarios.PromiseNames {
		row, asked := []string{promise}, false
		for _, group := range g.Result.Groups {
			said, is := g.keeping(group, promise)
			row, asked = append(row, said), asked || is
		}
		if asked {
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// keeping is "3 of 3", and what became of the others.
func (g Gated) keeping(group gate.Group, promise string) (said string, asked bool) {
	counts := map[check.Outcome]int{}
	runs := 0
	for _, run := range g.Result.Runs {
		if run.Scenario != group.Scenario || run.Relay.Called() != group.Relay ||
			run.Judgement == nil {
			continue
		}
		if v, ok := run.Judgement.Verdict(promise); ok && v.Asked {
			counts[v.Outcome]++
			runs++
		}
	}
	if runs == 0 {
		return "–", false
	}
	said = fmt.Sprintf("%d of %d", counts[check.Pass], runs)
	if n := counts[check.Fail]; n > 0 {
		said += fmt.Sprintf(", ✗ %d broken", n)
	}
	if n := counts[check.Inconclusive]; n > 0 {
		said += fmt.Sprintf(", ? %d inconclusive", n)
	}
	return said, true
}

// figures are the spreads of each scenario and relay, what is worse than before
// marked, and below each what it was.
func (g Gated) figures() []gateFigures {
	var all []gateFigures
	for _, group := range g.Result.Groups {
		all = append(all, g.figuresOf(group, plainText(group.Scenario+" × "+group.Relay), false))
		for _, b := range g.Baseline {
			if b.Scenario == group.Scenario && b.Relay == group.Relay {
				all = append(all, g.figuresOf(b, "before", true))
			}
		}
	}
	return all
}

func (g Gated) figuresOf(group gate.Group, name string, before bool) gateFigures {
	f := gateFigures{Name: name, Before: before, Judged: number(group.Seeds)}
	for _, m := range []struct {
		name    string
		seconds bool
	}{{"drain", true}, {"peak", false}, {"duplicates", false}, {"acceptance-p99", true}} {
		worse := slices.ContainsFunc(g.Result.Regressions, func(r gate.Regression) bool {
			return r.Scenario == group.Scenario && r.Relay == group.Relay && r.What == m.name
		})
		f.Cells = append(f.Cells, gateFigure{
			Text: spreadWords(group, m.name, m.seconds), Worse: worse && !before,
		})
	}
	return f
}
