package reports

import (
	"strconv"
	"strings"
	"time"
)

// Count writes a number with a comma at each thousand: 2,412.
func Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return sign + b.String()
}

// Span writes a duration as a person says it, with at most two units: "9h30m",
// "1m05s", "340ms"; nothing at all is "0s".
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Span(-d)
	case d == 0:
		return "0s"
	case d < time.Millisecond:
		return d.Round(time.Microsecond).String()
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	}
	d = d.Round(time.Second)
	day, hour, minute, second := d/(24*time.Hour), d/time.Hour%24, d/time.Minute%60, d/time.Second%60
	switch {
	case day > 0:
		return two(day, "d", hour, "h")
	case hour > 0:
		return two(hour, "h", minute, "m")
	case minute > 0:
		return two(minute, "m", second, "s")
	}
	return strconv.FormatInt(int64(second), 10) + "s"
}

// two writes a large and a small unit, and leaves out a small one of nothing.
func two(a time.Duration, unitA string, b time.Duration, unitB string) string {
	s := strconv.FormatInt(int64(a), 10) + unitA
	if b == 0 {
		return s
	}
	if b < 10 {
		s += "0"
	}
	return s + strconv.FormatInt(int64(b), 10) + unitB
}

// Bytes writes a size in decimal units.
func Bytes(n int64) string {
	switch {
	case n < 1000:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1000_000:
		return strconv.FormatFloat(float64(n)/1e3, 'f', 1, 64) + " kB"
	case n < 1000_000_000:
		return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + " MB"
	}
	return strconv.FormatFloat(float64(n)/1e9, 'f', 1, 64) + " GB"
}
