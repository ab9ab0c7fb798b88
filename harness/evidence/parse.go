package evidence

import (
	"encoding/json"
	"unicode/utf8"
)

// parser reads lines in the form in which Log writes them, some five times as
// fast as encoding/json, and gives every line that is not of that form (other
// fields, blanks, fractions, rare escapes) to encoding/json: there is one meaning
// of a line, and two ways to it. FuzzParse holds them against each other.
type parser struct {
	line []byte
	pos  int
	// known keeps strings that were read lately: most of them come again.
	known [1 << 12]string
	// lists is where the next lists of strings go, loose what escapes were in.
	lists []string
	loose []byte
}

// event reads one line into e, which must be zero.
func (p *parser) event(line []byte, e *Event) error {
	if p.line, p.pos = line, 0; p.object(e) {
		return nil
	}
	*e = Event{}
	return json.Unmarshal(line, e)
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
func (p *parser) field(name []byte, e *Event) bool {
	if text := e.text(name); text != nil {
		return p.text(text)
	}
	switch string(name) {
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

// text is where the field of plain text with this name is, nil if there is none.
func (e *Event) text(name []byte) *string {
	switch string(name) {
	case "actor":
		return &e.Actor
	case "msg":
		return &e.Msg
	case "route":
		return &e.Route
	case "goes":
		return &e.Goes
	case "from":
		return &e.From
	case "digest":
		return &e.Digest
	case "dirt":
		return &e.Dirt
	case "reply":
		return &e.Reply
	case "endpoint":
		return &e.Endpoint
	case "site":
		return &e.Site
	case "address":
		return &e.Address
	case "peer":
		return &e.Peer
	case "session":
		return &e.Session
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
	case "queue":
		return &e.Queue
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
	if len(p.line)-p.pos < len(word) || string(p.line[p.pos:p.pos+len(word)]) != word {
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

// raw reads a string; the bytes are good until the next one is read.
func (p *parser) raw() ([]byte, bool) {
	if !p.byte('"') {
		return nil, false
	}
	from := p.pos
	wide := false
	for ; p.pos < len(p.line); p.pos++ {
		switch b := p.line[p.pos]; {
		case b == '"':
			s := p.line[from:p.pos]
			p.pos++
			return s, !wide || utf8.Valid(s)
		case b == '\\':
			return p.escaped(from)
		case b < ' ':
			return nil, false
		case b >= utf8.RuneSelf:
			wide = true
		}
	}
	return nil, false
}

// plain are the escapes of one letter (RFC 8259 section 7).
var plain = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// escaped goes on with a string at its first backslash.
func (p *parser) escaped(from int) ([]byte, bool) {
	out := append(p.loose[:0], p.line[from:p.pos]...)
	for p.pos < len(p.line) {
		b := p.line[p.pos]
		p.pos++
		switch {
		case b == '"':
			p.loose = out
			return out, utf8.Valid(out)
		case b < ' ':
			return nil, false
		case b != '\\':
			out = append(out, b)
		default:
			c, ok := p.escape()
			if !ok {
				return nil, false
			}
			out = append(out, c)
		}
	}
	return nil, false
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
	for _, d := range p.line[p.pos : p.pos+4] {
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

// keep makes a string of the bytes, or finds it among those read lately.
func (p *parser) keep(raw []byte) string {
	n := len(raw)
	if n == 0 || n > 96 {
		return string(raw)
	}
	h := uint32(n) * 2654435761
	for _, b := range raw[max(0, n-12):] {
		h = (h ^ uint32(b)) * 16777619
	}
	h = (h ^ uint32(raw[0]) ^ uint32(raw[n/2])<<8) * 2654435761
	slot := &p.known[h>>20]
	if *slot != string(raw) {
		*slot = string(raw)
	}
	return *slot
}
