package tidy

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// topNames are all that lies at the top of the repository.
var topNames = []string{
	".ci", ".gitignore", "LICENSE", "Makefile", "README.md", "cmd", "fakes", "go.mod", "go.sum",
	"harness", "reports", "scenarios",
}

func topLevel(r *repository) {
	seen := map[string]bool{}
	for _, f := range r.files {
		name, _, _ := strings.Cut(f.Path, "/")
		if !seen[name] && !slices.Contains(topNames, name) {
			r.add(f.Path, 0, "%s has no place at the top; move it to where it belongs", name)
		}
		seen[name] = true
	}
	for _, name := range topNames {
		if !seen[name] {
			r.add(name, 0, "it is missing; a newcomer looks for it at the top")
		}
	}
}

// forbidden are traces of the machine on which something was written. They are
// put together here so that the rule does not find itself.
var forbidden = []struct {
	pattern *regexp.Regexp
	cure    string
}{
	{
		regexp.MustCompile(`(^|[^\w.@-])/(wo` + `rk|ro` + `ot)/[\w.]`),
		"a path of one machine; make it relative or take it as an argument",
	},
	{
		regexp.MustCompile(`/(ho` + `me|Us` + `ers)/[a-z][\w.-]*/`),
		"somebody's home folder; make it relative or take it as an argument",
	},
	{
		regexp.MustCompile(`(?i)\b(https?|all|no)_pro` + `xy=\S`),
		"a proxy of one network; leave it to the environment",
	},
	{
		regexp.MustCompile(`\bGOPRO` + `XY=https?://[^\s,]*@`),
		"a module proxy with credentials; leave it to the environment",
	},
}

// forbiddenWords looks through every text file of the repository, testdata
// included.
func forbiddenWords(r *repository) {
	for _, f := range r.files {
		if !utf8.ValidString(f.Text) || strings.ContainsRune(f.Text, 0) {
			continue
		}
		number := 0
		for line := range strings.Lines(f.Text) {
			number++
			for _, w := range forbidden {
				if found := w.pattern.FindString(line); found != "" {
					r.add(f.Path, number, "%q is %s", strings.TrimSpace(found), w.cure)
				}
			}
		}
	}
}

func noReplace(r *repository) {
	for _, f := range r.files {
		if f.Path != "go.mod" {
			continue
		}
		number := 0
		for line := range strings.Lines(f.Text) {
			number++
			if strings.HasPrefix(strings.TrimSpace(line), "replace") {
				r.add(f.Path, number, "with a replace nobody can go install hansei; "+
					"require a released version")
			}
		}
	}
}
