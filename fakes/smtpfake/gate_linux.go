package smtpfake

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"
)

const (
	// backlog is that of net.Listen where net.core.somaxconn is not lower.
	backlog = 4096
	// fullAfter is how long a connection attempt to a listener of this machine
	// waits before its queue counts as full. Loopback answers in microseconds.
	fullAfter = 100 * time.Millisecond
	// mostFillers is far more than a queue of length 0 holds.
	mostFillers = 16
)

// fillQueue makes the kernel drop further SYNs to a listener that nobody
// accepts from: listen(2) with a backlog of 0 shortens the queue of one that
// listens already, and connections of our own fill it. A listener that is no
// socket has no queue, and needs none.
func fillQueue(l net.Listener) (*filler, error) {
	f := &filler{peers: map[string]bool{}}
	s, ok := l.(syscall.Conn)
	if !ok {
		return f, nil
	}
	address, err := setBacklog(s, 0)
	if err != nil {
		return f, err
	}
	for range mostFillers {
		conn, err := net.DialTimeout("tcp", address, fullAfter)
		var late net.Error
		if errors.As(err, &late) && late.Timeout() {
			return f, nil
		}
		if err != nil {
			return f, fmt.Errorf("filling the queue of %s: %w", address, err)
		}
		f.conns = append(f.conns, conn)
		f.peers[conn.LocalAddr().String()] = true
	}
	return f, fmt.Errorf("%w: the queue of %s does not fill", ErrCannotDrop, address)
}

// drain lets connections in again; clients that still try get through with
// their next SYN.
func (f *filler) drain(l net.Listener) error {
	if f == nil {
		return nil
	}
	f.forget()
	if s, ok := l.(syscall.Conn); ok {
		if _, err := setBacklog(s, backlog); err != nil {
			return err
		}
	}
	return nil
}

// setBacklog calls listen(2) on a socket and returns its address.
func setBacklog(s syscall.Conn, n int) (address string, err error) {
	raw, err := s.SyscallConn()
	if err != nil {
		return "", fmt.Errorf("reaching the socket: %w", err)
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		if failed = syscall.Listen(int(fd), n); failed != nil {
			return
		}
		var at syscall.Sockaddr
		if at, failed = syscall.Getsockname(int(fd)); failed == nil {
			address = addressOf(at)
		}
	})
	if err := errors.Join(err, failed); err != nil {
		return "", fmt.Errorf("setting the backlog: %w", err)
	}
	return address, nil
}

func addressOf(at syscall.Sockaddr) string {
	switch a := at.(type) {
	case *syscall.SockaddrInet4:
		return (&net.TCPAddr{IP: a.Addr[:], Port: a.Port}).String()
	case *syscall.SockaddrInet6:
		return (&net.TCPAddr{IP: a.Addr[:], Port: a.Port}).String()
	}
	return ""
}
