package smtpfake

import (
	"crypto/tls"
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
	idle := orElse(c.srv.IdleTimeout, DefaultIdleTimeout)
	if idle > 0 && c.raw.SetDeadline(c.clock.Deadline(idle)) != nil {
		return false
	}
	secured := tls.Server(c.raw, c.srv.TLS)
	if err := secured.HandshakeContext(c.ctx); err != nil {
		return false
	}
	c.conn, c.state.TLS, c.state.Hello = secured, true, ""
	return true
}
