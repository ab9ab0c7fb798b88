package reports

import (
	"strings"
	"unicode"
)

// MaxWidth is the number of terminal columns that no line of Text exceeds,
// except where a command line has to stay whole to be copied.
const MaxWidth = 100

// columns is how many terminal columns a string takes: East Asian wide
// characters (Unicode annex 11) take two, combining marks none.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3,
		r >= 0xf900 && r <= 0xfaff, r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60,
		r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff, r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}

// cut shortens a string to at most width columns, with a mark where it was cut.
func cut(s string, width int, mark string) string {
	if columns(s) <= width {
		return s
	}
	room, used := width-columns(mark), 0
	var b strings.Builder
	for _, r := range s {
		if used += runeColumns(r); used > room {
			break
		}
		b.WriteRune(r)
	}
	return b.String() + mark
}

// pad fills a string up to width columns.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-columns(s)))
}

// padLeft fills a string up to width columns from the left.
func padLeft(s string, width int) string {
	return strings.Repeat(" ", max(0, width-columns(s))) + s
}

// Wrap breaks a text at blanks into lines of at most width columns; a word that
// is longer than a line is broken where the line ends.
func Wrap(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		for columns(word) > width {
			head := cut(word, width, "")
			if line != "" {
				lines, line = append(lines, line), ""
			}
			lines = append(lines, head)
			word = word[len(head):]
		}
		switch {
		case word == "":
		case line == "":
			line = word
		case columns(line)+1+columns(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
