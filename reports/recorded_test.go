package reports_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/trackrecord"
)

const recordPlan = `
title: A record of <b>one</b>
tables:
  - {title: The outage, scenarios: [ex196121, ex196121/kill], relays: [postfix], scale: 0.5}
findings:
  - relay: postfix
    promises: [drain]
    setting: maximal_backoff_time = 4000s
    because: It rests.
    mend: {on: ex196121, config: "maximal_backoff_time = 900s\n` + "```" + `"}
  - {relay: postfix, promises: [isolation], setting: x = 1, because: So., never: It has none.}
`

// told is the record of the runs whose names are given.
func told(t *testing.T, runs map[string]reports.Input) string {
	t.Helper()
	return toldOf(t, recordPlan, runs)
}

// toldOf is that of another plan.
func toldOf(t *testing.T, text string, runs map[string]reports.Input) string {
	t.Helper()
	plan, err := trackrecord.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r := reports.Recorded{Plan: plan, Runs: map[string]reports.Input{}, Command: "hansei record r.yaml"}
	for _, c := range plan.Cells() {
		if in, ok := runs[c.Name()]; ok {
			r.Runs[c.Key()] = in
		}
	}
	var b bytes.Buffer
	if err := reports.RecordMarkdown(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A record tells what the runs came to: the broken promise with its explanation
// and its mend, and what nobody has explained.
func TestRecordMarkdown(t *testing.T) {
	stock, mended := made(t, 0.1), made(t, 0.1)
	j := *mended.Judgement
	j.Verdicts = append([]check.Verdict(nil), j.Verdicts...)
	for i, v := range j.Verdicts {
		if v.Promise == "drain" {
			j.Verdicts[i].Outcome, j.Verdicts[i].Figure, j.Verdicts[i].Reason = check.Pass, "in 3m", ""
		}
	}
	mended.Judgement = &j
	stock.Run.Relay, stock.Run.RelayVersion = "postfix", "3.7.11"
	page := told(t, map[string]reports.Input{
		"ex196121 × postfix": stock, "ex196121 × postfix, mended": mended,
	})
	drain, _ := stock.Judgement.Verdict("drain")
	for _, want := range []string{
		"A record of &#60;b&#62;one", "0.5 times the mail", "| ex196121/kill | postfix | not played |",
		"; broken: no-loss, drain", "- ex196121, drain: " + strings.Split(drain.Figure, "|")[0],
		"Decided by: `maximal_backoff_time = 4000s`", "| drain | ❌ ", " | ✅ in 3m |",
		"Broken, and not explained yet", "ex196121 × postfix, no-loss: ",
		"No setting of it mends this: It has none.", "Not seen in the runs of this record.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, page)
		}
	}
	if n := strings.Count(page, "\n```\n"); n != 2 {
		t.Errorf("%d lines begin or end a block, want 2: a configuration must not end its own", n)
	}
	if strings.Contains(page, "ex196121 × postfix, drain: ") {
		t.Error("what a finding explains is told as unexplained")
	}
	row := ""
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "| ex196121 | postfix 3.7.11") {
			row = line
		}
	}
	if n := strings.Count(row, "|"); n != 12 || strings.Contains(row, "– |") {
		t.Errorf("the row has %d bars: %s", n, row)
	}
}

// A run with the mend of one promise is explained by what explains the others,
// whichever comes first.
func TestAMendedRunBreaksTheOthers(t *testing.T) {
	text := strings.Replace(recordPlan, "never: It has none.", "mend: {on: ex196121, config: y = 2}", 1)
	run := made(t, 0.1)
	page := toldOf(t, text, map[string]reports.Input{
		"ex196121 × postfix": run, "ex196121 × postfix, mended": run,
	})
	if strings.Contains(page, "mended, drain: ") || !strings.Contains(page, "mended, no-loss: ") {
		t.Error(page)
	}
}

// Without runs a record says so, and claims nothing.
func TestRecordOfNothing(t *testing.T) {
	page := told(t, nil)
	if !strings.Contains(page, "nobody yet") || strings.Contains(page, "✅") ||
		strings.Contains(page, "❌") || !strings.Contains(page, "| drain | not played | not played |") {
		t.Error(page)
	}
}
