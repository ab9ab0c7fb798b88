package smtpfake

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// splitVerb parts a command line, without its end, into the verb in upper case
// and the rest.
func splitVerb(line []byte) (verb string, rest []byte) {
	word, rest, _ := bytes.Cut(line, []byte{' '})
	return strings.ToUpper(string(word)), bytes.TrimSpace(rest)
}

// parsePath reads "FROM:<path> parameters" after its keyword. The blank that
// many clients put after the colon is forgiven; a missing bracket is not.
func parsePath(rest []byte, keyword string) (addr, params string, ok bool) {
	if len(rest) < len(keyword) || !strings.EqualFold(string(rest[:len(keyword)]), keyword) {
		return "", "", false
	}
	s := strings.TrimLeft(string(rest[len(keyword):]), " ")
	if !strings.HasPrefix(s, "<") || !utf8.ValidString(s) {
		return "", "", false
	}
	end := closing(s)
	if end < 0 {
		return "", "", false
	}
	addr, params = s[1:end], s[end+1:]
	if params != "" && params[0] != ' ' {
		return "", "", false
	}
	// A source route is to be ignored (RFC 5321 section 4.1.1.3).
	if strings.HasPrefix(addr, "@") {
		_, after, found := strings.Cut(addr, ":")
		if !found {
			return "", "", false
		}
		addr = after
	}
	return addr, strings.TrimSpace(params), mailbox(addr)
}

// closing is the index of the bracket that ends a path, or -1; one inside a
// quoted local part does not count.
func closing(s string) int {
	quoted := false
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '>' && !quoted:
			return i
		}
	}
	return -1
}

// mailbox says whether an address can be one: empty (the null path), a bare
// "postmaster", or a local part and a domain.
func mailbox(addr string) bool {
	if strings.IndexFunc(addr, func(r rune) bool { return r < ' ' || r == 0x7f }) >= 0 {
		return false
	}
	if addr == "" || strings.EqualFold(addr, "postmaster") {
		return true // RFC 5321 sections 4.5.5 and 4.5.1
	}
	at := strings.LastIndexByte(addr, '@')
	if at <= 0 || at == len(addr)-1 {
		return false
	}
	local, domain := addr[:at], addr[at+1:]
	if strings.ContainsAny(domain, " <>\"") {
		return false
	}
	return strings.HasPrefix(local, `"`) || !strings.ContainsAny(local, " <>@")
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// mailParams are the parameters of MAIL that matter here.
type mailParams struct {
	size int64
	utf8 bool
}

// parseMail reads the parameters of MAIL: SIZE (RFC 1870), BODY (RFC 6152 and
// 3030), SMTPUTF8 (RFC 6531), RET and ENVID (RFC 3461), AUTH (RFC 4954). It
// returns the cue of the refusal, if any.
func parseMail(params string) (p mailParams, bad Cue) {
	for word := range strings.FieldsSeq(params) {
		key, value, _ := strings.Cut(word, "=")
		switch strings.ToUpper(key) {
		case "SIZE":
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil || n < 0 {
				return p, CueBadSyntax
			}
			p.size = n
		case "BODY":
			if !oneOf(value, "7BIT", "8BITMIME", "BINARYMIME") {
				return p, CueBadSyntax
			}
		case "RET":
			if !oneOf(value, "FULL", "HDRS") {
				return p, CueBadSyntax
			}
		case "ENVID", "AUTH":
			if value == "" {
				return p, CueBadSyntax
			}
		case "SMTPUTF8":
			p.utf8 = true
		default:
			return p, CueBadParameter
		}
	}
	return p, ""
}

// parseRcpt reads the parameters of RCPT, which are those of RFC 3461.
func parseRcpt(params string) (bad Cue) {
	for word := range strings.FieldsSeq(params) {
		key, value, _ := strings.Cut(word, "=")
		switch strings.ToUpper(key) {
		case "NOTIFY":
			for what := range strings.SplitSeq(value, ",") {
				if !oneOf(what, "NEVER", "SUCCESS", "FAILURE", "DELAY") {
					return CueBadSyntax
				}
			}
		case "ORCPT":
			if !strings.Contains(value, ";") {
				return CueBadSyntax
			}
		default:
			return CueBadParameter
		}
	}
	return ""
}

func oneOf(word string, words ...string) bool {
	for _, w := range words {
		if strings.EqualFold(word, w) {
			return true
		}
	}
	return false
}
