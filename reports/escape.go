package reports

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape makes a string from outside (a relay's reply, a name out of a file)
// safe to print on one line: control characters, line ends, invisible and
// direction-changing characters and broken UTF-8 become visible \x or \u forms,
// so that a relay cannot write to the user's terminal.
func Escape(s string) string {
	if clean(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case printable(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += n
	}
	return b.String()
}

func clean(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !printable(r) {
			return false
		}
	}
	return true
}

// printable is stricter than unicode.IsPrint in nothing and looser in nothing:
// IsPrint already leaves out Cc, Cf (bidirectional controls), separators other
// than the plain space, surrogates and private use.
func printable(r rune) bool { return unicode.IsPrint(r) }
