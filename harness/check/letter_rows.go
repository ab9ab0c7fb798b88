package check

import (
	"encoding/binary"
	"math"
	"time"
)

// letterRows holds the letters, packed: one run has ten million. A letter that
// does not fit its row (a clock of days, a size of gigabytes) is kept whole
// beside them, so that nothing is ever rounded.
//
//	0 shape 3 · 3 from+1 3 · 6 pairs 4 · 10 ordinal 4 · 14 size 4 ·
//	18 due 6 · 24 began-due 5 · 29 answered-began 6
type letterRows struct {
	rows
	shapes shapes[letterShape]
	wide   []letter
}

const letterWidth = 35

func newLetterRows() letterRows { return letterRows{rows: rows{width: letterWidth}} }

// add appends a letter of which nothing is known but its ordinal.
func (r *letterRows) add(ordinal uint32) int32 {
	r.reach(r.n + 1)
	li := int32(r.n - 1)
	binary.LittleEndian.PutUint32(r.row(li)[10:], ordinal)
	return li
}

// read unpacks a letter.
func (r *letterRows) read(li int32, m *letter) {
	b := r.row(li)
	shape := get24(b)
	if shape == noShape {
		*m = r.wide[binary.LittleEndian.Uint32(b[3:])]
		return
	}
	m.letterShape = *r.shapes.value(shape)
	m.from = int32(get24(b[3:])) - 1
	m.pairs = int32(binary.LittleEndian.Uint32(b[6:]))
	m.ordinal = binary.LittleEndian.Uint32(b[10:])
	m.size = int64(binary.LittleEndian.Uint32(b[14:]))
	m.due = time.Duration(get48(b[18:]))
	m.began = m.due + time.Duration(unzigzag(get40(b[24:])))
	m.answered = m.began + time.Duration(unzigzag(get48(b[29:])))
}

// write packs a letter into its row. One that was kept whole once stays so.
func (r *letterRows) write(li int32, m *letter) {
	b := r.row(li)
	if get24(b) == noShape {
		r.wide[binary.LittleEndian.Uint32(b[3:])] = *m
		return
	}
	shape := r.shapes.of(m.letterShape)
	late, took := zigzag(int64(m.began-m.due)), zigzag(int64(m.answered-m.began))
	if shape == noShape || m.from >= 1<<24-1 || uint64(m.size) > math.MaxUint32 ||
		uint64(m.due) >= 1<<48 || late >= 1<<40 || took >= 1<<48 {
		put24(b, noShape)
		binary.LittleEndian.PutUint32(b[3:], uint32(len(r.wide)))
		r.wide = append(r.wide, *m)
		return
	}
	put24(b, shape)
	put24(b[3:], uint32(m.from+1))
	binary.LittleEndian.PutUint32(b[6:], uint32(m.pairs))
	binary.LittleEndian.PutUint32(b[10:], m.ordinal)
	binary.LittleEndian.PutUint32(b[14:], uint32(m.size))
	put48(b[18:], uint64(m.due))
	put40(b[24:], late)
	put48(b[29:], took)
}
