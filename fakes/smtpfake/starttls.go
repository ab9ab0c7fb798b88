package smtpfake

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
)

// startTLS is the keyword that EHLO shows only while it can be had.
const startTLS = "STARTTLS"

func (c *session) offersTLS() bool { return c.srv.TLS != nil && !c.state.TLS }

// starttls turns TLS on (RFC 3207). Afterwards the client must say hello again,
// and whatever it sent in plain text after the command is thrown away.
func (c *session) starttls(rest []byte) bool {
	switch {
	case !c.offersTLS():
		return c.cue(CueNoTLS)
	case len(rest) > 0:
		return c.cue(CueBadSyntax)
	case c.open:
		return c.cue(CueBadSequence)
	}
	if reply, ok := c.ask(StageSTARTTLS, ""); !ok || reply != "" {
		return ok && c.say(c.note(reply))
	}
	if !c.cue(CueStartTLS) || c.out.Flush() != nil {
		return false
	}
	if _, err := c.in.Discard(c.in.Buffered()); err != nil {
		return false
	}
	reply, ok := c.ask(StageHandshake, "")
	switch {
	case !ok:
		return false
	case reply != "" || c.tamper != nil: // plain text where TLS should begin
		if reply == "" {
			reply = c.persona.Say(&c.state, CueStartTLS)
		}
		c.write(c.note(reply))
		c.leave()
		return false
	}
	idle := orElse(c.srv.IdleTimeout, DefaultIdleTimeout)
	if idle > 0 && c.raw.SetDeadline(c.clock.Deadline(idle)) != nil {
		return false
	}
	// What came while a fault waited was read ahead.
	begun, err := c.in.Peek(c.in.Buffered())
	if err != nil {
		return false
	}
	early := io.MultiReader(bytes.NewReader(bytes.Clone(begun)), c.raw)
	_, _ = c.in.Discard(len(begun)) // cannot fail: it was just seen
	secured := tls.Server(&replayed{Conn: c.raw, r: early}, c.srv.TLS)
	if err := secured.HandshakeContext(c.ctx); err != nil {
		return false
	}
	c.conn, c.state.TLS, c.state.Hello = secured, true, ""
	return true
}

// replayed is a connection some of whose bytes were read already.
type replayed struct {
	net.Conn
	r io.Reader
}

// Read gives those first.
func (c *replayed) Read(p []byte) (int, error) { return c.r.Read(p) }
