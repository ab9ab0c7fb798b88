package smtpfake

import "strings"

// say queues a reply and tells whether the session goes on: after a 421 it does
// not (RFC 5321 section 3.8).
func (c *session) say(reply string) bool {
	if !c.write(reply) {
		return false
	}
	if codeOf(reply) == 421 {
		c.leave()
		return false
	}
	return true
}

// cue says one of the persona's small replies.
func (c *session) cue(cue Cue) bool { return c.say(c.persona.Say(&c.state, cue)) }

// write queues the lines of a reply; "250-a\n250 b", "250 a\n250 b" and
// "250 a\nb" are the same. One that does not begin with a code is sent as it
// is: that, too, is something servers have done.
func (c *session) write(reply string) bool {
	switch {
	case c.given: // ahead of its command
		c.given, c.untrue = false, true
		return true
	case c.tamper != nil:
		return c.tampered(reply)
	}
	return c.lines(reply)
}

func (c *session) lines(reply string) bool {
	code := ""
	if codeOf(reply) != 0 {
		code = reply[:3]
	}
	for more := true; more; {
		var line string
		line, reply, more = strings.Cut(reply, "\n")
		line = strings.TrimSuffix(line, "\r")
		if code != "" {
			c.lead(code, more)
			line = textOf(line, code)
		}
		_, _ = c.out.WriteString(line)
		if _, err := c.out.WriteString("\r\n"); err != nil {
			return false
		}
	}
	return true
}

// lead writes a reply line's code and the mark whether more lines follow.
func (c *session) lead(code string, more bool) {
	_, _ = c.out.WriteString(code) // a bufio.Writer keeps its error for later
	if more {
		_ = c.out.WriteByte('-')
		return
	}
	_ = c.out.WriteByte(' ')
}

// textOf is a reply line without its code.
func textOf(line, code string) string {
	rest, ok := strings.CutPrefix(line, code)
	if !ok {
		return line
	}
	if rest != "" && (rest[0] == ' ' || rest[0] == '-') {
		return rest[1:]
	}
	return rest
}
