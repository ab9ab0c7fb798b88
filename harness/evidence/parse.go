package evidence

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// parser reads lines in the form in which Log writes them, some five times as
// fast as encoding/json, and gives every line that is not of that form (other
// fields, blanks, fractions, rare escapes) to encoding/json: there is one meaning
// of a line, and two ways to it. FuzzParse holds them against each other.
type parser struct {
	line string
	pos  int
	// known keeps strings that were read lately: most of them come again.
	known [1 << 12]string
	// lists is where the next lists of strings go, loose what escapes were in.
	lists []string
	loose []byte
}

// event reads one line into e, which must be zero.
func (p *parser) event(line string, e *Event) error {
	if p.line, p.pos = line, 0; p.object(e) {
		return nil
	}
	*e = Event{}
	return json.Unmarshal([]byte(line), e)
}

// object reads the whole line; false means that it is left to encoding/json.
func (p *parser) object(e *Event) bool {
	if !p.byte('{') {
		return false
	}
	for {
		name, ok := p.raw()
		if !ok || !p.byte(':') || !p.field(name, e) {
			return false
		}
		switch {
		case p.byte(','):
		case p.byte('}'):
			return p.pos == len(p.line)
		default:
			return false
		}
	}
}

// byte takes the byte if it is the next.
func (p *parser) byte(b byte) bool {
	if p.pos < len(p.line) && p.line[p.pos] == b {
		p.pos++
		return true
	}
	return false
}

// field reads the value of the field that has this name.
func (p *parser) field(name string, e *Event) bool {
	if text := e.single(name); text != nil {
		return p.part(text)
	}
	if text := e.text(name); text != nil {
		return p.text(text)
	}
	switch name {
	case "at":
		return whole(p, &e.At)
	case "t":
		return whole(p, &e.T)
	case "due":
		return whole(p, &e.Due)
	case "began":
		return whole(p, &e.Began)
	case "blur":
		return whole(p, &e.Blur)
	case "left":
		return whole(p, &e.Left)
	case "size":
		return whole(p, &e.Size)
	case "attempt":
		return whole(p, &e.Attempt)
	case "code":
		return whole(p, &e.Code)
	case "kind":
		return p.text((*string)(&e.Kind))
	case "outcome":
		return p.text((*string)(&e.Outcome))
	case "to":
		return p.list(&e.To)
	case "refused":
		return p.list(&e.Refused)
	case "final":
		return p.list(&e.Final)
	case "also":
		return p.list(&e.Also)
	case "withheld":
		return p.truth(&e.Withheld)
	}
	return false
}

// single is where the field of plain text with this name is, if it is one of those
// that say something else in nearly every event; nil if there is none.
func (e *Event) single(name string) *string {
	switch name {
	case "msg":
		return &e.Msg
	case "digest":
		return &e.Digest
	case "reply":
		return &e.Reply
	case "peer":
		return &e.Peer
	case "session":
		return &e.Session
	case "queue":
		return &e.Queue
	}
	return nil
}

// text is where any other field of plain text is, nil if there is none.
func (e *Event) text(name string) *string {
	switch name {
	case "actor":
		return &e.Actor
	case "route":
		return &e.Route
	case "goes":
		return &e.Goes
	case "from":
		return &e.From
	case "dirt":
		return &e.Dirt
	case "endpoint":
		return &e.Endpoint
	case "site":
		return &e.Site
	case "address":
		return &e.Address
	case "stage":
		return &e.Stage
	case "fault":
		return &e.Fault
	case "dkim":
		return &e.DKIM
	case "clues":
		return &e.Clues
	case "held":
		return &e.Held
	case "action":
		return &e.Action
	case "status":
		return &e.Status
	case "step":
		return &e.Step
	case "name":
		return &e.Name
	case "note":
		return &e.Note
	}
	return nil
}

// whole reads a whole number of at most 18 digits, which no int64 is too
// small for.
func whole[T ~int64 | ~int](p *parser, to *T) bool {
	negative := p.byte('-')
	from := p.pos
	var n int64
	for ; p.pos < len(p.line); p.pos++ {
		digit := p.line[p.pos] - '0'
		if digit > 9 {
			break
		}
		n = 10*n + int64(digit)
	}
	digits := p.pos - from
	if digits == 0 || digits > 18 || digits > 1 && p.line[from] == '0' {
		return false
	}
	if negative {
		n = -n
	}
	*to = T(n)
	return int64(T(n)) == n
}

func (p *parser) truth(to *bool) bool {
	const word = "true"
	if !strings.HasPrefix(p.line[p.pos:], word) {
		return false
	}
	p.pos += len(word)
	*to = true
	return true
}

func (p *parser) text(to *string) bool {
	raw, ok := p.raw()
	if ok {
		*to = p.keep(raw)
	}
	return ok
}

// part reads a string as a part of its block, which costs nothing and lasts as
// long as the string does; see Read.
func (p *parser) part(to *string) (ok bool) {
	*to, ok = p.raw()
	return ok
}

// list reads a list of strings that is not empty.
func (p *parser) list(to *[]string) bool {
	if !p.byte('[') {
		return false
	}
	if cap(p.lists)-len(p.lists) < 8 {
		p.lists = make([]string, 0, 1<<10)
	}
	from := len(p.lists)
	for {
		raw, ok := p.raw()
		if !ok {
			return false
		}
		p.lists = append(p.lists, p.keep(raw))
		if p.byte(',') {
			continue
		}
		*to = p.lists[from:len(p.lists):len(p.lists)]
		return p.byte(']')
	}
}

// raw reads a string.
func (p *parser) raw() (string, bool) {
	if !p.byte('"') {
		return "", false
	}
	from := p.pos
	wide := false
	for {
		p.pos += plainBytes(p.line[p.pos:])
		if p.pos == len(p.line) {
			return "", false
		}
		switch b := p.line[p.pos]; {
		case b == '"':
			s := p.line[from:p.pos]
			p.pos++
			return s, !wide || utf8.ValidString(s)
		case b == '\\':
			return p.escaped(from)
		case b < ' ':
			return "", false
		default:
			wide = true
			p.pos++
		}
	}
}

// plainBytes is how many bytes from the beginning on are ASCII, and neither
// control characters nor quotes nor backslashes. It looks at eight at a time: what
// is not plain leaves the highest bit of its byte set.
func plainBytes(s string) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; len(s)-n >= 8; n += 8 {
		x := load64(s[n:])
		quote, slash := x^'"'*ones, x^'\\'*ones
		special := (x | (x - ' '*ones) | (quote - ones) | (slash - ones)) & high
		if special != 0 {
			break
		}
	}
	for ; n < len(s); n++ {
		if b := s[n]; b < ' ' || b >= utf8.RuneSelf || b == '"' || b == '\\' {
			break
		}
	}
	return n
}

func load64(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// plain are the escapes of one letter (RFC 8259 section 7).
var plain = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// escaped goes on with a string at its first backslash.
func (p *parser) escaped(from int) (string, bool) {
	out := append(p.loose[:0], p.line[from:p.pos]...)
	for p.pos < len(p.line) {
		b := p.line[p.pos]
		p.pos++
		switch {
		case b == '"':
			p.loose = out
			return string(out), utf8.Valid(out)
		case b < ' ':
			return "", false
		case b != '\\':
			out = append(out, b)
		default:
			c, ok := p.escape()
			if !ok {
				return "", false
			}
			out = append(out, c)
		}
	}
	return "", false
}

// escape reads what follows a backslash, as far as it means an ASCII character.
func (p *parser) escape() (byte, bool) {
	if p.pos >= len(p.line) {
		return 0, false
	}
	b := p.line[p.pos]
	p.pos++
	if b != 'u' {
		return plain[b], plain[b] != 0
	}
	if len(p.line)-p.pos < 4 {
		return 0, false
	}
	n := 0
	for _, d := range []byte(p.line[p.pos : p.pos+4]) {
		v, ok := hex(d)
		if !ok {
			return 0, false
		}
		n = n<<4 | v
	}
	p.pos += 4
	return byte(n), n < utf8.RuneSelf
}

func hex(d byte) (int, bool) {
	switch {
	case '0' <= d && d <= '9':
		return int(d - '0'), true
	case 'a' <= d && d <= 'f':
		return int(d-'a') + 10, true
	case 'A' <= d && d <= 'F':
		return int(d-'A') + 10, true
	}
	return 0, false
}

// keep finds a string among those read lately, or copies it: a part would hold
// its whole block.
func (p *parser) keep(raw string) string {
	n := len(raw)
	if n == 0 || n > 96 {
		return strings.Clone(raw)
	}
	const odd = 0x9e3779b97f4a7c15
	h := uint64(n) * odd
	if n >= 8 {
		h = (h ^ load64(raw)) * odd
		h = (h ^ h>>29 ^ load64(raw[n-8:])) * odd
		h = (h ^ h>>29 ^ load64(raw[n/2-4:])) * odd
	} else {
		for i := range n {
			h = h<<7 ^ uint64(raw[i])
		}
		h *= odd
	}
	slot := &p.known[h>>52]
	if *slot != raw {
		*slot = strings.Clone(raw)
	}
	return *slot
}
