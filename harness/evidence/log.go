package evidence

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
)

// File is the name of the evidence in a run folder.
const File = "evidence.jsonl.zst"

// flushEvery bounds how much evidence a killed harness can take with it.
const flushEvery = time.Second

// Stamp tells the time of an event: monotonic wall time since the run's start,
// and scenario time since the scenario's.
type Stamp func() (at, t time.Duration)

// Log appends events to a file. It is safe for use by many goroutines; the
// order of lines is the order in which events became known.
type Log struct {
	stamp Stamp

	mu      sync.Mutex
	file    Medium
	buf     *bufio.Writer
	zip     *zstd.Encoder
	err     error
	flushed time.Duration
	closed  bool
}

// Medium is what a log is written on.
type Medium interface {
	io.Writer
	Sync() error
	Close() error
}

// Create starts a log in a new file; it must not exist.
func Create(path string, stamp Stamp) (*Log, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, fmt.Errorf("creating the evidence: %w", err)
	}
	return New(f, stamp)
}

// New starts a log in an open file, which becomes its own.
func New(f Medium, stamp Stamp) (*Log, error) {
	buf := bufio.NewWriterSize(f, 256<<10)
	zip, err := zstd.NewWriter(buf,
		zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(1<<20))
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("starting the evidence's compression: %w", err)
	}
	return &Log{stamp: stamp, file: f, buf: buf, zip: zip}, nil
}

// Append writes the event, stamped with the present unless it carries its own
// time (it happened a moment ago, before its end was known). The first error
// sticks: see Err.
func (l *Log) Append(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.err != nil {
		return
	}
	now, t := l.stamp()
	if e.At == 0 {
		e.At, e.T = now, t
	}
	line, err := json.Marshal(&e)
	if err != nil {
		l.err = fmt.Errorf("encoding an event: %w", err)
		return
	}
	if _, err := l.zip.Write(append(line, '\n')); err != nil {
		l.err = fmt.Errorf("writing the evidence: %w", err)
		return
	}
	if now-l.flushed >= flushEvery {
		l.flushed = now
		l.flush()
	}
}

func (l *Log) flush() {
	if err := l.zip.Flush(); err != nil {
		l.err = fmt.Errorf("writing the evidence: %w", err)
	} else if err := l.buf.Flush(); err != nil {
		l.err = fmt.Errorf("writing the evidence: %w", err)
	}
}

// Err is the first error of any Append, e.g. a full disk.
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Close ends the file and returns the first error of its life. Later calls
// return the same; later events are dropped.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return l.err
	}
	l.closed = true
	keep := func(err error) {
		if err != nil && l.err == nil {
			l.err = fmt.Errorf("closing the evidence: %w", err)
		}
	}
	keep(l.zip.Close())
	keep(l.buf.Flush())
	keep(l.file.Sync())
	keep(l.file.Close())
	return l.err
}
