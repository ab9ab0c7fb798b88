package timeline

import (
	"container/heap"
	"strconv"
)

// merge gives the fixed steps and all routes' submissions in the order of time;
// at the same moment fixed steps come first, then routes in the scenario's
// order.
func (t *Timeline) merge(yield func(Step) bool) {
	if len(t.written) > 0 {
		t.mergeWritten(yield)
		return
	}
	var queue streams
	for i := range t.streams {
		if s := t.streams[i].stream(i); s.advance() {
			queue = append(queue, s)
		}
	}
	heap.Init(&queue)
	fixed := t.fixed
	for id := uint64(1); len(queue) > 0; id++ {
		s := queue[0]
		for len(fixed) > 0 && fixed[0].At <= s.next.At {
			if !yield(fixed[0]) {
				return
			}
			fixed = fixed[1:]
		}
		step := s.next
		step.Submit = s.submission("m" + strconv.FormatUint(id, 10))
		if !yield(step) {
			return
		}
		if s.advance() {
			heap.Fix(&queue, 0)
		} else {
			heap.Pop(&queue)
		}
	}
	for _, step := range fixed {
		if !yield(step) {
			return
		}
	}
}

// streams is a heap by the moment of the next arrival.
type streams []*stream

func (s streams) Len() int { return len(s) }
func (s streams) Less(i, j int) bool {
	if s[i].next.At != s[j].next.At {
		return s[i].next.At < s[j].next.At
	}
	return s[i].order < s[j].order
}
func (s streams) Swap(i, j int) { s[i], s[j] = s[j], s[i] }

// Push is for container/heap.
func (s *streams) Push(x any) { *s = append(*s, x.(*stream)) }

// Pop is for container/heap.
func (s *streams) Pop() any {
	old := *s
	last := old[len(old)-1]
	*s = old[:len(old)-1]
	return last
}
