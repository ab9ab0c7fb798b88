package mutate

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Mutant is one small error that can be planted.
type Mutant struct {
	// ID is its number, from 1, in the order of the code.
	ID int
	// File, Func and Line say where it is; Func is empty outside of functions.
	File, Func string
	Line       int
	// What it does to which code.
	Operator, Code string

	// nth tells those apart that look alike in one function.
	nth int
	// own is the changed text of the file, of a mutant that needs its own build.
	own []byte
}

// Key names the mutant without its line, so that a list of survivors outlives
// changes elsewhere in the file.
func (m Mutant) Key() string {
	key := fmt.Sprintf("%s %s %s `%s`", m.File, m.Func, m.Operator, m.Code)
	if m.nth > 1 {
		key += fmt.Sprintf(" #%d", m.nth)
	}
	return key
}

// String says where it is, for people.
func (m Mutant) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", m.File, m.Line, m.Operator, m.Code)
}

// planted is what one walk through the package makes of it.
type planted struct {
	mutants []Mutant
	seen    map[string]int
	// texts are the changed files, by path.
	texts map[string][]byte
}

// add makes a mutant and gives its number.
func (p *planted) add(path, function string, line int, operator, code string) int {
	m := Mutant{
		ID: len(p.mutants) + 1, File: filepath.Base(path), Func: function, Line: line,
		Operator: operator, Code: strings.Join(strings.Fields(code), " "),
	}
	if p.seen == nil {
		p.seen = map[string]int{}
	}
	p.seen[m.Key()]++
	m.nth = p.seen[m.Key()]
	p.mutants = append(p.mutants, m)
	return m.ID
}
