package smtpfake

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Door is what a client meets that wants to connect.
type Door string

// The states of a Gate. A refused client gets ECONNREFUSED; one that is dropped
// gets no answer at all, and its connection attempt times out. Sessions that
// are open stay open.
const (
	DoorOpen    Door = "open"
	DoorRefuses Door = "refuses"
	DoorDrops   Door = "drops"
)

// ErrCannotDrop says that a listener cannot leave connection attempts
// unanswered: that takes Linux, or a listener with an Accept that can be called
// off and an unbuffered queue.
var ErrCannotDrop = errors.New("this listener cannot leave connection attempts unanswered")

// Gate is a listener that can be shut while a Server serves it.
type Gate struct {
	open func() (net.Listener, error)

	mu        sync.Mutex
	state     Door
	inner     net.Listener // nil while refusing
	turned    chan struct{}
	accepting bool
	idle      *sync.Cond
	fill      *filler
	closed    bool
	addr      net.Addr
}

// NewGate opens a listener; open is called again whenever the gate opens after
// it has refused, and must give the same address.
func NewGate(open func() (net.Listener, error)) (*Gate, error) {
	l, err := open()
	if err != nil {
		return nil, err
	}
	g := &Gate{
		open: open, state: DoorOpen, inner: l, turned: make(chan struct{}), addr: l.Addr(),
	}
	g.idle = sync.NewCond(&g.mu)
	return g, nil
}

// Addr is that of the listener.
func (g *Gate) Addr() net.Addr { return g.addr }

// Accept waits for a client that is let in.
func (g *Gate) Accept() (net.Conn, error) {
	for {
		g.mu.Lock()
		l, state, turned := g.inner, g.state, g.turned
		if g.closed {
			g.mu.Unlock()
			return nil, net.ErrClosed
		}
		g.accepting = state == DoorOpen
		g.mu.Unlock()
		if state != DoorOpen {
			<-turned
			continue
		}
		conn, err := l.Accept()
		fill := g.rest()
		switch {
		case err == nil && fill.made(conn):
			_ = conn.Close()
		case err == nil:
			return conn, nil
		case !g.hasTurned(turned):
			return nil, err
		}
	}
}

// rest says that nothing is accepted now.
func (g *Gate) rest() *filler {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.accepting = false
	g.idle.Broadcast()
	return g.fill
}

func (g *Gate) hasTurned(turned chan struct{}) bool {
	select {
	case <-turned:
		return true
	default:
		return false
	}
}

// Turn shuts or opens the gate; it returns when the new state holds.
func (g *Gate) Turn(to Door) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed || g.state == to {
		return nil
	}
	if g.state != DoorOpen {
		if err := g.reopen(); err != nil {
			return err
		}
	}
	switch to {
	case DoorRefuses:
		g.turn(to)
		err := g.inner.Close()
		g.inner = nil
		if err != nil {
			return fmt.Errorf("refusing connections: %w", err)
		}
	case DoorDrops:
		return g.drop()
	}
	return nil
}

// turn sets the state, and tells Accept.
func (g *Gate) turn(to Door) {
	g.state = to
	close(g.turned)
	g.turned = make(chan struct{})
}

// reopen lets clients in again.
func (g *Gate) reopen() error {
	if g.inner == nil {
		l, err := g.open()
		if err != nil {
			return fmt.Errorf("taking connections again: %w", err)
		}
		g.inner = l
	}
	if d, ok := g.inner.(deadliner); ok {
		if err := d.SetDeadline(time.Time{}); err != nil {
			return fmt.Errorf("taking connections again: %w", err)
		}
	}
	if err := g.fill.drain(g.inner); err != nil {
		return fmt.Errorf("taking connections again: %w", err)
	}
	g.turn(DoorOpen)
	return nil
}

// deadliner is a listener whose Accept can be called off.
type deadliner interface{ SetDeadline(t time.Time) error }

// drop calls the waiting Accept off, then fills the queue behind it.
func (g *Gate) drop() error {
	d, ok := g.inner.(deadliner)
	if !ok {
		return ErrCannotDrop
	}
	g.turn(DoorDrops)
	if err := d.SetDeadline(time.Unix(1, 0)); err != nil {
		return fmt.Errorf("dropping connections: %w", err)
	}
	for g.accepting {
		g.idle.Wait()
	}
	fill, err := fillQueue(g.inner)
	g.fill = fill
	if err != nil {
		return errors.Join(fmt.Errorf("dropping connections: %w", err), g.reopen())
	}
	return nil
}

// Close closes the listener and ends Accept.
func (g *Gate) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return net.ErrClosed
	}
	g.closed = true
	close(g.turned)
	g.turned = make(chan struct{})
	g.fill.forget()
	if g.inner == nil {
		return nil
	}
	return g.inner.Close()
}

// filler is the connections that fill a listener's queue; nil is none.
type filler struct {
	conns []net.Conn
	peers map[string]bool // their own addresses, as Accept will see them
}

// made says whether an accepted connection is one of the filler's.
func (f *filler) made(conn net.Conn) bool {
	return f != nil && f.peers[conn.RemoteAddr().String()]
}

// forget closes them; those in the queue are known by their addresses.
func (f *filler) forget() {
	if f == nil {
		return
	}
	for _, c := range f.conns {
		_ = c.Close()
	}
	f.conns = nil
}
