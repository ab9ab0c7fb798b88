package forecast

// none is the end of a list of units.
const none = int32(-1)

// wheel keeps units by when they are due, in slots of equal width; what lies
// farther ahead than it has slots lies in the last one and is looked at again.
// Lists are linked through the units themselves.
type wheel struct {
	width, phase int32 // milliseconds
	head         []int32
	tail         []int32
	next, prev   []int32 // of units; prev only where units are taken out early
	slot         []int32 // of units; only with prev
	at           int     // the slot that comes next
	held         int
}

func newWheel(width, phase, horizon int32, next, prev []int32) *wheel {
	slots := int((horizon+width-1)/width) + 2
	w := &wheel{width: width, phase: phase, next: next, prev: prev}
	w.head, w.tail = make([]int32, slots), make([]int32, slots)
	for i := range w.head {
		w.head[i], w.tail[i] = none, none
	}
	if prev != nil {
		w.slot = make([]int32, len(prev))
	}
	return w
}

// time is when a slot is looked at.
func (w *wheel) time(slot int) int64 { return int64(slot)*int64(w.width) + int64(w.phase) }

// put adds a unit that is due at a moment: the first look at or after it.
func (w *wheel) put(u int32, due int64) {
	slot := int((due - int64(w.phase) + int64(w.width) - 1) / int64(w.width))
	slot = min(max(slot, w.at), len(w.head)-1)
	w.next[u] = none
	if w.tail[slot] == none {
		w.head[slot] = u
	} else {
		w.next[w.tail[slot]] = u
	}
	if w.prev != nil {
		w.prev[u], w.slot[u] = w.tail[slot], int32(slot)
	}
	w.tail[slot] = u
	w.held++
}

// remove takes a unit out before it is due.
func (w *wheel) remove(u int32) {
	slot, before, after := w.slot[u], w.prev[u], w.next[u]
	if before == none {
		w.head[slot] = after
	} else {
		w.next[before] = after
	}
	if after == none {
		w.tail[slot] = before
	} else {
		w.prev[after] = before
	}
	w.held--
}

// soonest is when the next slot that holds anything is looked at.
func (w *wheel) soonest() int64 {
	if w.held == 0 {
		return never
	}
	for w.at < len(w.head) && w.head[w.at] == none {
		w.at++
	}
	if w.at == len(w.head) {
		return never
	}
	return w.time(w.at)
}

// take empties the next slot: its units, linked.
func (w *wheel) take() int32 {
	u := w.head[w.at]
	w.head[w.at], w.tail[w.at] = none, none
	w.at++
	for v := u; v != none; v = w.next[v] {
		w.held--
	}
	return u
}

// alarms is a heap of moments (milliseconds) with what they are about, packed
// into one number so that nothing is allocated.
type alarms []uint64

func (a *alarms) add(at int64, what int) {
	*a = append(*a, uint64(at)<<24|uint64(what))
	h := *a
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if h[up] <= h[i] {
			return
		}
		h[up], h[i] = h[i], h[up]
		i = up
	}
}

func (a alarms) soonest() int64 {
	if len(a) == 0 {
		return never
	}
	return int64(a[0] >> 24)
}

func (a *alarms) take() (at int64, what int) {
	h := *a
	top, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	for i := 0; ; {
		down := 2*i + 1
		if down >= last {
			break
		}
		if down+1 < last && h[down+1] < h[down] {
			down++
		}
		if h[i] <= h[down] {
			break
		}
		h[i], h[down] = h[down], h[i]
		i = down
	}
	*a = h
	return int64(top >> 24), int(top & (1<<24 - 1))
}
