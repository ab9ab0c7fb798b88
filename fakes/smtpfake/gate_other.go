//go:build !linux

package smtpfake

import (
	"fmt"
	"net"
	"syscall"
)

// fillQueue works where a listener is no socket, so in memory only: how long a
// queue is and what happens when it is full is Linux's business.
func fillQueue(l net.Listener) (*filler, error) {
	if _, ok := l.(syscall.Conn); ok {
		return nil, fmt.Errorf("%w: on sockets it needs Linux", ErrCannotDrop)
	}
	return &filler{}, nil
}

// drain has nothing to undo.
func (f *filler) drain(net.Listener) error { return nil }
