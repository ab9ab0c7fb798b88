package mailstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// fileGrain is how exact a file's time is: the kernel stamps it at its own ticks,
// of 10 ms at the most.
const fileGrain = 10 * time.Millisecond

// maildir is a folder with cur and new, see maildir(5).
type maildir struct {
	path   string
	known  map[string]bool // names up to the colon, which do not change
	looked time.Time
}

func openMaildir(path string) (*maildir, error) {
	for _, name := range []string{"new", "cur"} {
		if s, err := os.Stat(filepath.Join(path, name)); err != nil || !s.IsDir() {
			return nil, fmt.Errorf("%s is no Maildir: it has no folder %s; make it first, with the "+
				"rights that the relay needs", path, name)
		}
	}
	return &maildir{path: path}, nil
}

// Grain is that of the file system.
func (m *maildir) Grain() time.Duration { return fileGrain }

// Close has nothing to close.
func (m *maildir) Close() error { return nil }

// Look lists both folders. A message that somebody's reader moves from new to
// cur meanwhile keeps its name and is not missed: new is listed first.
func (m *maildir) Look(ctx context.Context, take Take) error {
	before, now := m.looked, time.Now()
	first := m.known == nil
	if first {
		m.known = map[string]bool{}
	}
	for _, name := range []string{"new", "cur"} {
		entries, err := os.ReadDir(filepath.Join(m.path, name))
		if err != nil {
			return fmt.Errorf("looking into the Maildir: %w", err)
		}
		for _, e := range entries {
			id, _, _ := strings.Cut(e.Name(), ":")
			if m.known[id] || e.IsDir() || strings.HasPrefix(id, ".") {
				continue
			}
			if !first {
				if err := m.read(ctx, filepath.Join(m.path, name, e.Name()), id, before, take); err != nil {
					return err
				}
			}
			m.known[id] = true
		}
	}
	m.looked = now
	return nil
}

// read tells of one message. Its time is that of the last write to it: it is
// written in tmp, and renamed when it is whole.
func (m *maildir) read(ctx context.Context, path, id string, before time.Time, take Take) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("looking into the Maildir: %w", err)
	}
	f, err := m.open(path, id)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("reading a message of the Maildir: %w", err)
	}
	a := Arrival{Name: id}
	a.Earliest, a.Latest = span(info.ModTime(), fileGrain, before, time.Now())
	return take(a, newOnTheWire(f))
}

// open also finds a message that was just moved from new to cur.
func (m *maildir) open(path, id string) (*os.File, error) {
	f, err := os.Open(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			return nil, fmt.Errorf("reading a message of the Maildir: %w", err)
		}
		return f, nil
	}
	entries, err := os.ReadDir(filepath.Join(m.path, "cur"))
	if err != nil {
		return nil, fmt.Errorf("looking into the Maildir: %w", err)
	}
	for _, e := range entries {
		if name, _, _ := strings.Cut(e.Name(), ":"); name == id {
			if f, err = os.Open(filepath.Join(m.path, "cur", e.Name())); err == nil {
				return f, nil
			}
		}
	}
	return nil, fmt.Errorf("the message %s was taken out of the Maildir before it could be read: "+
		"nobody may fetch or delete mail there during a run", id)
}
