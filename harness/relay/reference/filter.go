package reference

import (
	"bytes"
	"io"

	"github.com/emersion/go-message"
)

// filter finds the test strings in whose presence a message must be refused.
type filter [][]byte

func newFilter(words []string) filter {
	f := make(filter, 0, len(words))
	for _, word := range words {
		if word != "" {
			f = append(f, []byte(word))
		}
	}
	return f
}

// finds says whether content has one of the strings, as it stands or inside a
// part with a transfer encoding: virus test files travel in base64.
func (f filter) finds(content []byte) bool {
	if len(f) == 0 {
		return false
	}
	if f.in(content) {
		return true
	}
	if !encoded(content) {
		return false
	}
	entity, err := message.Read(bytes.NewReader(content))
	forgivable := err == nil || message.IsUnknownCharset(err) || message.IsUnknownEncoding(err)
	if entity == nil || !forgivable {
		return false // not MIME: there is nothing to decode
	}
	found := false
	walk := func(_ []int, part *message.Entity, err error) error {
		if err != nil || part == nil || part.MultipartReader() != nil {
			return nil
		}
		// A part cut short is looked at as far as it goes.
		decoded, _ := io.ReadAll(part.Body)
		found = found || f.in(decoded)
		return nil
	}
	// An error means that the rest cannot be taken apart, and then no mail
	// reader will decode it either.
	_ = entity.Walk(walk)
	return found
}

func (f filter) in(content []byte) bool {
	for _, word := range f {
		if bytes.Contains(content, word) {
			return true
		}
	}
	return false
}

// encoded is a cheap look for a transfer encoding that hides text.
func encoded(content []byte) bool {
	lower := bytes.ToLower(content[:min(len(content), 64<<10)])
	return bytes.Contains(lower, []byte("base64")) || bytes.Contains(lower, []byte("quoted-printable"))
}
