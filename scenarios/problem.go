package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a scenario, and how to put it right.
type Problem struct {
	File string
	// Line and Column count from 1; 0 means that the place is not known.
	Line, Column int
	What, Cure   string
}

// String is "file:line: what; cure", the form that editors can jump to.
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		b.WriteString(":")
	}
	if p.Line > 0 {
		fmt.Fprintf(&b, "%d:", p.Line)
	}
	if b.Len() > 0 {
		b.WriteString(" ")
	}
	b.WriteString(p.What)
	if p.Cure != "" {
		b.WriteString("; ")
		b.WriteString(p.Cure)
	}
	return b.String()
}

// Problems is everything that is wrong with a scenario, in the order of its
// lines. It is an error of its own type, so that callers can tell a bad
// scenario from a file that could not be read.
type Problems []Problem

// Error is one problem a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// asError is nil where there is no problem, so that an empty list never looks
// like an error. The same problem seen twice (in the scenario and again in each
// of its variants) is told once.
func (p Problems) asError() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	seen := map[Problem]bool{}
	return slices.DeleteFunc(p, func(one Problem) bool {
		again := seen[one]
		seen[one] = true
		return again
	})
}
