package opensmtpd

import (
	"fmt"
	"slices"
	"strings"
)

// overlay is what the user's own configuration says.
type overlay struct {
	// lines are the directives that count, aside those that do not.
	lines, aside []string
}

// directives are those that can be laid over, by how they begin
// (smtpd.conf(5)); own are the driver's, because they speak of the place where
// the user's server lives, or route mail.
var (
	directives = []string{"queue ttl ", "bounce warn-interval ", "smtp max-message-size ",
		"smtp limit ", "smtp sub-addr-delim ", "smtp ciphers ", "mta max-deferred ", "limit ",
		"admd "}
	own = []string{"listen ", "action ", "match ", "filter ", "proc ", "table ", "pki ", "ca ",
		"mda ", "srs "}
)

// parseOverlay reads a configuration in OpenSMTPD's own language: one directive
// a line, which goes on after a backslash.
func parseOverlay(text string) (overlay, error) {
	var o overlay
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		number := i + 1
		line := uncomment(lines[i])
		for strings.HasSuffix(line, "\\") && i+1 < len(lines) {
			i++
			line = strings.TrimSuffix(line, "\\") + " " + uncomment(lines[i])
		}
		line = strings.Join(strings.Fields(line), " ")
		begins := func(word string) bool { return strings.HasPrefix(line+" ", word) }
		switch {
		case line == "":
		case slices.ContainsFunc(directives, begins):
			o.lines = append(o.lines, line)
		case slices.ContainsFunc(own, begins):
			o.aside = append(o.aside, line)
		case begins("queue compression ") || begins("queue encryption "):
			return overlay{}, fmt.Errorf("the user's smtpd.conf, line %d: %q would keep the "+
				"queue from being read", number, line)
		default:
			return overlay{}, fmt.Errorf("the user's smtpd.conf, line %d: %q is no directive "+
				"that can be laid over", number, line)
		}
	}
	return o, nil
}

// uncomment is a line without its comment.
func uncomment(line string) string {
	quoted := false
	for i, c := range line {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '#' && !quoted:
			return strings.TrimSpace(line[:i])
		}
	}
	return strings.TrimSpace(line)
}

// value is what the user says of a directive, or what stock says.
func (o overlay) value(directive, stock string) string {
	for _, line := range slices.Backward(o.lines) {
		if rest, ok := strings.CutPrefix(line, directive+" "); ok {
			return rest
		}
	}
	return stock
}
