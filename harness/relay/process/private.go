package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// Private is one private instance of a relay's programs: a folder on disk that
// the relay's own users may pass through, the tree in which its programs run,
// and an account of what they have used. The register knows of both before
// they exist.
type Private struct {
	name, base string
	lease      *Lease

	mu     sync.Mutex
	tree   *Tree
	volume *Volume
	cpu    time.Duration // of trees that have been killed
}

// NewPrivate makes the folder of an instance of the relay called name.
func NewPrivate(name string) (*Private, error) {
	parent := os.TempDir()
	if s, err := os.Stat("/var/tmp"); err == nil && s.IsDir() {
		parent = "/var/tmp" // on disk, where a queue belongs, even if /tmp is in memory
	}
	// A name of its own, so that the register knows it before it exists: the
	// process and the nanosecond are ours alone.
	base := filepath.Join(parent, fmt.Sprintf("%s%s-%d-%s", Prefix, name, os.Getpid(),
		strconv.FormatInt(time.Now().UnixNano(), 36)))
	p := &Private{name: name, base: base}
	var err error
	if p.lease, err = Register(p.held()); err != nil {
		return nil, err
	}
	if err := os.Mkdir(base, 0o711); err != nil {
		return nil, errors.Join(fmt.Errorf("making the instance's folder: %w", err),
			p.lease.Release())
	}
	if err := os.Chmod(base, 0o711); err != nil { // the umask may have taken something
		return nil, errors.Join(fmt.Errorf("opening the instance's folder: %w", err),
			os.Remove(base), p.lease.Release())
	}
	return p, nil
}

// Base is the folder.
func (p *Private) Base() string { return p.base }

// Folder makes a folder below the base, open to all and owned by uid.
func (p *Private) Folder(name string, uid int) (string, error) {
	path := filepath.Join(p.base, name)
	if err := OpenFolder(path, uid); err != nil {
		return "", err
	}
	return path, nil
}

// OpenFolder makes a folder that everybody may read and uid owns, whatever the
// umask.
func OpenFolder(path string, uid int) error {
	err := os.MkdirAll(path, 0o755)
	if err == nil {
		err = os.Chmod(path, 0o755)
	}
	if err == nil {
		err = os.Chown(path, uid, -1)
	}
	if err != nil {
		return fmt.Errorf("making the instance's folders: %w", err)
	}
	return nil
}

// Bound puts a volume at a folder of the instance, for all trees that are grown
// after it.
func (p *Private) Bound(ctx context.Context, folder string) (*Volume, error) {
	v, err := NewVolume(ctx, folder)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.volume = v
	p.mu.Unlock()
	return v, p.lease.Update(p.held())
}

// Volume is the instance's; nil: it has none.
func (p *Private) Volume() *Volume {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.volume
}

// Grow makes a new tree for the instance; the one before must be dead.
func (p *Private) Grow(ctx context.Context, binds []Bind) (*Tree, error) {
	if t := p.Tree(); t != nil && t.Alive() {
		return nil, errors.New("it still runs")
	}
	tree, err := New(ctx, Options{Binds: binds, In: p.Volume()})
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.tree = tree
	p.mu.Unlock()
	if err := p.lease.Update(p.held()); err != nil {
		return nil, err
	}
	return tree, nil
}

// Tree is the present tree; it may be dead, or nil before the first start.
func (p *Private) Tree() *Tree {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tree
}

// Alive says whether its programs can be running.
func (p *Private) Alive() bool {
	t := p.Tree()
	return t != nil && t.Alive()
}

// Kill ends every process of the instance at once and keeps account of what
// they used.
func (p *Private) Kill(ctx context.Context) error {
	t := p.Tree()
	if t == nil {
		return nil
	}
	if u, err := t.Usage(); err == nil {
		p.mu.Lock()
		p.cpu += u.CPU
		p.mu.Unlock()
	}
	return t.Kill(ctx)
}

// Usage is what the instance uses now; CPU counts from its first start. Dead,
// it uses nothing more.
func (p *Private) Usage() (Usage, error) {
	var u Usage
	if t := p.Tree(); t != nil {
		var err error
		if u, err = t.Usage(); err != nil && !errors.Is(err, ErrGone) {
			return Usage{}, err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	u.CPU += p.cpu
	return u, nil
}

// Clear kills what still runs, removes the folder and leaves the register. It
// may be called again.
func (p *Private) Clear(ctx context.Context) error {
	if t := p.Tree(); t != nil {
		if err := t.Kill(ctx); err != nil {
			return err
		}
	}
	if v := p.Volume(); v != nil {
		if err := v.Close(ctx); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(p.base); err != nil {
		return fmt.Errorf("removing the instance: %w", err)
	}
	return p.lease.Release()
}

// held is what the register must know of.
func (p *Private) held() Held {
	h := Held{What: p.name + " instance", Folders: []string{p.base}}
	if t := p.Tree(); t != nil {
		h.Processes = []ID{t.Root()}
	}
	if v := p.Volume(); v != nil {
		h.Processes = append(h.Processes, v.Root())
	}
	return h
}
