package check

import (
	"bytes"
	"testing"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// A foreseen break is told, and breaks the run as any other; one that did not
// come is not told, and neither is one that came out otherwise.
func TestWhatWasForeseenIsToldAndChangesNothing(t *testing.T) {
	const why = "the provider lost it"
	for _, c := range []struct {
		name, foreseen string
		lost           bool
		want           Outcome
		told           string
	}{
		{"lost as foreseen", "fail", true, Fail, why},
		{"lost, another outcome foreseen", "inconclusive", true, Fail, ""},
		{"kept, though foreseen to break", "fail", false, Pass, ""},
	} {
		s, h := given(), healthy()
		s.Foreseen = map[string]scenarios.Foreseen{"no-loss": {Outcome: c.foreseen, Why: why}}
		if c.lost {
			h.drop(is(evidence.KindDelivery, "m91", "office365"))
		}
		j := Judge(s, h.all())
		v, _ := j.Verdict("no-loss")
		if v.Outcome != c.want || j.Outcome != c.want || v.Foreseen != c.told {
			t.Errorf("%s: no-loss %s %q, overall %s", c.name, v.Outcome, v.Foreseen, j.Outcome)
		}
		var b bytes.Buffer
		if err := j.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(b.Bytes(), []byte(`"foreseen": "`+why)); got != (c.told != "") {
			t.Errorf("%s: verdicts.json tells of it: %v", c.name, got)
		}
	}
}
