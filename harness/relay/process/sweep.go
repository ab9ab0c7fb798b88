package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Sweep removes what runs that no longer exist have left behind, and says what
// it did, one line each. Runs that still live are not touched. Call it before
// anything is started. What cannot be swept stays in the register and is part
// of the error; the rest is swept all the same.
func Sweep(ctx context.Context) ([]string, error) {
	boot, err := bootID()
	if errors.Is(err, ErrNotLinux) {
		return nil, nil // nothing can have been registered
	}
	if err != nil {
		return nil, fmt.Errorf("sweeping: %w", err)
	}
	var entries []os.DirEntry
	dir, err := registerDir()
	if err == nil {
		entries, err = os.ReadDir(dir)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // somebody else has swept
	}
	if err != nil {
		return nil, fmt.Errorf("sweeping: %w", err)
	}
	var done []string
	var bad error
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), recordSuffix) {
			continue
		}
		lines, err := sweepFile(ctx, filepath.Join(dir, e.Name()), boot)
		done = append(done, lines...)
		bad = errors.Join(bad, err)
	}
	_ = os.Remove(dir) // if it is empty now
	return done, bad
}

// sweepFile does what one record asks for, if its owner is gone.
func sweepFile(ctx context.Context, path, boot string) ([]string, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // released meanwhile
	}
	if err != nil {
		return nil, fmt.Errorf("sweeping: %w", err)
	}
	if len(data) == 0 {
		return nil, sweepEmpty(path)
	}
	var rec record
	if err := json.Unmarshal(data, &rec); err != nil {
		return nil, fmt.Errorf("sweeping: reading %s: %w", path, err)
	}
	thisBoot := rec.Boot == boot
	if thisBoot && rec.Owner.Alive() {
		return nil, nil
	}
	lines, err := rec.sweep(ctx, thisBoot)
	if err != nil {
		return lines, fmt.Errorf("sweeping after process %d: %w", rec.Owner.PID, err)
	}
	for _, name := range []string{path + ".new", path} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return lines, fmt.Errorf("sweeping: %w", err)
		}
	}
	return lines, nil
}

// sweepEmpty removes a record whose writer was killed between making and
// filling it; its name says who that was.
func sweepEmpty(path string) error {
	var pid int
	if _, err := fmt.Sscanf(filepath.Base(path), "%d-", &pid); err != nil {
		return fmt.Errorf("sweeping: %s is no record", path)
	}
	if _, err := Identify(pid); err == nil {
		return nil // perhaps it is about to write
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("sweeping: %w", err)
	}
	return nil
}

// sweep ends processes, mounts and folders, in this order. Processes and
// mounts do not outlive a boot; their names must not be tried on others.
func (r record) sweep(ctx context.Context, thisBoot bool) ([]string, error) {
	var done []string
	if thisBoot {
		for _, id := range r.Processes {
			killed, err := id.end(ctx)
			if err != nil {
				return done, err
			}
			if killed {
				done = append(done, fmt.Sprintf("killed process %d (%s)", id.PID, r.What))
			}
		}
		for _, dir := range r.Mounts {
			if err := unmount(dir); err != nil {
				return done, err
			}
			done = append(done, fmt.Sprintf("unmounted %s (%s)", dir, r.What))
		}
	}
	for _, dir := range r.Folders {
		removed, err := removeFolder(dir)
		if err != nil {
			return done, err
		}
		if removed {
			done = append(done, fmt.Sprintf("removed %s (%s)", dir, r.What))
		}
	}
	return done, nil
}

// end kills that very process and waits until it is gone; false if it was gone
// already.
func (id ID) end(ctx context.Context) (bool, error) {
	p, err := os.FindProcess(id.PID)
	if err != nil {
		return false, fmt.Errorf("finding process %d: %w", id.PID, err)
	}
	defer func() { _ = p.Release() }()
	// p holds on to whoever has the number now; if that is the one we mean,
	// nobody else can be hit any more.
	if !id.Alive() {
		return false, nil
	}
	if err := p.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return false, fmt.Errorf("killing process %d: %w", id.PID, err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for id.Alive() {
		select {
		case <-look.C:
		case <-ctx.Done():
			return false, fmt.Errorf("waiting for process %d to end: %w", id.PID, ctx.Err())
		}
	}
	return true, nil
}

// removeFolder removes a folder of ours; false if it was not there.
func removeFolder(dir string) (bool, error) {
	if !filepath.IsAbs(dir) || !strings.HasPrefix(filepath.Base(dir), Prefix) {
		return false, fmt.Errorf("%q is no folder to remove", dir)
	}
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking at %s: %w", dir, err)
	}
	if !info.IsDir() || !ours(info) {
		return false, fmt.Errorf("%s is not a folder of this user", dir)
	}
	if err := os.RemoveAll(dir); err != nil {
		return false, fmt.Errorf("removing %s: %w", dir, err)
	}
	return true, nil
}
