package smtpfake

import (
	"bytes"
	"strconv"
	"strings"
)

// bdat receives a message in chunks (RFC 3030). Whatever is wrong with the
// command, its bytes follow at once and must be read before the reply.
func (c *session) bdat(rest []byte) bool {
	size, last, ok := parseBDAT(rest)
	if !ok {
		// Nobody can tell where the next command begins.
		c.write(c.persona.Say(&c.state, CueBadSyntax))
		c.leave()
		return false
	}
	if cue := c.early(); cue != "" {
		return c.skip(size) && c.cue(cue)
	}
	if !c.chunks {
		reply, ok := c.start()
		if !ok {
			return false
		}
		if codeOf(reply) != 354 { // which is not said here: the bytes come anyway
			ok = c.skip(size)
			c.endTransaction()
			return ok && c.say(reply)
		}
		c.chunks = true
		if !c.bodyFault() {
			return false
		}
	}
	if !c.chunk(size) {
		return false
	}
	if last {
		return c.deliver()
	}
	if reply := c.spoilt; reply != "" {
		c.endTransaction()
		return c.say(reply)
	}
	return c.cue(CueChunk)
}

// parseBDAT reads "size" or "size LAST".
func parseBDAT(rest []byte) (size int64, last, ok bool) {
	word, tail, more := bytes.Cut(rest, []byte{' '})
	if more {
		last = strings.EqualFold(string(bytes.TrimSpace(tail)), "LAST")
	}
	n, err := strconv.ParseUint(string(word), 10, 63)
	return int64(n), last, err == nil && last == more
}

// chunk pours so many bytes.
func (c *session) chunk(size int64) bool {
	for size > 0 {
		if _, err := c.in.Peek(1); err != nil {
			return c.lost(err)
		}
		n := min(size, int64(c.in.Buffered()))
		piece, err := c.in.Peek(int(n))
		if err != nil || !c.pour(piece) {
			return false
		}
		size -= n
	}
	return true
}

// skip drops so many bytes.
func (c *session) skip(size int64) bool {
	for size > 0 {
		if _, err := c.in.Peek(1); err != nil {
			return c.lost(err)
		}
		n, err := c.in.Discard(int(min(size, int64(c.in.Buffered()))))
		if err != nil {
			return false
		}
		size -= int64(n)
	}
	return true
}
