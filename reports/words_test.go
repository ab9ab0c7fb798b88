package reports

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                                   "0s",
		12 * time.Millisecond:               "12ms",
		1234 * time.Millisecond:             "1.2s",
		59*time.Second + 600*1e6:            "1m",
		65 * time.Second:                    "1m05s",
		9*time.Hour + 41*time.Minute:        "9h41m",
		5 * 24 * time.Hour:                  "5d",
		24*time.Hour + 3*time.Hour:          "1d03h",
		-90 * time.Second:                   "-1m30s",
		13*time.Hour + 400*time.Millisecond: "13h",
	} {
		if got := Span(d); got != want {
			t.Errorf("Span(%v) = %q, want %q", int64(d), got, want)
		}
	}
}

func TestCountAndBytes(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{7: "7 B", 12_345: "12.3 kB", 2_500_000_000: "2.5 GB"} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
}

// Whatever bytes come from outside, what is printed is one line of printable
// UTF-8, and printable text stays what it was.
func TestEscapeIsAlwaysPrintable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.String().Draw(t, "text")
		got := Escape(s)
		if !utf8.ValidString(got) {
			t.Fatalf("not UTF-8: %q", got)
		}
		for _, r := range got {
			if !printable(r) {
				t.Fatalf("%q is still in %q", r, got)
			}
		}
		if clean(s) && got != s {
			t.Fatalf("printable text was changed: %q became %q", s, got)
		}
	})
}

func TestWrapKeepsEveryWordWithinTheWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`([a-z漢]{1,30} {0,3}){0,20}`).Draw(t, "text")
		width := rapid.IntRange(10, 60).Draw(t, "width")
		lines := Wrap(s, width)
		for _, l := range lines {
			if columns(l) > width {
				t.Fatalf("%d columns, want at most %d: %q", columns(l), width, l)
			}
		}
		all := strings.Join(lines, "")
		if strings.ReplaceAll(all, " ", "") != strings.ReplaceAll(s, " ", "") {
			t.Fatalf("text was lost: %q became %q", s, lines)
		}
	})
}
