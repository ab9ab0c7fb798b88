package postfix

import (
	"context"
	"errors"
	"fmt"
)

// Kill ends every process of the instance at once, as a power cut does to the
// programs (not to the disk: what the kernel has taken stays written).
func (in *instance) Kill(ctx context.Context) error {
	if in.isStopped() {
		return errors.New("killing postfix: it has been stopped")
	}
	t := in.running()
	in.keepCPU(t)
	in.mu.Lock()
	in.paused = false // a stopped process dies as well
	in.mu.Unlock()
	if err := t.Kill(ctx); err != nil {
		return fmt.Errorf("killing postfix: %w", err)
	}
	return nil
}

// Restart starts the instance again on the same queue. Locks went with their
// processes, and stale process numbers and sockets are what any reboot leaves:
// Postfix itself replaces them.
func (in *instance) Restart(ctx context.Context) error {
	if in.isStopped() {
		return errors.New("restarting postfix: it has been stopped")
	}
	if t := in.running(); t.Alive() {
		return errors.New("restarting postfix: it still runs")
	}
	if err := in.boot(ctx); err != nil {
		err = fmt.Errorf("restarting postfix: %w", err)
		if t := in.running(); t != nil {
			err = errors.Join(err, t.Kill(context.WithoutCancel(ctx)))
		}
		return err
	}
	return nil
}

// keepCPU adds what a tree has used to the account before it ends.
func (in *instance) keepCPU(t Tree) {
	if u, err := t.Usage(); err == nil {
		in.mu.Lock()
		in.cpu += u.CPU
		in.mu.Unlock()
	}
}
