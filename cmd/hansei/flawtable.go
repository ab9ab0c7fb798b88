package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hansei-mail/hansei/harness/relay/reference"
	"github.com/hansei-mail/hansei/scenarios"
)

// tableFlaws writes which flaws break which promise, a row a promise. A star
// marks a flaw that by its nature breaks another promise too.
func tableFlaws(w io.Writer, chosen []reference.Flaw) error {
	var b strings.Builder
	b.WriteString("| promise | flaws that break it |\n|---|---|\n")
	for _, promise := range scenarios.PromiseNames {
		var names []string
		for _, f := range chosen {
			switch {
			case !slices.Contains(f.Breaks, promise):
			case len(f.Breaks) > 1:
				names = append(names, f.Name+"*")
			default:
				names = append(names, f.Name)
			}
		}
		if len(names) > 0 {
			fmt.Fprintf(&b, "| %s | %d: %s |\n", promise, len(names), strings.Join(names, ", "))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
