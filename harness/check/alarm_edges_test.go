package check

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// silent takes the alarm away.
func silent(h *history) { h.drop(isAlarm("firing")) }

// onlyWaiting leaves so many pairs that begin to wait in the outage, from its
// start on; all other mail to the hurt cohort in it was never sent.
func onlyWaiting(pairs int) func(*history) {
	return func(h *history) {
		left, kept := pairs, map[string]int{}
		for i := range h.events {
			e := &h.events[i]
			if e.Kind == evidence.KindSubmission && e.Route == "in" && e.Due >= outageAt &&
				e.Due < healAt {
				kept[e.Msg] = min(left, len(e.To))
				left -= kept[e.Msg]
				e.To = e.To[:kept[e.Msg]]
			}
		}
		h.drop(func(e evidence.Event) bool {
			n, ours := kept[e.Msg]
			second := len(e.To) > 0 && strings.Contains(e.To[0], "sakura.example")
			return ours && (n == 0 || n == 1 && second)
		})
	}
}

// endsAt cuts the run off, with a queue that cannot be read: what was not
// delivered may wait on.
func endsAt(at time.Duration) func(*history) {
	return func(h *history) {
		h.drop(func(e evidence.Event) bool {
			return e.T > at && e.Kind != evidence.KindEnd || e.Kind == evidence.KindListing
		})
		h.edit(func(e evidence.Event) bool { return e.T > at },
			func(e *evidence.Event) { e.T, e.At = at, at })
	}
}

func both(changes ...func(*history)) func(*history) {
	return func(h *history) {
		for _, change := range changes {
			change(h)
		}
	}
}

func alarmsAt(to time.Duration) func(*history) {
	return func(h *history) { h.edit(isAlarm("firing"), shift(to-alarmAt)) }
}

// TestAlarmAtTheEdges: what happens at the very moment at which a limit is.
func TestAlarmAtTheEdges(t *testing.T) {
	const within = 15 * time.Minute
	for _, c := range []alarmCase{
		{"as the outage begins", alarmsAt(outageAt), Pass,
			"raised 0s after the start, 40m before the page; limit 15m", ""},
		{"a moment sooner", alarmsAt(outageAt - time.Millisecond), Fail, "no alarm",
			"the only alarm was raised before anything was disturbed"},
		{"before and again in time", func(h *history) { h.add(time.Hour, alarmOf("firing")) }, Fail,
			"raised 4m after the start", "an alarm was raised before anything was disturbed"},
		{"late, with five that waited", both(alarmsAt(outageAt+18*time.Minute), onlyWaiting(5)),
			Fail, "18m after the start", "the alarm came later than the limit"},
		{"late, with four that waited", both(alarmsAt(outageAt+18*time.Minute), onlyWaiting(4)),
			Inconclusive, "18m after", "4 pairs waited when the time was over: too little to " +
				"notice an outage by (5 needed)"},
		{"never, with five that waited until the heal", both(silent, onlyWaiting(5)), Fail,
			"no alarm, the page showed the outage 40m after the start; limit 15m",
			"nobody raised an alarm"},
		{"never, with four", both(silent, onlyWaiting(4)), Inconclusive, "no alarm",
			"4 pairs waited when the time was over"},
		{"never, with four and mail for others that waits, too", both(silent, onlyWaiting(4),
			func(h *history) {
				h.edit(func(e evidence.Event) bool {
					return e.Kind == evidence.KindDelivery && strings.HasSuffix(e.To[0], "@linde.example") &&
						e.T > outageAt && e.T < healAt
				}, shift(2*time.Hour))
			}), Inconclusive, "no alarm", "4 pairs waited"},
		{"never, in a run that ends too soon", both(silent, endsAt(outageAt+within-time.Second)),
			Inconclusive, "no alarm", "the run ended before the time for the alarm was over"},
		{"never, in a run that ends just then", both(silent, endsAt(outageAt+within)), Fail,
			"no alarm", "nobody raised an alarm"},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, given(), healthy()) })
	}
}

// TestThePageEndsTheTimeForAnAlarm: what counts is the page where that is sooner
// than the limit.
func TestThePageEndsTheTimeForAnAlarm(t *testing.T) {
	s := given()
	s.Expect.Alarm.Within = scenarios.Span(time.Hour)
	// Nothing is sent until shortly before the page, and much until the limit.
	late := func(h *history) {
		h.drop(func(e evidence.Event) bool {
			return e.Kind == evidence.KindSubmission && e.Route == "in" && e.Due >= outageAt &&
				e.Due < outageAt+36*time.Minute
		})
	}
	for _, c := range []alarmCase{
		{"after the page", both(alarmsAt(outageAt+45*time.Minute), late), Inconclusive, "45m after",
			"2 pairs waited when the time was over"},
		{"never, until after the page", both(silent, endsAt(outageAt+50*time.Minute)), Fail,
			"no alarm", "nobody raised an alarm"},
		{"never, until just before it", both(silent, endsAt(outageAt+39*time.Minute)),
			Inconclusive, "no alarm", "the run ended before the time for the alarm was over"},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, s, healthy()) })
	}
	// What the page shows as the outage begins is another matter.
	s.Health = []scenarios.HealthIssue{{Issue: "EX1", Visible: moment(outageAt)}}
	alarmCase{"no page", nil, Pass, "raised 4m after the start; limit 1h", ""}.check(t, s, healthy())
}

// TestAPairWaitsFromItsFirstMomentToItsLast: the one included, the other not.
func TestAPairWaitsFromItsFirstMomentToItsLast(t *testing.T) {
	within := 15 * time.Minute
	at := outageAt + within
	move := func(kind evidence.Kind, to time.Duration) func(*history) {
		return func(h *history) {
			first := ""
			h.edit(func(e evidence.Event) bool {
				if first == "" && e.Kind == evidence.KindSubmission && e.Route == "in" && e.Due > outageAt {
					first = e.Msg
				}
				return first != "" && e.Msg == first && e.Kind == kind &&
					(kind == evidence.KindSubmission || e.Endpoint == "office365")
			}, func(e *evidence.Event) { e.T, e.At = to, to })
		}
	}
	for _, c := range []alarmCase{
		{"taken just then", both(silent, onlyWaiting(6), move(evidence.KindSubmission, at)), Fail,
			"", "nobody raised an alarm"},
		{"taken just after", both(silent, onlyWaiting(6),
			move(evidence.KindSubmission, at+time.Millisecond)), Inconclusive, "", "4 pairs waited"},
		{"delivered just then", both(silent, onlyWaiting(6), move(evidence.KindDelivery, at)),
			Inconclusive, "", "4 pairs waited"},
		{"delivered just after", both(silent, onlyWaiting(6),
			move(evidence.KindDelivery, at+time.Millisecond)), Fail, "", "nobody raised an alarm"},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, given(), healthy()) })
	}
}

// TestAlarmsAreToldInWords: by their name and time, the first of several at once.
func TestAlarmsAreToldInWords(t *testing.T) {
	h := healthy()
	alarmsAt(outageAt + 18*time.Minute)(h)
	again := alarmOf("firing")
	again.Name = "AnotherOne"
	h.add(outageAt+18*time.Minute, again)
	h.sort()
	told := func(s *scenarios.Scenario) string {
		v, _ := Judge(s, h.all()).Verdict("alarm")
		return fmt.Sprint(v.Outcome, v.Witnesses)
	}
	if got := told(given()); !strings.Contains(got, `alarm "MailWaits" at 2019-11-19 11:18:00, too late`) ||
		strings.Contains(got, "AnotherOne") {
		t.Errorf("told as %s", got)
	}
	first := healthy()
	alarmsAt(outageAt)(first)
	if v, _ := Judge(given(), first.all()).Verdict("alarm"); len(v.Witnesses) > 0 {
		t.Errorf("an alarm as the outage begins has the witnesses %v", v.Witnesses)
	}
	s := given()
	s.Expect.Alarm = &scenarios.Alarm{Quiet: true}
	for _, name := range []string{"MailWaits", "AnotherOne"} {
		want := `alarm "` + name + `" at 2019-11-19 11:18:00, although mail was not hit`
		if got := told(s); !strings.Contains(got, want) {
			t.Errorf("told as %s, not %s", got, want)
		}
	}
}

// TestUnhurtIsUntilTheFirstDisturbance, whatever that is.
func TestUnhurtIsUntilTheFirstDisturbance(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*scenarios.Scenario)
		want   time.Duration
	}{
		"the outage": {func(s *scenarios.Scenario) {}, outageAt},
		"a fault":    {func(s *scenarios.Scenario) { s.Faults[0].From = moment(time.Hour) }, time.Hour},
		"a link": {func(s *scenarios.Scenario) {
			s.Links = []scenarios.Link{{From: moment(90 * time.Minute)}, {From: moment(3 * time.Hour)}}
		}, 90 * time.Minute},
		"the relay": {func(s *scenarios.Scenario) {
			s.Relay = []scenarios.RelayStep{{At: moment(80 * time.Minute)}, {At: moment(3 * time.Hour)}}
		}, 80 * time.Minute},
		"from the start": {func(s *scenarios.Scenario) { s.Faults[0].From = moment(0) }, 0},
		"no outage": {func(s *scenarios.Scenario) {
			s.Outage, s.Faults = scenarios.Window{}, nil
		}, untilAt},
	} {
		s := given()
		c.change(s)
		if got := newLedger(s).unhurt(); got != c.want {
			t.Errorf("%s: unhurt until %s, want %s", name, got, c.want)
		}
	}
}
