package link

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// farEnd is the fake's end of an impaired connection: a net.Conn with the
// addresses of the relay's. It keeps no promise of *net.TCPConn beyond net.Conn
// and SetLinger, because every other method would go round Read.
type farEnd struct {
	conn *net.TCPConn
	pair *pair

	mu    sync.Mutex
	read  int64
	total int64 // what the relay sent before it closed its side; open: -1
	// closed by the fake; reset: with SetLinger(0).
	closed, reset bool
}

// past is a deadline that wakes whoever waits.
var past = time.Unix(1, 0)

func newFarEnd(p *pair, conn *net.TCPConn) *farEnd {
	return &farEnd{conn: conn, pair: p, total: -1}
}

// LocalAddr is the front-end address that the relay dialed.
func (f *farEnd) LocalAddr() net.Addr { return f.pair.near.LocalAddr() }

// RemoteAddr is the relay's address.
func (f *farEnd) RemoteAddr() net.Addr { return f.pair.near.RemoteAddr() }

// Read gives what came through; in the end io.EOF when the relay closed its
// side, and otherwise the reason why the connection is over.
func (f *farEnd) Read(p []byte) (int, error) {
	if f.isClosed() {
		return 0, f.fault("read", net.ErrClosed)
	}
	if f.atEnd(0) && len(p) > 0 {
		return 0, io.EOF
	}
	n, err := f.conn.Read(p)
	atEnd := f.atEnd(n)
	switch {
	case err == nil:
		return n, nil
	case f.isClosed():
		return n, f.fault("read", net.ErrClosed)
	case atEnd:
		return n, io.EOF
	case f.pair.why() != nil && !errors.Is(err, os.ErrDeadlineExceeded):
		return n, f.fault("read", f.pair.why())
	}
	return n, err
}

// Write sends to the relay.
func (f *farEnd) Write(p []byte) (int, error) {
	if f.isClosed() {
		return 0, f.fault("write", net.ErrClosed)
	}
	n, err := f.conn.Write(p)
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		return n, err
	}
	if f.isClosed() {
		return n, f.fault("write", net.ErrClosed)
	}
	if why := f.pair.why(); why != nil {
		return n, f.fault("write", why)
	}
	return n, err
}

// SetLinger with 0 makes Close a reset of the relay's connection, at once and
// whatever is on its way; any other value undoes that.
func (f *farEnd) SetLinger(sec int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return f.fault("set", net.ErrClosed)
	}
	f.reset = sec == 0
	return nil
}

// Close returns at once; what was written still travels to the relay, at the
// pace of the link, and then its connection is closed.
func (f *farEnd) Close() error {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return f.fault("close", net.ErrClosed)
	}
	f.closed = true
	reset := f.reset
	f.mu.Unlock()

	if reset {
		f.pair.end(net.ErrClosed, resetNear)
		return ignoreClosed(f.conn.Close())
	}
	f.pair.flush()
	err := errors.Join(f.conn.SetReadDeadline(past), f.conn.CloseWrite())
	if f.pair.over() {
		return ignoreClosed(f.conn.Close())
	}
	return err
}

// settle is called when the pair has ended: a fake that has closed will not
// call again.
func (f *farEnd) settle() {
	if f.isClosed() {
		_ = f.conn.Close() // the pair's end and Close may both get here
	}
}

// abandon closes the socket under a fake that has not closed yet.
func (f *farEnd) abandon() error { return ignoreClosed(f.conn.Close()) }

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// finish says that the relay has closed its side after sending total bytes.
func (f *farEnd) finish(total int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.total = total
	if f.read == total {
		_ = f.conn.SetReadDeadline(past) // an error means that nobody waits
	}
}

// atEnd counts n bytes just read and says whether they were the relay's last.
func (f *farEnd) atEnd(n int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.read += int64(n)
	return f.read == f.total
}

func (f *farEnd) isClosed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

// SetDeadline sets both deadlines.
func (f *farEnd) SetDeadline(t time.Time) error {
	return errors.Join(f.SetReadDeadline(t), f.SetWriteDeadline(t))
}

// SetReadDeadline leaves a reader alone that is being told of the end.
func (f *farEnd) SetReadDeadline(t time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return f.fault("set", net.ErrClosed)
	}
	if f.read == f.total {
		return nil
	}
	return f.conn.SetReadDeadline(t)
}

// SetWriteDeadline bounds Write.
func (f *farEnd) SetWriteDeadline(t time.Time) error {
	if f.isClosed() {
		return f.fault("set", net.ErrClosed)
	}
	return f.conn.SetWriteDeadline(t)
}

func (f *farEnd) fault(what string, err error) error {
	return &net.OpError{
		Op: what, Net: "tcp", Source: f.LocalAddr(), Addr: f.RemoteAddr(),
		Err: fmt.Errorf("link %s: %w", f.pair.link.name, err),
	}
}
