package harness

import (
	"bytes"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
	"github.com/hansei-mail/hansei/harness/traffic"
)

// What a decision is drawn for:
//
//   - until EHLO, TLS and AUTH, the session, by its front end and its place in
//     the order of that front end's sessions: nothing else is known of it yet;
//   - from MAIL to the body, what the envelope says so far, and how often the
//     same was tried before;
//   - from the end of data on, the message's id and recipients, and how often
//     they were tried before.
//
// So from MAIL on, the order in which connections happen to come in, and the
// front end that a relay happens to choose, decide nothing: the same seed hits
// the same attempts of the same messages.

// key stands for an attempt; it counts it. The caller holds the lock.
func (l *liveFault) key(p smtpfake.Point, salt uint64) (key uint64, attempt int) {
	what := subject(p)
	if what == "" {
		return salt<<32 ^ p.Session.Ordinal<<8, 1
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(what)) // a hash takes everything
	base := h.Sum64()
	l.tried[base]++
	attempt = l.tried[base]
	return base + uint64(attempt)*0x9e3779b97f4a7c15, attempt
}

// subject is what is tried; "" where no message is known.
func subject(p smtpfake.Point) string {
	s := p.Session
	to := s.To
	switch p.Stage {
	case smtpfake.StageMail:
		to = nil
	case smtpfake.StageRcpt:
		to = append(slices.Clone(to), p.Rcpt)
	case smtpfake.StageData, smtpfake.StageBody, smtpfake.StageEOD, smtpfake.StageAccepted:
	default:
		return ""
	}
	to = slices.Clone(to)
	for i := range to {
		to[i] = strings.ToLower(to[i])
	}
	slices.Sort(to)
	first := "envelope\x00" + s.From + "\x00" + strconv.FormatInt(s.Size, 10)
	if p.Key != "" {
		first = "message\x00" + p.Key
	}
	return first + "\x00" + strings.Join(to, "\x00")
}

// messageKey is the fakes' Key: the id that every message of a run carries.
// What has none, such as a DSN, is known by its envelope.
func messageKey(_ *smtpfake.Message, head []byte) string {
	for len(head) > 0 {
		var line []byte
		line, head, _ = bytes.Cut(head, []byte("\r\n"))
		if len(line) == 0 {
			return "" // the header is over
		}
		name, value, _ := bytes.Cut(line, []byte{':'})
		if strings.EqualFold(string(name), traffic.IDHeader) {
			return string(bytes.TrimSpace(value))
		}
	}
	return ""
}
