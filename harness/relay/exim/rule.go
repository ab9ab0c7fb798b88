package exim

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// rule is when Exim tries a host again: a retry time for the host, reckoned by
// the first step whose end has not come, and then the next queue run
// (specification, chapter 32, "Retry configuration").
type rule struct {
	text string
	// steps are those of the rule for everything; scan is the time between
	// queue runs.
	steps []step
	scan  time.Duration
}

// step is one part of a retry rule: "F,2h,15m" or "G,16h,1h,1.5".
type step struct {
	grows  bool
	until  time.Duration // since the first failure
	wait   time.Duration
	factor float64
}

// record is what Exim knows of a host that failed.
type record struct{ first, last, next time.Time }

// newRule reads the retry section. Only one rule, for every address and every
// error, can be checked against a log that names hosts: more than one is no
// error, but leaves steps empty.
func newRule(lines []string, interval string) (rule, error) {
	r := rule{text: strings.Join(lines, " | ")}
	var err error
	if r.scan, err = eximTime(interval); err != nil {
		return rule{}, fmt.Errorf("reading the queue interval: %w", err)
	}
	if len(lines) != 1 {
		return r, nil
	}
	f := strings.Fields(lines[0])
	if len(f) < 3 || f[0] != "*" || f[1] != "*" {
		return r, nil
	}
	for _, part := range strings.Split(strings.Join(f[2:], ""), ";") {
		if part == "" {
			continue
		}
		s, err := newStep(part)
		if err != nil {
			return rule{}, fmt.Errorf("reading the retry rule %q: %w", lines[0], err)
		}
		r.steps = append(r.steps, s)
	}
	return r, nil
}

// errStep is what a step of no known form is; H is random and so nothing that
// a log can be held against.
var errStep = errors.New("a step is no F,until,wait and no G,until,wait,factor")

func newStep(text string) (step, error) {
	f := strings.Split(text, ",")
	if len(f) < 3 || f[0] != "F" && f[0] != "G" {
		return step{}, errStep
	}
	s := step{grows: f[0] == "G"}
	var err error
	if s.until, err = eximTime(f[1]); err != nil {
		return step{}, err
	}
	if s.wait, err = eximTime(f[2]); err != nil {
		return step{}, err
	}
	if !s.grows {
		return s, nil
	}
	if len(f) != 4 {
		return step{}, errStep
	}
	if s.factor, err = strconv.ParseFloat(f[3], 64); err != nil {
		return step{}, errStep
	}
	return s, nil
}

// eximTime reads a time such as "1h30m" (specification, section 6.15).
func eximTime(text string) (time.Duration, error) {
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour,
		'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	var total time.Duration
	for rest := text; rest != "" || text == ""; {
		digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
		n, err := strconv.ParseInt(digits, 10, 32)
		if err != nil || len(digits) == len(rest) || units[rest[len(digits)]] == 0 {
			return 0, fmt.Errorf("%q is no time of Exim", text)
		}
		total += time.Duration(n) * units[rest[len(digits)]]
		rest = rest[len(digits)+1:]
	}
	return total, nil
}

// String is the rule in words.
func (r rule) String() string {
	return fmt.Sprintf("next attempt at a host that could not be reached: retry %s, counted from "+
		"its first failure, then within one queue run (-q%s)", r.text, r.scan)
}

// failed is the record after one more failure, as Exim's retry_update reckons.
func (r rule) failed(old record, at time.Time) record {
	if old.first.IsZero() {
		old.first = at
	}
	s := r.steps[len(r.steps)-1]
	for _, step := range r.steps {
		if at.Sub(old.first) < step.until {
			s = step
			break
		}
	}
	wait := s.wait
	if s.grows {
		gap := min(old.next.Sub(old.last), at.Sub(old.last))
		if !old.last.IsZero() && gap >= s.wait {
			wait = time.Duration(float64(gap) * s.factor)
		}
	}
	// retry_interval_max: 24 hours unless it is set.
	wait = min(wait, 24*time.Hour)
	return record{first: old.first, last: at, next: at.Add(wait)}
}
