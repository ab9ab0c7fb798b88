package mailstore

import (
	"bufio"
	"io"
)

// onTheWire gives text with the line ends of a Unix file those of SMTP. What has
// them already stays as it is.
type onTheWire struct {
	from *bufio.Reader
	last byte
	held bool // a LF is still to be given
}

func newOnTheWire(r io.Reader) *onTheWire { return &onTheWire{from: bufio.NewReader(r)} }

// Read reads at least one byte.
func (w *onTheWire) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if w.held {
			p[n], w.held, w.last = '\n', false, '\n'
			n++
			continue
		}
		if n > 0 && w.from.Buffered() == 0 {
			break
		}
		c, err := w.from.ReadByte()
		if err != nil {
			return n, err
		}
		if c == '\n' && w.last != '\r' {
			c, w.held = '\r', true
		}
		p[n], w.last = c, c
		n++
	}
	return n, nil
}
