package check

import "math/bits"

// sum64 is a sum of a text by which it is told from others: of ten million
// different texts two have the same with a chance of one in 300,000. It is the
// same in every process, so that the same evidence is always judged alike.
func sum64(text string) uint64 {
	const odd, prime = 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93
	h := uint64(len(text)) * odd
	for ; len(text) >= 8; text = text[8:] {
		h = blend(h^load64(text), prime)
	}
	var rest uint64
	for i := range len(text) {
		rest |= uint64(text[i]) << (8 * i)
	}
	return blend(blend(h^rest, prime)^odd, prime)
}

// blend multiplies and puts both halves together.
func blend(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

func load64(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
