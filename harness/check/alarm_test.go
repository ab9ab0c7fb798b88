package check

import (
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

func isAlarm(action string) func(evidence.Event) bool {
	return func(e evidence.Event) bool {
		return e.Kind == evidence.KindAlarm && e.Action == action
	}
}

func isWatch(e evidence.Event) bool { return e.Kind == evidence.KindWatch }

// alarmCase is a history and what is said of its alarm.
type alarmCase struct {
	name   string
	change func(*history)
	want   Outcome
	figure string
	reason string
}

func (c alarmCase) check(t *testing.T, s *scenarios.Scenario, h *history) {
	t.Helper()
	if c.change != nil {
		c.change(h)
	}
	h.sort()
	v, _ := Judge(s, h.all()).Verdict("alarm")
	if v.Outcome != c.want || !strings.Contains(v.Figure, c.figure) ||
		!strings.Contains(v.Reason, c.reason) || v.Outcome == Fail && len(v.Witnesses) == 0 {
		t.Errorf("%+v, want %s, figure %q, reason %q", v, c.want, c.figure, c.reason)
	}
}

func TestAlarmInTime(t *testing.T) {
	moved := func(to time.Duration) func(*history) {
		return func(h *history) { h.edit(isAlarm("firing"), shift(to-alarmAt)) }
	}
	stall := func(from, to time.Duration) evidence.Event {
		return evidence.Event{Kind: evidence.KindStall, Began: from, At: to, T: to}
	}
	for _, c := range []alarmCase{
		{"in time", nil, Pass, "raised 4m after the start, 36m before the page; limit 15m", ""},
		{"at the limit", moved(outageAt + 15*time.Minute), Pass, "15m after the start", ""},
		{"just over it", moved(outageAt + 15*time.Minute + time.Millisecond), Fail, "15m after",
			"later than the limit"},
		{"before the outage, when a fault had begun", nil, Pass, "", ""},
		{"unreadable", func(h *history) {
			h.edit(isAlarm("firing"), func(e *evidence.Event) { e.Action = "unreadable" })
		}, Pass, "4m after", ""},
		{"only a recovery", func(h *history) {
			h.edit(isAlarm("firing"), func(e *evidence.Event) { e.Action = "resolved" })
		}, Fail, "no alarm, the page showed the outage 40m after the start", "nobody raised an alarm"},
		{"twice", func(h *history) { h.add(outageAt+time.Hour, alarmOf("firing")) }, Pass, "4m", ""},
		{"too late while the machine stood still", func(h *history) {
			moved(outageAt + 18*time.Minute)(h)
			h.events = append(h.events, stall(outageAt+time.Minute, outageAt+6*time.Minute))
		}, Inconclusive, "18m after", "the machine itself stood still"},
		{"too late, whatever the machine did", func(h *history) {
			moved(outageAt + 39*time.Minute)(h)
			h.events = append(h.events, stall(outageAt+time.Minute, outageAt+2*time.Minute))
		}, Fail, "39m after", "later than the limit"},
		{"too late, when too little waited", func(h *history) {
			moved(outageAt + 18*time.Minute)(h)
			h.drop(func(e evidence.Event) bool {
				return e.Kind == evidence.KindSubmission && e.T > outageAt &&
					e.T < outageAt+14*time.Minute
			})
		}, Inconclusive, "18m after", "too little to notice an outage by"},
		{"the monitor died", func(h *history) {
			h.drop(isAlarm("firing"))
			h.add(time.Hour, evidence.Event{Kind: evidence.KindWatch, Outcome: evidence.Cut,
				Note: "exit status 7"})
		}, Fail, "no alarm", "exit status 7"},
		{"the monitor died when it had said all", func(h *history) {
			h.add(3*time.Hour, evidence.Event{Kind: evidence.KindWatch, Outcome: evidence.Cut})
		}, Pass, "4m", ""},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, given(), healthy()) })
	}
}

func TestAlarmBeforeALimitThatThePageSets(t *testing.T) {
	s := given()
	s.Expect.Alarm.Within = scenarios.Span(time.Hour)
	for _, c := range []alarmCase{
		{"together with the page", func(h *history) {
			h.edit(isAlarm("firing"), shift(pageAt-alarmAt))
		}, Fail, "together with the page", "the provider's page showed the outage first"},
		{"a moment before it", func(h *history) {
			h.edit(isAlarm("firing"), shift(pageAt-alarmAt-time.Second))
		}, Pass, "1s before the page", ""},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, s, healthy()) })
	}
	s.Health = nil
	alarmCase{"no page", func(h *history) { h.edit(isAlarm("firing"), shift(50*time.Minute)) },
		Pass, "raised 54m after the start; limit", ""}.check(t, s, healthy())
}

// TestAlarmKnowsWhatDisturbsMail: a service beside the mail that is down is no
// cause for an alarm about mail, a fault on its way is.
func TestAlarmKnowsWhatDisturbsMail(t *testing.T) {
	early := func(h *history) { h.edit(isAlarm("firing"), shift(-10*time.Minute)) }
	fault := func(where scenarios.Where) *scenarios.Scenario {
		s := given()
		s.Faults = append(s.Faults, scenarios.Fault{
			Name: "resets", Where: where, From: moment(outageAt - 20*time.Minute), Heal: moment(healAt),
		})
		return s
	}
	alarmCase{"", early, Fail, "no alarm", "before anything was disturbed"}.check(t,
		fault(scenarios.Where{At: scenarios.AtToken}), healthy())
	alarmCase{"", early, Pass, "6m before the start", ""}.check(t,
		fault(scenarios.Where{Regions: []string{"apac"}}), healthy())
}

func TestQuietIsQuiet(t *testing.T) {
	s := given()
	s.Expect.Alarm = &scenarios.Alarm{Quiet: true}
	for _, c := range []alarmCase{
		{"an alarm", nil, Fail, "1 alarm", "without a cause"},
		{"none", func(h *history) { h.drop(isAlarm("firing")) }, Pass, "0 alarms", ""},
		{"none, but the monitor died", func(h *history) {
			h.drop(isAlarm("firing"))
			h.add(time.Hour, evidence.Event{Kind: evidence.KindWatch, Outcome: evidence.Cut,
				Note: "exit status 1"})
		}, Inconclusive, "0 alarms", "its silence says nothing"},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, s, healthy()) })
	}
}

// TestNobodyWatchesIsWaived: a relay that raises no alarms is judged by the rest,
// and a run that promises nothing else proves nothing.
func TestNobodyWatchesIsWaived(t *testing.T) {
	h := healthy()
	h.drop(isWatch)
	h.drop(isAlarm("firing"))
	j := Judge(given(), h.all())
	v, _ := j.Verdict("alarm")
	if !v.Waived || v.Outcome != Inconclusive || !strings.Contains(v.Reason, "--watch") {
		t.Errorf("%+v", v)
	}
	if j.Outcome != Pass {
		t.Errorf("overall %s", j.Outcome)
	}
	s := given()
	s.Expect = scenarios.Expect{Alarm: s.Expect.Alarm}
	if j := Judge(s, h.all()); j.Outcome != Inconclusive {
		t.Errorf("nothing but a waived promise is %s", j.Outcome)
	}
}

// TestAServiceThatNobodyAsks: its fault is unfelt, and the reason says why.
func TestAServiceThatNobodyAsks(t *testing.T) {
	s := given()
	s.Faults = append(s.Faults, scenarios.Fault{
		Name: "no-token", Where: scenarios.Where{At: scenarios.AtToken}, Stage: scenarios.StageRequest,
		Do: scenarios.Reset, From: moment(outageAt), Heal: moment(healAt),
	})
	felt := func(h *history) Premise {
		h.sort()
		for _, p := range Judge(s, h.all()).Premises {
			if p.Name == "faults-felt" {
				return p
			}
		}
		t.Fatal("no such premise")
		return Premise{}
	}
	h := healthy()
	if p := felt(h); p.Held || !strings.Contains(p.Reason, "nobody asked the service at token") {
		t.Errorf("%+v", p)
	}
	asked := evidence.Event{Kind: evidence.KindRequest, Actor: evidence.Fake, Endpoint: "token"}
	h.add(time.Minute, asked)
	if p := felt(h); p.Held || !strings.Contains(p.Reason, "was asked 1 time, but not meanwhile") {
		t.Errorf("%+v", p)
	}
	asked.Fault = "no-token"
	h.add(3*time.Hour, asked)
	if p := felt(h); !p.Held {
		t.Errorf("%+v", p)
	}
}
