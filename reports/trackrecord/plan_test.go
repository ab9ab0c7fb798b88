package trackrecord_test

import (
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/reports/trackrecord"
)

const whole = `
title: Two relays
tables:
  - {title: one, scenarios: [ex196121, ex196121/kill], relays: [postfix, exim], scale: 0.5}
  - {title: two, scenarios: [mo1221364, ex196121], relays: [postfix], scale: 0.5, compress: 4h}
findings:
  - relay: postfix
    promises: [drain, spare-timely]
    setting: maximal_backoff_time = 4000s
    because: It rests.
    mend: {on: ex196121, config: "maximal_backoff_time = 900s"}
  - {relay: exim, promises: [drain], scenarios: [ex196121], setting: retry, because: So., never: So.}
`

func read(t *testing.T, text string) *trackrecord.Plan {
	t.Helper()
	p, err := trackrecord.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The runs are those of the tables and the mended ones, each once, and no two of
// them have one folder.
func TestCells(t *testing.T) {
	p := read(t, whole)
	var names []string
	keys := map[string]bool{}
	for _, c := range p.Cells() {
		names = append(names, c.Name())
		if keys[c.Key()] || strings.ContainsAny(c.Key(), "/ ") {
			t.Errorf("%q is no folder of its own", c.Key())
		}
		keys[c.Key()] = true
	}
	want := "ex196121 × postfix, ex196121 × exim, ex196121/kill × postfix, ex196121/kill × exim, " +
		"mo1221364 × postfix, ex196121 × postfix, ex196121 × postfix, mended"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	twice := strings.Replace(whole, "relays: [postfix], scale: 0.5, compress: 4h",
		"relays: [postfix], scale: 0.5", 1)
	if n := len(read(t, twice).Cells()); n != 6 {
		t.Errorf("%d runs where two tables share one, want 6", n)
	}
}

// A mended run differs from that of the table in its configuration alone.
func TestMendedRun(t *testing.T) {
	p := read(t, whole)
	stock, _ := p.Stock(p.Findings[0])
	mended, ok := p.Mended(p.Findings[0])
	if stock.Config, stock.Relay = mended.Config, "postfix"; !ok || mended != stock ||
		mended.Scale != 0.5 || mended.Compress != "" {
		t.Errorf("mended %+v, as shipped %+v", mended, stock)
	}
	if _, ok := p.Mended(p.Findings[1]); ok {
		t.Error("there is a second run of what nothing mends")
	}
}

func TestExplains(t *testing.T) {
	p := read(t, whole)
	for _, c := range []struct {
		finding  int
		scenario string
		relay    string
		promise  string
		config   string
		want     bool
	}{
		{0, "mo1221364", "postfix", "drain", "", true},
		{0, "mo1221364", "exim", "drain", "", false},
		{0, "ex196121", "postfix", "no-loss", "", false},
		{0, "ex196121", "postfix", "drain", "x", false},
		{1, "ex196121", "exim", "drain", "", true},
		{1, "ex196121/kill", "exim", "drain", "", false},
	} {
		cell := trackrecord.Cell{Scenario: c.scenario, Relay: c.relay, Config: c.config}
		if got := p.Findings[c.finding].Explains(cell, c.promise); got != c.want {
			t.Errorf("%+v: %t", c, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	change := func(from, to string) string { return strings.Replace(whole, from, to, 1) }
	for what, text := range map[string]string{
		"title":                           change("title: Two relays", ""),
		"there must be one at least":      "title: x",
		"needs a title":                   change("title: two", `title: ""`),
		"scale must be":                   change("scale: 0.5", "scale: -1"),
		"no promise \"drains\"":           change("[drain, ", "[drains, "),
		"the setting that decides":        change("setting: maximal_backoff_time = 4000s", ""),
		"either mend or never":            change("because: So., never: So.", "because: So."),
		"no config":                       change(`config: "maximal_backoff_time = 900s"`, `config: ""`),
		"with which to compare":           change("on: ex196121,", "on: y2k22,"),
		"no table has y2k22 against exim": change("scenarios: [ex196121], s", "scenarios: [y2k22], s"),
		"retries":                         change("title: Two relays", "title: x\nretries: -1"),
		"unknown field":                   change("title: Two relays", "title: x\ntitles: y"),
	} {
		if _, err := trackrecord.Read([]byte(text)); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%q: %v", what, err)
		}
	}
}
