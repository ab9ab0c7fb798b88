package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
)

// blockSize is how much text is parsed at a time: enough to be worth handing to
// another core, little enough that those under way need no memory to speak of.
const blockSize = 128 << 10

// block is some whole lines, parsed by one goroutine while others parse others.
// Blocks are taken in the order in which they were read.
type block struct {
	text   []byte
	line   int // number of the first line
	events []Event
	err    error
	parsed chan struct{}
}

// reading parses evidence on all cores. Whoever takes its blocks gives each
// back to free when it is done with it.
type reading struct {
	work, order chan *block
	free        chan *block
	stop        chan struct{}
}

func startReading(r io.Reader) *reading {
	workers := runtime.GOMAXPROCS(0)
	n := 2*workers + 1
	g := &reading{
		work: make(chan *block, n), order: make(chan *block, n),
		free: make(chan *block, n), stop: make(chan struct{}),
	}
	for range n {
		g.free <- &block{}
	}
	for range workers {
		go g.parse()
	}
	go g.read(r)
	return g
}

// read cuts the text into blocks at the ends of lines.
func (g *reading) read(r io.Reader) {
	defer close(g.order)
	defer close(g.work)
	line := 1
	var rest []byte
	for {
		var b *block
		select {
		case b = <-g.free:
		case <-g.stop:
			return
		}
		b.line, b.err, b.events = line, nil, b.events[:0]
		b.parsed = make(chan struct{})
		rest = b.fill(r, rest)
		line += bytes.Count(b.text, newline)
		last := b.err != nil
		g.order <- b
		g.work <- b
		if last {
			return
		}
	}
}

var newline = []byte{'\n'}

var (
	errCutLine  = errors.New("the last line is cut")
	errLongLine = fmt.Errorf("a line is longer than %d bytes", maxLine)
)

// fill reads up to the end of a line, and returns what was read beyond it. Its
// error is io.EOF when the text ended with a whole line.
func (b *block) fill(r io.Reader, rest []byte) []byte {
	b.text = append(b.text[:0], rest...)
	for {
		n := len(b.text)
		b.text = append(b.text, make([]byte, blockSize)...)
		read, err := full(r, b.text[n:])
		b.text = b.text[:n+read]
		end := bytes.LastIndexByte(b.text, '\n') + 1
		switch {
		case err == io.EOF:
			if b.err = io.EOF; end < len(b.text) {
				b.err = errCutLine
			}
		case err != nil:
			b.err = err
		case len(b.text)-end > maxLine:
			b.err = errLongLine
		case end == 0:
			continue
		}
		rest = append(rest[:0], b.text[end:]...)
		b.text = b.text[:end]
		return rest
	}
}

// full reads until the buffer is full or the reader has an error, which it
// returns as it is: io.ReadFull would make one of the end of all and of the middle
// of a compressed frame, and a file that is cut there must not read as whole.
func full(r io.Reader, buffer []byte) (n int, err error) {
	for n < len(buffer) && err == nil {
		var read int
		read, err = r.Read(buffer[n:])
		n += read
	}
	return n, err
}

func (g *reading) parse() {
	var p parser
	for b := range g.work {
		b.parse(&p)
		close(b.parsed)
	}
}

// parse reads the lines up to the first that is none.
func (b *block) parse(p *parser) {
	text := string(b.text) // the events' strings are parts of it
	for n := b.line; len(text) > 0; n++ {
		end := strings.IndexByte(text, '\n')
		b.events = append(b.events, Event{})
		if err := p.event(text[:end], &b.events[len(b.events)-1]); err != nil {
			b.events = b.events[:len(b.events)-1]
			b.err = fmt.Errorf("line %d: %w", n, err)
			return
		}
		text = text[end+1:]
	}
}
