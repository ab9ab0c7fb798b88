package reports_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/gate"
)

// foreseen is the broken run, whose first broken promise the scenario foresaw.
func foreseen(t *testing.T) (reports.Input, string) {
	t.Helper()
	in := broken()
	for i, v := range in.Judgement.Verdicts {
		if v.Asked && v.Outcome == check.Fail {
			in.Judgement.Verdicts[i].Foreseen = "nobody could have kept it"
			return in, v.Promise
		}
	}
	t.Fatal("the broken run breaks no promise")
	return in, ""
}

func TestEveryReportSaysWhatWasForeseen(t *testing.T) {
	in, _ := foreseen(t)
	for name, text := range map[string]string{
		"text": render(t, reports.Text, in), "JUnit": render(t, reports.JUnit, in),
		"Markdown": render(t, reports.Markdown, in), "HTML": render(t, reports.HTML, in),
	} {
		text = strings.Join(strings.Fields(text), " ")
		if !strings.Contains(text, "as foreseen: nobody could have kept it") {
			t.Errorf("%s does not say so", name)
		}
		if name != "JUnit" && !strings.Contains(strings.ReplaceAll(text, "&#40;", "("), "(1 as foreseen)") {
			t.Errorf("%s does not count it", name)
		}
	}
	if !strings.Contains(render(t, reports.JSON, in), `"foreseen": "nobody could have kept it"`) {
		t.Error("the summary does not say so")
	}
}

func TestAGateThatAllowsWhatIsForeseenFailsNoCaseForIt(t *testing.T) {
	in, promise := foreseen(t)
	for i, v := range in.Judgement.Verdicts { // leave the one
		if v.Promise != promise {
			in.Judgement.Verdicts[i].Outcome = check.Pass
		}
	}
	for allow, want := range map[string]string{gate.Allow: `failures="0"`, "": `failures="1"`} {
		cell := gate.Cell{Scenario: "s", Relay: gate.Relay{Name: "r"}, Foreseen: allow}
		run := gate.Run{Cell: cell, State: cell.StateOf(in.Judgement), Folder: "f", Judgement: in.Judgement}
		g := reports.Gated{
			Result: gate.NewResult([]gate.Run{run}, nil, nil), Inputs: map[string]reports.Input{"f": in},
		}
		var b bytes.Buffer
		if err := reports.GateJUnit(&b, g); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("with foreseen %q: no %s in\n%s", allow, want, b.String())
		}
		if allow == gate.Allow && !strings.Contains(b.String(), "fail, allowed: ") {
			t.Error("the skipped case does not say why")
		}
	}
}
