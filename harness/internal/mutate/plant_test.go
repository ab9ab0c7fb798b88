package mutate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tiny is a package with one function for each operator, and tests that see
// what is named sure and nothing else.
const tiny = `package tiny

const limit = 3

type kind int8

func sure(n int) bool { return n < limit }

func unsure(n int) bool { return n < 10 }

func unseen(a, b int) int {
	a += b
	a++
	var list []int
	list = append(list, a)
	if a > 0 && b > 0 || !ok(kind(a)) {
		return max(a, b) * 2
	}
	return len(list)
}

func ok(k kind) bool { return k == 1 }
`

const tinyTest = `package tiny

import "testing"

func TestSure(t *testing.T) {
	if !sure(2) || sure(3) || sure(4) || !unsure(0) {
		t.Error("wrong")
	}
}
`

func tinyPackage(t *testing.T) *Set {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module tiny.example\n\ngo 1.26\n", "tiny.go": tiny, "tiny_test.go": tinyTest,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestEachMutantMeetsItsFate: what the tests see dies, what they do not see
// lives, and what they never reach is told apart.
func TestEachMutantMeetsItsFate(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a package several times")
	}
	s := tinyPackage(t)
	tests := Tests{Args: []string{"-test.failfast"}, Limit: time.Minute}
	reached, _, err := s.Reached(t.Context(), tests)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Fate{
		"tiny.go sure negate `n < limit`":                          Killed,
		"tiny.go sure < to <= `n < limit`":                         Killed,
		"tiny.go sure return zero for `return n < limit`":          Killed,
		"tiny.go  add 1 to `3 of a constant at limit`":             Killed,
		"tiny.go  take 1 from `3 of a constant at limit`":          Killed,
		"tiny.go unsure negate `n < 10`":                           Killed,
		"tiny.go unsure < to <= `n < 10`":                          Survived,
		"tiny.go unsure return zero for `return n < 10`":           Killed,
		"tiny.go unseen delete `a += b`":                           Unreached,
		"tiny.go unseen turn the sign of `a += b`":                 Unreached,
		"tiny.go unseen ++ to -- `a++`":                            Unreached,
		"tiny.go unseen delete `list = append(list, a)`":           Unreached,
		"tiny.go unseen || to && `a > 0 && b > 0 || !ok(kind(a))`": Unreached,
		"tiny.go unseen && to || `a > 0 && b > 0`":                 Unreached,
		"tiny.go unseen negate `ok(kind(a))`":                      Unreached,
		"tiny.go unseen max to min `max(a, b)`":                    Unreached,
		"tiny.go unseen * to / `max(a, b) * 2`":                    Unreached,
		"tiny.go unseen add 1 to `2`":                              Unreached,
		"tiny.go unseen return zero for `return len(list)`":        Unreached,
		"tiny.go ok negate `k == 1`":                               Unreached,
	}
	seen := map[string]bool{}
	for _, m := range s.Mutants {
		seen[m.Key()] = true
		fate, ok := want[m.Key()]
		if !ok {
			continue
		}
		got := Unreached
		if m.own != nil || reached[m.ID] {
			if got, err = s.Try(t.Context(), m, tests); err != nil {
				t.Fatal(err)
			}
		}
		if got != fate {
			t.Errorf("%s: %s, want %s", m.Key(), got, fate)
		}
	}
	for key := range want {
		if !seen[key] {
			t.Errorf("nobody planted %s", key)
		}
	}
}

// TestShardsAreAllOfThem: each mutant is in one shard.
func TestShardsAreAllOfThem(t *testing.T) {
	all := make([]Mutant, 10)
	for i := range all {
		all[i].ID = i + 1
	}
	seen := map[int]int{}
	for i := range 3 {
		for _, m := range Shard(all, i, 3) {
			seen[m.ID]++
		}
	}
	for _, m := range all {
		if seen[m.ID] != 1 {
			t.Errorf("mutant %d is in %d shards", m.ID, seen[m.ID])
		}
	}
}

// TestSurvivorsNeedAReason reads lists of survivors.
func TestSurvivorsNeedAReason(t *testing.T) {
	known, err := ReadSurvivors("# a comment\n\na.go f negate `x`\n\tit changes nothing\n")
	if err != nil || known["a.go f negate `x`"] != "it changes nothing" || len(known) != 1 {
		t.Errorf("%v, %v", known, err)
	}
	for text, want := range map[string]string{
		"a\n": "no reason", "a\nb\n\tc\n": "no reason", "\tc\n": "a reason of nothing",
		"a\n\tb\na\n\tb\n": "twice",
	} {
		if _, err := ReadSurvivors(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
