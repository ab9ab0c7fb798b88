package mutate

import (
	"bytes"
	"cmp"
	"slices"
)

// edit puts text in the place of a stretch of the file, which may be empty.
type edit struct {
	from, to int
	text     string
	closes   bool // it ends something that began earlier
}

// edits are the changes of one file. Those made for an expression go around
// those made for its parts, as long as the outer ones are added first.
type edits []edit

// around puts text before and after a stretch.
func (e *edits) around(from, to int, before, after string) {
	*e = append(*e, edit{from: from, to: from, text: before},
		edit{from: to, to: to, text: after, closes: true})
}

// replace puts text in the place of a stretch.
func (e *edits) replace(from, to int, text string) {
	*e = append(*e, edit{from: from, to: to, text: text})
}

// apply makes the changes.
func (e edits) apply(text []byte) []byte {
	type numbered struct {
		edit
		n int
	}
	all := make([]numbered, len(e))
	for i := range e {
		all[i] = numbered{e[i], i}
	}
	slices.SortFunc(all, func(a, b numbered) int {
		if c := cmp.Compare(a.from, b.from); c != 0 {
			return c
		}
		switch {
		case a.closes && b.closes:
			return cmp.Compare(b.n, a.n) // the inner one ends first
		case a.closes != b.closes:
			if a.closes {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.n, b.n)
	})
	var out bytes.Buffer
	at := 0
	for _, x := range all {
		out.Write(text[at:x.from])
		out.WriteString(x.text)
		at = x.to
	}
	out.Write(text[at:])
	return out.Bytes()
}
