package timeline

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// WriteTo writes the timeline as JSON Lines, the header first.
func (t *Timeline) WriteTo(w io.Writer) (int64, error) {
	counted := &counter{w: w}
	buffer := bufio.NewWriterSize(counted, 64<<10)
	lines := json.NewEncoder(buffer)
	lines.SetEscapeHTML(false)
	err := lines.Encode(t.header)
	if err == nil {
		for step := range t.Steps() {
			if err = lines.Encode(step); err != nil {
				break
			}
		}
	}
	if err == nil {
		err = buffer.Flush()
	}
	if err != nil {
		return counted.n, fmt.Errorf("writing the timeline of %s: %w", t.header.Scenario, err)
	}
	return counted.n, nil
}

// counter counts what was written.
type counter struct {
	w io.Writer
	n int64
}

// Write passes on.
func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// ReadTimeline reads what WriteTo wrote: the header at once, the steps while
// they are asked for, once. The sequence ends after the first error.
func ReadTimeline(r io.Reader) (Header, iter.Seq2[Step, error], error) {
	lines := json.NewDecoder(bufio.NewReaderSize(r, 64<<10))
	var h Header
	if err := lines.Decode(&h); err != nil {
		return Header{}, nil, fmt.Errorf("reading the header of a timeline: %w", err)
	}
	if h.Format != Format {
		return Header{}, nil, fmt.Errorf(
			"reading a timeline: its format is %d, this version of hansei reads %d", h.Format, Format)
	}
	return h, func(yield func(Step, error) bool) {
		for n := 2; ; n++ {
			var step Step
			err := lines.Decode(&step)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Step{}, fmt.Errorf("reading line %d of a timeline: %w", n, err))
				return
			}
			if !yield(step, nil) {
				return
			}
		}
	}, nil
}
