package course

import (
	"slices"
	"sync"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
)

// batch is how many events the tellers are given at once.
const batch = 512

// tellers tell the stories of several messages from one reading of the evidence:
// reading is what takes long.
type tellers struct {
	msgs    []string
	inputs  []chan []evidence.Event
	stories [][]check.Line
	pending []evidence.Event
	done    sync.WaitGroup
}

func newTellers(msgs []string) *tellers {
	msgs = slices.Compact(slices.Sorted(slices.Values(msgs)))
	t := &tellers{msgs: msgs, stories: make([][]check.Line, len(msgs))}
	for i, msg := range msgs {
		in := make(chan []evidence.Event, 1)
		t.inputs = append(t.inputs, in)
		t.done.Go(func() {
			t.stories[i] = check.Story(func(yield func(evidence.Event, error) bool) {
				going := true
				for events := range in {
					for _, e := range events {
						going = going && yield(e, nil)
					}
				}
			}, msg)
		})
	}
	return t
}

func (t *tellers) hear(e *evidence.Event) {
	if len(t.msgs) == 0 {
		return
	}
	t.pending = append(t.pending, *e)
	if len(t.pending) == batch {
		t.pass()
	}
}

func (t *tellers) pass() {
	for _, in := range t.inputs {
		in <- t.pending
	}
	t.pending = make([]evidence.Event, 0, batch)
}

// end returns the stories by message id.
func (t *tellers) end() map[string][]check.Line {
	t.pass()
	for _, in := range t.inputs {
		close(in)
	}
	t.done.Wait()
	all := map[string][]check.Line{}
	for i, msg := range t.msgs {
		all[msg] = t.stories[i]
	}
	return all
}
