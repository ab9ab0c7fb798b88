package matchers

import (
	"fmt"
	"strings"

	"github.com/hansei-mail/hansei/harness/check"
)

// Run is a judged run that knows how to repeat itself; matchers take it as they
// take a bare *check.Judgement, and their failure texts say so.
type Run struct {
	*check.Judgement
	// Name is what was played, such as "ex196121 against postfix".
	Name string
	Seed uint64
	// Command is the command line that repeats it, Folder where it is kept.
	Command, Folder string
}

// judgementOf is the judgement in what a matcher was given, and nil if none is.
func judgementOf(actual any) (*check.Judgement, *Run) {
	switch a := actual.(type) {
	case *check.Judgement:
		return a, nil
	case *Run:
		if a != nil {
			return a.Judgement, a
		}
	}
	return nil, nil
}

// matcher is a Gomega matcher over a *check.Judgement or a *Run.
type matcher struct {
	want string
	look func(*check.Judgement) (ok bool, telling []check.Verdict, err error)
	// telling are the verdicts that the failure text shows.
	telling []check.Verdict
}

// Match implements Gomega's matcher.
func (m *matcher) Match(actual any) (bool, error) {
	j, _ := judgementOf(actual)
	if j == nil {
		return false, fmt.Errorf("expected a *check.Judgement or a *matchers.Run %s, got %T",
			m.want, actual)
	}
	kept, telling, err := m.look(j)
	if err != nil {
		return false, err
	}
	m.telling = telling
	return kept, nil
}

// FailureMessage says what was expected and what the verdicts found instead.
func (m *matcher) FailureMessage(actual any) string { return m.text(actual, "") }

// NegatedFailureMessage says the same of an expectation that it should not be.
func (m *matcher) NegatedFailureMessage(actual any) string { return m.text(actual, "not ") }

func (m *matcher) text(actual any, not string) string {
	var b strings.Builder
	j, run := judgementOf(actual)
	if j == nil {
		return fmt.Sprintf("expected a *check.Judgement or a *matchers.Run %s%s", not, m.want)
	}
	name := "the run"
	if run != nil && run.Name != "" {
		name = run.Name
	}
	fmt.Fprintf(&b, "Expected %s %s%s; it came out as %s", name, not, m.want, j.Outcome)
	for _, v := range m.telling {
		fmt.Fprintf(&b, "\n%s: %s, %s", v.Promise, v.Outcome, v.Figure)
		if v.Reason != "" {
			fmt.Fprintf(&b, "\n  because %s", v.Reason)
		}
		for _, w := range v.Witnesses {
			fmt.Fprintf(&b, "\n  witness %s", strings.TrimSpace(strings.TrimSpace(w.Msg+" "+w.Recipient)+": "+w.What))
		}
	}
	for _, p := range j.Premises {
		if !p.Held {
			fmt.Fprintf(&b, "\npremise %s does not hold: %s (%s)", p.Name, p.Reason, p.Figure)
		}
	}
	if run != nil {
		b.WriteString(run.whence(m.telling))
	}
	return b.String()
}

// whence says how to see it again: the seed, the command, and the whole story of
// the first witness.
func (r *Run) whence(telling []check.Verdict) string {
	text := fmt.Sprintf("\nseed %d", r.Seed)
	if r.Command != "" {
		text += "\nrepeat it with: " + r.Command
	}
	if r.Folder == "" {
		return text
	}
	for _, v := range telling {
		if len(v.Witnesses) > 0 && v.Witnesses[0].Msg != "" {
			return text + "\nthe story: hansei explain " + r.Folder + " " + v.Witnesses[0].Msg
		}
	}
	return text + "\nkept in " + r.Folder
}
