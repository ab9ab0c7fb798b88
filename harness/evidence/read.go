package evidence

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/klauspost/compress/zstd"
)

// maxLine bounds one event's line, so that a damaged file cannot fill memory.
const maxLine = 4 << 20

// Read yields the events of an evidence file in order. A file that is cut or
// damaged yields what is whole and then one error; nothing follows an error.
//
// The strings of an event that hardly ever come again (Msg, Digest, Reply, Peer,
// Session, Queue) are parts of a block of the file: whoever keeps one for longer
// than it takes to look at it keeps 128 KiB, and clones it instead.
func Read(path string) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		f, err := os.Open(path)
		if err != nil {
			yield(Event{}, fmt.Errorf("opening the evidence: %w", err))
			return
		}
		defer f.Close()
		for e, err := range Decode(f) {
			if !yield(e, err) {
				return
			}
		}
	}
}

// Decode yields the events of compressed evidence, as Read does.
func Decode(r io.Reader) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		zip, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderMaxMemory(64<<20))
		if err != nil {
			yield(Event{}, fmt.Errorf("reading the evidence: %w", err))
			return
		}
		defer zip.Close()
		decodeLines(zip, yield)
	}
}

// decodeLines yields the blocks' events in order. The goroutines that read are
// gone when it returns, or will be as soon as r gives what they ask it for.
func decodeLines(r io.Reader, yield func(Event, error) bool) {
	g := startReading(r)
	defer g.end()
	for b := range g.order {
		<-b.parsed
		for _, e := range b.events {
			if !yield(e, nil) {
				return
			}
		}
		if b.err != nil && !errors.Is(b.err, io.EOF) {
			yield(Event{}, fmt.Errorf("reading the evidence: %w", b.err))
			return
		}
		g.free <- b
	}
}

// end waits until nobody reads any more, so that the reader can be closed.
func (g *reading) end() {
	close(g.stop)
	for range g.order {
	}
}
