//go:build !linux

package process

import (
	"context"
	"io"
)

// Tree is a group of processes in namespaces of their own; Linux only.
type Tree struct{}

// Ready says why this machine cannot have trees.
func Ready() error { return ErrNotLinux }

// New refuses.
func New(context.Context, Options) (*Tree, error) { return nil, ErrNotLinux }

// Root is nobody.
func (t *Tree) Root() ID { return ID{} }

// Done is closed.
func (t *Tree) Done() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

// Alive is false.
func (t *Tree) Alive() bool { return false }

// Run refuses.
func (t *Tree) Run(context.Context, Command) (string, error) { return "", ErrNotLinux }

// Stream refuses.
func (t *Tree) Stream(context.Context, Command, io.Writer) error { return ErrNotLinux }

// Kill has nothing to do.
func (t *Tree) Kill(context.Context) error { return nil }

// Processes refuses.
func (t *Tree) Processes() ([]Process, error) { return nil, ErrNotLinux }

// Usage refuses.
func (t *Tree) Usage() (Usage, error) { return Usage{}, ErrNotLinux }

// Demand sees nothing.
type Demand struct{}

// Look refuses.
func (d *Demand) Look(*Tree) (float64, error) { return 0, ErrNotLinux }

// Identify refuses.
func Identify(int) (ID, error) { return ID{}, ErrNotLinux }

// Alive is false.
func (id ID) Alive() bool { return false }

// Files refuses.
func (id ID) Files() ([]string, error) { return nil, ErrNotLinux }

// Maps refuses.
func (id ID) Maps(string) (bool, error) { return false, ErrNotLinux }

// Gone is false: nothing was there.
func Gone(error) bool { return false }

// bootID refuses.
func bootID() (string, error) { return "", ErrNotLinux }

// unmount refuses.
func unmount(string) error { return ErrNotLinux }
