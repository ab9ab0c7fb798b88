package harness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

// Memory is a network inside the process, with refusals, resets and deadlines
// like the real one. It works in a testing/synctest bubble.
func Memory() relay.Network {
	return &memory{listeners: map[string]*memoryListener{}}
}

type memory struct {
	mu        sync.Mutex
	listeners map[string]*memoryListener
	port      int
}

func (m *memory) Listen(addr string) (net.Listener, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.listeners[addr]; taken {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: name(addr), Err: syscall.EADDRINUSE}
	}
	l := &memoryListener{network: m, addr: name(addr),
		arrived: make(chan net.Conn), closed: make(chan struct{}), due: make(chan struct{})}
	m.listeners[addr] = l
	return l, nil
}

func (m *memory) Dial(ctx context.Context, addr string) (net.Conn, error) {
	m.mu.Lock()
	l := m.listeners[addr]
	m.port++
	from := name(fmt.Sprintf("127.0.0.1:%d", 1024+m.port%64000))
	m.mu.Unlock()
	if l == nil {
		return nil, refused(addr)
	}
	near, far := net.Pipe()
	client := &memoryConn{Conn: near, local: from, remote: l.addr}
	server := &memoryConn{Conn: far, local: l.addr, remote: from, peer: client}
	client.peer = server
	select {
	case l.arrived <- server:
		return client, nil
	case <-l.closed:
		return nil, refused(addr)
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: l.addr, Err: ctx.Err()}
	}
}

type memoryListener struct {
	network *memory
	addr    name
	arrived chan net.Conn
	closed  chan struct{}
	once    sync.Once

	mu  sync.Mutex
	due chan struct{} // closed while the deadline is over
}

func (l *memoryListener) Addr() net.Addr { return l.addr }

func (l *memoryListener) Accept() (net.Conn, error) {
	l.mu.Lock()
	due := l.due
	l.mu.Unlock()
	select {
	case <-due:
		return nil, os.ErrDeadlineExceeded
	default:
	}
	select {
	case c := <-l.arrived:
		return c, nil
	case <-due:
		return nil, os.ErrDeadlineExceeded
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// SetDeadline calls Accept off at once, or lets it wait again (the zero time);
// a moment ahead is not needed here. Who dials meanwhile waits.
func (l *memoryListener) SetDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.due:
		l.due = make(chan struct{})
	default:
	}
	if !t.IsZero() {
		close(l.due)
	}
	return nil
}

func (l *memoryListener) Close() error {
	l.once.Do(func() {
		l.network.mu.Lock()
		delete(l.network.listeners, string(l.addr))
		l.network.mu.Unlock()
		close(l.closed)
	})
	return nil
}

// memoryConn is one end of a connection. After SetLinger(0), Close is a reset:
// the other end gets ECONNRESET, as from a real RST.
type memoryConn struct {
	net.Conn
	local, remote name
	peer          *memoryConn
	abrupt        atomic.Bool // Close shall reset
	reset         atomic.Bool // this end was reset by the other
}

func (c *memoryConn) LocalAddr() net.Addr  { return c.local }
func (c *memoryConn) RemoteAddr() net.Addr { return c.remote }

// SetLinger is that of net.TCPConn; only 0 means something here.
func (c *memoryConn) SetLinger(seconds int) error {
	c.abrupt.Store(seconds == 0)
	return nil
}

func (c *memoryConn) Close() error {
	if c.abrupt.Load() {
		c.peer.reset.Store(true)
	}
	return c.Conn.Close()
}

func (c *memoryConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return n, c.translate("read", err)
}

func (c *memoryConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	return n, c.translate("write", err)
}

// translate gives a pipe's errors the names that a socket's have.
func (c *memoryConn) translate(op string, err error) error {
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe)
	switch {
	case ended && c.reset.Load():
		return &net.OpError{Op: op, Net: "tcp", Addr: c.remote, Err: syscall.ECONNRESET}
	case op == "write" && errors.Is(err, io.ErrClosedPipe):
		return &net.OpError{Op: op, Net: "tcp", Addr: c.remote, Err: syscall.EPIPE}
	}
	return err
}
