package check

import (
	"encoding/binary"
	"math"

	"github.com/cespare/xxhash/v2"
)

// reading is what the ledger keeps of each message while it reads, and drops when
// the pass is over: judging needs its memory for other things.
type reading struct {
	// byOrdinal finds a letter by its ordinal. Messages come nearly in the order
	// of their ordinals, so it holds by how much the index differs; 0: not here.
	byOrdinal rows
	digests   rows // of the content, by letter; see digestOf
	tokens    rows // sum of the first word that may be the queue id; 0: none
	others    []token
}

// bytes is what it takes of memory.
func (r *reading) bytes() int {
	return r.byOrdinal.bytes() + r.digests.bytes() + r.tokens.bytes() + 16*cap(r.others)
}

// token is a further word that may be a message's queue id.
type token struct {
	letter int32
	sum    uint64
}

const digestWidth = 6

func newReading() reading {
	return reading{
		byOrdinal: rows{width: 2}, digests: rows{width: digestWidth}, tokens: rows{width: 8},
	}
}

// middle is the difference of nothing in byOrdinal.
const middle = 1 << 15

// find is the letter with that ordinal.
func (r *reading) find(ordinal uint32) (li int32, ok bool) {
	if ordinal == 0 || ordinal > math.MaxInt32 || int(ordinal) >= r.byOrdinal.n {
		return 0, false
	}
	d := binary.LittleEndian.Uint16(r.byOrdinal.row(int32(ordinal)))
	return int32(ordinal) + int32(d) - middle, d != 0
}

// enter notes the letter of an ordinal. A number far beyond all others is
// nobody's ordinal and must not cost memory, and one far from its index has no
// room here: false says so.
func (r *reading) enter(ordinal uint32, li int32) bool {
	d := int64(li) - int64(ordinal) + middle
	if ordinal == 0 || ordinal > math.MaxInt32 || int(ordinal) > 2*r.byOrdinal.n+1<<16 ||
		d <= 0 || d >= 2*middle {
		return false
	}
	r.byOrdinal.reach(int(ordinal) + 1)
	binary.LittleEndian.PutUint16(r.byOrdinal.row(int32(ordinal)), uint16(d))
	return true
}

// digest is the letter's digest, 0 if it has none.
func (r *reading) digest(li int32) uint64 {
	if int(li) >= r.digests.n {
		return 0
	}
	return get48(r.digests.row(li))
}

func (r *reading) setDigest(li int32, digest uint64) {
	r.digests.reach(int(li) + 1)
	put48(r.digests.row(li), digest)
}

// digestOf shortens a digest: 48 bits tell one message's copies apart.
func digestOf(digest string) uint64 {
	if digest == "" {
		return 0
	}
	return xxhash.Sum64String(digest)>>16 | 1
}

// addTokens notes the words of a reply that may be the message's queue id.
func (r *reading) addTokens(li int32, reply string) {
	for word := range queueTokens(reply) {
		sum := xxhash.Sum64String(word)
		r.tokens.reach(int(li) + 1)
		if row := r.tokens.row(li); binary.LittleEndian.Uint64(row) == 0 {
			binary.LittleEndian.PutUint64(row, sum)
			continue
		}
		r.others = append(r.others, token{li, sum})
	}
}

// named finds, of all letters with one of the words, the last; it fills in what
// it is given by the sums of the words.
func (r *reading) named(wanted map[uint64]int32) {
	found := func(li int32, sum uint64) {
		if last, ok := wanted[sum]; ok && li > last {
			wanted[sum] = li
		}
	}
	for li := range int32(r.tokens.n) {
		if sum := binary.LittleEndian.Uint64(r.tokens.row(li)); sum != 0 {
			found(li, sum)
		}
	}
	for _, t := range r.others {
		found(t.letter, t.sum)
	}
}
