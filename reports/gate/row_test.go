package gate_test

import (
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports/gate"
)

func TestARowMayAllowWhatIsForeseen(t *testing.T) {
	p, err := gate.Read([]byte("relays: [{name: r}]\nscenarios:\n  - a\n" +
		"  - {scenario: b, foreseen: allow}\n"))
	if err != nil {
		t.Fatal(err)
	}
	cells := p.Cells()
	if cells[0].Scenario != "a" || cells[0].Foreseen != "" || cells[1].Foreseen != gate.Allow {
		t.Fatalf("the cells are %+v", cells)
	}
	verdicts := func(second check.Verdict) *check.Judgement {
		second.Asked = true
		j := &check.Judgement{Verdicts: []check.Verdict{
			{Promise: "no-loss", Asked: true, Outcome: check.Fail, Foreseen: "it cannot be kept"}, second,
		}}
		j.Outcome = check.Overall(j.Verdicts)
		return j
	}
	for _, c := range []struct {
		second            check.Verdict
		strict, forgiving gate.State
	}{
		{check.Verdict{Outcome: check.Pass}, gate.Failed, gate.Passed},
		{check.Verdict{Outcome: check.Fail}, gate.Failed, gate.Failed},
		{check.Verdict{Outcome: check.Inconclusive}, gate.Failed, gate.Inconclusive},
	} {
		j := verdicts(c.second)
		if got := cells[0].StateOf(j); got != c.strict {
			t.Errorf("%v: a plain row is %s, want %s", c.second.Outcome, got, c.strict)
		}
		if got := cells[1].StateOf(j); got != c.forgiving {
			t.Errorf("%v: a row that allows is %s, want %s", c.second.Outcome, got, c.forgiving)
		}
	}
}

func TestARowIsReadStrictly(t *testing.T) {
	for row, want := range map[string]string{
		"{scenario: b, foreseen: yes}":  "write allow",
		"{scenario: b, forseen: allow}": "forseen",
		"{foreseen: allow}":             "no scenario",
		`""`:                            "no scenario",
	} {
		_, err := gate.Read([]byte("relays: [{name: r}]\nscenarios: [" + row + "]\n"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want it to name %q", row, err, want)
		}
	}
}
