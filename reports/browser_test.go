package reports_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/browsertest"
	"github.com/hansei-mail/hansei/reports/gate"
)

// page writes a report for the browser to open from disk.
func page(t *testing.T, in reports.Input) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(render(t, reports.HTML, in)), 0o644); err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}

func TestThePageInABrowser(t *testing.T) {
	tab := browsertest.Open(t)
	in := made(t, 1)
	for _, lang := range reports.Langs() {
		in.Lang = lang
		url := page(t, in)
		for _, width := range []int64{400, 1600} {
			for _, scheme := range []string{"light", "dark"} {
				name := fmt.Sprintf("%s-%d-%s", lang, width, scheme)
				tab.Window(width, 1000, scheme)
				tab.Do(chromedp.Navigate(url))
				looksGood(t, name, tab.Look(), scheme)
				tab.Screenshot(name)
			}
		}
	}
	if all := tab.Complaints(); len(all) > 0 {
		t.Errorf("the console says: %q", all)
	}
}

func looksGood(t *testing.T, name string, s browsertest.Seen, scheme string) {
	dark := s.Background != "rgb(255, 255, 255)"
	if s.Charts < 10 {
		t.Errorf("%s: %d charts, want ten at least", name, s.Charts)
	}
	if s.Overflow > 0 {
		t.Errorf("%s: the page is %d px wider than the window", name, s.Overflow)
	}
	if s.Clipped > 0 {
		t.Errorf("%s: %d texts leave their chart, such as %s", name, s.Clipped, s.Worst)
	}
	if s.Contrast > 0 {
		t.Errorf("%s: %d texts are too faint, such as %s", name, s.Contrast, s.Worst)
	}
	if dark != (scheme == "dark") {
		t.Errorf("%s: the background is %s", name, s.Background)
	}
	if strings.Contains(s.Title, "owned") {
		t.Errorf("%s: the title is %s: a relay's words ran as a script", name, s.Title)
	}
}

// release is a gate as most are: two scenarios and relays, and one of them drains
// more slowly than in the last release.
func release() reports.Gated {
	g := reports.Gated{
		Folder: "runs/gate", Inputs: map[string]reports.Input{}, Command: "hansei gate gate.yaml",
	}
	var before, now []gate.Run
	for _, scenario := range []string{"ex196121", "ex196121/kill"} {
		for _, name := range []string{"reference", "postfix"} {
			for seed := range uint64(3) {
				in, worse := incident(), incident()
				if name == "postfix" {
					worse.Judgement.Figures.Drain.Took += time.Duration(50+7*seed) * time.Minute
				}
				folder := fmt.Sprintf("runs/gate/%s/%s-%d", scenario, name, seed)
				cell := gate.Cell{Scenario: scenario, Relay: gate.Relay{Name: name}, Seed: seed + 1}
				run := gate.Run{Cell: cell, State: gate.Passed, Tries: 1, Folder: folder}
				run.Judgement = in.Judgement
				before = append(before, run)
				run.Judgement, g.Inputs[folder] = worse.Judgement, worse
				now = append(now, run)
			}
		}
	}
	g.Baseline = gate.NewResult(before, nil, nil).Groups
	g.Result = gate.NewResult(now, &gate.Baseline{Format: 1, Groups: g.Baseline}, nil)
	return g
}

// The pages of a gate and of a forecast with its sweep, in both schemes and at both
// widths.
func TestOtherPagesInABrowser(t *testing.T) {
	tab := browsertest.Open(t)
	for _, p := range []struct {
		name   string
		tell   func(io.Writer) error
		charts int
	}{
		{"gate-hostile", func(w io.Writer) error { return reports.GateHTML(w, gated()) }, 0},
		{"gate", func(w io.Writer) error { return reports.GateHTML(w, release()) }, 0},
		{"capacity", func(w io.Writer) error { return reports.OutlookHTML(w, outlook(t)) }, 3},
	} {
		var b bytes.Buffer
		if err := p.tell(&b); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), p.name+".html")
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, width := range []int64{400, 1600} {
			for _, scheme := range []string{"light", "dark"} {
				name := fmt.Sprintf("%s-%d-%s", p.name, width, scheme)
				tab.Window(width, 1000, scheme)
				tab.Do(chromedp.Navigate("file://" + path))
				s := tab.Look()
				if s.Overflow > 0 || s.Contrast > 0 || s.Clipped > 0 || s.Charts < p.charts {
					t.Errorf("%s: %d px too wide, %d texts too faint, %d leave their chart, such as %s; "+
						"%d charts, want %d", name, s.Overflow, s.Contrast, s.Clipped, s.Worst, s.Charts,
						p.charts)
				}
				tab.Screenshot(name)
			}
		}
	}
	if all := tab.Complaints(); len(all) > 0 {
		t.Errorf("the console says: %q", all)
	}
}

// A witness opens by mouse and by keyboard, and shows its story.
func TestWitnessesOpen(t *testing.T) {
	tab := browsertest.Open(t)
	tab.Window(1600, 1000, "light")
	tab.Do(chromedp.Navigate(page(t, made(t, 1))))
	before := tab.Look()
	tab.Do(chromedp.Click("details.witness > summary"))
	after := tab.Look()
	story := browsertest.Value(tab, chromedp.Text("details.witness[open] .story"))
	tab.Do(chromedp.Focus("details.witness:not([open]) > summary"), chromedp.KeyEvent("\r"))
	both := tab.Look()
	tab.Screenshot("witness")
	if before.Open != 0 || after.Open != 1 || both.Open != 2 {
		t.Errorf("open: %d, after a click %d, after a key %d; want 0, 1, 2", before.Open, after.Open,
			both.Open)
	}
	if !strings.Contains(story, "ledger") || !strings.Contains(story, "10:") {
		t.Errorf("the story is %q", story)
	}
}
