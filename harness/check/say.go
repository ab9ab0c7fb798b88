package check

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// count writes a number with a comma at each thousand: 2,412.
func count[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 && s[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// many is a count with its noun: "1 pair", "2,412 pairs", "2 copies".
func many(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok {
		return count(n) + " " + stem + "ies"
	}
	return count(n) + " " + noun + "s"
}

// span writes a duration as people say it, with at most two units: "9h30m",
// "1m05s", "340ms".
func span(d time.Duration) string {
	switch {
	case d == forever:
		return "never"
	case d < 0:
		return "-" + span(-d)
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	}
	d = d.Round(time.Second)
	s := int64(d / time.Second)
	switch {
	case s >= 24*3600:
		return two(s/(24*3600), "d", s/3600%24, "h")
	case s >= 3600:
		return two(s/3600, "h", s/60%60, "m")
	case s >= 60:
		return two(s/60, "m", s%60, "s")
	}
	return fmt.Sprintf("%ds", s)
}

// two writes a large and a small unit, and leaves out a small one of nothing.
func two(a int64, unit string, b int64, small string) string {
	if b == 0 {
		return fmt.Sprintf("%d%s", a, unit)
	}
	return fmt.Sprintf("%d%s%02d%s", a, unit, b, small)
}

// percent writes a share so that 100 % is said of all alone.
func percent(part, whole int) string {
	if whole == 0 {
		return "0 %"
	}
	if part == whole {
		return "100 %"
	}
	return fmt.Sprintf("%.2f %%", min(99.99, 100*float64(part)/float64(whole)))
}
