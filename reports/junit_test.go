package reports_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/joshdk/go-junit"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/gate"
)

// gated is a gate in which everything happened that can.
func gated() reports.Gated {
	pass, fail := incident(), broken()
	relay := gate.Relay{Name: "postfix", As: hostile}
	judged := func(seed uint64, folder string, in reports.Input) gate.Run {
		return gate.Run{
			Cell:  gate.Cell{Scenario: "ex196121", Relay: relay, Seed: seed},
			State: gate.StateOf(in.Judgement.Outcome), Tries: 1, Folder: folder, Judgement: in.Judgement,
		}
	}
	runs := []gate.Run{judged(1, "a", pass), judged(2, "b", fail), {
		Cell:  gate.Cell{Scenario: hostile, Relay: relay, Seed: 3},
		State: gate.Errored, Tries: 2, Why: "crashed: " + hostile + "]]>",
	}}
	quick := gate.Group{Scenario: "ex196121", Relay: hostile, Seeds: 3, Kept: []string{"no-loss"},
		Figures: map[string]gate.Spread{"drain": {Median: 60, Least: 50, Most: 70}}}
	return reports.Gated{
		Result: gate.NewResult(runs, &gate.Baseline{Format: 1, Groups: []gate.Group{quick}}, nil),
		Inputs: map[string]reports.Input{"a": pass, "b": fail}, Command: "hansei gate gate.yaml",
		Style: reports.Style{Unicode: true}, Folder: ".", Baseline: []gate.Group{quick},
	}
}

// documents are all that may come out as JUnit.
func documents(t *testing.T) map[string]string {
	t.Helper()
	var b bytes.Buffer
	if err := reports.GateJUnit(&b, gated()); err != nil {
		t.Fatal(err)
	}
	bad := broken()
	bad.Run.Relay, bad.Run.Command, bad.Scenario.Name = hostile, hostile+"]]>", hostile
	return map[string]string{
		"pass": render(t, reports.JUnit, incident()), "broken": render(t, reports.JUnit, broken()),
		"made": render(t, reports.JUnit, made(t, 0.2)), "hostile": render(t, reports.JUnit, bad),
		"gate": b.String(),
	}
}

// reader is a program that reads XML; a test that needs one is skipped without it,
// unless HANSEI_REQUIRE names it.
func reader(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if slices.Contains(strings.Split(os.Getenv("HANSEI_REQUIRE"), ","), name) {
			t.Fatalf("%s is required but not installed", name)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}

func TestJUnitIsValidForXMLLint(t *testing.T) {
	xmllint := reader(t, "xmllint")
	check := func(doc string) (string, error) {
		path := filepath.Join(t.TempDir(), "report.xml")
		if err := os.WriteFile(path, []byte(doc), 0o644); err != nil {
			t.Fatal(err)
		}
		said, err := exec.Command(xmllint, "--noout", "--nonet", "--schema", "testdata/junit.xsd", path).
			CombinedOutput()
		return string(said), err
	}
	for name, doc := range documents(t) {
		if said, err := check(doc); err != nil {
			t.Errorf("%s: %v\n%s", name, err, said)
		}
	}
	// The schema must be able to say no.
	wrong := strings.Replace(documents(t)["pass"], `tests="15"`, `tests="many"`, 1)
	if _, err := check(wrong); err == nil {
		t.Error("the schema takes a document with a wrong count")
	}
}

// expat, in Python's clothes, reads the same counts as the root states.
const counting = `
import sys, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
for suite in root.iter("testsuite"):
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        seen = len(suite.findall("testcase/" + tag))
        if seen != int(suite.get(name)):
            sys.exit("%s: %d %s, the suite says %s" % (suite.get("name"), seen, tag, suite.get(name)))
for name in ("tests", "failures", "errors"):
    if int(root.get(name)) != sum(int(s.get(name)) for s in root):
        sys.exit("the root's " + name + " is not the sum")
print(root.get("tests"), root.get("failures"), root.get("errors"))
`

func TestJUnitIsReadByPython(t *testing.T) {
	python := reader(t, "python3")
	want := map[string]string{"pass": "15 0 0", "broken": "15 1 1", "gate": "33 3 2"}
	for name, doc := range documents(t) {
		c := exec.Command(python, "-c", counting)
		c.Stdin = strings.NewReader(doc)
		said, err := c.Output()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Errorf("%s: %s", name, exit.Stderr)
		} else if err != nil {
			t.Fatal(err)
		}
		if w, ok := want[name]; ok && strings.TrimSpace(string(said)) != w {
			t.Errorf("%s: tests, failures, errors are %q, want %q", name, said, w)
		}
	}
}

// joshdk/go-junit, which CI tools in Go read results with, sees every case and how
// it came out.
func TestJUnitIsReadByGoJUnit(t *testing.T) {
	want := map[string][4]int{ // passed, failed, error, skipped
		"pass": {4, 0, 0, 11}, "broken": {2, 1, 1, 11}, "gate": {6, 3, 2, 22},
	}
	for name, doc := range documents(t) {
		suites, err := junit.Ingest([]byte(doc))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got [4]int
		for _, s := range suites {
			for _, c := range s.Tests {
				got[slices.Index([]junit.Status{
					junit.StatusPassed, junit.StatusFailed, junit.StatusError, junit.StatusSkipped,
				}, c.Status)]++
				if c.Name == "" || c.Classname == "" {
					t.Errorf("%s: a case without a name: %+v", name, c)
				}
				if c.Status == junit.StatusFailed && c.Error.Error() == "" {
					t.Errorf("%s: %s failed without a word", name, c.Name)
				}
			}
		}
		if w, ok := want[name]; ok && got != w {
			t.Errorf("%s: passed, failed, error, skipped are %v, want %v", name, got, w)
		}
	}
	if _, err := junit.Ingest([]byte("<testsuite><testcase></testsuite>")); err == nil {
		t.Error("the parser takes what is no XML")
	}
}

func TestGateRenderersAgreeWithGoldenFiles(t *testing.T) {
	for file, tell := range map[string]func(io.Writer, reports.Gated) error{
		"gate.txt": reports.GateText, "gate.md": reports.GateMarkdown, "gate.xml": reports.GateJUnit,
		"gate.html": reports.GateHTML,
	} {
		var b bytes.Buffer
		if err := tell(&b, gated()); err != nil {
			t.Fatal(err)
		}
		golden(t, file, b.Bytes())
	}
}

func TestCompareSaysWhatChanged(t *testing.T) {
	var text, markdown bytes.Buffer
	if err := reports.CompareText(&text, incident(), broken(), reports.Style{}); err != nil {
		t.Fatal(err)
	}
	if err := reports.CompareMarkdown(&markdown, broken(), incident()); err != nil {
		t.Fatal(err)
	}
	golden(t, "compare.txt", text.Bytes())
	golden(t, "compare.md", markdown.Bytes())
	if !strings.Contains(markdown.String(), "| no-loss | fail | pass | mended |") {
		t.Errorf("what is mended is not said:\n%s", markdown.String())
	}
}

// The words of an outcome are those of a state, except for errors.
func TestStatesAreOutcomes(t *testing.T) {
	for _, o := range []check.Outcome{check.Pass, check.Fail, check.Inconclusive} {
		if string(gate.StateOf(o)) != o.String() {
			t.Errorf("%s is %s", o, gate.StateOf(o))
		}
	}
}
