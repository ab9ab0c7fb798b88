package check

import "fmt"

// integrity: every delivered and every spare copy has the submitted content,
// and DKIM does not fail on it. What must not be delivered at all (dirty mail,
// mail nobody submitted) is judged by spare-clean and no-invention.
func (l *ledger) integrity() finding {
	w := witnesses{l: l}
	for _, c := range l.altered {
		m := l.letter(c.letter)
		if !m.submitted || m.dirty {
			continue
		}
		w.call(c.letter, c.rcpt, func() string { return l.difference(c) })
	}
	f := finding{
		figure: fmt.Sprintf("%s altered, of %s messages compared where they arrived",
			count(w.all), count(l.compared)),
		witnesses: w.list(),
	}
	switch {
	case w.all > 0:
		f.outcome = Fail
		f.reason = "what arrived is not what was submitted"
	case l.compared == 0:
		f.reason = "no copy's content was compared"
	default:
		f.outcome = Pass
	}
	return f
}

func (l *ledger) difference(c copyOf) string {
	what := "content differs"
	if c.dkim {
		what = "DKIM fails"
	}
	what = fmt.Sprintf("the copy at %s of %s: %s", c.endpoint, l.clock(c.t), what)
	if c.clues != "" {
		what += " (" + c.clues + ")"
	}
	return what
}
