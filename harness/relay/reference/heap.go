package reference

import (
	"container/heap"
	"slices"
	"time"
)

// entry is all that memory holds of a message that waits: 32 bytes. Envelope
// and content are in the queue file.
type entry struct {
	id      uint64
	due     int64 // unix nanoseconds; when it is to be tried
	born    int64 // unix nanoseconds; when it arrived
	tries   uint32
	noticed bool
	away    bool // its last failure was the destination's, not its own
	freed   bool // released before it was due: its destination is back
}

// alarm is when the message needs to be looked at even if it is not tried:
// for the notice of its delay, then for its end.
func (e entry) alarm(notice, lifetime time.Duration) int64 {
	if notice >= 0 && notice < lifetime && !e.noticed {
		return e.born + int64(notice)
	}
	return e.born + int64(lifetime)
}

// entries is a heap of entries: those to be tried now by age, those that wait
// by when they are due.
type entries struct {
	list  []entry
	byAge bool
}

// Len is the number of entries, for package heap.
func (h *entries) Len() int { return len(h.list) }

// Less orders the entries, for package heap.
func (h *entries) Less(i, j int) bool { return h.before(h.list[i], h.list[j]) < 0 }

// Swap swaps two entries, for package heap.
func (h *entries) Swap(i, j int) { h.list[i], h.list[j] = h.list[j], h.list[i] }

// Push adds an entry, for package heap.
func (h *entries) Push(x any) { h.list = append(h.list, x.(entry)) }

// Pop removes the last entry, for package heap.
func (h *entries) Pop() any {
	last := len(h.list) - 1
	e := h.list[last]
	h.list = h.list[:last]
	if last == 0 {
		h.list = nil // a backlog's memory is given back once it is gone
	}
	return e
}

func (h *entries) before(a, b entry) int {
	if h.byAge || a.due == b.due {
		return compare(a.id, b.id)
	}
	return compare(a.due, b.due)
}

func compare[T int64 | uint64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (h *entries) add(e entry) { heap.Push(h, e) }

func (h *entries) take() entry { return heap.Pop(h).(entry) }

func (h *entries) first() entry { return h.list[0] }

// addAll takes in many entries at once, in the time of one sort.
func (h *entries) addAll(more []entry) {
	h.list = append(h.list, more...)
	slices.SortFunc(h.list, h.before) // a sorted slice is a heap
}

// remove takes out the entries for which pick is true, and returns them.
func (h *entries) remove(pick func(entry) bool) []entry {
	var out []entry
	kept := h.list[:0]
	for _, e := range h.list {
		if pick(e) {
			out = append(out, e)
		} else {
			kept = append(kept, e)
		}
	}
	if h.list = kept; len(kept) == 0 {
		h.list = nil
	}
	if len(out) > 0 {
		heap.Init(h)
	}
	return out
}
