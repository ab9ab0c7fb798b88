package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fences are the code blocks of the README in one language.
func fences(t *testing.T, language string) []string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, m := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").
		FindAllStringSubmatch(string(text), -1) {
		if m[1] == language {
			blocks = append(blocks, m[2])
		}
	}
	return blocks
}

// TestREADME runs what the README tells its reader to run, in one folder. Runs of
// the catalogue are not made (they take a minute, some need root), but their
// flags and scenarios must be right; -short leaves out all runs.
func TestREADME(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	snippets := fences(t, "yaml")
	if len(snippets) != 1 {
		t.Fatalf("%d YAML snippets, want the one that is last-night.yaml", len(snippets))
	}
	blocks := fences(t, "sh")
	t.Chdir(t.TempDir())
	write(t, "last-night.yaml", snippets[0])
	write(t, "main.cf", "maximal_backoff_time = 600s\n")

	var runs, others [][]string
	for _, line := range strings.Split(strings.Join(blocks, ""), "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case words[0] == "make" && len(words) == 2:
			if !regexp.MustCompile(`(?m)^` + words[1] + `:`).Match(makefile) {
				t.Errorf("%s: the Makefile has no such target", line)
			}
		case len(words) > 3 && strings.Join(words[:3], " ") == "go run ./cmd/hansei":
			runs = append(runs, words[3:])
		case len(words) > 1 && words[0] == "hansei" && words[1] == "run":
			runs = append(runs, words[1:])
		case words[0] == "hansei":
			others = append(others, words[1:])
		default:
			t.Errorf("%q is nothing that this test can run", line)
		}
	}
	if len(runs) < 3 || len(others) < 3 {
		t.Errorf("only %d runs and %d others found: has the README changed its form?",
			len(runs), len(others))
	}
	for _, args := range slices.Concat(runs, others) {
		try(t, args)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Clean(path), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// try runs a command of the README. Runs may end with any verdict, since that
// is what the README shows; nothing may end with bad usage or an internal error.
func try(t *testing.T, args []string) {
	t.Helper()
	c, rest, err := newRoot().Find(args)
	if err != nil {
		t.Errorf("hansei %s: %v", strings.Join(args, " "), err)
		return
	}
	if err := c.ParseFlags(rest); err != nil {
		t.Errorf("hansei %s: %v", strings.Join(args, " "), err)
		return
	}
	quick := true
	if c.Name() == "run" {
		scenario := c.Flags().Arg(0)
		quick = isFile(scenario)
		if _, err := find(scenario, ""); err != nil {
			t.Errorf("hansei %s: %v", strings.Join(args, " "), err)
			return
		}
	}
	reads := slices.Contains([]string{"run", "explain", "check", "report"}, c.Name())
	if !quick || reads && testing.Short() {
		return
	}
	var out, errs bytes.Buffer
	if code := Main(args, &out, &errs); code >= exitUsage {
		t.Errorf("hansei %s: exit code %d\n%s", strings.Join(args, " "), code, errs.String())
	}
}
