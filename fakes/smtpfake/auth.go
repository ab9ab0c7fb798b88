package smtpfake

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// Authenticator is a Persona whose clients may sign in (RFC 4954). Its EHLO
// offers AUTH itself, where it wants to.
type Authenticator interface {
	Persona
	// Mechanisms are those that may be used now: of LOGIN, PLAIN and XOAUTH2.
	Mechanisms(s *Session) []string
	// Auth answers credentials: 235, or a refusal.
	Auth(s *Session, c Credentials) string
}

// Credentials are what a client signs in with.
type Credentials struct {
	Mechanism string // in upper case
	User      string
	Secret    string // a password, or for XOAUTH2 the token
	// Malformed: they could not be read, and User and Secret are empty.
	Malformed bool
}

// Challenges of AUTH LOGIN, "Username:" and "Password:" in base64.
const (
	askUser   = "334 VXNlcm5hbWU6"
	askSecret = "334 UGFzc3dvcmQ6"
	askAny    = "334 " // with its blank: RFC 4954 section 4
)

// auth signs a client in.
func (c *session) auth(rest []byte) bool {
	persona, ok := c.persona.(Authenticator)
	switch {
	case !ok:
		return c.cue(CueUnknown)
	case c.state.Hello == "":
		return c.cue(CueHelloFirst)
	case c.open || c.state.User != "": // RFC 4954 section 4
		return c.cue(CueBadSequence)
	}
	word, initial, _ := strings.Cut(string(rest), " ")
	creds := Credentials{Mechanism: strings.ToUpper(word)}
	if !oneOf(creds.Mechanism, persona.Mechanisms(&c.state)...) {
		return c.cue(CueBadMechanism)
	}
	more, ok := c.credentials(&creds, strings.TrimSpace(initial))
	if !ok {
		return more
	}
	reply, ok := c.ask(StageAuth, "")
	if !ok {
		return false
	}
	if reply == "" {
		reply = persona.Auth(&c.state, creds)
		if positive(reply) {
			c.state.User = creds.User
		}
	}
	return c.say(c.note(reply))
}

// credentials reads them; where ok is false the exchange is over, and more says
// whether the session goes on.
func (c *session) credentials(creds *Credentials, initial string) (more, ok bool) {
	first, second := askAny, ""
	if creds.Mechanism == "LOGIN" {
		first, second = askUser, askSecret
	}
	one := []byte(initial)
	if initial == "" {
		if one, more, ok = c.challenge(first); !ok {
			return more, false
		}
	}
	one, fine := decoded(one)
	creds.Malformed = !fine
	if second == "" {
		creds.read(one)
		return true, true
	}
	two, more, ok := c.challenge(second)
	if !ok {
		return more, false
	}
	two, fine = decoded(two)
	creds.Malformed = creds.Malformed || !fine
	if !creds.Malformed {
		creds.User, creds.Secret = string(one), string(two)
	}
	return true, true
}

// challenge asks for a line; a lone asterisk gives up (RFC 4954 section 4).
func (c *session) challenge(text string) (line []byte, more, ok bool) {
	if !c.lines(text) {
		return nil, false, false
	}
	line, err := c.line()
	switch {
	case err != nil:
		return nil, c.lost(err), false
	case string(line) == "*":
		return nil, c.cue(CueBadSyntax), false
	}
	return bytes.Clone(line), true, true
}

// decoded undoes base64; a lone equals sign is nothing (RFC 4954 section 4).
func decoded(line []byte) ([]byte, bool) {
	if string(line) == "=" {
		return nil, true
	}
	text, err := base64.StdEncoding.DecodeString(string(line))
	return text, err == nil
}

// read parts the one response of PLAIN (RFC 4616) or XOAUTH2, which is
// "user=" USER ^A "auth=Bearer " TOKEN ^A ^A.
func (creds *Credentials) read(text []byte) {
	if creds.Malformed {
		return
	}
	if creds.Mechanism == "PLAIN" {
		parts := strings.Split(string(text), "\x00")
		if creds.Malformed = len(parts) != 3; !creds.Malformed {
			creds.User, creds.Secret = parts[1], parts[2]
		}
		return
	}
	user, rest, found := strings.Cut(string(text), "\x01")
	token, end, closed := strings.Cut(rest, "\x01")
	user, hasUser := strings.CutPrefix(user, "user=")
	token, hasToken := strings.CutPrefix(token, "auth=Bearer ")
	creds.Malformed = !found || !closed || !hasUser || !hasToken || end != "\x01"
	if !creds.Malformed {
		creds.User, creds.Secret = user, token
	}
}
