package smtpfake

import (
	"bufio"
	"bytes"
	"errors"
	"slices"
	"strings"
)

// command reads and answers one command; false ends the session.
func (c *session) command() bool {
	line, err := c.line()
	switch {
	case errors.Is(err, errLong):
		return c.cue(CueLineTooLong)
	case err != nil:
		return c.lost(err)
	}
	verb, rest := splitVerb(line)
	if c.state.TLS && !c.secured {
		c.secured = true
		rest = bytes.Clone(rest) // waiting reads ahead, which moves the buffer
		if reply, ok := c.ask(StageSecured, ""); !ok || reply != "" {
			return ok && c.say(c.note(reply))
		}
	}
	if c.refused && verb != "QUIT" {
		return c.cue(CueBadSequence)
	}
	switch verb {
	case "EHLO", "HELO", "LHLO":
		return c.hello(verb, string(rest))
	case "MAIL":
		return c.mail(rest)
	case "RCPT":
		return c.rcpt(rest)
	case "DATA":
		return c.data(rest)
	case "BDAT":
		return c.bdat(rest)
	case "STARTTLS":
		return c.starttls(rest)
	case "AUTH":
		return c.auth(rest)
	case "QUIT":
		return c.quit()
	}
	return c.small(verb)
}

// small answers the commands that nothing depends on.
func (c *session) small(verb string) bool {
	switch verb {
	case "RSET":
		c.endTransaction()
		return c.cue(CueReset)
	case "NOOP":
		return c.cue(CueNoop)
	case "VRFY":
		return c.cue(CueVerify) // 252, RFC 5321 section 3.5.3
	case "HELP":
		return c.cue(CueHelp)
	}
	return c.cue(CueUnknown)
}

// errLong is a command line beyond the limit.
var errLong = errors.New("the command line is too long")

// line reads a command line without its end, which may be a bare LF. It is
// valid until the next read. A line too long is skipped in bounded memory.
func (c *session) line() ([]byte, error) {
	line, err := c.in.ReadSlice('\n')
	long := false
	for errors.Is(err, bufio.ErrBufferFull) {
		long = true
		line, err = c.in.ReadSlice('\n')
	}
	if err != nil {
		return nil, err
	}
	if long || len(line) > orElse(c.srv.MaxLine, DefaultMaxLine) {
		return nil, errLong
	}
	return bytes.TrimRight(line, "\r\n"), nil
}

// hello answers EHLO, HELO and LHLO, which also reset (RFC 5321 section 4.1.4).
func (c *session) hello(verb, name string) bool {
	if (verb == "LHLO") != c.srv.LMTP {
		return c.cue(CueUnknown) // RFC 2033 section 4.1
	}
	if name == "" {
		return c.cue(CueBadSyntax)
	}
	c.endTransaction()
	if reply, ok := c.ask(StageEHLO, ""); !ok || reply != "" {
		return ok && c.say(c.note(reply))
	}
	c.state.Hello = name
	if verb == "HELO" {
		return c.say(c.persona.HELO(&c.state))
	}
	if c.tamper != nil || c.given {
		return c.say(c.offer())
	}
	lines := c.persona.EHLO(&c.state)
	last := len(lines) - 1
	if last >= 0 && lines[last] == startTLS && !c.offersTLS() {
		last--
	}
	for i, line := range lines[:last+1] {
		if line == startTLS && !c.offersTLS() {
			continue
		}
		c.lead("250", i < last)
		_, _ = c.out.WriteString(line)
		if _, err := c.out.WriteString("\r\n"); err != nil {
			return false
		}
	}
	return true
}

// offer is the answer to EHLO in one text.
func (c *session) offer() string {
	lines := slices.DeleteFunc(slices.Clone(c.persona.EHLO(&c.state)), func(line string) bool {
		return line == startTLS && !c.offersTLS()
	})
	return "250 " + strings.Join(lines, "\n")
}

// mail begins a transaction.
func (c *session) mail(rest []byte) bool {
	switch {
	case c.state.Hello == "":
		return c.cue(CueHelloFirst)
	case c.open:
		return c.cue(CueSenderTwice)
	}
	from, params, ok := parsePath(rest, "FROM:")
	if !ok {
		return c.cue(CueBadSender)
	}
	p, bad := parseMail(params)
	switch {
	case bad != "":
		return c.cue(bad)
	case !p.utf8 && !ascii(from):
		return c.cue(CueNotASCII)
	}
	c.beginTransaction(from, p.size)
	c.utf8 = p.utf8
	reply, ok := c.ask(StageMail, "")
	if !ok {
		return false
	}
	switch {
	case reply != "":
	case p.size > orElse(c.srv.MaxMessage, DefaultMaxMessage):
		reply = c.persona.Say(&c.state, CueTooBig)
	default:
		reply = c.persona.Mail(&c.state)
	}
	if !positive(c.note(reply)) || c.unclear() {
		c.endTransaction()
	}
	return c.say(reply)
}

// rcpt adds a recipient.
func (c *session) rcpt(rest []byte) bool {
	switch {
	case c.state.Hello == "":
		return c.cue(CueHelloFirst)
	case !c.open:
		return c.cue(CueNeedMail)
	case c.chunks:
		return c.cue(CueBadSequence) // RFC 3030 section 2
	}
	rcpt, params, ok := parsePath(rest, "TO:")
	if !ok || rcpt == "" {
		return c.cue(CueBadRecipient)
	}
	if bad := parseRcpt(params); bad != "" {
		return c.cue(bad)
	}
	if !c.utf8 && !ascii(rcpt) {
		return c.cue(CueNotASCII)
	}
	reply, ok := c.ask(StageRcpt, rcpt)
	if !ok {
		return false
	}
	switch {
	case reply != "":
	case len(c.state.To) >= orElse(c.srv.MaxRecipients, DefaultMaxRecipients):
		reply = c.persona.Say(&c.state, CueTooManyRcpts)
	default:
		reply = c.persona.Rcpt(&c.state, rcpt)
	}
	most := orElse(c.srv.MaxRecipients, DefaultMaxRecipients)
	switch {
	case positive(c.note(reply)) && !c.unclear() && !c.given:
		c.state.To = append(c.state.To, rcpt)
		c.heed(rcpt)
	case strings.HasPrefix(reply, "5") && !c.unclear() && len(c.state.Refused) < most:
		c.state.Refused = append(c.state.Refused, rcpt)
	}
	return c.say(reply)
}

// quit ends the session in good order.
func (c *session) quit() bool {
	c.endTransaction()
	before := c.told
	reply, ok := c.ask(StageQuit, "")
	if c.told.fault == before.fault && (before.fault != "" || before.code != 0) {
		c.told.stage = before.stage // where it went wrong tells more
	}
	if !ok {
		return false
	}
	if reply == "" {
		reply = c.persona.Say(&c.state, CueQuit)
	}
	c.write(c.note(reply))
	return false
}
