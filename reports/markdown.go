package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/hansei-mail/hansei/harness/check"
)

// Markdown tells the judgement as GitHub and GitLab show it below a job: short,
// with what is broken first.
func Markdown(w io.Writer, in Input) error {
	m := &markdown{}
	m.run(in)
	if _, err := io.WriteString(w, m.b.String()); err != nil {
		return fmt.Errorf("writing Markdown: %w", err)
	}
	return nil
}

// markdown is a document being written.
type markdown struct{ b strings.Builder }

func (m *markdown) f(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

func (m *markdown) run(in Input) {
	j := in.Judgement
	m.f("## %s %s: %s × %s\n", emoji(j.Outcome), strings.ToUpper(j.Outcome.String()),
		md(in.Name()), md(in.relayName()))
	m.f("%s\n", md(in.Scenario.Title))
	m.f("**%s** · seed %d · scale %g · %s of scenario time in %s\n", md(in.keptWords()),
		in.Run.Seed, in.Run.Scale, Span(j.Figures.End), Span(in.Run.Wall))
	if words := in.Scenario.GapWords(); words != "" {
		m.f("%s\n", md(words))
	}
	m.f("| | promise | what was seen |\n|---|---|---|")
	for _, first := range []bool{true, false} {
		for _, v := range j.Verdicts {
			if v.Asked && (v.Outcome != check.Pass) == first {
				m.f("| %s | %s | %s |", emoji(v.Outcome), md(v.Promise), md(headline(v)))
			}
		}
	}
	m.premises(j)
	m.witnesses(in)
	m.f("\nRepeat: %s", code(in.Run.Command))
}

// premises lists those that do not hold.
func (m *markdown) premises(j *check.Judgement) {
	begun := false
	for _, p := range j.Premises {
		if p.Held {
			continue
		}
		if !begun {
			m.f("\n| premise that does not hold | what was seen |\n|---|---|")
			begun = true
		}
		m.f("| %s | %s |", md(p.Name), md(strings.TrimSpace(p.Figure+" "+p.Reason)))
	}
}

func (m *markdown) witnesses(in Input) {
	for _, v := range in.Judgement.Verdicts {
		if !v.Asked || len(v.Witnesses) == 0 {
			continue
		}
		m.f("\n<details><summary>Witnesses of %s</summary>\n", md(v.Promise))
		for _, w := range v.Witnesses {
			who := strings.TrimSpace(w.Msg + " " + w.Recipient)
			if who != "" {
				who = code(who) + " "
			}
			m.f("- %s%s", who, md(w.What))
			if w.Msg != "" {
				m.f("  %s", code(in.explain(w.Msg)))
			}
		}
		m.f("\n</details>")
	}
}

func emoji(o check.Outcome) string {
	switch o {
	case check.Pass:
		return "✅"
	case check.Fail:
		return "❌"
	}
	return "❔"
}

// special are the characters that mean something in Markdown or its tables
// (GitHub Flavored Markdown 0.29, sections 2.4 and 4.10), and in its HTML.
// A # ends a heading, and names an issue.
const special = "\\`*_[]<>|~&$@#"

// opening is what begins a block where it stands first on a line, after digits or
// not (sections 4.1 to 5.2), and the space that would indent one.
func opening(text []rune, i int) bool {
	switch text[i] {
	case '+', '-', '=', ' ':
		return i == 0
	case '.', ')':
		return i > 0 && (i+1 == len(text) || text[i+1] == ' ') &&
			!slices.ContainsFunc(text[:i], func(r rune) bool { return r < '0' || r > '9' })
	}
	return false
}

// md is a text from outside as plain words of Markdown: no markup, no links, no
// mention of anybody.
func md(s string) string {
	var b strings.Builder
	// The rest of what would become a link or an emoji: ://, www., :name:.
	text := []rune(plainText(s))
	for i, r := range text {
		begins := r == ':' && i+1 < len(text) && text[i+1] != ' ' && !unicode.IsDigit(text[i+1])
		if begins || strings.ContainsRune(special, r) || opening(text, i) {
			fmt.Fprintf(&b, "&#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return strings.ReplaceAll(b.String(), "www.", "www&#46;")
}

// code is a text as inline code, fenced longer than any fence in it (GitHub
// Flavored Markdown section 6.3).
func code(s string) string {
	s = Escape(s)
	longest, run := 0, 0
	for _, r := range s {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}
