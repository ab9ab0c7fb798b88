package process

import (
	"context"
	"fmt"
	"io"
)

// Beside is a program that runs beside a relay, in a tree of its own: it sees
// the files that the relay's programs see, outlives their death, and ends with
// us.
type Beside struct {
	tree   *Tree
	cancel context.CancelFunc
	ended  chan struct{}
	err    error // once ended is closed
}

// Shell is a command of the shell, run in a folder.
func Shell(dir, command string, env []string) Command {
	return Command{
		Path: "/bin/sh", Args: []string{"-c", `cd -- "$1" && eval "$2"`, "monitor", dir, command},
		Env: env,
	}
}

// StartBeside starts a command in a tree with these binds. Its output, both
// streams, goes to out.
func StartBeside(ctx context.Context, binds []Bind, c Command, out io.Writer) (*Beside, error) {
	tree, err := New(ctx, Options{Binds: binds})
	if err != nil {
		return nil, err
	}
	// It outlives the call that makes it.
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	b := &Beside{tree: tree, cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(b.ended)
		b.err = tree.Stream(running, c, out)
	}()
	return b, nil
}

// Ended is closed when the command has ended.
func (b *Beside) Ended() <-chan struct{} { return b.ended }

// Err is how it ended, once Ended is closed; nil: well.
func (b *Beside) Err() error { return b.err }

// Stop kills the command and whatever it started.
func (b *Beside) Stop(ctx context.Context) error {
	b.cancel()
	err := b.tree.Kill(ctx)
	select {
	case <-b.ended:
	case <-ctx.Done():
	}
	if err != nil {
		return fmt.Errorf("stopping a program beside the relay: %w", err)
	}
	return nil
}
