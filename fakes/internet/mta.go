// Package internet owns the rest of the world's mail servers as the fakes play
// them: ordinary ones, with an inbox for every sender, where bounces arrive.
//
// It can read a delivery status notification, but must not know which message
// it is about: that is told by a header only the caller knows. It opens no
// listener.
package internet

import (
	"strings"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// MTA is the persona of an ordinary mail server.
type MTA struct{ smtpfake.Plain }

var _ smtpfake.Persona = MTA{}

// New is the mail server host of the domains given. It knows the mailboxes of
// these domains that accepts knows, or all of them where accepts is nil.
func New(host string, accepts func(rcpt string) bool, domains ...string) MTA {
	return MTA{smtpfake.Plain{Name: host, Accepts: func(rcpt string) bool {
		return within(rcpt, domains) && (accepts == nil || accepts(rcpt))
	}}}
}

// within says whether an address belongs to one of the domains. Every server
// has a postmaster, who needs none (RFC 5321 section 4.5.1).
func within(addr string, domains []string) bool {
	at := strings.LastIndexByte(addr, '@')
	if at < 0 {
		return strings.EqualFold(addr, "postmaster")
	}
	for _, d := range domains {
		if strings.EqualFold(addr[at+1:], d) {
			return true
		}
	}
	return false
}
