package check

import (
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// TestDowntimeIsNotCounted: who comes while the plan keeps the relay from taking
// mail may be asked to come again. Each case turns away the mail due from 11:00 to
// 11:30 of the healthy history's outage, with one step at 10:59.
func TestDowntimeIsNotCounted(t *testing.T) {
	const from, to = outageAt + 30*time.Minute, outageAt + time.Hour
	step := func(verb, name string) evidence.Event {
		return evidence.Event{Kind: evidence.KindStep, Step: verb, Name: name}
	}
	for _, c := range []struct {
		name        string
		begin, ends string
		after       time.Duration // from when the relay is back
		code        int
		want        Outcome
	}{
		{"killed", "kill", "restarted", 0, 0, Pass},
		{"killed when the moment came", "kill done", "restarted", 0, 0, Pass},
		{"still away when it was back", "kill", "restarted", -20 * time.Minute, 0, Fail},
		{"stopped", "stop", "start done", 0, 421, Pass},
		{"paused", "pause", "resume done", 0, 0, Pass},
		{"no space", "fill-disk", "free-disk done", 0, 452, Pass},
		{"no space, refused for good", "fill-disk", "free-disk done", 0, 552, Fail},
		{"not ended by what ends another", "fill-disk", "restarted", 0, 452, Pass},
		{"a slow disk takes mail", "slow-disk", "quick-disk done", 0, 452, Fail},
		{"nothing was done to it", "", "", 0, 0, Fail},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, n := healthy(), 0
			h.edit(func(e evidence.Event) bool {
				return e.Kind == evidence.KindSubmission && e.Route == "in" && e.Due >= from && e.Due < to
			}, func(e *evidence.Event) {
				e.Outcome, e.Code = evidence.Deferred, c.code
				n++
			})
			h.drop(func(e evidence.Event) bool {
				return e.Kind != evidence.KindSubmission && e.T >= from && e.T < to && e.Route == "in"
			})
			h.add(from-time.Minute, step(c.begin, "it"))
			h.add(to+c.after, step(c.ends, ""))
			h.sort()
			v, _ := Judge(given(), h.all()).Verdict("acceptance")
			if n < 5 || v.Outcome != c.want {
				t.Errorf("%d turned away: %+v", n, v)
			}
			said := strings.Contains(v.Figure, "more came while the relay was down")
			if said != (c.want == Pass || c.after < 0) {
				t.Error(v.Figure)
			}
		})
	}
}

// TestAMomentThatNeverCame: a kill that waits for its moment begins with that.
func TestAMomentThatNeverCame(t *testing.T) {
	s := given()
	s.Relay = []scenarios.RelayStep{{Name: "cut", Do: scenarios.Kill, When: scenarios.InData}}
	l := newLedger(s)
	l.downtimes.see(l, &evidence.Event{Kind: evidence.KindStep, Step: "kill", Name: "cut"})
	if len(l.downtimes) != 0 {
		t.Errorf("%+v", l.downtimes)
	}
}
