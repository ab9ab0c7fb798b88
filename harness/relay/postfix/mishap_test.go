package postfix

import (
	"fmt"
	"testing"
	"time"
)

// TestMishapsExcuseIntervals: what the harness did to the relay is no sign of a
// clock that is wrong or of a machine that is slow; everything else still is.
func TestMishapsExcuseIntervals(t *testing.T) {
	attempt := func(at string, age int) string {
		return fmt.Sprintf("Nov 19 %s relay postfix/smtp[1]: A1: to=<anna@kaede.example>, relay=none, "+
			"delay=%d, delays=%d/0/0/0, dsn=4.4.1, status=deferred (refused)", at, age, age)
	}
	ours := func(at, text string) string {
		return "Nov 19 " + at + " relay " + mishapTag + "[1]: " + text
	}
	for name, c := range map[string]struct {
		lines                  []string
		intervals, early, late int
	}{
		"late":                   {[]string{attempt("02:00:00", 10), attempt("02:30:00", 1810)}, 1, 0, 1},
		"early":                  {[]string{attempt("02:00:00", 10), attempt("02:01:00", 70)}, 1, 1, 0},
		"early by whole seconds": {[]string{attempt("02:00:00", 10), attempt("02:04:56", 306)}, 1, 0, 0},
		"early by more":          {[]string{attempt("02:00:00", 10), attempt("02:04:55", 305)}, 1, 1, 0},
		"over a pause": {[]string{attempt("02:00:00", 10), ours("02:29:00", pauseOver),
			attempt("02:30:00", 1810)}, 0, 0, 0},
		"over a step ahead": {[]string{attempt("02:00:00", 10),
			ours("03:01:00", clockSet+"1h0m0s"), attempt("03:01:01", 3671)}, 0, 0, 0},
		"late after a step back": {[]string{ours("02:00:00", clockSet+"-1h0m0s"),
			attempt("02:10:00", 10), attempt("03:01:00", 3070)}, 1, 0, 0},
		"early after a step back": {[]string{ours("02:00:00", clockSet+"-1h0m0s"),
			attempt("02:10:00", 10), attempt("02:11:00", 70)}, 1, 1, 0},
		"late long after a step back": {[]string{ours("02:00:00", clockSet+"-1h0m0s"),
			attempt("04:00:00", 10), attempt("04:30:00", 1810)}, 1, 0, 1},
	} {
		got := tally{
			rule:     rule{least: 5 * time.Minute, most: time.Hour, scan: 5 * time.Minute},
			messages: map[string]*message{},
		}
		for _, line := range c.lines {
			parsed, ok := parseLine(line, time.Date(2019, 11, 19, 2, 0, 0, 0, time.UTC))
			if !ok {
				t.Fatalf("%s: %q is no line", name, line)
			}
			got.line(parsed)
		}
		if got.Intervals != c.intervals || got.Early != c.early || got.Late != c.late {
			t.Errorf("%s: %+v", name, got.Retries)
		}
	}
}
