package smtpfake

import (
	"bytes"
	"errors"
	"fmt"
)

// data receives a message in one piece (RFC 5321 section 4.1.1.4).
func (c *session) data(rest []byte) bool {
	switch {
	case len(rest) > 0:
		return c.cue(CueBadSyntax)
	case c.chunks:
		return c.cue(CueBadSequence) // RFC 3030 section 2
	}
	if cue := c.early(); cue != "" {
		return c.cue(cue)
	}
	reply, ok := c.start()
	if !ok {
		return false
	}
	if codeOf(reply) != 354 || c.unclear() {
		c.endTransaction()
		return c.say(reply)
	}
	if !c.say(reply) {
		return false
	}
	return c.bodyFault() && c.receive() && c.deliver()
}

// early is the cue of a command that comes before its time, or "".
func (c *session) early() Cue {
	switch {
	case c.state.Hello == "":
		return CueHelloFirst
	case !c.open:
		return CueNeedMail
	case len(c.state.To) == 0:
		return CueNeedRcpt
	}
	return ""
}

// start asks the faults and the persona about DATA and opens the sink; the
// reply is 354 if the message may come.
func (c *session) start() (reply string, ok bool) {
	reply, ok = c.ask(StageData, "")
	if !ok {
		return "", false
	}
	if reply == "" {
		reply = c.persona.Data(&c.state)
	}
	if codeOf(reply) != 354 {
		return c.note(reply), true
	}
	c.msg, c.sink = c.message(), discard{}
	if c.srv.Open == nil {
		return reply, true
	}
	sink, err := c.srv.Open(c.msg)
	if err != nil {
		c.srv.trouble(fmt.Errorf("opening a message: %w", err))
		c.sink = nil
		return c.note(c.persona.Say(&c.state, CueFailed)), true
	}
	c.sink = sink
	return reply, true
}

// discard is the sink of a server that keeps nothing.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) Done() string                { return "" }
func (discard) Abort()                      {}

// bodyFault asks about the body; a fault that is due at once acts here, another
// waits for its byte.
func (c *session) bodyFault() bool {
	a := c.decide(c.point(StageBody, ""))
	if a != nil && a.After <= 0 {
		return c.spoil(a)
	}
	c.due = a
	return true
}

// spoil lets a fault act in the middle of the body. A reply is kept for the end
// of data, where the client expects one, but a 421 does not wait.
func (c *session) spoil(a *Act) bool {
	reply, ok := c.act(a, "")
	if !ok || reply == "" {
		return ok
	}
	c.spoilt = c.note(reply)
	return codeOf(reply) != 421 || c.say(reply)
}

// receive reads the body up to the final dot, undoing transparency. Only
// <CRLF>.<CRLF> ends it and only a dot after <CRLF> is taken out (RFC 5321
// section 4.5.2): a relay that is lax about bare LFs is found out.
func (c *session) receive() bool {
	for lineStart := true; ; {
		if lineStart {
			// Three bytes always follow: at the least, the end itself.
			head, err := c.in.Peek(3)
			if err != nil {
				return c.lost(err)
			}
			if string(head) == ".\r\n" {
				_, err = c.in.Discard(3)
				return err == nil
			}
			if head[0] == '.' {
				_, _ = c.in.Discard(1) // cannot fail: it was just seen
			}
			lineStart = false
		}
		chunk, found, err := c.scan()
		if err != nil {
			return c.lost(err)
		}
		if !c.pour(chunk) {
			return false
		}
		lineStart = found
	}
}

// scan is the buffered bytes that surely are content: up to and with the CRLF
// before a dot, if there is one, else all but a CRLF or CR at the very end.
func (c *session) scan() (chunk []byte, found bool, err error) {
	for need := 1; ; {
		if _, err = c.in.Peek(max(need, c.in.Buffered())); err != nil {
			return nil, false, err
		}
		chunk, err = c.in.Peek(c.in.Buffered())
		if err != nil {
			return nil, false, err
		}
		if i := bytes.Index(chunk, []byte("\r\n.")); i >= 0 {
			return chunk[:i+2], true, nil
		}
		keep := 0
		switch {
		case bytes.HasSuffix(chunk, []byte("\r\n")):
			keep = 2
		case chunk[len(chunk)-1] == '\r':
			keep = 1
		}
		if len(chunk) > keep {
			return chunk[:len(chunk)-keep], false, nil
		}
		need = len(chunk) + 1
	}
}

// pour hands buffered content to the sink and drops it from the buffer. A fault
// that waits for its byte acts exactly there.
func (c *session) pour(chunk []byte) bool {
	n, rest := len(chunk), chunk
	if a := c.due; a != nil && c.read+int64(n) >= a.After {
		head := int(a.After - c.read)
		c.due = nil
		c.put(chunk[:head])
		if !c.spoil(a) {
			return false
		}
		// Waiting reads ahead, which moves what is in the buffer.
		chunk, err := c.in.Peek(n)
		if err != nil {
			return false
		}
		rest = chunk[head:]
	}
	c.put(rest)
	_, err := c.in.Discard(n)
	return err == nil
}

// put writes content. Once the message is spoilt it is only counted.
func (c *session) put(p []byte) {
	c.read += int64(len(p))
	if room := HeadSize - len(c.head); room > 0 {
		c.head = append(c.head, p[:min(room, len(p))]...)
	}
	if c.spoilt == "" && c.read > orElse(c.srv.MaxMessage, DefaultMaxMessage) {
		c.spoilt = c.note(c.persona.Say(&c.state, CueTooBig))
	}
	if c.spoilt != "" || len(p) == 0 {
		return
	}
	if _, err := c.sink.Write(p); err != nil {
		c.srv.trouble(fmt.Errorf("writing a message: %w", err))
		c.spoilt = c.note(c.persona.Say(&c.state, CueFailed))
	}
}

// lost ends a session whose client said nothing more.
func (c *session) lost(err error) bool {
	switch {
	case errors.Is(err, errIdle):
		c.write(c.persona.Say(&c.state, CueIdle))
		c.leave()
	case errors.Is(err, errOver):
		c.write(c.persona.Say(&c.state, CueOver))
		c.leave()
	}
	return false
}

// deliver takes the message, unless something goes wrong, and says so.
func (c *session) deliver() bool {
	if c.spoilt != "" {
		return c.answer(c.spoilt, true)
	}
	if c.srv.Key != nil && c.srv.Faults != nil {
		c.key = c.srv.Key(c.msg, c.head)
	}
	reply, ok := c.ask(StageEOD, "")
	if !ok || reply != "" {
		return ok && c.answer(c.note(reply), true)
	}
	msg, sink := c.msg, c.sink
	c.msg, c.sink = nil, nil
	if reply = sink.Done(); reply == "" {
		msg.Head = c.head
		reply = c.persona.Taken(msg, c.read)
		msg.Head = nil
	}
	if !positive(reply) {
		return c.answer(c.note(reply), true)
	}
	c.told.taken = true
	c.told.code, c.told.reply = 0, "" // of recipients refused: they are told of
	instead, ok := c.ask(StageAccepted, "")
	if !ok {
		return false
	}
	if instead != "" {
		c.told.code, c.told.reply = codeOf(instead), instead
		return c.answer(instead, positive(instead))
	}
	c.told.code, c.told.reply = codeOf(reply), reply
	return c.answer(reply, true)
}

// answer sends the reply to the end of data, in LMTP once per recipient (RFC
// 2033 section 4.2), and closes the transaction. It does not wait for more
// input before it sends: whether the client was told is part of the Result.
func (c *session) answer(reply string, truth bool) bool {
	times := 1
	if c.srv.LMTP {
		times = len(c.state.To)
	}
	ok := true
	c.untrue = false
	for i := 0; i < times && ok; i++ {
		ok = c.write(reply)
	}
	ok = ok && c.out.Flush() == nil
	c.told.told = ok && truth && !c.untrue
	c.endTransaction()
	if ok && codeOf(reply) == 421 {
		c.leave()
		return false
	}
	return ok
}
