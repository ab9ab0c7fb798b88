// Package office365 owns the manners of Exchange Online as a mail peer: what
// its MX front ends say on port 25, in the words of three generations. Every
// text cites where it was seen.
//
// It must not decide when something goes wrong (that is smtpfake.Faults, of the
// caller) and knows neither scenarios nor relays. It opens no listener.
package office365

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// Era is a generation of banners, host names and trailers.
type Era string

// The eras. Banners carry a session id since 2025 at the latest, trailers since
// about the end of 2022; front ends are called EPF instead of FT since 2024.
const (
	Era2019 Era = "2019"
	Era2023 Era = "2023"
	Era2026 Era = "2026"
)

// MX is a forest's front ends on port 25: one persona for all of them, since a
// server's name follows from the address that the client reached.
type MX struct {
	Era    Era    // empty: Era2026
	Forest string // "jpnprd01", "eurprd02"; empty: "namprd03"
	Region string // "apac"; used where the forest's name does not tell
	// Started is when the front ends' processes began: session ids count from
	// a little before it.
	Started time.Time
	// Seed chooses names and numbers.
	Seed uint64
	// Accepts says whether a recipient belongs to a tenant of the forest; nil:
	// all do. Others meet Directory Based Edge Blocking.
	Accepts func(rcpt string) bool
	// Tenant says whose a domain is: recipients of two tenants in one
	// transaction are answered 452 for the second. nil: no such limit.
	Tenant func(domain string) string
	// Elsewhere says whether a recipient that is not accepted belongs to another
	// region: the client has kept an address too long. nil: none does.
	Elsewhere func(rcpt string) bool
	// Receiving limits what each mailbox may receive; share it between the
	// front ends of a forest. nil: no limit.
	Receiving *Receiving
}

var _ smtpfake.Persona = MX{}

func (mx MX) era() Era {
	if mx.Era == "" {
		return Era2026
	}
	return mx.Era
}

// ID counts .NET ticks on from the moment the front end's process began, which
// was some hours to days before: that is what the ids in real banners decode to.
func (mx MX) ID(s *smtpfake.Session) string {
	const shortest, spread = 4 * time.Hour, 236 * time.Hour
	began := mx.Started
	if began.IsZero() {
		began = s.Began.Truncate(24 * time.Hour)
	}
	n := mx.draw("process", smtpfake.Host(s.Local))
	began = began.Add(-shortest - time.Duration(n%uint64(spread)))
	return fmt.Sprintf("%016X", ticks(began)+s.Ordinal)
}

// Banner greets with the date, its day not padded, and since 2025 with the
// session's id.
func (mx MX) Banner(s *smtpfake.Session) string {
	banner := "220 " + mx.public(s) + " Microsoft ESMTP MAIL Service ready at " +
		s.Began.UTC().Format("Mon, 2 Jan 2006 15:04:05 -0700")
	if mx.era() == Era2026 {
		banner += " [" + s.ID + "]"
	}
	return banner
}

// HELO greets the client by its address.
func (mx MX) HELO(s *smtpfake.Session) string {
	return "250 " + mx.public(s) + " Hello [" + smtpfake.Host(s.Peer) + "]"
}

// EHLO offers the same ten lines in the same order in all eras.
func (mx MX) EHLO(s *smtpfake.Session) []string {
	return []string{
		mx.public(s) + " Hello [" + smtpfake.Host(s.Peer) + "]",
		"SIZE " + strconv.Itoa(Size), "PIPELINING", "DSN", "ENHANCEDSTATUSCODES", "STARTTLS",
		"8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8",
	}
}

// Mail takes every sender.
func (mx MX) Mail(*smtpfake.Session) string { return senderOK }

// Rcpt refuses recipients that the forest has no tenant for, and bids the
// client send again those beyond the limits of a transaction.
func (mx MX) Rcpt(s *smtpfake.Session, rcpt string) string {
	if mx.Accepts != nil && !mx.Accepts(rcpt) {
		if mx.Elsewhere != nil && mx.Elsewhere(rcpt) {
			return mx.Refusal(s, rcpt, WrongRegion)
		}
		refusal := noSuchRecipient
		if mx.era() == Era2026 {
			refusal = noSuchRecipient26
		}
		return mx.Refusal(s, rcpt, refusal)
	}
	domain, same := domainOf(rcpt), 0
	for _, other := range s.To {
		if domainOf(other) == domain {
			same++
		}
	}
	switch {
	case same >= RecipientsPerDomain:
		return tooManyRecipients
	case mx.Tenant != nil && len(s.To) > 0 && mx.Tenant(domain) != mx.Tenant(domainOf(s.To[0])):
		return tooManyRecipients
	}
	return recipientOK
}

// Data asks for the message.
func (mx MX) Data(*smtpfake.Session) string { return startInput }

// Taken names the message, the mailbox server and the size as stored, which is
// about 8 kB more than was sent: what the service adds in headers.
func (mx MX) Taken(m *smtpfake.Message, size int64) string {
	if mx.Receiving != nil {
		if refusal := mx.Receiving.take(m); refusal != "" {
			return mx.Refusal(m.Session, "", refusal)
		}
	}
	n := mx.draw("taken", m.ID, strconv.Itoa(m.Transaction))
	server := mx.mailbox(n)
	id := messageID(m.Head)
	if id == "" {
		id = fmt.Sprintf("<%08x-%04x-4%03x-8%03x-%012x@%s>", uint32(n), n>>32&0xffff,
			n>>48&0xfff, n>>20&0xfff, n>>8&0xffffffffffff, server)
	}
	stored := size + 7900 + int64(n>>16%300)
	took := max(m.Now().Sub(m.Began).Seconds(), 0.001)
	internal := 7_000_000_000_000 + n%89_000_000_000_000
	return fmt.Sprintf("250 2.6.0 %s [InternalId=%d, Hostname=%s] %d bytes in %.3f, %.3f KB/sec "+
		"Queued mail for delivery", id, internal, server, stored, took, float64(stored)/1024/took)
}

// Say looks the cue up; the end of a long session tells how long it was, in
// .NET's way of writing it.
func (mx MX) Say(s *smtpfake.Session, cue smtpfake.Cue) string {
	if cue != smtpfake.CueOver || s == nil {
		return says[cue]
	}
	d := s.Now().Sub(s.Began)
	return fmt.Sprintf("%s Total session duration: %02d:%02d:%02d.%07d", says[cue], int(d.Hours()),
		int(d.Minutes())%60, int(d.Seconds())%60, d.Nanoseconds()%1e9/100)
}

// Refusal fills the placeholders. {server} is the front end's name inside the
// service, {trailer} what stands in the brackets that a refusal ends with.
func (mx MX) Refusal(s *smtpfake.Session, rcpt, reply string) string {
	if !strings.Contains(reply, "{") {
		return reply
	}
	return smtpfake.Fill(reply, s, rcpt, mx.internal(s), func() string { return mx.trailer(s) })
}

func domainOf(addr string) string {
	return strings.ToLower(addr[strings.LastIndexByte(addr, '@')+1:])
}

// messageID is the Message-ID of a message whose beginning is head, or "".
func messageID(head []byte) string {
	for len(head) > 0 {
		var line []byte
		line, head, _ = bytes.Cut(head, []byte("\r\n"))
		if len(line) == 0 {
			return "" // the end of the header
		}
		name, value, _ := bytes.Cut(line, []byte{':'})
		if !bytes.EqualFold(name, []byte("Message-ID")) {
			continue
		}
		if len(bytes.TrimSpace(value)) == 0 { // folded after its name
			value, _, _ = bytes.Cut(head, []byte("\r\n"))
		}
		// A reply line has no more than 512 octets (RFC 5321 section 4.5.3.1.5).
		id := bytes.TrimSpace(value)
		if len(id) > 250 || bytes.IndexFunc(id, unicode.IsControl) >= 0 {
			return ""
		}
		return string(id)
	}
	return ""
}
