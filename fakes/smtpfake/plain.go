package smtpfake

import (
	"net"
	"strconv"
	"strings"
)

// Plain is the persona of any ordinary mail server. Its zero value takes mail
// for everybody.
type Plain struct {
	// Name is the host's name in banner and greeting; empty: mail.test.
	Name string
	// Accepts says whether a mailbox is known; nil: all are.
	Accepts func(rcpt string) bool
	// Size is the SIZE announced (RFC 1870); 0: DefaultMaxMessage.
	Size int64
	// Lmtp greets as an LMTP server (RFC 2033).
	Lmtp bool
}

var _ Persona = Plain{}

// plainSays are the fixed replies: codes from RFC 5321 section 4.2.3, enhanced
// codes from RFC 3463, texts of our own.
var plainSays = map[Cue]string{
	CueReset:          "250 2.0.0 Ok",
	CueNoop:           "250 2.0.0 Ok",
	CueQuit:           "221 2.0.0 Bye",
	CueVerify:         "252 2.0.0 Cannot verify, try RCPT",
	CueHelp:           "214 2.0.0 See RFC 5321",
	CueStartTLS:       "220 2.0.0 Ready to start TLS", // RFC 3207 section 4
	CueChunk:          "250 2.0.0 Ok",                 // RFC 3030 section 2
	CueHelloFirst:     "503 5.5.1 Send hello first",
	CueNeedMail:       "503 5.5.1 Need MAIL command",
	CueNeedRcpt:       "503 5.5.1 Need RCPT command",
	CueSenderTwice:    "503 5.5.1 Nested MAIL command",
	CueBadSequence:    "503 5.5.1 Bad sequence of commands",
	CueUnknown:        "500 5.5.2 Command not recognized",
	CueLineTooLong:    "500 5.5.2 Line too long",
	CueBadSyntax:      "501 5.5.4 Syntax error in arguments",
	CueBadSender:      "501 5.1.7 Bad sender address syntax",
	CueBadRecipient:   "501 5.1.3 Bad recipient address syntax",
	CueBadParameter:   "555 5.5.4 Unsupported parameter",              // section 4.1.1.11
	CueNotASCII:       "553 5.6.7 Non-ASCII address without SMTPUTF8", // RFC 6531 section 3.5
	CueNoTLS:          "502 5.5.1 TLS not available",
	CueBadMechanism:   "504 5.5.4 Unrecognized authentication type", // RFC 4954 section 4
	CueTooBig:         "552 5.3.4 Message too big",                  // RFC 1870 section 6.1
	CueTooManyRcpts:   "452 4.5.3 Too many recipients",              // section 4.5.3.1.10
	CueTooManyClients: "421 4.7.0 Too many connections",
	CueIdle:           "421 4.4.2 Timeout, closing connection",          // section 4.5.3.2.7
	CueOver:           "421 4.4.2 Session too long, closing connection", // section 3.8
	CueFailed:         "451 4.3.0 Local error in processing",
}

func (p Plain) name() string {
	if p.Name == "" {
		return "mail.test"
	}
	return p.Name
}

// ID is the ordinal in base 36, six digits at least.
func (p Plain) ID(s *Session) string {
	id := strings.ToUpper(strconv.FormatUint(s.Ordinal, 36))
	return strings.Repeat("0", max(0, 6-len(id))) + id
}

// Banner is "220 name ESMTP".
func (p Plain) Banner(*Session) string {
	if p.Lmtp {
		return "220 " + p.name() + " LMTP"
	}
	return "220 " + p.name() + " ESMTP"
}

// HELO is "250 name".
func (p Plain) HELO(*Session) string { return "250 " + p.name() }

// EHLO offers all that the server can do.
func (p Plain) EHLO(*Session) []string {
	size := p.Size
	if size == 0 {
		size = DefaultMaxMessage
	}
	return []string{
		p.name(), "PIPELINING", "SIZE " + strconv.FormatInt(size, 10), "STARTTLS",
		"ENHANCEDSTATUSCODES", "8BITMIME", "BINARYMIME", "CHUNKING", "DSN", "SMTPUTF8",
	}
}

// Mail takes every sender.
func (p Plain) Mail(*Session) string { return "250 2.1.0 Ok" }

// Rcpt refuses mailboxes that Accepts does not know.
func (p Plain) Rcpt(_ *Session, rcpt string) string {
	if p.Accepts != nil && !p.Accepts(rcpt) {
		return "550 5.1.1 <" + rcpt + ">: Recipient address rejected: User unknown"
	}
	return "250 2.1.5 Ok"
}

// Data asks for the message.
func (p Plain) Data(*Session) string { return "354 End data with <CR><LF>.<CR><LF>" }

// Taken names the session and its transaction as the queue id.
func (p Plain) Taken(m *Message, _ int64) string {
	return "250 2.0.0 Ok: queued as " + m.ID + "." + strconv.Itoa(m.Transaction)
}

// Say looks the cue up.
func (p Plain) Say(_ *Session, cue Cue) string { return plainSays[cue] }

// Refusal fills the placeholders; the trailer is the host's name.
func (p Plain) Refusal(s *Session, rcpt, reply string) string {
	return Fill(reply, s, rcpt, p.name(), p.name)
}

// Fill puts values in the place of {ip}, {rcpt}, {server} and {trailer}; the
// trailer is made only where it is asked for.
func Fill(reply string, s *Session, rcpt, server string, trailer func() string) string {
	if !strings.Contains(reply, "{") {
		return reply
	}
	pairs := []string{"{ip}", Host(s.Peer), "{rcpt}", rcpt, "{server}", server}
	if strings.Contains(reply, "{trailer}") {
		pairs = append(pairs, "{trailer}", trailer())
	}
	return strings.NewReplacer(pairs...).Replace(reply)
}

// Host is the address of "ip:port" without the port; anything else is returned
// as it is.
func Host(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return hostport
}
