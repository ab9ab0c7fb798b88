package postfix

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

// tolerance is for stamps cut to the second, two of which make an interval.
const tolerance = 2 * time.Second

// haste is how much earlier than its rule Postfix may try a message again: the
// queue manager reckons a message's age in whole seconds (1 s), takes up what is due
// within the next second (qmgr_active.c: a file is skipped if st_mtime > time()+1),
// and the log prints an age with two digits (0.5 s).
const haste = 2500 * time.Millisecond

// turn is the wall time that one turn of the queue manager's event loop may
// take: it reckons from the turn's beginning, which an accelerated clock leaves
// seconds behind the stamps of the log.
const turn = 20 * time.Millisecond

// rule is when Postfix tries deferred mail again: a message that has been tried
// is set aside for its age, but not less than minimal_backoff_time nor more
// than maximal_backoff_time, and then taken up by the next scan of the deferred
// queue, of which there is one every queue_run_delay (postconf(5), qmgr(8)).
type rule struct {
	least, most, scan time.Duration
	// slack is turn, as the clock ran at its fastest.
	slack time.Duration
}

// newRule reads the rule from settings as postconf prints them.
func newRule(settings map[string]string) (rule, error) {
	var r rule
	for name, to := range map[string]*time.Duration{
		"minimal_backoff_time": &r.least, "maximal_backoff_time": &r.most,
		"queue_run_delay": &r.scan,
	} {
		d, err := postfixTime(settings[name])
		if err != nil {
			return rule{}, fmt.Errorf("reading %s: %w", name, err)
		}
		*to = d
	}
	return r, nil
}

// String is the rule in words.
func (r rule) String() string {
	return fmt.Sprintf("next attempt: the message's age after the last (at least "+
		"minimal_backoff_time=%s, at most maximal_backoff_time=%s), then within one scan of the "+
		"deferred queue (queue_run_delay=%s); stamps are true to %s, and what is due within %s is "+
		"taken up", r.least, r.most, r.scan, tolerance+r.slack, haste)
}

// backoff is how long a message of that age rests.
func (r rule) backoff(age time.Duration) time.Duration {
	return min(max(age, r.least), r.most) // in this order, as qmgr has it
}

// postfixTime reads a time as in main.cf: a number and a unit (s m h d w);
// seconds where none is given, as for all settings of the rule.
func postfixTime(text string) (time.Duration, error) {
	units := map[string]time.Duration{
		"": time.Second, "s": time.Second, "m": time.Minute, "h": time.Hour,
		"d": 24 * time.Hour, "w": 7 * 24 * time.Hour,
	}
	digits := strings.TrimRight(text, "smhdw")
	unit, ok := units[text[len(digits):]]
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || !ok {
		return 0, fmt.Errorf("%q is no time of Postfix", text)
	}
	return time.Duration(n) * unit, nil
}

// Retries reads from the log how true the instance kept its own times. An
// interval runs from the end of one pass of a message through the active queue
// to the beginning of the next, for each recipient that was deferred. Those in
// which the instance was killed or started do not count.
func (in *instance) Retries(ctx context.Context) (relay.Retries, error) {
	t := tally{rule: in.rule, messages: map[string]*message{}}
	if in.world.ClockFile != nil {
		t.rule.slack = maxRate * turn
	}
	t.Rule = t.rule.String()
	if err := readLog(in.place.log, 0, in.began, t.line); err != nil {
		return relay.Retries{}, err
	}
	return t.Retries, ctx.Err()
}

// tally counts intervals.
type tally struct {
	relay.Retries
	rule     rule
	messages map[string]*message // by queue ID
	// excused is the end of a time in which the queue manager's own timers are
	// late, because its clock was put back.
	excused time.Time
}

// message is one in the queue: its last two passes.
type message struct{ last, now pass }

// pass is one way of a message through the active queue.
type pass struct {
	entered time.Time
	// ended is the last attempt's end, age the message's age then.
	ended time.Time
	age   time.Duration
	// tried are the recipients with an attempt; true: deferred.
	tried map[string]bool
}

// line takes the next line of the log into account.
func (t *tally) line(l logLine) {
	switch {
	case l.program == "master" && strings.HasPrefix(l.text, "daemon started"):
		clear(t.messages)
	case l.program == mishapTag:
		t.mishap(l)
	case strings.HasSuffix(l.text, ": removed"):
		delete(t.messages, strings.TrimSuffix(l.text, ": removed"))
	default:
		if a, err := parseAttempt(l); err == nil {
			t.attempt(a)
		}
	}
}

// attempt adds one attempt to its message's pass, and the interval before it.
func (t *tally) attempt(a attempt) {
	m := t.messages[a.id]
	if m == nil {
		m = &message{now: newPass(a)}
		t.messages[a.id] = m
	}
	_, again := m.now.tried[a.recipient]
	if again || a.entered.After(m.now.ended.Add(tolerance)) {
		m.last, m.now = m.now, newPass(a)
	}
	m.now.tried[a.recipient] = a.deferred
	m.now.ended, m.now.age = a.ended, a.age
	if m.last.tried[a.recipient] {
		t.interval(m.last, a)
	}
}

// newPass begins with an attempt, which is added by the caller.
func newPass(a attempt) pass {
	return pass{entered: a.entered, ended: a.ended, age: a.age, tried: map[string]bool{}}
}

// interval judges the time from the end of a pass to the next attempt's pass.
func (t *tally) interval(last pass, next attempt) {
	t.Intervals++
	due := last.ended.Add(t.rule.backoff(last.age))
	if early := due.Sub(next.entered); early > tolerance+haste+t.rule.slack {
		t.Early++
		t.WorstEarly = max(t.WorstEarly, early)
	}
	late := next.entered.Sub(due.Add(t.rule.scan))
	if late > tolerance+t.rule.slack && !last.ended.Before(t.excused) {
		t.Late++
		t.WorstLate = max(t.WorstLate, late)
	}
}

// attempt is one line about one recipient of one message.
type attempt struct {
	id, recipient string
	ended         time.Time
	// entered is when the message came into the active queue for this attempt.
	entered  time.Time
	age      time.Duration
	deferred bool
}

// errNoAttempt says that a line is about something else.
var errNoAttempt = errors.New("the line is about no attempt")

// parseAttempt reads the line that each delivery agent writes for each
// recipient: "ID: to=<address>, [orig_to=<address>,] relay=..., delay=1.2,
// delays=a/b/c/d, dsn=..., status=deferred (words)". In delays, a is the time
// before the active queue, b that in it, c connecting, d transmitting
// (postconf(5), delay_logging_resolution_limit).
func parseAttempt(l logLine) (attempt, error) {
	id, rest, ok := strings.Cut(l.text, ": to=<")
	if !ok || id == "" || strings.ContainsAny(id, " =<") {
		return attempt{}, errNoAttempt
	}
	recipient, rest, ok := strings.Cut(rest, ">, ")
	if !ok {
		return attempt{}, errNoAttempt
	}
	a := attempt{id: id, recipient: strings.ToLower(recipient), ended: l.at}
	age, err := strconv.ParseFloat(field(rest, "delay"), 64)
	if err != nil {
		return attempt{}, errNoAttempt
	}
	a.age = seconds(age)
	parts := strings.Split(field(rest, "delays"), "/")
	if len(parts) != 4 {
		return attempt{}, errNoAttempt
	}
	var busy time.Duration
	for _, part := range parts[1:] {
		s, err := strconv.ParseFloat(part, 64)
		if err != nil {
			return attempt{}, errNoAttempt
		}
		busy += seconds(s)
	}
	a.entered = l.at.Add(-busy)
	a.deferred = strings.HasPrefix(field(rest, "status"), "deferred")
	return a, nil
}

// field is the value of "name=value" among values parted by commas. What
// follows status= is the peer's own words, and nothing in it counts.
func field(text, name string) string {
	text, status, _ := strings.Cut(text, "status=")
	if name == "status" {
		return status
	}
	for part := range strings.SplitSeq(text, ", ") {
		if value, ok := strings.CutPrefix(part, name+"="); ok {
			return value
		}
	}
	return ""
}

// seconds is a number of seconds as a duration, within bounds.
func seconds(s float64) time.Duration {
	const most = 100 * 365 * 24 * 3600
	if !(s >= 0) { // also what is no number
		return 0
	}
	return time.Duration(min(s, most) * float64(time.Second))
}
