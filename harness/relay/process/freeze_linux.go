package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
)

// freezeTries bounds how often the tree is searched for processes that were
// made while others were being stopped.
const freezeTries = 200

// Freeze stops every process of the tree where it is, without its knowledge
// (SIGSTOP). Ours stay: the tree still ends with us.
func (t *Tree) Freeze(ctx context.Context) error {
	for range freezeTries {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopping the relay's processes: %w", err)
		}
		running, err := t.signal(syscall.SIGSTOP, func(state byte) bool {
			return state != 'T' && state != 't'
		})
		if err != nil {
			return fmt.Errorf("stopping the relay's processes: %w", err)
		}
		if running == 0 {
			return nil
		}
	}
	return errors.New("stopping the relay's processes: new ones came all the time")
}

// Thaw lets every process of the tree go on.
func (t *Tree) Thaw(context.Context) error {
	if _, err := t.signal(syscall.SIGCONT, func(state byte) bool { return state == 'T' }); err != nil {
		return fmt.Errorf("letting the relay's processes go on: %w", err)
	}
	return nil
}

// signal sends sig to the processes in such a state, and says to how many.
func (t *Tree) signal(sig syscall.Signal, such func(state byte) bool) (int, error) {
	if !t.Alive() {
		return 0, ErrGone
	}
	all, err := t.members()
	if err != nil {
		return 0, err
	}
	sent := 0
	for _, p := range all {
		s, err := readStat(p.PID)
		if err != nil || s.start != p.Start || s.state == 'Z' || s.state == 'X' ||
			!such(s.state) || slices.Contains(t.scaffold, p.PID) {
			continue
		}
		if err := syscall.Kill(p.PID, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return sent, fmt.Errorf("process %d: %w", p.PID, err)
		}
		sent++
	}
	return sent, nil
}
