package catalog_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/scenarios/catalog"
)

var update = flag.Bool("update", false, "write CATALOG.md anew")

func TestTheCataloguesPageIsCurrent(t *testing.T) {
	var b bytes.Buffer
	if err := catalog.Describe(&b); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("CATALOG.md", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("CATALOG.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("go test ./scenarios/catalog -update writes it anew:\n%s", diff)
	}
}

func TestEveryScenarioHasItsSection(t *testing.T) {
	var b bytes.Buffer
	if err := catalog.Describe(&b); err != nil {
		t.Fatal(err)
	}
	for _, name := range catalog.Names() {
		s, err := catalog.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "\n### "+name+": "); n != 1 {
			t.Errorf("%s has %d sections", name, n)
		}
		for _, f := range s.Faults {
			if !strings.Contains(b.String(), "\n| "+f.Name+" | ") {
				t.Errorf("%s does not tell fault %s", name, f.Name)
			}
		}
	}
}
