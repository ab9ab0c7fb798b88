package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// nearEnd says what becomes of the relay's connection when a pair ends.
type nearEnd int

const (
	closeNear nearEnd = iota // FIN
	resetNear                // RST
	keepNear                 // it goes back to the caller
)

// errCut is what the far end sees of a connection that the link has cut.
func errCut(name string) error {
	return fmt.Errorf("link %s cut the connection: %w", name, syscall.ECONNRESET)
}

// pair is one impaired connection: the relay's end (near), our client of the
// proxy, and the far end, which the fake serves.
type pair struct {
	link    *Link
	id      uint64
	near    net.Conn
	arrived chan *net.TCPConn // from the rendezvous, one at most
	done    chan struct{}     // closed when the connection is over

	mu       sync.Mutex
	client   *net.TCPConn
	far      *farEnd
	ended    bool
	cause    error
	flushing *time.Timer // set when the fake has closed its end
}

func newPair(l *Link, id uint64, near net.Conn) *pair {
	return &pair{
		link: l, id: id, near: near,
		arrived: make(chan *net.TCPConn, 1), done: make(chan struct{}),
	}
}

// connect dials the proxy, waits for the other end at the rendezvous and sets
// the splice going.
func (p *pair) connect() (net.Conn, error) {
	dialer := net.Dialer{Timeout: setupLimit}
	dialed, err := dialer.Dial("tcp", p.link.proxy.Listen)
	if err != nil {
		return nil, fmt.Errorf("dialing the proxy: %w", err)
	}
	client, ok := dialed.(*net.TCPConn)
	if !ok || !p.setClient(client) {
		return nil, errors.Join(ErrClosed, dialed.Close())
	}
	if err := sendTag(client, p.id); err != nil {
		return nil, err
	}
	late := time.NewTimer(setupLimit)
	defer late.Stop()
	var conn *net.TCPConn
	select {
	case conn = <-p.arrived:
	case <-p.done:
		return nil, ErrClosed
	case <-late.C:
		return nil, errors.New("the proxy did not reach its other end in time")
	}
	far := newFarEnd(p, conn)
	if !p.setFar(far) {
		return nil, errors.Join(ErrClosed, conn.Close())
	}
	if !p.link.start(p.fromNear) || !p.link.start(p.toNear) {
		return nil, errors.Join(ErrClosed, conn.Close())
	}
	return far, nil
}

func (p *pair) setClient(c *net.TCPConn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.client = c
	}
	return !p.ended
}

func (p *pair) setFar(f *farEnd) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.far = f
	}
	return !p.ended
}

// fromNear carries the relay's bytes to the proxy. The relay's half-close is
// told to the far end directly, one latency later: through toxiproxy it would
// end the other direction, too.
func (p *pair) fromNear() {
	n, err := io.Copy(p.client, p.near)
	if err != nil {
		if p.isFlushing() {
			return // the fake has closed; toNear ends the pair when all is carried
		}
		p.end(fmt.Errorf("the relay's end: %w", err), closeNear)
		return
	}
	timer := time.NewTimer(p.link.tuning.Load().latency)
	defer timer.Stop()
	select {
	case <-timer.C:
		p.far.finish(n)
	case <-p.done:
	}
}

// toNear carries the fake's bytes to the relay, until the fake has closed and
// all is carried, or either side is gone.
func (p *pair) toNear() {
	_, err := io.Copy(p.near, p.client)
	switch {
	case p.isFlushing():
		p.linger()
		p.end(net.ErrClosed, closeNear)
	case err != nil:
		p.end(fmt.Errorf("the relay's end: %w", err), closeNear)
	default:
		// The proxy ended the connection and nobody had asked it to.
		p.end(fmt.Errorf("the proxy's end: %w", syscall.ECONNRESET), resetNear)
	}
}

// linger waits as long as a slow close takes under the tuning in force.
func (p *pair) linger() {
	began := time.Now()
	for {
		t := p.link.tuning.Load()
		left := time.Until(began.Add(t.closes))
		if left <= 0 {
			return
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-t.changed:
		case <-p.done:
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// flush lets what the far end wrote arrive, for a bounded time; then the pair
// ends.
func (p *pair) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || p.flushing != nil {
		return
	}
	p.flushing = time.AfterFunc(flushLimit, func() { p.end(net.ErrClosed, closeNear) })
}

func (p *pair) isFlushing() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.flushing != nil
}

// end ends the connection once: cause is what the far end will see. It says
// whether this call was the one.
func (p *pair) end(cause error, how nearEnd) bool {
	p.mu.Lock()
	if p.ended {
		p.mu.Unlock()
		return false
	}
	p.ended, p.cause = true, cause
	client, far, flushing := p.client, p.far, p.flushing
	p.mu.Unlock()

	if flushing != nil {
		flushing.Stop()
	}
	// Near goes first: toNear must not see the proxy's end before it.
	if how == resetNear {
		linger(p.near)
	}
	if how != keepNear {
		_ = p.near.Close() // it may be gone already; there is nobody to tell
	}
	close(p.done)
	if client != nil {
		_ = client.Close()
	}
	if far != nil {
		far.settle()
	}
	p.dismiss()
	p.link.forget(p.id)
	return true
}

// dismiss closes a connection that arrived and was not wanted any more.
func (p *pair) dismiss() {
	select {
	case conn := <-p.arrived:
		_ = conn.Close()
	default:
	}
}

// linger makes the next Close of c a reset where c can do that.
func linger(c net.Conn) {
	if l, ok := c.(interface{ SetLinger(sec int) error }); ok {
		_ = l.SetLinger(0) // an error means that it is closed already
	}
}

func (p *pair) over() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

func (p *pair) why() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cause
}

// closeFar closes the far end's socket, if there is one yet.
func (p *pair) closeFar() error {
	p.mu.Lock()
	far := p.far
	p.mu.Unlock()
	if far == nil {
		return nil
	}
	return far.abandon()
}

// sendTag writes the number by which the proxy's two ends and directions find
// each other.
func sendTag(c *net.TCPConn, id uint64) error {
	if err := c.SetWriteDeadline(time.Now().Add(setupLimit)); err != nil {
		return fmt.Errorf("bounding the tag: %w", err)
	}
	if _, err := c.Write(binary.BigEndian.AppendUint64(nil, id)); err != nil {
		return fmt.Errorf("sending the tag: %w", err)
	}
	if err := c.SetWriteDeadline(time.Time{}); err != nil {
		return fmt.Errorf("unbounding the tag: %w", err)
	}
	return nil
}

// receiveTag reads it at the other end.
func receiveTag(c *net.TCPConn) (uint64, error) {
	if err := c.SetReadDeadline(time.Now().Add(setupLimit)); err != nil {
		return 0, fmt.Errorf("bounding the tag: %w", err)
	}
	var tag [tagLen]byte
	if _, err := io.ReadFull(c, tag[:]); err != nil {
		return 0, fmt.Errorf("reading the tag: %w", err)
	}
	if err := c.SetReadDeadline(time.Time{}); err != nil {
		return 0, fmt.Errorf("unbounding the tag: %w", err)
	}
	return binary.BigEndian.Uint64(tag[:]), nil
}
