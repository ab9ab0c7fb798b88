package reference

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-message"
)

// The actions of RFC 3464 section 2.3.3 that the relay tells of.
const (
	actionFailed  = "failed"
	actionDelayed = "delayed"
)

// maxReturned bounds the original header, or the whole message with RET=FULL,
// that a DSN gives back.
const maxReturned = 64 << 10

// draft is a DSN that is about to be queued.
type draft struct {
	env     *envelope
	content []byte
	action  string
}

// draft writes the DSN to env's sender about some recipients. There is none
// for a null sender (RFC 5321 section 4.5.5) nor where NOTIFY forbids it (RFC
// 3461 section 4.1).
func (e *engine) draft(
	env *envelope, content []byte, action string, about []int, now time.Time,
) (draft, bool, error) {
	about = slices.DeleteFunc(slices.Clone(about), func(i int) bool {
		return !env.Recipients[i].wantsNotice(action)
	})
	if env.From == "" || len(about) == 0 || !strings.Contains(env.From, "@") {
		return draft{}, false, nil
	}
	to := []recipient{{Address: env.From}}
	d := draft{action: action, env: &envelope{Recipients: to, UTF8: env.UTF8}}
	e.bouncing(&d, env.Recipients[about[0]].Address, now)
	e.address(d.env)
	d.env.Arrived = now.UnixNano()
	d.env.MessageID = fmt.Sprintf("<%s@%s>", queueID(d.env.ID), e.world.Hostname)
	text, err := e.compose(d, env, content, about, now)
	if err != nil {
		return draft{}, false, fmt.Errorf("writing a DSN about %s: %w", queueID(env.ID), err)
	}
	d.content = text
	return d, true, nil
}

func (r *recipient) wantsNotice(action string) bool {
	word := "FAILURE"
	if action == actionDelayed {
		word = "DELAY"
	}
	return len(r.Notify) == 0 || slices.Contains(r.Notify, word)
}

// compose writes the DSN's content (RFC 3462, RFC 3464).
func (e *engine) compose(
	d draft, env *envelope, content []byte, about []int, now time.Time,
) ([]byte, error) {
	subject := "Undelivered Mail Returned to Sender"
	if d.action == actionDelayed {
		subject = "Delayed Mail (still being retried)"
	}
	var header message.Header
	header.SetContentType("multipart/report", map[string]string{
		"report-type": "delivery-status",
		// Not drawn at random, so that a run repeats byte for byte.
		"boundary": "=_" + queueID(d.env.ID) + "_report",
	})
	header.Set("MIME-Version", "1.0")
	header.Set("Auto-Submitted", "auto-replied") // RFC 3834 section 3.1.7
	header.Set("Message-ID", d.env.MessageID)
	header.Set("Subject", subject)
	header.Set("To", "<"+env.From+">")
	header.Set("From", "Mail Delivery System <MAILER-DAEMON@"+e.world.Hostname+">")
	header.Set("Date", date(now))
	var b bytes.Buffer
	w, err := message.CreateWriter(&b, header)
	if err != nil {
		return nil, err
	}
	returned, kind := e.returned(env, content, d.action)
	parts := []struct{ kind, text string }{
		{"text/plain; charset=utf-8", e.words(env, d.action, about)},
		{"message/delivery-status", e.status(env, d.action, about, now)},
		{kind, returned},
	}
	if env.UTF8 {
		// RFC 6533 sections 4 and 6: what is not ASCII needs the global types.
		parts[1].kind = "message/global-delivery-status"
		parts[2].kind = "message/global-headers"
	}
	for _, part := range parts {
		var header message.Header
		header.Set("Content-Type", part.kind)
		pw, err := w.CreatePart(header)
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(pw, part.text); err != nil {
			return nil, err
		}
		if err := pw.Close(); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return crlf(b.Bytes()), nil
}

// returned is what the DSN gives back of the message.
func (e *engine) returned(env *envelope, content []byte, action string) (text, kind string) {
	if env.Return == "FULL" && action == actionFailed && len(content) <= maxReturned && !env.UTF8 {
		return string(content), "message/rfc822"
	}
	header := headerOf(content)
	if len(header) > maxReturned {
		header = header[:bytes.LastIndexByte(header[:maxReturned], '\n')+1]
	}
	return string(header), "text/rfc822-headers"
}

// words is the part for people.
func (e *engine) words(env *envelope, action string, about []int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "This is the mail relay %s.\r\n\r\n", e.world.Hostname)
	began, end := date(env.arrived()), date(env.arrived().Add(e.settings.Lifetime))
	if action == actionDelayed {
		fmt.Fprintf(&b, "Your message of %s is delayed; nothing needs to be done.\r\n"+
			"It will be tried until %s.\r\n\r\n", began, end)
	} else {
		fmt.Fprintf(&b, "Your message of %s could not be delivered.\r\n\r\n", began)
	}
	for _, i := range about {
		r := &env.Recipients[i]
		fmt.Fprintf(&b, "<%s>: %s\r\n", r.Address, r.why())
	}
	return b.String()
}

func (r *recipient) why() string {
	if r.Reason == "" {
		return "its destination could not be reached"
	}
	return r.Reason
}

// status is the part for programs.
func (e *engine) status(env *envelope, action string, about []int, now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Reporting-MTA: dns; %s\r\n", e.world.Hostname)
	if env.EnvelopeID != "" {
		fmt.Fprintf(&b, "Original-Envelope-Id: %s\r\n", env.EnvelopeID)
	}
	fmt.Fprintf(&b, "Arrival-Date: %s\r\n", date(env.arrived()))
	for _, i := range about {
		r := &env.Recipients[i]
		b.WriteString("\r\n")
		if kind, address, ok := strings.Cut(r.Original, ";"); ok {
			fmt.Fprintf(&b, "Original-Recipient: %s; %s\r\n", strings.ToLower(kind), address)
		}
		fmt.Fprintf(&b, "Final-Recipient: %s; %s\r\n", addressType(r.Address), r.Address)
		fmt.Fprintf(&b, "Action: %s\r\nStatus: %s\r\n", action, r.statusFor(action))
		fmt.Fprintf(&b, "Diagnostic-Code: %s; %s\r\n", r.diagnosticType(), r.why())
		fmt.Fprintf(&b, "Last-Attempt-Date: %s\r\n", date(now))
		if action == actionDelayed {
			fmt.Fprintf(&b, "Will-Retry-Until: %s\r\n", date(env.arrived().Add(e.settings.Lifetime)))
		}
	}
	return b.String()
}

func (r *recipient) statusFor(action string) string {
	if action == actionDelayed && !strings.HasPrefix(r.Status, "4.") {
		return "4.0.0" // RFC 3464 section 2.3.4: delayed goes with class 4
	}
	return r.Status
}

// diagnosticType is smtp where the reason is a reply, which has a code first.
func (r *recipient) diagnosticType() string {
	if len(r.Reason) > 3 && r.Reason[3] == ' ' && strings.Trim(r.Reason[:3], "0123456789") == "" {
		return "smtp"
	}
	return "x-local"
}

// addressType: RFC 6533 section 3 has its own for what is not ASCII.
func addressType(address string) string {
	if strings.ContainsFunc(address, func(c rune) bool { return c > 127 }) {
		return "utf-8"
	}
	return "rfc822"
}

// crlf ends every line with CRLF: the MIME writer takes either for a line's end.
func crlf(text []byte) []byte {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	text = bytes.ReplaceAll(text, []byte("\r"), nil)
	return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
}
