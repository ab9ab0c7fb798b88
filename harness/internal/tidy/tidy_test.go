package tidy

import (
	"testing"
)

// TestRepository holds the rules against the repository itself, one subtest
// per rule.
func TestRepository(t *testing.T) {
	top, err := Top(".")
	if err != nil {
		t.Fatal(err)
	}
	files, err := Read(t.Context(), top)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d files were found in %s: the rules would hold of nothing", len(files), top)
	}
	byRule := map[string][]Finding{}
	for _, f := range Check(files) {
		byRule[f.Rule] = append(byRule[f.Rule], f)
	}
	t.Run("syntax", func(t *testing.T) { tell(t, byRule["syntax"]) })
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) { tell(t, byRule[rule.name]) })
	}
}

func tell(t *testing.T, findings []Finding) {
	for _, f := range findings {
		t.Errorf("%s", f)
	}
}

// TestReadingWithoutGit finds the same Go files as git does, or more.
func TestReadingWithoutGit(t *testing.T) {
	top, err := Top(".")
	if err != nil {
		t.Fatal(err)
	}
	names, err := walked(top)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, name := range names {
		found[name] = true
	}
	known, err := tracked(t.Context(), top)
	if err != nil {
		t.Skipf("git cannot tell: %v", err)
	}
	for _, name := range known {
		if !found[name] && name != "" {
			t.Errorf("%s is known to git and was not found", name)
		}
	}
}

// TestExceptionsAreStillNeeded drops an exception once its file is mended.
func TestExceptionsAreStillNeeded(t *testing.T) {
	top, err := Top(".")
	if err != nil {
		t.Fatal(err)
	}
	files, err := Read(t.Context(), top)
	if err != nil {
		t.Fatal(err)
	}
	kept := sleeps
	t.Cleanup(func() { sleeps = kept })
	sleeps = nil
	broken := map[string]bool{}
	for _, f := range Check(files) {
		if f.Rule == "sleeping" {
			broken[f.Path] = true
		}
	}
	for _, e := range kept {
		if !broken[e.path] {
			t.Errorf("%s needs no exception from the rule of sleeping; take it off the list", e.path)
		}
	}
}
