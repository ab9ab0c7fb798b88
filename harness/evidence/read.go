package evidence

import (
	"bufio"
	"bytes"
	"encoding/json"
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

func decodeLines(r io.Reader, yield func(Event, error) bool) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	lines.Split(wholeLines)
	for n := 1; lines.Scan(); n++ {
		var e Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			yield(Event{}, fmt.Errorf("reading the evidence, line %d: %w", n, err))
			return
		}
		if !yield(e, nil) {
			return
		}
	}
	if err := lines.Err(); err != nil {
		yield(Event{}, fmt.Errorf("reading the evidence: %w", err))
	}
}

var errCutLine = errors.New("the last line is cut")

// wholeLines splits like bufio.ScanLines, but a last line without its end is an
// error: it was being written when the harness died.
func wholeLines(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return 0, nil, errCutLine
	}
	return 0, nil, nil
}
