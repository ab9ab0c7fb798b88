package reports

import "github.com/hansei-mail/hansei/harness/check"

// ANSI colours by meaning (ECMA-48 section 8.3.117, select graphic rendition).
const (
	green  = "\x1b[32m"
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	bold   = "\x1b[1m"
	faint  = "\x1b[2m"
	plain  = "\x1b[0m"
)

// paint colours a string where the style allows it.
func (s Style) paint(colour, text string) string {
	if !s.Colour || text == "" {
		return text
	}
	return colour + text + plain
}

// pick chooses between a character and its ASCII stand-in.
func (s Style) pick(unicode, ascii string) string {
	if s.Unicode {
		return unicode
	}
	return ascii
}

func (s Style) ellipsis() string { return s.pick("…", "...") }
func (s Style) dot() string      { return s.pick(" · ", " - ") }

// mark is the sign of an outcome in front of a promise.
func (s Style) mark(o check.Outcome) string {
	switch o {
	case check.Pass:
		return s.paint(green, s.pick("✓", "+"))
	case check.Fail:
		return s.paint(red, s.pick("✗", "x"))
	}
	return s.paint(yellow, "?")
}

// colour is the colour of an outcome.
func colour(o check.Outcome) string {
	switch o {
	case check.Pass:
		return green
	case check.Fail:
		return red
	}
	return yellow
}
