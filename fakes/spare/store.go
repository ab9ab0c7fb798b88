// Package spare owns the endpoint where spare copies go: a store that takes
// everything for its one domain, over SMTP or LMTP.
//
// It must not look into a message, nor know whose copy it is: that is in the
// address, and for the caller to read. It opens no listener.
package spare

import (
	"strings"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// Store is the persona of a spare store.
type Store struct{ smtpfake.Plain }

var _ smtpfake.Persona = Store{}

// New is the store of a domain, e.g. "spare.test". Its host has the domain's
// name.
func New(domain string) Store {
	return Store{smtpfake.Plain{Name: domain, Accepts: func(rcpt string) bool {
		at := strings.LastIndexByte(rcpt, '@')
		return at >= 0 && strings.EqualFold(rcpt[at+1:], domain)
	}}}
}

// SMTP is a server with this persona; its other fields are the caller's to set.
func (s Store) SMTP() *smtpfake.Server { return &smtpfake.Server{Persona: s} }

// LMTP is the same for relays that hand copies over by LMTP (RFC 2033).
func (s Store) LMTP() *smtpfake.Server {
	s.Lmtp = true
	return &smtpfake.Server{Persona: s, LMTP: true}
}
