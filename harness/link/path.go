package link

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/Shopify/toxiproxy/v2/stream"
	"github.com/Shopify/toxiproxy/v2/toxics"
)

// pathToxic is the name of our toxic in toxiproxy's registry.
const pathToxic = "hansei_path"

// silence is how long a silent path waits before it looks again: the repair wakes
// it, so this is only a bound.
const silence = time.Hour

// queued is how many chunks (of at most 32 KiB) may be on their way at once.
const queued = 256

// tagLen is the length of the number that each end of a new connection sends
// first, and by which the toxics know whose bytes they carry.
const tagLen = 8

var registerPath = sync.OnceFunc(func() { toxics.Register(pathToxic, new(path)) })

// path is the toxic of one direction of a link: latency, bandwidth, cut-off,
// slices and silence.
//
// It stands in for toxiproxy's own latency, bandwidth and limit_data because
// those cannot be retuned while connections are open: an update is a data race
// with the running toxic, hangs while the reader stalls, and drops the bytes
// in hand after five seconds, which would look like a relay that corrupts
// mail; and limit_data leaves its goroutines behind when bytes keep coming.
type path struct {
	link      *Link
	fromRelay bool
}

// GetBufferSize tells toxiproxy how many chunks may wait before this toxic.
func (*path) GetBufferSize() int { return queued }

// Pipe carries one direction of one connection. Nobody interrupts it: the
// chain of toxics never changes. It must empty its input to the very end, or
// the stages before it would block for ever.
func (p *path) Pipe(stub *toxics.ToxicStub) {
	if p.link == nil || !p.link.enter() {
		stub.Close()
		drain(stub)
		return
	}
	defer p.link.running.Done()
	f := &flow{path: p, stub: stub}
	if first, ok := f.bind(); ok {
		f.run(first)
	}
	stub.Close()
	drain(stub)
}

func drain(stub *toxics.ToxicStub) {
	for range stub.Input {
	}
}

// flow is one direction of one connection on its way.
type flow struct {
	*path
	stub *toxics.ToxicStub
	pair *pair
	sent int64
	// free is when the path has finished with the bytes before, by its
	// bandwidth.
	free time.Time
}

// bind reads the tag, finds its pair and returns the bytes behind the tag. The
// far end learns its pair from the same tag; towards the relay it ends here.
func (f *flow) bind() (*stream.StreamChunk, bool) {
	var got []byte
	var at time.Time
	for len(got) < tagLen {
		c, ok := <-f.stub.Input
		if !ok {
			return nil, false
		}
		got, at = append(got, c.Data...), c.Timestamp
	}
	f.pair = f.link.find(binary.BigEndian.Uint64(got[:tagLen]))
	if f.pair == nil {
		return nil, false
	}
	if f.fromRelay && !f.put(got[:tagLen], at) {
		return nil, false
	}
	return &stream.StreamChunk{Data: got[tagLen:], Timestamp: at}, true
}

// run carries chunks until the input or the pair ends.
func (f *flow) run(c *stream.StreamChunk) {
	for f.carry(c) {
		var ok bool
		select {
		case c, ok = <-f.stub.Input:
			if !ok {
				return
			}
		case <-f.pair.done:
			return
		}
	}
}

// carry lets one chunk arrive; false when the connection is over.
func (f *flow) carry(c *stream.StreamChunk) bool {
	arrives := func(t *tuning) time.Time { return c.Timestamp.Add(t.latency) }
	if !f.until(arrives) {
		return false
	}
	for data := c.Data; len(data) > 0; {
		n := f.link.tuning.Load().slice(len(data))
		begin := f.free
		if now := time.Now(); now.After(begin) {
			begin = now
		}
		leaves := func(t *tuning) time.Time { return begin.Add(t.length(n)) }
		if !f.until(leaves) {
			return false
		}
		f.free = leaves(f.link.tuning.Load())
		whole := f.uncut(n)
		if whole > 0 && !f.put(data[:whole], c.Timestamp) {
			return false
		}
		f.record(whole)
		if f.uncut(1) == 0 {
			f.cut()
			return false
		}
		data = data[whole:]
	}
	return true
}

// until waits for the moment that at names under the tuning in force, and asks
// again whenever the tuning changes; false when the connection is over.
func (f *flow) until(at func(*tuning) time.Time) bool {
	for {
		t := f.link.tuning.Load()
		left := time.Until(at(t))
		if left <= 0 && !t.silent {
			return !f.pair.over()
		}
		if t.silent {
			left = silence
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-t.changed:
		case <-f.pair.done:
		}
		timer.Stop()
		if f.pair.over() {
			return false
		}
	}
}

// uncut is how many of the next n bytes still pass before the cut-off.
func (f *flow) uncut(n int) int {
	t := f.link.tuning.Load()
	if !f.fromRelay || t.cutAfter == 0 {
		return n
	}
	return int(max(0, min(int64(n), t.cutAfter-f.sent)))
}

func (f *flow) put(data []byte, at time.Time) bool {
	select {
	case f.stub.Output <- &stream.StreamChunk{Data: data, Timestamp: at}:
		return true
	case <-f.pair.done:
		return false
	}
}

func (f *flow) record(n int) {
	f.sent += int64(n)
	if f.fromRelay {
		f.link.count.fromRelay.Add(int64(n))
	} else {
		f.link.count.toRelay.Add(int64(n))
	}
}

// cut ends the connection as a cut path does: the relay sees a reset, the far
// end has what came through and then an error.
func (f *flow) cut() {
	if f.pair.end(errCut(f.link.name), resetNear) {
		f.link.count.cuts.Add(1)
	}
}
