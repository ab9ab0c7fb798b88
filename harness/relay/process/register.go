package process

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Held is what a run holds of the machine, and what must go when it ends.
type Held struct {
	// What says whose it is, in words.
	What string `json:"what"`
	// Processes are killed, then Mounts unmounted, then Folders removed.
	Processes []ID     `json:"processes,omitempty"`
	Mounts    []string `json:"mounts,omitempty"`
	// Folders have names that begin with Prefix; no others are ever removed.
	Folders []string `json:"folders,omitempty"`
}

// Prefix begins the name of every folder that may be swept away.
const Prefix = "hansei-"

// record is a file of the register.
type record struct {
	Owner ID     `json:"owner"`
	Boot  string `json:"boot"`
	Held
}

// Lease is one entry of the register. It holds until Release or until a Sweep
// after our end.
type Lease struct {
	mu   sync.Mutex
	path string
	rec  record
}

// Register writes down what is about to be held. Do it before the holding
// begins, so that there is no moment in which a killed run leaves something
// that nobody knows of.
func Register(h Held) (*Lease, error) {
	owner, err := Identify(os.Getpid())
	if err != nil {
		return nil, fmt.Errorf("registering %s: %w", h.What, err)
	}
	boot, err := bootID()
	if err != nil {
		return nil, fmt.Errorf("registering %s: %w", h.What, err)
	}
	f, err := newRecord(fmt.Sprintf("%d-*%s", owner.PID, recordSuffix))
	if err != nil {
		return nil, fmt.Errorf("registering %s: %w", h.What, err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("registering %s: %w", h.What, err)
	}
	l := &Lease{path: f.Name(), rec: record{Owner: owner, Boot: boot}}
	if err := l.Update(h); err != nil {
		return nil, errors.Join(err, os.Remove(f.Name()))
	}
	return l, nil
}

// Update replaces what is held.
func (l *Lease) Update(h Held) error {
	for _, dir := range slices.Concat(h.Folders, h.Mounts) {
		if !filepath.IsAbs(dir) || filepath.Clean(dir) != dir {
			return fmt.Errorf("registering %s: %q is no clean absolute path", h.What, dir)
		}
	}
	for _, dir := range h.Folders {
		if !strings.HasPrefix(filepath.Base(dir), Prefix) {
			return fmt.Errorf("registering %s: the name of %q does not begin with %s",
				h.What, dir, Prefix)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rec.Held = h
	data, err := json.Marshal(l.rec)
	if err != nil {
		return fmt.Errorf("registering %s: %w", h.What, err)
	}
	// By rename, so that a sweep never reads half a record. The new name does
	// not end like a record.
	next := l.path + ".new"
	if err := os.WriteFile(next, data, 0o600); err != nil {
		return fmt.Errorf("registering %s: %w", h.What, err)
	}
	if err := os.Rename(next, l.path); err != nil {
		return fmt.Errorf("registering %s: %w", h.What, err)
	}
	return nil
}

// Release takes the entry out of the register: all that it names is gone. It
// may be called again.
func (l *Lease) Release() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := os.Remove(l.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("leaving the register: %w", err)
	}
	// An empty register is left behind by nobody; it may not be empty.
	_ = os.Remove(filepath.Dir(l.path))
	return nil
}

// newRecord makes an empty record. The register may be removed, as an empty
// one, between its making and ours.
func newRecord(pattern string) (*os.File, error) {
	for tries := 0; ; tries++ {
		var f *os.File
		dir, err := registerDir()
		if err == nil {
			f, err = os.CreateTemp(dir, pattern)
		}
		if err == nil || !errors.Is(err, fs.ErrNotExist) || tries == 10 {
			return f, err
		}
	}
}

// recordSuffix ends the names of whole records.
const recordSuffix = ".json"

// registerDir is the folder of the register, made if need be. It belongs to
// the user alone: what stands in it is obeyed.
func registerDir() (string, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("%sheld-%d", Prefix, os.Geteuid()))
	if run := os.Getenv("XDG_RUNTIME_DIR"); run != "" && os.Geteuid() != 0 {
		dir = filepath.Join(run, Prefix+"held")
	} else if s, err := os.Stat("/run"); err == nil && s.IsDir() && os.Geteuid() == 0 {
		// Root's runtime folder may end with a login; /run ends with the boot.
		dir = "/run/" + Prefix + "held"
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("making the register: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", fmt.Errorf("looking at the register: %w", err)
	}
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 || !ours(info) {
		return "", fmt.Errorf("the register %s is not a folder of this user alone: remove it", dir)
	}
	return dir, nil
}
