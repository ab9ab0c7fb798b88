package smtpfake

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"time"
)

// errIdle ends a session whose client was silent for too long, errOver one that
// has lasted too long.
var (
	errIdle = errors.New("the client was silent too long")
	errOver = errors.New("the session has lasted too long")
)

// farewell is how long a server that closed its side waits for the client to
// close its own. Closing at once would turn the FIN into a RST where the client
// is still sending, and take the last reply away from it.
const farewell = 2 * time.Second

// never is longer than any session.
const never = time.Duration(1 << 62)

// input reads from the session's connection as it is now. It sends pending
// replies first: so a pipelined group is answered in one piece (RFC 2920
// section 3.2), and no client ever waits for a reply that is still held.
type input struct{ c *session }

// Read waits no longer than the server's idle time-out.
func (i input) Read(p []byte) (int, error) {
	c := i.c
	if c.watching {
		return c.conn.Read(p)
	}
	if err := c.out.Flush(); err != nil {
		return 0, err
	}
	if c.reading.rate > 0 {
		p = p[:c.reading.piece(len(p))]
		if err := c.reading.rest(c, len(p)); err != nil {
			return 0, err
		}
	}
	idle := orElse(c.srv.IdleTimeout, DefaultIdleTimeout)
	if idle < 0 {
		idle = never
	}
	session := orElse(c.srv.MaxSession, never)
	if idle == never && session == never {
		return c.conn.Read(p)
	}
	for since := c.clock.Now(); ; {
		now := c.clock.Now()
		left, why := idle-now.Sub(since), errIdle
		if rest := session - now.Sub(c.state.Began); rest < left {
			left, why = rest, errOver
		}
		if left < time.Millisecond { // nobody measures what is below
			return 0, why
		}
		if err := c.conn.SetReadDeadline(c.clock.Deadline(left)); err != nil {
			return 0, err
		}
		// A deadline was reckoned at the rate of its moment; where the clock
		// has slowed since, there is time left.
		n, err := c.conn.Read(p)
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
	}
}

// output writes to the session's connection as it is now; a client that reads
// nothing is given up after the idle time-out.
type output struct{ c *session }

// Write sends replies.
func (o output) Write(p []byte) (int, error) {
	idle := orElse(o.c.srv.IdleTimeout, DefaultIdleTimeout)
	if idle > 0 {
		if err := o.c.conn.SetWriteDeadline(o.c.clock.Deadline(idle)); err != nil {
			return 0, err
		}
	}
	if o.c.writing.rate > 0 {
		return o.slowly(p)
	}
	return o.c.conn.Write(p)
}

// slowly sends at the pace of a fault, piece by piece.
func (o output) slowly(p []byte) (sent int, err error) {
	for sent < len(p) {
		piece := p[sent:]
		piece = piece[:o.c.writing.piece(len(piece))]
		if err := o.c.writing.rest(o.c, len(piece)); err != nil {
			return sent, err
		}
		n, err := o.c.conn.Write(piece)
		sent += n
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// reset ends the connection with a RST: what was not sent is dropped, and the
// peer sees ECONNRESET whether or not its own bytes were read.
func (c *session) reset() {
	conn := bare(c.raw)
	if l, ok := conn.(interface{ SetLinger(sec int) error }); ok {
		_ = l.SetLinger(0) // fails only where the connection is gone already
	}
	_ = conn.Close()
}

// leave ends the connection with a FIN, after all replies. The Result does not
// wait for the client's own FIN.
func (c *session) leave() {
	if c.out.Flush() != nil {
		return
	}
	c.finish()
	if secured, ok := c.conn.(*tls.Conn); ok && secured.CloseWrite() != nil {
		return
	}
	conn := bare(c.raw)
	half, ok := conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	if conn.SetReadDeadline(c.clock.Deadline(farewell)) == nil {
		_, _ = io.Copy(io.Discard, conn)
	}
}

// bare is the connection below wrappers that tell what they wrap, as tls.Conn
// does.
func bare(conn net.Conn) net.Conn {
	for {
		w, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return conn
		}
		conn = w.NetConn()
	}
}
