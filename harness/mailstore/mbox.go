package mailstore

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// mboxGrain is that of the date in a From_ line.
const mboxGrain = time.Second

// mbox is one file with one message after the other, each begun by a line
// "From SENDER DATE" (RFC 4155), in the quoting of Postfix's local(8) and others:
// a line of a message that begins with "From " has a ">" before it.
type mbox struct {
	path   string
	offset int64 // where the messages that were not told of begin; < 0: not looked yet
	size   int64 // the file's at the last look
	looked time.Time
}

func openMbox(path string) (*mbox, error) {
	// One that is not there yet is empty.
	if s, err := os.Stat(path); err == nil && !s.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no mbox: it is not a file", path)
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("opening the mbox: %w", err)
	}
	return &mbox{path: path, offset: -1}, nil
}

// Grain is that of its dates.
func (m *mbox) Grain() time.Duration { return mboxGrain }

// Close has nothing to close.
func (m *mbox) Close() error { return nil }

// Look reads what was appended. The last message is whole when the file has not
// grown since the look before: nobody writes into its midst, and no lock is
// taken that could keep the relay from writing.
func (m *mbox) Look(ctx context.Context, take Take) error {
	before, now := m.looked, time.Now()
	f, err := os.Open(m.path)
	switch {
	case errors.Is(err, os.ErrNotExist) && m.offset <= 0:
		m.offset, m.looked = 0, now
		return nil
	case err != nil:
		return fmt.Errorf("opening the mbox: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("looking at the mbox: %w", err)
	}
	size := info.Size()
	switch {
	case m.offset < 0:
		m.offset = size
	case size < m.size:
		return fmt.Errorf("the mbox %s became shorter: nobody may take mail out of it during a run",
			m.path)
	}
	resting := size == m.size
	m.size = size
	// What a writer appended between two looks came after the one before the last,
	// as the last message is told of only at the second look.
	if size > m.offset {
		text := io.NewSectionReader(f, m.offset, size-m.offset)
		n, err := m.split(ctx, text, resting, before, take)
		m.offset += n
		if err != nil {
			return err
		}
	}
	m.looked = now
	return nil
}

// split tells of the messages in text, and how far they reach.
func (m *mbox) split(ctx context.Context, text io.Reader, resting bool, before time.Time, take Take) (
	whole int64, err error,
) {
	r := bufio.NewReader(text)
	var message bytes.Buffer
	var from string
	var read int64
	tell := func() error {
		if from == "" {
			return nil
		}
		// The empty line before the next From_ line is not the message's.
		content := bytes.TrimSuffix(message.Bytes(), []byte("\n"))
		if !bytes.HasSuffix(content, []byte("\n")) {
			content = message.Bytes()
		}
		a := Arrival{Name: "at " + strconv.FormatInt(m.offset+whole, 10)}
		a.Earliest, a.Latest = span(dateOf(from), mboxGrain, before.Add(-restTime), time.Now())
		return take(a, newOnTheWire(bytes.NewReader(content)))
	}
	for {
		line, err := r.ReadString('\n')
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return whole, fmt.Errorf("reading the mbox: %w", err)
		case err != nil || ctx.Err() != nil:
			if line == "" && resting && ctx.Err() == nil {
				if err := tell(); err != nil {
					return whole, err
				}
				return read, nil
			}
			return whole, ctx.Err()
		case strings.HasPrefix(line, "From "):
			if err := tell(); err != nil {
				return whole, err
			}
			whole, from = read, line
			message.Reset()
		default:
			message.WriteString(unquote(line))
		}
		read += int64(len(line))
	}
}

// restTime bounds how much longer ago than one look a message that rests may have
// come; looks are no farther apart than that, or the file's dates decide alone.
const restTime = 5 * time.Second

// unquote takes away the ">" of a quoted line.
func unquote(line string) string {
	if strings.HasPrefix(line, ">From ") {
		return line[1:]
	}
	return line
}

// dateOf is the date of a From_ line in UTC or the machine's own zone, whichever
// is not in the future: asctime's form names none.
func dateOf(from string) time.Time {
	f := strings.Fields(from)
	if len(f) < 7 {
		return time.Time{}
	}
	text := strings.Join(f[len(f)-5:], " ")
	const layout = "Mon Jan 2 15:04:05 2006"
	local, err := time.ParseInLocation(layout, text, time.Local)
	if err != nil {
		return time.Time{}
	}
	utc, err := time.Parse(layout, text)
	if now := time.Now(); err == nil && now.Sub(utc).Abs() < now.Sub(local).Abs() {
		return utc
	}
	return local
}
