package office365

import (
	"strings"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// Submission is smtp.office365.com, port 587: mail of the tenants' own mailboxes
// and devices, who sign in over TLS. Give its Limits' Faults and Left to the
// server as well.
type Submission struct {
	// MX gives era, forest, start and seed; who may receive is not asked here.
	MX MX
	// Verify answers credentials: "" when they are good, else the refusal, of
	// which ReplyNamed knows all that begin with auth-, or basic-retired. nil:
	// everything that can be read is good.
	Verify func(c smtpfake.Credentials) (refusal string)
	// MaySendAs says whether a user may send as another address than its own;
	// nil: nobody may.
	MaySendAs func(user, from string) bool
}

var _ smtpfake.Authenticator = Submission{}

// ID is that of a front end.
func (sub Submission) ID(s *smtpfake.Session) string { return sub.MX.ID(s) }

// public is the name of a client front end: SY5P282CA0097.outlook.office365.com.
func (sub Submission) public(s *smtpfake.Session) string {
	return sub.host(s) + ".outlook.office365.com"
}

func (sub Submission) host(s *smtpfake.Session) string {
	return sub.MX.server("client", "CA", smtpfake.Host(s.Local))
}

// Banner is that of the MX under another name.
func (sub Submission) Banner(s *smtpfake.Session) string {
	_, rest, _ := strings.Cut(strings.TrimPrefix(sub.MX.Banner(s), "220 "), " ")
	return "220 " + sub.public(s) + " " + rest
}

// HELO greets the client by its address.
func (sub Submission) HELO(s *smtpfake.Session) string {
	return "250 " + sub.public(s) + " Hello [" + smtpfake.Host(s.Peer) + "]"
}

// EHLO offers AUTH where STARTTLS stood, once TLS is on (a transcript of
// 2025-11-23 in a public log).
func (sub Submission) EHLO(s *smtpfake.Session) []string {
	lines := sub.MX.EHLO(s)
	lines[0] = sub.public(s) + " Hello [" + smtpfake.Host(s.Peer) + "]"
	for i, line := range lines {
		if line == "STARTTLS" && s.TLS {
			lines[i] = "AUTH LOGIN XOAUTH2"
		}
	}
	return lines
}

// Mechanisms are LOGIN and XOAUTH2, over TLS only.
func (sub Submission) Mechanisms(s *smtpfake.Session) []string {
	if !s.TLS {
		return nil
	}
	return []string{"LOGIN", "XOAUTH2"}
}

// Auth asks Verify. A refusal has no challenge with details, as others have.
func (sub Submission) Auth(s *smtpfake.Session, c smtpfake.Credentials) string {
	switch {
	case c.Malformed && c.Mechanism == "XOAUTH2":
		return named("bad-xoauth2")
	case c.Malformed || c.User == "":
		return sub.Refusal(s, "", named("auth-unsuccessful"))
	case sub.Verify != nil:
		if refusal := sub.Verify(c); refusal != "" {
			return sub.Refusal(s, "", refusal)
		}
	}
	return "235 2.7.0 Authentication successful" // Microsoft's page on OAuth for SMTP
}

// named is the text of a listed reply.
func named(name string) string {
	r, _ := ReplyNamed(name) // the tests ask for all that are used here
	return r.Text
}

// Mail takes senders who have signed in.
func (sub Submission) Mail(s *smtpfake.Session) string {
	if s.User == "" {
		return named("not-authenticated")
	}
	return senderOK
}

// Rcpt takes all: where mail goes from here is not the front end's business.
func (sub Submission) Rcpt(*smtpfake.Session, string) string { return recipientOK }

// Data asks for the message.
func (sub Submission) Data(*smtpfake.Session) string { return startInput }

// Taken names the mailbox server, in another form than on port 25, or refuses
// what somebody else's address sends.
func (sub Submission) Taken(m *smtpfake.Message, _ int64) string {
	if m.From != "" && !strings.EqualFold(m.From, m.User) &&
		(sub.MaySendAs == nil || !sub.MaySendAs(m.User, m.From)) {
		return "554 5.2.252 SendAsDenied; " + m.User + " not allowed to send as " + m.From +
			"; STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; " +
			"Failed to process message due to a permanent exception"
	}
	n := sub.MX.draw("taken", m.ID)
	id := messageID(m.Head)
	server := sub.MX.mailbox(n)
	if id == "" {
		id = "<" + m.ID + "@" + server + ">"
	}
	return "250 2.0.0 OK " + id + " [Hostname=" + server + "]"
}

// Say is what the MX says.
func (sub Submission) Say(s *smtpfake.Session, cue smtpfake.Cue) string { return sub.MX.Say(s, cue) }

// Refusal fills the placeholders with the name inside the forest.
func (sub Submission) Refusal(s *smtpfake.Session, rcpt, reply string) string {
	if !strings.Contains(reply, "{") {
		return reply
	}
	inside := sub.host(s) + sub.MX.domain()
	return smtpfake.Fill(reply, s, rcpt, inside, func() string {
		return strings.Replace(sub.MX.trailer(s), sub.MX.internal(s), inside, 1)
	})
}
