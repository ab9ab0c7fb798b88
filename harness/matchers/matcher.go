package matchers

import (
	"fmt"
	"strings"

	"github.com/hansei-mail/hansei/harness/check"
)

// matcher is a Gomega matcher over a *check.Judgement.
type matcher struct {
	want string
	look func(*check.Judgement) (ok bool, telling []check.Verdict, err error)
	// telling are the verdicts that the failure text shows.
	telling []check.Verdict
}

// Match implements Gomega's matcher.
func (m *matcher) Match(actual any) (bool, error) {
	j, ok := actual.(*check.Judgement)
	if !ok || j == nil {
		return false, fmt.Errorf("expected a *check.Judgement %s, got %T", m.want, actual)
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
	j, ok := actual.(*check.Judgement)
	if !ok || j == nil {
		return fmt.Sprintf("expected a *check.Judgement %s%s", not, m.want)
	}
	fmt.Fprintf(&b, "Expected the run %s%s; it came out as %s", not, m.want, j.Outcome)
	for _, v := range m.telling {
		fmt.Fprintf(&b, "\n%s: %s, %s", v.Promise, v.Outcome, v.Figure)
		if v.Reason != "" {
			fmt.Fprintf(&b, "\n  because %s", v.Reason)
		}
		for _, w := range v.Witnesses {
			fmt.Fprintf(&b, "\n  witness %s", strings.TrimSpace(w.Msg+" "+w.Recipient+": "+w.What))
		}
	}
	for _, p := range j.Premises {
		if !p.Held {
			fmt.Fprintf(&b, "\npremise %s does not hold: %s (%s)", p.Name, p.Reason, p.Figure)
		}
	}
	return b.String()
}
