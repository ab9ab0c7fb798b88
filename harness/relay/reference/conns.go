package reference

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
)

// slice is how much scenario time a wait for I/O lets pass before it looks at
// the clock again: its rate may have changed since the deadline was set.
const slice = 10 * time.Second

// registry holds every open connection, so that a kill can reset them all.
type registry struct {
	clock   clock.Clock
	machine *machine // nil: nothing freezes
	mu      sync.Mutex
	open    map[*timedConn]struct{}
	shut    bool
}

func newRegistry(c clock.Clock, m *machine) *registry {
	return &registry{clock: c, machine: m, open: map[*timedConn]struct{}{}}
}

// add takes inner into the registry; once that is shut, inner is reset.
func (r *registry) add(inner net.Conn, wait time.Duration, perRead bool) (*timedConn, error) {
	c := &timedConn{Conn: inner, registry: r, clock: r.clock, wait: wait, perRead: perRead}
	c.arm()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shut {
		reset(inner)
		return nil, net.ErrClosed
	}
	r.open[c] = struct{}{}
	return c, nil
}

// shutdown resets every connection, now and later.
func (r *registry) shutdown() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shut = true
	for c := range r.open {
		reset(c.Conn)
	}
	clear(r.open)
}

func (r *registry) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.open)
}

// reset closes c with an RST where c can do so, as the kernel does for a
// process that dies with unread input.
func reset(c net.Conn) {
	if lingering, ok := c.(interface{ SetLinger(int) error }); ok {
		_ = lingering.SetLinger(0)
	}
	_ = c.Close()
}

// timedConn is a connection whose time-outs are scenario time. Package smtp's
// own deadlines speak of the wall; here they only mark where a wait begins.
type timedConn struct {
	net.Conn
	registry *registry
	clock    clock.Clock
	// perRead: each read may take wait; else all reads of one command may.
	perRead bool

	mu    sync.Mutex
	wait  time.Duration
	until time.Time
}

// allow sets how long the commands that follow may take.
func (c *timedConn) allow(wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wait = wait
	c.until = c.clock.Now().Add(wait)
}

func (c *timedConn) arm() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = c.clock.Now().Add(c.wait)
}

func (c *timedConn) limit(fresh bool) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if fresh {
		return c.clock.Now().Add(c.wait)
	}
	return c.until
}

// SetDeadline is called by package smtp at the start of each command (and with
// zero at its end): the instant is the wall's and is not used.
func (c *timedConn) SetDeadline(t time.Time) error {
	if !t.IsZero() {
		c.arm()
	}
	return nil
}

// SetReadDeadline is as SetDeadline.
func (c *timedConn) SetReadDeadline(t time.Time) error { return c.SetDeadline(t) }

// SetWriteDeadline does nothing: each write has its own limit.
func (c *timedConn) SetWriteDeadline(time.Time) error { return nil }

// Read reads within the time allowed to the command, or to this read.
func (c *timedConn) Read(p []byte) (int, error) {
	limit := c.limit(c.perRead)
	for {
		if err := c.Conn.SetReadDeadline(c.next(limit)); err != nil {
			return 0, closed(err)
		}
		n, err := c.Conn.Read(p)
		err = closed(err)
		if c.registry.machine.pass() && n == 0 && timedOut(err) {
			continue // what came meanwhile is there before the time-out
		}
		if n > 0 || !timedOut(err) || !c.clock.Now().Before(limit) {
			return n, err
		}
	}
}

// Write writes p, each time within the time allowed.
func (c *timedConn) Write(p []byte) (int, error) {
	c.registry.machine.pass()
	limit := c.limit(true)
	done := 0
	for {
		if err := c.Conn.SetWriteDeadline(c.next(limit)); err != nil {
			return done, err
		}
		n, err := c.Conn.Write(p[done:])
		done += n
		if done == len(p) || !timedOut(err) || !c.clock.Now().Before(limit) {
			return done, err
		}
	}
}

// Close closes the connection in good order.
func (c *timedConn) Close() error {
	c.registry.mu.Lock()
	delete(c.registry.open, c)
	c.registry.mu.Unlock()
	// A pipe's deadlines are timers, which would outlive it.
	_ = c.Conn.SetDeadline(time.Time{})
	return c.Conn.Close()
}

func (c *timedConn) next(limit time.Time) time.Time {
	left := min(limit.Sub(c.clock.Now()), slice)
	return c.clock.Deadline(max(left, 0))
}

// closed gives a pipe that we closed the error that a socket has for that.
func closed(err error) error {
	if errors.Is(err, io.ErrClosedPipe) {
		return net.ErrClosed
	}
	return err
}

func timedOut(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// listener hands out registered connections.
type listener struct {
	net.Listener
	registry *registry
	wait     time.Duration
}

// Accept waits for the next connection.
func (l *listener) Accept() (net.Conn, error) {
	inner, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.registry.add(inner, l.wait, true)
}
