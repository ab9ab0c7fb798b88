package check

import (
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// backed gives the spare cohort a second MX at the internet.
func backed(s *scenarios.Scenario) { s.Cohorts[0].Fallback = "shops" }

// byGateway sends a message that was due at a moment by the second MX.
func byGateway(at time.Duration, preference int) func(*testing.T, *history) {
	return func(t *testing.T, h *history) {
		h.drop(func(e evidence.Event) bool {
			return e.Kind == evidence.KindAttempt && e.T > untilAt-time.Hour
		})
		n := 0
		h.edit(func(e evidence.Event) bool {
			found := e.Kind == evidence.KindDelivery && e.Endpoint == "office365" &&
				strings.HasSuffix(e.To[0], "@kaede.example") && e.Began >= at && n == 0
			if found {
				n++
			}
			return found
		}, func(e *evidence.Event) { e.Endpoint, e.Preference = "internet", preference })
		if n != 1 {
			t.Fatalf("%d deliveries were changed", n)
		}
	}
}

// also does one thing after another.
func also(changes ...func(*testing.T, *history)) func(*testing.T, *history) {
	return func(t *testing.T, h *history) {
		for _, change := range changes {
			change(t, h)
		}
	}
}

// failing adds an attempt that failed at an endpoint.
func failing(at time.Duration, endpoint string) func(*testing.T, *history) {
	return func(_ *testing.T, h *history) {
		h.add(at, evidence.Event{
			Kind: evidence.KindAttempt, Actor: evidence.Fake, Endpoint: endpoint,
			Address: "127.25.1.1:25", Began: at, Outcome: evidence.Broken,
		})
	}
}

// stoodStill says that the machine did for that long until a moment.
func stoodStill(until, length time.Duration) func(*testing.T, *history) {
	return func(_ *testing.T, h *history) {
		h.add(until, evidence.Event{Kind: evidence.KindStall, Began: until - length, Value: 1})
	}
}

// lateOn is after the drain; the first delivery from there on began some seconds
// later.
const lateOn = healAt + time.Hour + 5*time.Minute

var detourRules = []rule{
	{name: "all take the first MX", promise: "retry-manners", given: backed, want: Pass,
		figure: "0 of 0 deliveries by a second MX without need"},
	{name: "nobody has a second MX", promise: "retry-manners", want: Pass,
		figure: "0 of 0 sessions with a 421 went on; at most"},
	{name: "the second MX before anything is wrong", promise: "retry-manners", given: backed,
		change: byGateway(time.Hour, 20), want: Fail,
		figure: "1 of 1 delivery by a second MX without need",
		reason: "mail went to a second MX although nothing was wrong with the first"},
	{name: "a time at which it stood still long ago excuses nothing", promise: "retry-manners",
		given:  backed,
		change: also(byGateway(time.Hour, 20), stoodStill(20*time.Minute, time.Minute)), want: Fail},
	{name: "a machine that stood still may have lost the first MX its answer",
		promise: "retry-manners", given: backed,
		change: also(byGateway(time.Hour, 20), stoodStill(50*time.Minute, time.Minute)),
		want:   Inconclusive, reason: "1 delivery by a second MX, each while the machine itself stood still"},
	{name: "the second MX in the outage", promise: "retry-manners", given: backed,
		change: byGateway(outageAt+time.Minute, 20), want: Pass,
		figure: "0 of 1 delivery by a second MX without need"},
	{name: "the second MX in the drain", promise: "retry-manners", given: backed,
		change: byGateway(healAt+time.Minute, 20), want: Pass},
	{name: "the second MX long after the heal", promise: "retry-manners", given: backed,
		change: byGateway(lateOn, 20), want: Fail},
	{name: "an attempt has just failed", promise: "retry-manners", given: backed,
		change: also(byGateway(lateOn, 20), failing(lateOn-25*time.Minute, "office365")), want: Pass},
	{name: "an attempt failed long ago", promise: "retry-manners", given: backed,
		change: also(byGateway(lateOn, 20), failing(lateOn-40*time.Minute, "office365")), want: Fail},
	{name: "an attempt elsewhere has failed", promise: "retry-manners", given: backed,
		change: also(byGateway(lateOn, 20), failing(lateOn-10*time.Minute, "internet")), want: Fail},
	{name: "the second MX is a place of the recipient's", promise: "no-invention", given: backed,
		change: byGateway(time.Hour, 20), want: Pass},
	{name: "a place that was not the MX is none", promise: "no-invention", given: backed,
		change: byGateway(time.Hour, 10), want: Fail},
	{name: "without a second MX the place is wrong", promise: "no-invention",
		change: byGateway(time.Hour, 20), want: Fail},
	{name: "what arrived at the second MX is delivered", promise: "no-loss", given: backed,
		change: byGateway(time.Hour, 20), want: Pass},
}

func TestDetours(t *testing.T) {
	for _, r := range detourRules {
		t.Run(r.promise+"/"+r.name, r.hold)
	}
}

// TestADetourIsToldWithItsMessage: the witness is the message, and when it went.
func TestADetourIsToldWithItsMessage(t *testing.T) {
	s, h := given(), healthy()
	backed(s)
	byGateway(time.Hour, 20)(t, h)
	v, _ := Judge(s, h.all()).Verdict("retry-manners")
	if len(v.Witnesses) != 1 || v.Witnesses[0].Msg == "" ||
		!strings.HasSuffix(v.Witnesses[0].Recipient, "@kaede.example") ||
		!strings.Contains(v.Witnesses[0].What, "sent to the second MX at 2019-11-19 10:0") {
		t.Errorf("the witnesses are %+v", v.Witnesses)
	}
}

// TestWhereADetourBegins: between the first disturbance and the end of the drain
// all is explained, and by a failure for exactly as long as a host may be left in
// peace.
func TestWhereADetourBegins(t *testing.T) {
	s := given()
	backed(s)
	for began, taken := range map[time.Duration]int{
		outageAt - 1: 1, outageAt: 0, healAt + time.Hour - 1: 0, healAt + time.Hour: 1,
	} {
		l := newLedger(s)
		l.feed(&evidence.Event{
			Kind: evidence.KindDelivery, Msg: "m1", To: []string{"u1@kaede.example"},
			Endpoint: "internet", Preference: scenarios.FallbackPreference, Began: began, T: began,
		})
		if len(l.detours.taken) != taken || l.detours.all != 1 {
			t.Errorf("begun at %s: %+v", began, l.detours)
		}
	}
	d := detours{failed: map[time.Duration]bool{60: true}}
	for at, want := range map[time.Duration]bool{
		time.Hour - 1: false, time.Hour: true, time.Hour + detourPatience: true,
		time.Hour + detourPatience + time.Minute: false,
	} {
		if d.explained(at) != want {
			t.Errorf("at %s it is explained: %t", at, !want)
		}
	}
	if !d.explained(90*time.Minute) || d.explained(91*time.Minute) {
		t.Error("a host is not left in peace for 30 minutes")
	}
	for _, c := range []struct {
		cohort   cohort
		endpoint string
		want     bool
	}{
		{cohort{fallback: "internet"}, "internet", true}, {cohort{fallback: "internet"}, "office365", false},
		{cohort{}, "", false},
	} {
		e := evidence.Event{Endpoint: c.endpoint, Preference: scenarios.FallbackPreference}
		if c.cohort.secondMX(&e) != c.want {
			t.Errorf("%+v at %q is the second MX: %t", c.cohort, c.endpoint, !c.want)
		}
	}
}
