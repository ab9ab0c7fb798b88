package internet

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/emersion/go-message"
)

// MaxDSN is how much of a message ParseDSN looks at. What matters is at the
// beginning: the returned message is last, and only its header is read.
const MaxDSN = 1 << 20

// DSN is a delivery status notification (RFC 3464).
type DSN struct {
	// Reporter is who wrote it (Reporting-MTA), Envelope the ENVID of the
	// message it is about; both without their type and as far as given.
	Reporter   string
	Envelope   string
	Recipients []Recipient
	// Original is the header of the message it is about, as far as it came
	// back; nil if none did.
	Original textproto.MIMEHeader
}

// Recipient is what a DSN says about one recipient (RFC 3464 section 2.3).
// Addresses and the diagnostic come without their type ("rfc822;", "smtp;").
type Recipient struct {
	Action     string // lower case: failed, delayed, delivered, relayed or expanded
	Final      string
	Original   string
	Status     string // RFC 3463, e.g. "4.4.1"
	Diagnostic string
}

// ParseDSN reads a message as a DSN. It tells false for any other message; a
// DSN that cannot be read to its end is returned as far as it goes, with an
// error.
func ParseDSN(r io.Reader) (*DSN, bool, error) {
	whole, err := message.Read(io.LimitReader(r, MaxDSN))
	if err != nil && !forgivable(err) {
		return nil, false, fmt.Errorf("reading a message: %w", err)
	}
	kind, params, err := whole.Header.ContentType()
	// OpenSMTPD sends its notices as multipart/mixed, with the parts of a report
	// (bounce.c); their subject tells them from other mail with attachments.
	loose := err == nil && kind == "multipart/mixed" &&
		strings.HasPrefix(whole.Header.Get("Subject"), "Delivery status notification: ")
	if !loose && (err != nil || kind != "multipart/report" ||
		!strings.EqualFold(params["report-type"], "delivery-status")) {
		return nil, false, nil // also where the type itself cannot be read
	}
	d, err := parseReport(whole)
	if loose && (err != nil || len(d.Recipients) == 0) {
		return nil, false, nil // other mail after all
	}
	return d, true, err
}

// parseReport reads the parts of a report.
func parseReport(whole *message.Entity) (*DSN, error) {
	parts := whole.MultipartReader()
	if parts == nil {
		return &DSN{}, errors.New("reading a dsn: it has no parts")
	}
	d := new(DSN)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !forgivable(err) {
			return d, fmt.Errorf("reading a part of a dsn: %w", err)
		}
		if err := d.part(part); err != nil {
			return d, err
		}
	}
	if len(d.Recipients) == 0 {
		return d, errors.New("reading a dsn: it names no recipient")
	}
	return d, nil
}

// forgivable errors concern the text of a part, which does not matter here.
func forgivable(err error) bool {
	return message.IsUnknownCharset(err) || message.IsUnknownEncoding(err)
}

// part reads one part; those of RFC 6533 are for messages with SMTPUTF8.
func (d *DSN) part(part *message.Entity) error {
	kind, _, err := part.Header.ContentType()
	if err != nil {
		return nil // a part whose type cannot be read is none of ours
	}
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		return d.status(part.Body)
	case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
		h, err := textproto.NewReader(bufio.NewReader(part.Body)).ReadMIMEHeader()
		if len(h) > 0 && d.Original == nil {
			d.Original = h
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading the returned header: %w", err)
		}
	}
	return nil
}

// status reads groups of fields: the first is about the message, each other
// about a recipient (RFC 3464 section 2.1).
func (d *DSN) status(r io.Reader) error {
	in := textproto.NewReader(bufio.NewReader(r))
	for first := true; ; {
		group, err := in.ReadMIMEHeader()
		switch {
		case len(group) == 0: // blank lines, or the end
		case first:
			first = false
			d.Reporter = typed(group.Get("Reporting-Mta"))
			d.Envelope = group.Get("Original-Envelope-Id")
		default:
			d.Recipients = append(d.Recipients, Recipient{
				Action:     strings.ToLower(group.Get("Action")),
				Final:      address(group.Get("Final-Recipient")),
				Original:   address(group.Get("Original-Recipient")),
				Status:     group.Get("Status"),
				Diagnostic: typed(group.Get("Diagnostic-Code")),
			})
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading a delivery status: %w", err)
		}
	}
}

// typed is a field's value without its type.
func typed(value string) string {
	_, rest, ok := strings.Cut(value, ";")
	if !ok {
		return strings.TrimSpace(value)
	}
	return strings.TrimSpace(rest)
}

// address is the address of a "type; address" field. Those of type utf-8 may
// write a character as \x{7af9} (RFC 6533 section 3).
func address(value string) string {
	kind, _, _ := strings.Cut(value, ";")
	addr := typed(value)
	if !strings.EqualFold(strings.TrimSpace(kind), "utf-8") {
		return addr
	}
	var plain strings.Builder
	for {
		before, after, found := strings.Cut(addr, `\x{`)
		plain.WriteString(before)
		if !found {
			return plain.String()
		}
		digits, rest, closed := strings.Cut(after, "}")
		n, err := strconv.ParseUint(digits, 16, 21)
		if !closed || err != nil {
			return plain.String() + `\x{` + after
		}
		plain.WriteRune(rune(n))
		addr = rest
	}
}
