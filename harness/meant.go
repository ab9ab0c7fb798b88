package harness

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// meant narrows a fault to the tenants, clients, recipients and messages it
// names, where the session has come far enough to tell.
func (l *liveFault) meant(p smtpfake.Point) bool {
	w := l.Where
	switch {
	case w.MinBytes > 0 && p.Read < w.MinBytes,
		w.MaxBytes > 0 && p.Read > w.MaxBytes,
		w.Attachment && !hasAttachment(p.Head),
		len(l.sources) > 0 && !l.from(p.Session.Peer),
		len(w.Recipients) > 0 && !l.to(p):
		return false
	case l.everywhere, l.endpoint() == endpointSpare, l.endpoint() == endpointSubmission:
		return true
	case p.Rcpt != "":
		return l.about(siteOf(p.Rcpt))
	case len(p.Session.To) > 0:
		return l.about(siteOf(p.Session.To[0]))
	}
	return true
}

// about says whether mail for a domain is concerned, at a front end that is.
func (l *liveFault) about(domain string) bool { return l.sites[domain] || l.leaning[domain] }

// from says whether a client's address is one of the sources.
func (l *liveFault) from(peer string) bool {
	addr, err := netip.ParseAddr(smtpfake.Host(peer))
	return err == nil &&
		slices.ContainsFunc(l.sources, func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) })
}

// to says whether the recipient at hand, or any that was taken, is named.
func (l *liveFault) to(p smtpfake.Point) bool {
	rcpts := p.Session.To
	if p.Rcpt != "" {
		rcpts = []string{p.Rcpt}
	}
	return slices.ContainsFunc(rcpts, func(rcpt string) bool {
		return slices.ContainsFunc(l.Where.Recipients, func(pattern string) bool {
			if domain, all := strings.CutPrefix(pattern, "*@"); all {
				return siteOf(rcpt) == domain
			}
			return strings.EqualFold(pattern, rcpt)
		})
	})
}

// hasAttachment looks for the type multipart/mixed (RFC 2046 section 5.1.3) in
// a message's header. A field may be folded after its name.
func hasAttachment(head []byte) bool {
	header, _, _ := bytes.Cut(head, []byte("\r\n\r\n"))
	header = bytes.ToLower(bytes.ReplaceAll(header, []byte("\r\n "), []byte(" ")))
	for line := range bytes.SplitSeq(header, []byte("\r\n")) {
		value, ok := bytes.CutPrefix(line, []byte("content-type:"))
		if ok && bytes.HasPrefix(bytes.TrimSpace(value), []byte("multipart/mixed")) {
			return true
		}
	}
	return false
}
