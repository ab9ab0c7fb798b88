package reference

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
)

// logName is the log's place below World.Dir.
const logName = "log/relay.log"

const stampFormat = "2006-01-02T15:04:05.000Z07:00"

// journal is the relay's log: one line an event, with the scenario's time, the
// event's word and name=value pairs. It goes straight to the file, so that a
// kill loses no line.
type journal struct {
	clock clock.Clock
	mu    sync.Mutex
	file  *os.File // nil once closed
}

func openJournal(dir string, c clock.Clock) (*journal, error) {
	path := filepath.Join(dir, filepath.FromSlash(logName))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("making the log folder: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	return &journal{clock: c, file: file}, nil
}

// write logs an event; pairs are names and values in turn, and empty values
// are left out.
func (j *journal) write(event string, pairs ...string) {
	var b strings.Builder
	b.WriteString(stamp(j.clock.Now()))
	b.WriteByte(' ')
	b.WriteString(event)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		b.WriteByte(' ')
		b.WriteString(pairs[i])
		b.WriteByte('=')
		b.WriteString(quoted(pairs[i+1]))
	}
	b.WriteByte('\n')
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return // killed: a dead process logs nothing
	}
	// A full disk must not stop mail; the log is the lesser good.
	_, _ = j.file.WriteString(b.String())
}

func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file != nil {
		_ = j.file.Close()
		j.file = nil
	}
}

func stamp(t time.Time) string { return t.UTC().Format(stampFormat) }

func quoted(value string) string {
	if strings.ContainsAny(value, " \"=\\") || strings.ContainsFunc(value, func(r rune) bool {
		return r < ' ' || r == 0x7f
	}) {
		return strconv.Quote(value)
	}
	return value
}
