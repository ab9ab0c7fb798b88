package reference

import (
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// backoff gives the waits between attempts. Its randomness is a function of
// seed, key and count alone, so that a run repeats whatever the order in which
// goroutines ask.
type backoff struct {
	seed   uint64
	steps  []time.Duration
	jitter float64
}

// wait is the time to wait after the count-th failure in a row (from 1).
func (b backoff) wait(key uint64, count int) time.Duration {
	step := b.steps[min(max(count, 1), len(b.steps))-1]
	draw := rand.New(rand.NewPCG(b.seed^uint64(count), key)).Float64()
	return step + time.Duration((2*draw-1)*b.jitter*float64(step))
}

// keyOf turns a name into a key for draws.
func keyOf(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}
