package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/harness/relay/reference"
)

// flawSection is what the README has from `hansei flaws --list --format markdown`.
var flawSection = regexp.MustCompile(`(?s)(<!-- flaws -->\n).*?(<!-- /flaws -->)`)

// TestTheREADMEsTableIsCurrent: go test -update writes it anew.
func TestTheREADMEsTableIsCurrent(t *testing.T) {
	const path = "../../README.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := Main([]string{"flaws", "--list", "--format", "markdown"}, &out, &errs); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	if !flawSection.Match(text) {
		t.Fatal("the README has no place for the table of flaws")
	}
	want := flawSection.ReplaceAllString(string(text), "${1}"+out.String()+"${2}")
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if text, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	if string(text) != want {
		t.Error("the README's table of flaws is not what hansei flaws --list --format markdown says")
	}
	for _, f := range reference.Flaws() {
		if !strings.Contains(out.String(), " "+f.Name) {
			t.Errorf("%s is in no row", f.Name)
		}
	}
}
