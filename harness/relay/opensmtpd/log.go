package opensmtpd

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// stampLayout is that of the log, in UTC.
const stampLayout = "2006-01-02T15:04:05.000Z"

// journal is the log: what the server prints (smtpd -d), each line with the
// time at which it came. A log by syslog(3) would have real time stamps, which
// the C library makes.
type journal struct {
	now func() time.Time

	mu   sync.Mutex
	file *os.File
	rest []byte   // of a line that has not ended
	tail []string // its last lines, of this start
}

// tailLines is how many lines are kept for an error message.
const tailLines = 12

// newJournal begins a log file that is open to all.
func newJournal(path string, now func() time.Time) (*journal, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("making opensmtpd's log: %w", err)
	}
	return &journal{now: now, file: file}, nil
}

// Write takes what the server prints.
func (j *journal) Write(p []byte) (int, error) {
	at := j.now()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.rest = append(j.rest, p...)
	for {
		line, rest, whole := bytes.Cut(j.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		j.rest = rest
		if err := j.put(at, string(line)); err != nil {
			return 0, err
		}
	}
}

// line adds a line of ours.
func (j *journal) line(text string) error {
	at := j.now()
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.put(at, text)
}

// put writes a line, unless the log has been closed.
func (j *journal) put(at time.Time, text string) error {
	j.tail = append(j.tail[max(0, len(j.tail)+1-tailLines):], text)
	if j.file == nil {
		return nil
	}
	if _, err := fmt.Fprintf(j.file, "%s %s\n", at.UTC().Format(stampLayout), text); err != nil {
		return fmt.Errorf("writing to opensmtpd's log: %w", err)
	}
	return nil
}

// begin forgets the words of earlier starts.
func (j *journal) begin() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.tail = nil
}

// words are the last lines since then.
func (j *journal) words() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.tail, "; ")
}

// close ends the log. It may be called again, and without a log.
func (j *journal) close() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	if err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("closing opensmtpd's log: %w", err)
	}
	return nil
}
