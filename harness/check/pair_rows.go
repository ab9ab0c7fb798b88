package check

import (
	"encoding/binary"
	"time"
)

// pairRows holds the pairs, packed as letterRows holds the letters. Of most
// pairs some moments need no room: what was accepted at the first attempt was
// taken when that was answered, the relay was told of the first delivery at
// once, and what bounced was not delivered. A pair of which that is not so is
// kept whole beside them.
//
//	0 shape 3 · 3 rcpt 3 · 6 out, or failed 6 · 12 outAt 6 · 18 copied 6 · 24 copiedAt 6
type pairRows struct {
	rows
	shapes shapes[packedShape]
	wide   []pair
}

const pairWidth = 30

// packedShape is a pair's shape, and where the moments are that have no room of
// their own.
type packedShape struct {
	pairShape
	asFirst bool // handed and taken are the letter's began and answered
	asOut   bool // told is out
	failed  bool // out has the place of failed
	beside  bool // the next pair is the next row
}

func newPairRows() pairRows { return pairRows{rows: rows{width: pairWidth}} }

// add appends a pair of which nothing is known but its recipient. The first row
// is not used, so that 0 means none.
func (r *pairRows) add(rcpt int32) int32 {
	r.reach(max(r.n, 1) + 1)
	pi := int32(r.n - 1)
	r.write(pi, &letter{}, &pair{rcpt: rcpt})
	return pi
}

// read unpacks a pair of the letter.
func (r *pairRows) read(pi int32, m *letter, p *pair) {
	b := r.row(pi)
	number := get24(b)
	if number == noShape {
		*p = r.wide[binary.LittleEndian.Uint32(b[3:])]
		return
	}
	shape := r.shapes.value(number)
	p.pairShape = shape.pairShape
	p.next, p.rcpt = 0, int32(get24(b[3:]))
	p.handed, p.taken, p.told, p.failed = 0, 0, 0, 0
	p.out = time.Duration(get48(b[6:]))
	p.outAt = time.Duration(get48(b[12:]))
	p.copied = time.Duration(get48(b[18:]))
	p.copiedAt = time.Duration(get48(b[24:]))
	if shape.asFirst {
		p.handed, p.taken = m.began, m.answered
	}
	if shape.asOut {
		p.told = p.out
	}
	if shape.failed {
		p.failed, p.out = p.out, 0
	}
	if shape.beside {
		p.next = pi + 1
	}
}

// write packs a pair of the letter into its row. Whoever changes the letter's
// began or answered reads its pairs before that and writes them after it.
func (r *pairRows) write(pi int32, m *letter, p *pair) {
	b := r.row(pi)
	if get24(b) == noShape {
		r.wide[binary.LittleEndian.Uint32(b[3:])] = *p
		return
	}
	shape, out, fits := packPair(pi, m, p)
	number := r.shapes.of(shape)
	if !fits || number == noShape {
		put24(b, noShape)
		binary.LittleEndian.PutUint32(b[3:], uint32(len(r.wide)))
		r.wide = append(r.wide, *p)
		return
	}
	put24(b, number)
	put24(b[3:], uint32(p.rcpt))
	put48(b[6:], uint64(out))
	put48(b[12:], uint64(p.outAt))
	put48(b[18:], uint64(p.copied))
	put48(b[24:], uint64(p.copiedAt))
}

// packPair is the shape of the pair and what goes in the place of out; fits
// says that read gives back what is packed.
func packPair(pi int32, m *letter, p *pair) (s packedShape, out time.Duration, fits bool) {
	s = packedShape{pairShape: p.pairShape, beside: p.next == pi+1}
	fits = s.beside || p.next == 0
	if p.taken != 0 || p.handed != 0 {
		s.asFirst = true
		fits = fits && p.taken == m.answered && p.handed == m.began
	}
	if p.told != 0 {
		s.asOut = true
		fits = fits && p.told == p.out
	}
	out = p.out
	if p.failed != 0 {
		s.failed = true
		fits = fits && p.out == 0
		out = p.failed
	}
	return s, out, fits && uint32(p.rcpt) < 1<<24 &&
		uint64(out|p.outAt|p.copied|p.copiedAt) < 1<<48
}
