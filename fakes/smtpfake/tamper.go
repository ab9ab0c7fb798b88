package smtpfake

import (
	"bufio"
	"bytes"
	"context"
)

// tamper is what a fault does to the next reply, and the stage it belongs to.
type tamper struct {
	*Act
	stage Stage
}

// unclear says whether a fault is about to give a reply that no client can take
// for a yes. Its command is not carried out then: a server that went on would
// take messages that the client believes were refused.
func (c *session) unclear() bool {
	return c.tamper != nil && (c.tamper.Do == Swap || c.tamper.Do == Garble)
}

// tampered sends a reply as a fault wants it.
func (c *session) tampered(reply string) bool {
	t := c.tamper
	c.tamper = nil
	switch t.Do {
	case Cut:
		text := c.rendered(reply)
		_, _ = c.out.Write(text[:min(max(t.Bytes, 0), int64(len(text)))])
		c.leave()
		return false
	case Split:
		return c.split(t.Act, reply)
	case Garble:
		c.untrue = true
		text := c.rendered(reply)
		for i, b := range text {
			if b != '\r' && b != '\n' {
				text[i] = b | 0x80
			}
		}
		_, err := c.out.Write(text)
		return err == nil
	case Swap:
		c.untrue = true
		return c.lines(c.later(t.stage))
	}
	// Ahead: the two come in one piece, and the next command gets no answer.
	if !c.lines(reply) || !c.lines(c.later(t.stage)) {
		return false
	}
	c.given = t.stage != StageEOD && t.stage != StageAccepted && t.stage != StageQuit
	return true
}

// split sends a reply in two pieces, with a pause between them. A client that
// leaves in the pause was not told.
func (c *session) split(a *Act, reply string) bool {
	text := c.rendered(reply)
	at := min(max(a.Bytes, 0), int64(len(text)))
	if _, err := c.out.Write(text[:at]); err != nil || c.out.Flush() != nil {
		return false
	}
	if !c.wait(func(ctx context.Context) error { return c.clock.Sleep(ctx, a.Delay) }) {
		return false
	}
	_, err := c.out.Write(text[at:])
	return err == nil
}

// rendered is a reply as it goes over the wire.
func (c *session) rendered(reply string) []byte {
	var text bytes.Buffer
	own := c.out
	c.out = bufio.NewWriter(&text)
	c.lines(reply)
	_ = c.out.Flush() // a bytes.Buffer takes everything
	c.out = own
	return text.Bytes()
}

// later is the persona's reply to a command that comes after a stage. Where the
// very next reply would depend on what only the command says, it is the one
// after that.
func (c *session) later(stage Stage) string {
	switch stage {
	case StageConnect, StageBanner:
		return c.offer()
	case StageEHLO, StageSTARTTLS, StageHandshake, StageSecured, StageAuth:
		return c.persona.Mail(&c.state)
	case StageMail, StageRcpt:
		return c.persona.Data(&c.state)
	case StageData, StageBody:
		return c.persona.Taken(c.message(), c.read)
	}
	return c.persona.Say(&c.state, CueQuit)
}
