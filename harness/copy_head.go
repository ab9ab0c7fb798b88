package harness

import (
	"bytes"
	"slices"
	"strings"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/traffic"
)

// headLimit bounds what is kept of a copy to read whose it is.
const headLimit = 64 << 10

// recipientFields are the trace fields in which a store or a relay says for whom
// it took a message, the most exact first: Postfix's, Exim's, and those of
// delivery agents.
var recipientFields = []string{
	"X-Original-To", "Envelope-To", "X-Envelope-To", "Delivered-To",
}

// recipientWords names them for people.
func recipientWords() string { return strings.Join(recipientFields, ", ") }

// headOf keeps the beginning of a message.
type headOf struct{ bytes.Buffer }

// Write never fails.
func (h *headOf) Write(p []byte) (int, error) {
	h.Buffer.Write(p[:min(len(p), max(0, headLimit-h.Len()))])
	return len(p), nil
}

// added are the header fields above the message's own, which begin with
// traffic.IDHeader: what the sender wrote is no trace of its way.
func (h *headOf) added() [][2]string {
	var all [][2]string
	for line := range strings.Lines(h.String()) {
		line = strings.TrimRight(line, "\r\n")
		name, value, ok := strings.Cut(line, ":")
		switch {
		case line == "" || strings.EqualFold(name, traffic.IDHeader):
			return all
		case line[0] == ' ' || line[0] == '\t': // folded (RFC 5322 section 2.2.3)
			if n := len(all); n > 0 {
				all[n-1][1] += " " + strings.TrimSpace(line)
			}
		case ok:
			all = append(all, [2]string{name, strings.TrimSpace(value)})
		}
	}
	return all
}

// sender is the envelope's, as the store kept it.
func (h *headOf) sender() string {
	for _, f := range h.added() {
		if strings.EqualFold(f[0], "Return-Path") {
			return strings.Trim(f[1], "<>")
		}
	}
	return ""
}

// recipients are the spare addresses of those whose copy it is, by the first kind
// of field that names any. A store that names the recipient itself, and not its
// spare address, is understood too.
func (h *headOf) recipients(spare relay.Spare) []string {
	fields := h.added()
	for _, name := range recipientFields {
		var to []string
		for _, f := range fields {
			if !strings.EqualFold(f[0], name) {
				continue
			}
			for word := range strings.SplitSeq(f[1], ",") {
				address := strings.Trim(strings.TrimSpace(word), "<>")
				_, domain, ok := strings.Cut(address, "@")
				switch {
				case ok && spare.Covers(address):
					address = spare.Address(address)
				case !ok || !strings.EqualFold(domain, spare.Domain):
					continue
				}
				if !slices.Contains(to, address) {
					to = append(to, address)
				}
			}
		}
		if len(to) > 0 {
			return to
		}
	}
	return nil
}
