package check

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// at moves the events that match to a moment.
func at(match func(evidence.Event) bool, to time.Duration) func(*testing.T, *history) {
	return func(t *testing.T, h *history) {
		n := 0
		h.edit(func(e evidence.Event) bool {
			found := match(e)
			if found {
				n++
			}
			return found
		}, func(e *evidence.Event) { e.At, e.T = to, to })
		if n == 0 {
			t.Fatal("nothing was moved")
		}
	}
}

// without takes events away.
func without(match func(evidence.Event) bool) func(*testing.T, *history) {
	return func(_ *testing.T, h *history) { h.drop(match) }
}

// failedNotice adds a DSN that says failed about a recipient of m91.
func failedNotice(to time.Duration, rcpt string) func(*testing.T, *history) {
	return func(_ *testing.T, h *history) {
		h.add(to, evidence.Event{
			Kind: evidence.KindDSN, Actor: evidence.Fake, Endpoint: "internet", Site: "shop.test",
			To: []string{"taro@shop.test"}, Msg: "m91", Action: "failed", Final: []string{rcpt},
		})
	}
}

// queuedStill lists a pair in the relay's queue at the end.
func queuedStill(msg, rcpt string) func(*testing.T, *history) {
	return func(_ *testing.T, h *history) {
		h.events = append(h.events[:len(h.events)-2:len(h.events)-2], append([]evidence.Event{{
			Kind: evidence.KindQueued, Msg: msg, To: []string{rcpt}, At: untilAt, T: untilAt,
		}}, h.events[len(h.events)-2:]...)...)
	}
}

// runEnds cuts the run off at a moment. What waits then is in the queue.
func runEnds(to time.Duration) func(*testing.T, *history) {
	return func(_ *testing.T, h *history) {
		h.drop(func(e evidence.Event) bool {
			return e.T > to && e.Kind != evidence.KindEnd && e.Kind != evidence.KindListing &&
				e.Kind != evidence.KindQueued
		})
		h.edit(func(e evidence.Event) bool { return e.T > to },
			func(e *evidence.Event) { e.T, e.At = to, to })
	}
}

// toFirst matches m91's delivery to its first recipient.
func toFirst(e evidence.Event) bool { return atTenant(e) && e.To[0] == "u31@kaede.example" }

const aBit = time.Millisecond

var drainEdges = []rule{
	{name: "all of the outage waited", promise: "drain", want: Pass,
		figure: "60 pairs waited at the heal, the last delivered 12m22s after it; limit 1h"},
	{name: "delivered at the heal", promise: "drain", change: at(toFirst, healAt), want: Pass,
		figure: "60 pairs waited"},
	{name: "delivered just before", promise: "drain", change: at(toFirst, healAt-aBit), want: Pass,
		figure: "59 pairs waited"},
	{name: "accepted at the heal", promise: "drain",
		change: at(is(evidence.KindSubmission, "m181", ""), healAt), want: Pass,
		figure: "60 pairs waited"},
	{name: "accepted just before", promise: "drain",
		change: at(is(evidence.KindSubmission, "m181", ""), healAt-aBit), want: Pass,
		figure: "62 pairs waited"},
	{name: "bounced at the heal is not delivered", promise: "drain",
		given:  func(s *scenarios.Scenario) { s.Expect.NoEarlyBounce = nil },
		change: also(without(toFirst), failedNotice(healAt, "u31@kaede.example")), want: Fail,
		figure: "60 pairs waited at the heal, not all delivered by the end",
		reason: "1 pair of the backlog not delivered within the limit"},
	{name: "bounced before the heal waits no more", promise: "drain",
		given:  func(s *scenarios.Scenario) { s.Expect.NoEarlyBounce = nil },
		change: also(without(toFirst), failedNotice(healAt-aBit, "u31@kaede.example")), want: Pass,
		figure: "59 pairs waited"},
	{name: "bounced late is left to no-early-bounce", promise: "drain",
		given: func(s *scenarios.Scenario) {
			s.Expect.NoEarlyBounce.Lifetime = scenarios.Span(time.Hour)
		},
		change: also(without(toFirst), failedNotice(healAt+aBit, "u31@kaede.example")), want: Pass,
		figure: "59 pairs waited at the heal, the last delivered"},
	{name: "exactly at the limit", promise: "drain", change: at(toFirst, healAt+time.Hour), want: Pass,
		figure: "the last delivered 1h after it"},
	{name: "just over it", promise: "drain", change: at(toFirst, healAt+time.Hour+aBit), want: Fail},
	{name: "the run ends at the limit", promise: "drain", change: also(without(toFirst),
		queuedStill("m91", "u31@kaede.example"), runEnds(healAt+time.Hour)), want: Fail,
		reason: "1 pair of the backlog not delivered within the limit"},
	{name: "the run ends just before it", promise: "drain", change: also(without(toFirst),
		queuedStill("m91", "u31@kaede.example"), runEnds(healAt+time.Hour-time.Second)),
		want: Inconclusive, reason: "with 1 pair still waiting"},
}

// off96 matches the clean message that goes elsewhere in the outage; its sender
// came at m96due.
var off96 = is(evidence.KindDelivery, "m96", "internet")

const m96due = outageAt + 5*time.Minute

var sendingEdges = []rule{
	{name: "exactly at the limit", promise: "sending-goes-on",
		change: at(off96, m96due+10*time.Minute), want: Pass, figure: "0 late or undelivered of 27 pairs"},
	{name: "just over it", promise: "sending-goes-on",
		change: at(off96, m96due+10*time.Minute+aBit), want: Fail,
		figure: "1 late or undelivered of 27 pairs"},
	{name: "had all its time when the run ended", promise: "sending-goes-on",
		change: also(without(off96), queuedStill("m96", "order@shop.test"),
			runEnds(m96due+10*time.Minute+time.Second)), want: Fail},
	{name: "had a moment left when the run ended", promise: "sending-goes-on",
		change: also(without(off96), queuedStill("m96", "order@shop.test"),
			runEnds(m96due+10*time.Minute)), want: Inconclusive, reason: "had time left"},
}

var spareEdges = []rule{
	{name: "without a limit of time a copy has ten minutes", promise: "spare-complete",
		given: func(s *scenarios.Scenario) { s.Expect.SpareTimely = nil },
		change: also(without(is(evidence.KindDelivery, "m91", "spare")),
			queuedStill("m91", "u31@kaede.example"),
			runEnds(outageAt+time.Minute+time.Second+10*time.Minute)),
		want: Inconclusive, reason: "the run ended before the copies of 1 pair were due"},
	{name: "and no more", promise: "spare-complete",
		given: func(s *scenarios.Scenario) { s.Expect.SpareTimely = nil },
		change: also(without(is(evidence.KindDelivery, "m91", "spare")),
			queuedStill("m91", "u31@kaede.example"),
			runEnds(outageAt+time.Minute+time.Second+10*time.Minute+aBit)),
		want: Fail, reason: "the spare lacks 1 pair"},
	{name: "a limit of nothing is none", promise: "spare-complete",
		given: func(s *scenarios.Scenario) { s.Expect.SpareTimely.Within = 0 },
		change: also(without(is(evidence.KindDelivery, "m91", "spare")),
			queuedStill("m91", "u31@kaede.example"), runEnds(outageAt+5*time.Minute)),
		want: Inconclusive, reason: "the run ended before the copies of 1 pair were due"},
}

// copied91 lets the copies of m91 land so long after it was accepted, by a clock
// as coarse as that, and nobody try to deliver it before the heal.
func copied91(after, blur time.Duration) func(*testing.T, *history) {
	return func(_ *testing.T, h *history) {
		h.drop(func(e evidence.Event) bool { return e.Session == "fm91" })
		taken := outageAt + time.Minute + time.Second
		h.edit(is(evidence.KindDelivery, "m91", "spare"), func(e *evidence.Event) {
			e.At, e.T, e.Blur = taken+after, taken+after, blur
		})
	}
}

var blurEdges = []rule{
	{name: "exactly at the limit, by a coarse clock", promise: "spare-timely",
		change: copied91(5*time.Minute, time.Minute), want: Pass},
	{name: "over it by no more than the clock is coarse", promise: "spare-timely",
		change: copied91(6*time.Minute, time.Minute), want: Inconclusive, reason: "too coarse"},
	{name: "over it by a bit more", promise: "spare-timely",
		change: copied91(6*time.Minute+aBit, time.Minute), want: Fail},
}

var acceptanceEdges = []rule{
	{name: "a refusal is the relay's own, whatever the machine did", promise: "acceptance",
		given: func(s *scenarios.Scenario) { s.Expect.Acceptance.Within = 0 },
		change: func(t *testing.T, h *history) {
			h.edit(is(evidence.KindSubmission, "m91", ""), func(e *evidence.Event) {
				e.Outcome, e.Code = evidence.Deferred, 451
			})
			stoodStill(outageAt+2*time.Minute, 2*time.Minute)(t, h)
		}, want: Fail, reason: "too few accepted at the first attempt in phase outage"},
	{name: "a dropped attempt may be the machine's", promise: "acceptance",
		given: func(s *scenarios.Scenario) { s.Expect.Acceptance.Within = 0 },
		change: func(t *testing.T, h *history) {
			h.edit(is(evidence.KindSubmission, "m91", ""), func(e *evidence.Event) {
				e.Outcome, e.Code = evidence.Unknown, 0
			})
			stoodStill(outageAt+2*time.Minute, 2*time.Minute)(t, h)
		}, want: Inconclusive, reason: "1 first attempt dropped in phase outage"},
}

func TestLimitsAtTheEdges(t *testing.T) {
	for _, list := range [][]rule{drainEdges, sendingEdges, spareEdges, blurEdges, acceptanceEdges} {
		for _, r := range list {
			t.Run(r.promise+"/"+r.name, r.hold)
		}
	}
}

// TestADuplicateIsToldWithAllItsSubmissions: those accepted and those unknown.
func TestADuplicateIsToldWithAllItsSubmissions(t *testing.T) {
	h := healthy()
	h.again(t, is(evidence.KindSubmission, "m91", ""), func(e *evidence.Event) {
		e.Attempt, e.Outcome, e.Code = 2, evidence.Unknown, 0
	})
	for range 2 {
		h.again(t, toFirst, func(e *evidence.Event) { e.T, e.At = e.T+time.Minute, e.At+time.Minute })
	}
	v, _ := Judge(given(), h.all()).Verdict("duplicates")
	want := "3 deliveries (of which the relay was not told 0) and 1 spare copy, after 2 submissions"
	if v.Outcome != Fail || len(v.Witnesses) != 1 || v.Witnesses[0].What != want {
		t.Errorf("%+v, want %q", v, want)
	}
}

// TestCalmIsUntilTheFirstDisturbance, whatever that is.
func TestCalmIsUntilTheFirstDisturbance(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*scenarios.Scenario)
		want   time.Duration
	}{
		"the outage": {func(*scenarios.Scenario) {}, outageAt},
		"a fault":    {func(s *scenarios.Scenario) { s.Faults[0].From = moment(time.Hour) }, time.Hour},
		"a link": {func(s *scenarios.Scenario) {
			s.Links = []scenarios.Link{{From: moment(90 * time.Minute)}, {From: moment(3 * time.Hour)}}
		}, 90 * time.Minute},
		"the relay": {func(s *scenarios.Scenario) {
			s.Relay = []scenarios.RelayStep{{At: moment(80 * time.Minute)}, {At: moment(3 * time.Hour)}}
		}, 80 * time.Minute},
		"from the start":   {func(s *scenarios.Scenario) { s.Faults[0].From = moment(0) }, 0},
		"before the start": {func(s *scenarios.Scenario) { s.Faults[0].From = moment(-time.Hour) }, 0},
		"nothing": {func(s *scenarios.Scenario) {
			s.Outage, s.Faults = scenarios.Window{}, nil
		}, untilAt},
	} {
		s := given()
		c.change(s)
		if got := newWorld(s).calm; got != c.want {
			t.Errorf("%s: calm until %s, want %s", name, got, c.want)
		}
	}
}

// TestFloorsAreExact: what is below a resource's floor counts as the floor.
func TestFloorsAreExact(t *testing.T) {
	for i, floor := range []float64{16 << 20, 1 << 20, 16, 16, 4} {
		for _, over := range []float64{0, 1} {
			h := healthy()
			h.edit(func(e evidence.Event) bool { return e.Kind == evidence.KindSample },
				func(e *evidence.Event) {
					e.Values = map[string]float64{resources[i].key: 1}
					if e.T > untilAt-30*time.Minute {
						e.Values[resources[i].key] = 2*floor + over
					}
				})
			s := given()
			s.Expect.Footprint = &scenarios.Footprint{Ratio: 2}
			v, _ := Judge(s, h.all()).Verdict("footprint")
			want := map[float64]Outcome{0: Pass, 1: Fail}[over]
			if v.Outcome != want {
				t.Errorf("%s at twice the floor and %g: %s, %s", resources[i].name, over, v.Outcome,
					v.Reason)
			}
		}
	}
}

// TestFootprintNeedsSamplesOnEitherSide: one before the first disturbance, and one
// from the heal on.
func TestFootprintNeedsSamplesOnEitherSide(t *testing.T) {
	for _, c := range []struct {
		first, last time.Duration
		want        Outcome
		reason      string
	}{
		{outageAt - aBit, healAt, Pass, ""},
		{outageAt, healAt, Inconclusive, "before the first disturbance was not measured"},
		{outageAt - aBit, healAt - aBit, Inconclusive, "after the heal was not measured"},
	} {
		h := healthy()
		h.drop(func(e evidence.Event) bool { return e.Kind == evidence.KindSample })
		for _, when := range []time.Duration{c.first, c.last} {
			e := sampleAt(time.Minute)
			h.add(when, e)
		}
		h.sort()
		s := given()
		s.Expect.Footprint = &scenarios.Footprint{Ratio: 2}
		if v, _ := Judge(s, h.all()).Verdict("footprint"); v.Outcome != c.want ||
			!strings.Contains(v.Reason, c.reason) {
			t.Errorf("from %s to %s: %s, %q", c.first, c.last, v.Outcome, v.Reason)
		}
	}
}

// TestStallsAreSeenExactly: from their beginning to their end and as long again,
// ten seconds at least; what has no length is none.
func TestStallsAreSeenExactly(t *testing.T) {
	for _, c := range []struct{ began, until, from, to time.Duration }{
		{0, time.Second, 0, 11 * time.Second},
		{-time.Second, time.Second, 0, 11 * time.Second},
		{time.Minute, time.Minute + 10*time.Second, time.Minute, time.Minute + 20*time.Second},
		{time.Minute, time.Minute + 11*time.Second, time.Minute, time.Minute + 22*time.Second},
		{time.Minute, time.Minute + 1, time.Minute, time.Minute + 1 + 10*time.Second},
	} {
		var s stalls
		s.see(&evidence.Event{Kind: evidence.KindStall, Began: c.began, T: c.until})
		if s.seen != 1 || len(s.list) != 1 || s.list[0].from != c.from || s.list[0].until != c.to {
			t.Errorf("%s to %s is %+v", c.began, c.until, s.list)
		}
	}
	var s stalls
	s.see(&evidence.Event{Kind: evidence.KindStall, Began: time.Minute, T: time.Minute})
	if s.seen != 0 || len(s.list) != 0 {
		t.Errorf("nothing at all is %+v", s)
	}
}

// TestTheWorstCanaryIsTold: the one that is furthest beyond its own limit, and of
// equals the first.
func TestTheWorstCanaryIsTold(t *testing.T) {
	r := newRun()
	for _, c := range []struct {
		name       string
		off, limit float64
		untrue     string
	}{
		{"a", 1, 5, "a"}, {"b", 2, 6, "a"}, {"c", -2, 5, "c"}, {"d", 8, 20, "c"}, {"e", 3, 5, "e"},
	} {
		r.canary(&evidence.Event{Name: c.name, Value: c.off, Limit: c.limit})
		if r.untrue != c.untrue {
			t.Errorf("after %s the worst is %s, want %s", c.name, r.untrue, c.untrue)
		}
	}
	if r.canaries != 5 || r.worst != 3 || r.worstLimit != 5 {
		t.Errorf("%d looks, the worst %g of %g", r.canaries, r.worst, r.worstLimit)
	}
}

// TestDivisionRoundsUp, and a curve has as many stretches as that makes.
func TestDivisionRoundsUp(t *testing.T) {
	for _, c := range [][3]time.Duration{{0, 3, 0}, {1, 3, 1}, {3, 3, 1}, {4, 3, 2}, {10, 3, 4}} {
		if got := ceil(c[0], c[1]); got != c[2] {
			t.Errorf("%d / %d is %d, want %d", c[0], c[1], got, c[2])
		}
	}
}

// TestPhasesThatTheRunDidNotReachAreLeftOut, and those that it did are whole.
func TestPhasesThatTheRunDidNotReachAreLeftOut(t *testing.T) {
	for _, c := range []struct {
		until time.Duration
		want  string
	}{
		{outageAt, "before 0s-2h0m0s"},
		{healAt, "before 0s-2h0m0s outage 2h0m0s-4h0m0s"},
		{healAt + time.Second, "before 0s-2h0m0s outage 2h0m0s-4h0m0s drain 4h0m0s-4h0m1s"},
		{untilAt, "before 0s-2h0m0s outage 2h0m0s-4h0m0s drain 4h0m0s-5h0m0s after 5h0m0s-6h0m0s"},
	} {
		s, h := given(), healthy()
		s.Until = moment(c.until)
		runEnds(c.until)(t, h)
		var got []string
		for _, p := range Judge(s, h.all()).Figures.Phases {
			got = append(got, fmt.Sprintf("%s %s-%s", p.Name, p.From, p.Until))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("until %s: %s, want %s", c.until, got, c.want)
		}
	}
}
