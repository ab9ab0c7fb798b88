package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/hansei-mail/hansei/harness/check"
)

// Text tells the judgement to a person: at most MaxWidth columns wide, the
// verdict first, then each promise, then what a person needs to believe it or
// to look into it.
func Text(w io.Writer, in Input) error {
	p := &page{in: in, style: in.Style, said: map[string]string{}}
	p.head()
	p.promises()
	p.premises()
	p.fates()
	p.backlog()
	p.steps()
	p.foretold()
	p.phases()
	p.witnesses()
	p.repeat()
	if _, err := io.WriteString(w, p.b.String()); err != nil {
		return fmt.Errorf("writing the text: %w", err)
	}
	return nil
}

// page collects the text; every part of it is a method in a file of its own.
type page struct {
	in    Input
	style Style
	b     strings.Builder
	said  map[string]string // each reason told so far, and of what
}

func (p *page) line(parts ...string) {
	p.b.WriteString(strings.TrimRight(strings.Join(parts, ""), " "))
	p.b.WriteByte('\n')
}

// section starts a part of the page.
func (p *page) section(title string) {
	p.line()
	p.line(p.style.paint(bold, title))
}

// para writes a wrapped paragraph with an indent.
func (p *page) para(indent int, text string) {
	for _, l := range Wrap(Escape(text), MaxWidth-indent) {
		p.line(strings.Repeat(" ", indent), l)
	}
}

func (p *page) head() {
	in, dot := p.in, p.style.dot()
	name := Escape(in.Name())
	title := cut(Escape(in.Scenario.Title), MaxWidth-columns(name)-2, p.style.ellipsis())
	p.line(p.style.paint(bold, name), "  ", title)
	facts := "relay " + Escape(in.Run.Relay)
	if in.Run.RelayVersion != "" {
		facts += " " + Escape(in.Run.RelayVersion)
	}
	facts += fmt.Sprintf("%sseed %d%sscale %g", dot, in.Run.Seed, dot, in.Run.Scale)
	facts += fmt.Sprintf("%s%s of scenario time in %s", dot, Span(in.Judgement.Figures.End),
		Span(in.Run.Wall))
	if in.Run.Clock != "" {
		facts += ", clock " + Escape(in.Run.Clock)
	}
	p.para(0, facts)
	if words := in.Scenario.GapWords(); words != "" {
		p.para(0, words)
	}
	p.line()
	p.verdict()
}

// verdict is the one line that a reader in a hurry reads.
func (p *page) verdict() {
	j := p.in.Judgement
	asked, kept, broken, open, waived := 0, 0, 0, 0, 0
	for _, v := range j.Verdicts {
		if !v.Asked {
			continue
		}
		if v.Waived {
			waived++
			continue
		}
		asked++
		switch v.Outcome {
		case check.Pass:
			kept++
		case check.Fail:
			broken++
		default:
			open++
		}
	}
	words := fmt.Sprintf("%d of %d promises kept", kept, asked)
	if broken > 0 {
		words += fmt.Sprintf(", %d broken", broken)
	}
	if open > 0 {
		words += fmt.Sprintf(", %d inconclusive", open)
	}
	if waived > 0 {
		words += fmt.Sprintf(", %d not tested", waived)
	}
	words += foreseenIn(j)
	if p.in.Run.Ended != "" && p.in.Run.Ended != "settled" {
		words += "; the run ended as: " + Escape(p.in.Run.Ended)
	}
	word := strings.ToUpper(j.Outcome.String())
	p.line(p.style.paint(bold+colour(j.Outcome), word), "  ", words)
}

// repeat is the command that makes the same run again, never cut or wrapped.
func (p *page) repeat() {
	p.line()
	p.line("Repeat:  ", Escape(p.in.Run.Command))
	if p.in.Run.Folder != "" {
		p.line("Folder:  ", Escape(p.in.Run.Folder))
	}
}

// Name is how the scenario is named on the command line: with its variant.
func (in Input) Name() string {
	if in.Scenario.Variant == "" {
		return in.Scenario.Name
	}
	return in.Scenario.Name + "/" + in.Scenario.Variant
}
