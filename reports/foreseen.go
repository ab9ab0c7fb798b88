package reports

import (
	"fmt"
	"strings"

	"github.com/hansei-mail/hansei/harness/check"
)

// Because is a verdict's reason, and that it was foreseen where it was. The
// scenario's word never takes the place of the judge's.
func Because(v check.Verdict) string {
	switch {
	case v.Foreseen == "":
		return v.Reason
	case v.Reason == "":
		return "as foreseen: " + strings.TrimSpace(v.Foreseen)
	}
	return v.Reason + "; as foreseen: " + strings.TrimSpace(v.Foreseen)
}

// foreseenWords counts the verdicts that were foreseen; empty where none was.
func foreseenWords(j *check.Judgement, say func(string, ...any) string) string {
	n := 0
	for _, v := range j.Verdicts {
		if v.Asked && v.Foreseen != "" {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return say(" (%d as foreseen)", n)
}

// foreseenIn is foreseenWords in English.
func foreseenIn(j *check.Judgement) string { return foreseenWords(j, fmt.Sprintf) }

// allow turns the failures of what was foreseen into skipped cases: a gate that
// allows them passes, and its document must not say otherwise.
func (s *suite) allow(verdicts []check.Verdict) {
	s.Failures, s.Errors, s.Skipped, s.Tests = 0, 0, 0, 0
	cases := s.Cases
	s.Cases = nil
	for i, c := range cases {
		if v := verdicts[i]; v.Foreseen != "" {
			c.Failure, c.Error = nil, nil
			c.Skipped = &detail{Message: Escape(v.Outcome.String() + ", allowed: " + headline(v))}
		}
		s.add(c)
	}
}
