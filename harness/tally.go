package harness

import (
	"hash/fnv"
	"strings"
	"sync"
	"sync/atomic"
)

// tally counts while the run goes on, so that it knows when nothing is under
// way any more. It remembers only the pairs that wait; the judge counts anew,
// from the evidence.
type tally struct {
	offered  atomic.Int64
	accepted atomic.Int64
	done     atomic.Int64
	spare    atomic.Int64
	faults   atomic.Int64

	mu      sync.Mutex
	pairs   map[uint64]standing
	waiting int64
}

// standing is how far a pair came.
type standing int8

const (
	waits standing = iota + 1
	early          // done before the sender knew that it was accepted
)

func newTally() *tally { return &tally{pairs: map[uint64]standing{}} }

// pairKey is a pair's key: 64 bits, so that two pairs of ten million meet with
// a chance of one in 400,000; the judge does not use it.
func pairKey(msg, rcpt string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(msg))
	h.Write([]byte{0})
	h.Write([]byte(strings.ToLower(rcpt)))
	return h.Sum64()
}

func (t *tally) accept(msg string, to []string) {
	t.accepted.Add(int64(len(to)))
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, rcpt := range to {
		key := pairKey(msg, rcpt)
		if t.pairs[key] == early {
			delete(t.pairs, key)
			continue
		}
		t.pairs[key] = waits
		t.waiting++
	}
}

// finish notes that pairs were delivered or bounced.
func (t *tally) finish(msg string, to []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, rcpt := range to {
		key := pairKey(msg, rcpt)
		if t.pairs[key] == waits {
			delete(t.pairs, key)
			t.waiting--
			t.done.Add(1)
			continue
		}
		// Either its acceptance is about to be told, or it is a duplicate.
		t.pairs[key] = early
	}
}

// Waiting is how many accepted pairs are neither delivered nor bounced.
func (t *tally) Waiting() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.waiting
}
