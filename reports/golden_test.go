package reports_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/scenarios"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// incident is a judged run made by hand: thirteen hours with a backlog that
// grows through the outage and drains in three quarters of an hour.
func incident() reports.Input {
	return reports.Input{
		Run: reports.Run{
			Version: "v0.1.0", Relay: "reference", RelayVersion: "v0.1.0", Seed: 1, Scale: 1,
			Wall: 4200 * time.Millisecond, Clock: "warped, up to 12000x", Ended: "settled",
			Started: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC),
			Command: "hansei run ex196121 --relay reference --seed 1",
			Folder:  "runs/ex196121/20260301T090000Z-reference",
		},
		Scenario: &scenarios.Scenario{
			Name: "ex196121", Title: "Office 365 resets every connection for nine and a half hours",
		},
		Judgement: &check.Judgement{
			Outcome: check.Pass, Verdicts: kept(), Premises: []check.Premise{
				{Name: "faults-felt", Held: true, Weight: check.Meaning, Figure: "1 of 1 faults felt"},
			},
			Figures: figures(),
		},
	}
}

func kept() []check.Verdict {
	asked := map[string]string{
		"no-loss": "0 lost of 2,412 pairs", "integrity": "0 altered of 4,812 copies",
		"drain":     "drained in 44m, limit 1h; peak 1,204 pairs, oldest 9h41m",
		"isolation": "p99 1.2s during, 1.1s before",
	}
	var verdicts []check.Verdict
	for _, name := range scenarios.PromiseNames {
		figure, ok := asked[name]
		if !ok {
			verdicts = append(verdicts, check.Verdict{
				Promise: name, Reason: "not asked by this scenario",
			})
			continue
		}
		verdicts = append(verdicts, check.Verdict{
			Promise: name, Outcome: check.Pass, Asked: true, Figure: figure,
		})
	}
	return verdicts
}

func figures() check.Figures {
	const bin = 5 * time.Minute
	outage, heal, drained := time.Hour, 10*time.Hour+30*time.Minute, 11*time.Hour+14*time.Minute
	f := check.Figures{
		Start: time.Date(2019, 11, 19, 1, 0, 0, 0, time.UTC), Zone: "Asia/Tokyo",
		Length: 13 * time.Hour, Outage: outage, Heal: heal, End: 13 * time.Hour, Ended: "settled",
		Offered: 2320, Accepted: 2320, Dirty: 51, Pairs: 2412, Delivered: 2412,
		SpareDue: 1100, Spare: 1100, Attempts: 9120, FailedAttempts: 6708, Bin: bin,
		Backlog: check.Backlog{
			Peak: 1204, Bytes: 12_345_678, At: heal - time.Minute,
			Oldest: 9*time.Hour + 41*time.Minute, Msg: "m213", Recipient: "u4@kaede.example",
		},
		Drain: check.Drained{Pairs: 1204, Took: drained - heal},
	}
	for t := time.Duration(0); t < f.Length; t += bin {
		b := check.Bin{T: t}
		switch {
		case t >= outage && t < heal:
			b.Affected = int(1204 * (t - outage) / (heal - outage))
		case t >= heal && t < drained:
			b.Affected = int(1204 * (drained - t) / (drained - heal))
		}
		f.Bins = append(f.Bins, b)
	}
	edges := []time.Duration{0, outage, heal, heal + time.Hour, f.Length}
	for i, name := range []string{"before", "outage", "drain", "after"} {
		l := check.Latency{
			Count: 200, P50: 12 * time.Millisecond, P99: 48 * time.Millisecond, Max: time.Second,
		}
		d := l
		d.P99 = time.Duration(i) * 2 * time.Hour
		f.Phases = append(f.Phases, check.Phase{
			Name: name, From: edges[i], Until: edges[i+1], Offered: 580, First: 580 - i,
			Acceptance: l, Delivery: d,
		})
	}
	return f
}

// broken is the same run with a lost message, told by a relay that tries to
// write to the reader's terminal.
func broken() reports.Input {
	in := incident()
	in.Style.Unicode = true
	j := in.Judgement
	j.Outcome = check.Fail
	j.Verdicts[0] = check.Verdict{
		Promise: "no-loss", Asked: true, Outcome: check.Fail, Figure: "2 lost of 2,412 pairs",
		Reason: "neither delivered, bounced nor in the queue at the end",
		Witnesses: []check.Witness{
			{Msg: "m17", Recipient: "u1@kaede.example", What: "accepted at 15:00, never seen again"},
			{What: "told \x1b[2J\x07and \u202egnp.exe]]> by 127.28.0.1"},
		},
	}
	j.Verdicts[9].Outcome = check.Inconclusive
	j.Verdicts[9].Reason = "the run ended before the limit"
	j.Premises = append(j.Premises, check.Premise{
		Name: "settled", Weight: check.Meaning, Figure: "limit", Reason: "time was up",
	})
	j.Figures.Lost, j.Figures.Drain.Left = 2, 7
	in.Run.Ended = "limit"
	return in
}

func TestRenderersAgreeWithGoldenFiles(t *testing.T) {
	unicode := incident()
	unicode.Style.Unicode = true
	coloured := broken()
	coloured.Style.Colour = true
	for _, c := range []struct {
		file   string
		in     reports.Input
		render func(io.Writer, reports.Input) error
	}{
		{"pass.txt", unicode, reports.Text},
		{"pass-ascii.txt", incident(), reports.Text},
		{"pass.json", incident(), reports.JSON},
		{"pass.xml", incident(), reports.JUnit},
		{"broken.txt", broken(), reports.Text},
		{"broken-colour.txt", coloured, reports.Text},
		{"broken.xml", broken(), reports.JUnit},
		{"pass.md", incident(), reports.Markdown},
		{"broken.md", broken(), reports.Markdown},
		{"broken.svg", broken(), reports.SVG},
		{"broken.html", broken(), reports.HTML},
	} {
		t.Run(c.file, func(t *testing.T) {
			var b bytes.Buffer
			if err := c.render(&b, c.in); err != nil {
				t.Fatal(err)
			}
			golden(t, c.file, b.Bytes())
		})
	}
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got; `go test ./reports -update` rewrites it):\n%s", file, diff)
	}
}

func TestTextIsNarrowAndCannotDriveATerminal(t *testing.T) {
	for name, in := range map[string]reports.Input{"pass": incident(), "broken": broken()} {
		in.Scenario.Title = strings.Repeat("とても長い見出し ", 20)
		var b bytes.Buffer
		if err := reports.Text(&b, in); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(b.String(), "\n") {
			if n := utf8.RuneCountInString(line); n > reports.MaxWidth {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
		if i := strings.IndexFunc(b.String(), func(r rune) bool {
			return r != '\n' && (r < 0x20 || r == 0x7f || r == 0x202e)
		}); i >= 0 {
			t.Errorf("%s: control character at byte %d", name, i)
		}
	}
}

func TestASCIIMeansASCII(t *testing.T) {
	var b bytes.Buffer
	if err := reports.Text(&b, incident()); err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexFunc(b.String(), func(r rune) bool { return r > 0x7e }); i >= 0 {
		t.Errorf("not ASCII at byte %d: %q", i, b.String()[i:min(len(b.String()), i+20)])
	}
}

func TestJUnitCountsAndIsXML(t *testing.T) {
	var b bytes.Buffer
	if err := reports.JUnit(&b, broken()); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Suite    struct {
			Skipped int        `xml:"skipped,attr"`
			Cases   []struct{} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatalf("not XML: %v", err)
	}
	got := [...]int{doc.Tests, doc.Failures, doc.Errors, doc.Suite.Skipped, len(doc.Suite.Cases)}
	if want := [...]int{15, 1, 1, 11, 15}; got != want {
		t.Errorf("tests, failures, errors, skipped, cases = %v, want %v", got, want)
	}
}

func TestJSONHoldsTheJudgement(t *testing.T) {
	in := broken()
	var b bytes.Buffer
	if err := reports.JSON(&b, in); err != nil {
		t.Fatal(err)
	}
	var back reports.Summary
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	got := check.Judgement{
		Outcome: back.Outcome, Verdicts: back.Verdicts, Premises: back.Premises,
		Figures: back.Figures,
	}
	if diff := cmp.Diff(*in.Judgement, got); diff != "" {
		t.Errorf("the judgement changed on its way (-want +got):\n%s", diff)
	}
}

func TestBacklogOfNothing(t *testing.T) {
	in := incident()
	in.Judgement.Figures = check.Figures{}
	var b bytes.Buffer
	if err := reports.Text(&b, in); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "nothing waited") {
		t.Errorf("an empty run should say so:\n%s", b.String())
	}
}
