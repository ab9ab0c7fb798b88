package traffic

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"hash/fnv"
	"strings"
)

const (
	// keepHead bounds what is searched for IDHeader: the trace fields that
	// relays put on top.
	keepHead = 64 << 10
	// keepOther bounds what is kept of mail that is not ours, DSNs above all.
	keepOther = 1 << 20
	// keepSigned bounds what is kept to verify a signature.
	keepSigned = 4 << 20
	// verifyEvery: one message in so many has its signature verified. A relay
	// that breaks signatures but not content does so to all mail of a kind.
	verifyEvery = 16
)

// Examiner looks at one message as it comes in. Write it the content, then ask.
// It holds no more of it than it must.
type Examiner struct {
	keys *Keys

	id     string
	size   int64
	head   []byte // until the id is found or cannot be any more
	seen   int    // how much of head was searched, in whole lines
	whole  []byte // of mail that is not ours, or to be verified
	ours   bool
	stray  bool
	verify bool

	header, body hash.Hash
	inBody       bool
	tail         []byte // last bytes of the header, to find its end across writes
}

// NewExaminer starts to look at one message.
func NewExaminer(keys *Keys) *Examiner { return &Examiner{keys: keys} }

// Finding is what an Examiner saw.
type Finding struct {
	// Msg is the id of a message of the run; empty for any other mail.
	Msg  string
	Size int64
	// Digest is of the header fields from IDHeader on and of the body, as
	// "header-body" in hexadecimal, so that a difference can be placed.
	Digest string
	// DKIM is "pass", "fail" or empty (not looked at); Why says what failed.
	DKIM, Why string
	// Other is the content of mail that is not of the run, cut at 1 MiB.
	Other []byte
}

// Write takes the next bytes; it never fails.
func (x *Examiner) Write(p []byte) (int, error) {
	n := len(p)
	x.size += int64(n)
	if x.verify {
		x.whole = appendUpTo(x.whole, p, keepSigned)
	}
	switch {
	case x.ours:
		x.sum(p)
	case x.stray:
		x.whole = appendUpTo(x.whole, p, keepOther)
	default:
		x.head = append(x.head, p...)
		x.search()
	}
	return n, nil
}

// search looks for IDHeader at the start of each whole line of the header that
// came since the last search.
func (x *Examiner) search() {
	for !x.ours && !x.stray {
		end := bytes.IndexByte(x.head[x.seen:], '\n')
		if end < 0 {
			x.stray = len(x.head) > keepHead
			break
		}
		line := x.head[x.seen : x.seen+end]
		switch value, ok := fieldValue(line, IDHeader); {
		case ok:
			x.recognise(value)
			return
		case len(bytes.TrimRight(line, "\r")) == 0, len(x.head) > keepHead:
			x.stray = true // the header is over
		}
		x.seen += end + 1
	}
	if x.stray {
		x.whole = appendUpTo(x.whole, x.head, keepOther)
		x.head = nil
	}
}

// fieldValue is the value of a header line if it is the field's.
func fieldValue(line []byte, name string) (string, bool) {
	if len(line) <= len(name) || line[len(name)] != ':' ||
		!strings.EqualFold(string(line[:len(name)]), name) {
		return "", false
	}
	return strings.TrimSpace(string(line[len(name)+1:])), true
}

// recognise starts the digests at the line that was just found.
func (x *Examiner) recognise(id string) {
	x.ours, x.id = true, id
	x.header, x.body = sha256.New(), sha256.New()
	x.verify = x.keys != nil && toVerify(id)
	if x.verify {
		x.whole = append(x.whole, x.head...)
	}
	rest := x.head[x.seen:]
	x.head = nil
	x.sum(rest)
}

// sum feeds the two digests; the empty line belongs to the header.
func (x *Examiner) sum(p []byte) {
	if x.inBody {
		x.body.Write(p)
		return
	}
	joined := append(x.tail, p...)
	if i := bytes.Index(joined, []byte("\r\n\r\n")); i >= 0 {
		cut := i + 4
		x.header.Write(joined[len(x.tail):cut])
		x.inBody = true
		x.body.Write(joined[cut:])
		x.tail = nil
		return
	}
	x.header.Write(p)
	x.tail = bytes.Clone(joined[max(0, len(joined)-3):])
}

// Finding ends the look.
func (x *Examiner) Finding() Finding {
	if !x.ours {
		return Finding{Size: x.size, Other: append(x.whole, x.head...)}
	}
	f := Finding{Msg: x.id, Size: x.size, Digest: part(x.header) + "-" + part(x.body)}
	if x.verify && x.size <= keepSigned {
		f.DKIM = "pass"
		if err := x.keys.verify(x.whole); err != nil {
			f.DKIM, f.Why = "fail", err.Error()
		}
	}
	return f
}

// DigestOf is the digest of content just composed.
func DigestOf(content []byte) string {
	x := NewExaminer(nil)
	_, _ = x.Write(content)
	return x.Finding().Digest
}

// part is 80 bits of a digest: enough against accident, short in the evidence.
func part(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)[:10]) }

func toVerify(id string) bool {
	h := fnv.New32a()
	h.Write([]byte(id))
	return h.Sum32()%verifyEvery == 0
}

func appendUpTo(dst, p []byte, limit int) []byte {
	return append(dst, p[:min(len(p), max(0, limit-len(dst)))]...)
}
