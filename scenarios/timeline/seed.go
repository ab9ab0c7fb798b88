package timeline

import (
	"hash/fnv"
	"io"
)

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood: "Fast Splittable
// Pseudorandom Number Generators", 2014): neighbouring numbers become unlike.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// derive is the seed of one part of a plan: other parts keep theirs when one is
// added or renamed.
func derive(seed uint64, what, name string) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, what) // a hash takes everything
	_, _ = io.WriteString(h, "\x00")
	_, _ = io.WriteString(h, name)
	return mix(seed ^ mix(h.Sum64()))
}
