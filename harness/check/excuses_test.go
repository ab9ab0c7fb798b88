package check

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// excuse is what stalls make of a promise whose limit of time was broken. See
// rules for the messages; m91 is due at 2h01m, m92 too, m96 at 2h05m.
type excuse struct {
	name, promise string
	given         func(*scenarios.Scenario)
	change        func(*testing.T, *history)
	stalls        [][2]time.Duration
	want          Outcome
	figure        string // substrings
	reason        string
	witness       string // the first one's message
}

const (
	second = time.Second
	minute = time.Minute
	hour   = time.Hour
)

// slowCopy makes spare copies come 6m02s after the reply, of a message that
// nobody tried to deliver before the heal; the limit is 5m.
func slowCopy(msg, rcpt string) func(*testing.T, *history) {
	return func(_ *testing.T, h *history) {
		h.drop(func(e evidence.Event) bool {
			return e.Kind == evidence.KindAttempt && slices.Contains(e.To, rcpt)
		})
		h.edit(is(evidence.KindDelivery, msg, "spare"), shift(6*minute))
	}
}

// slowReply is 2m01s; its limit is 1m.
func slowReply(_ *testing.T, h *history) {
	h.edit(is(evidence.KindSubmission, "m2", ""), func(e *evidence.Event) { e.T += 2 * minute })
}

// dropping makes a first attempt end like that, after a longer time.
func dropping(o evidence.Outcome, longer time.Duration) func(*testing.T, *history) {
	return func(t *testing.T, h *history) {
		h.edit(is(evidence.KindSubmission, "m92", ""), func(e *evidence.Event) {
			e.Outcome, e.Code = o, 0
			e.T += longer
		})
		if o != evidence.Unknown {
			losing("m92")(t, h)
		}
	}
}

// delaying delays the deliveries of a message at its mailbox's own place.
func delaying(msg string, by time.Duration) func(*testing.T, *history) {
	return func(_ *testing.T, h *history) {
		h.edit(func(e evidence.Event) bool {
			return e.Kind == evidence.KindDelivery && e.Msg == msg && e.Endpoint != endpointSpare
		}, shift(by))
	}
}

// holding leaves a message in the relay's queue.
func holding(msg string) func(*testing.T, *history) {
	return func(t *testing.T, h *history) {
		losing(msg)(t, h)
		h.before(is(evidence.KindListing, "", ""),
			evidence.Event{Kind: evidence.KindQueued, Msg: msg})
	}
}

func losing(msg string) func(*testing.T, *history) {
	return func(_ *testing.T, h *history) {
		h.drop(func(e evidence.Event) bool {
			return e.Kind == evidence.KindDelivery && e.Msg == msg && e.Endpoint != endpointSpare
		})
	}
}

func noLossUnasked(s *scenarios.Scenario) { s.Expect.NoLoss = nil }

func one(from, to time.Duration) [][2]time.Duration { return [][2]time.Duration{{from, to}} }

var slowCopy91 = slowCopy("m91", "u31@kaede.example")

const stood = "while the machine itself stood still (1 stall, "

var excuses = []excuse{
	{name: "excused", promise: "spare-timely", change: slowCopy91,
		stalls: one(2*hour+2*minute, 2*hour+2*minute+40*second), want: Inconclusive,
		figure: "2 late of 166 spare copies; 99 % within 6m02s", witness: "m91",
		reason: "2 took too long, each " + stood + "1m20s with the aftermath)"},
	{name: "just excused", promise: "spare-timely", change: slowCopy91,
		stalls: one(2*hour+2*minute, 2*hour+2*minute+31*second), want: Inconclusive,
		figure: "2 excused by stalls of the machine", reason: stood, witness: "m91"},
	{name: "longer than the stall", promise: "spare-timely", change: slowCopy91,
		stalls: one(2*hour+2*minute, 2*hour+2*minute+30*second), want: Fail, witness: "m91",
		reason: "landed too late"},
	{name: "a stall elsewhere", promise: "spare-timely", change: slowCopy91,
		stalls: one(3*hour, 3*hour+10*minute), want: Fail, witness: "m91"},
	{name: "a stall whose aftermath touches", promise: "spare-timely", change: slowCopy91,
		stalls: one(2*hour-119*second+minute, 2*hour+second), want: Fail, witness: "m91"},
	{name: "a stall that begins then", promise: "spare-timely", change: slowCopy91,
		stalls: one(2*hour+7*minute+3*second, 2*hour+20*minute), want: Fail, witness: "m91"},
	{name: "no stall", promise: "spare-timely", change: slowCopy91, want: Fail, witness: "m91"},
	{name: "order is not excused", promise: "spare-timely",
		change: func(_ *testing.T, h *history) {
			h.edit(is(evidence.KindDelivery, "m1", "spare"), shift(10*second))
		}, stalls: one(0, 10*minute), want: Fail, witness: "m1"},
	{name: "order is not excused by length", promise: "spare-timely",
		change: func(_ *testing.T, h *history) {
			h.edit(is(evidence.KindDelivery, "m1", "spare"), shift(6*minute))
		}, stalls: one(minute, 20*minute), want: Fail, witness: "m1"},
	{name: "another is not excused", promise: "spare-timely",
		change: func(t *testing.T, h *history) {
			slowCopy("m91", "u31@kaede.example")(t, h)
			slowCopy("m94", "u32@kaede.example")(t, h)
		}, stalls: one(2*hour+2*minute, 2*hour+4*minute), want: Fail, witness: "m94",
		figure: "4 late of 166"},

	{name: "slow, excused", promise: "acceptance", change: slowReply,
		stalls: one(70*second, 110*second), want: Inconclusive, witness: "m2",
		figure: "99 % within 2m01s (1 excused by stalls",
		reason: "1 took too long in phase before, each " + stood},
	{name: "slow, longer than the stall", promise: "acceptance", change: slowReply,
		stalls: one(70*second, 85*second), want: Fail, witness: "m2"},
	{name: "slow, a stall elsewhere", promise: "acceptance", change: slowReply,
		stalls: one(4*minute, 9*minute), want: Fail, witness: "m2"},
	{name: "no reply, excused", promise: "acceptance", change: dropping(evidence.Unknown, 0),
		stalls: one(2*hour+50*second, 2*hour+minute+second/2), want: Inconclusive, witness: "m92",
		figure: "of 60, 99 % within 1s (1 excused",
		reason: "1 first attempt dropped in phase outage, each " + stood},
	{name: "broken off, excused", promise: "acceptance", change: dropping(evidence.Broken, 0),
		stalls: one(2*hour+55*second, 2*hour+58*second), want: Inconclusive, witness: "m92"},
	{name: "broken off at once, excused", promise: "acceptance",
		change: dropping(evidence.Broken, -second),
		stalls: one(2*hour+minute, 2*hour+2*minute), want: Inconclusive, witness: "m92"},
	{name: "broken off elsewhere", promise: "acceptance", change: dropping(evidence.Broken, 0),
		stalls: one(2*hour, 2*hour+30*second), want: Fail, witness: "m92"},
	{name: "no reply, longer than the stall", promise: "acceptance",
		change: dropping(evidence.Unknown, 5*minute),
		stalls: one(2*hour+minute, 2*hour+2*minute), want: Fail, witness: "m92"},
	{name: "no reply, no limit of time", promise: "acceptance",
		given:  func(s *scenarios.Scenario) { s.Expect.Acceptance.Within = 0 },
		change: dropping(evidence.Unknown, 5*minute),
		stalls: one(2*hour+minute, 2*hour+2*minute), want: Inconclusive, witness: "m92"},
	{name: "an answer is not excused", promise: "acceptance",
		change: func(t *testing.T, h *history) {
			h.edit(is(evidence.KindSubmission, "m92", ""), refuse)
			losing("m92")(t, h)
		}, stalls: one(2*hour, 2*hour+10*minute), want: Fail, witness: "m92"},
	{name: "nor is a deferral", promise: "acceptance", change: dropping(evidence.Deferred, 0),
		stalls: one(2*hour, 2*hour+10*minute), want: Fail, witness: "m92"},
	{name: "a share that holds by itself", promise: "acceptance",
		given:  func(s *scenarios.Scenario) { s.Expect.Acceptance.Share = 0.98 },
		change: dropping(evidence.Broken, 0),
		stalls: one(2*hour, 2*hour+10*minute), want: Pass, figure: "98.33 % of 60"},
	{name: "another is refused", promise: "acceptance",
		change: func(t *testing.T, h *history) {
			dropping(evidence.Broken, 0)(t, h)
			h.edit(is(evidence.KindSubmission, "m95", ""), refuse)
			losing("m95")(t, h)
		}, stalls: one(2*hour, 2*hour+10*minute), want: Fail, witness: "m95"},

	{name: "late, excused", promise: "sending-goes-on", change: delaying("m96", 11*minute),
		stalls: one(2*hour+6*minute, 2*hour+6*minute+34*second), want: Inconclusive,
		figure: "1 late or undelivered of", reason: "1 took too long, each " + stood, witness: "m96"},
	{name: "late, longer than the stall", promise: "sending-goes-on",
		change: delaying("m96", 11*minute),
		stalls: one(2*hour+6*minute, 2*hour+6*minute+20*second), want: Fail, witness: "m96"},
	{name: "late, a stall elsewhere", promise: "sending-goes-on",
		change: delaying("m96", 11*minute),
		stalls: one(2*hour+30*minute, 2*hour+50*minute), want: Fail, witness: "m96"},
	{name: "still held, excused", promise: "sending-goes-on", change: holding("m96"),
		stalls: one(2*hour+6*minute, 4*hour+6*minute), want: Inconclusive, witness: "m96"},
	{name: "still held, longer than the stall", promise: "sending-goes-on",
		change: holding("m96"),
		stalls: one(2*hour+6*minute, 3*hour), want: Fail, witness: "m96"},
	{name: "lost is not late", promise: "sending-goes-on", given: noLossUnasked,
		change: losing("m96"),
		stalls: one(2*hour+6*minute, 4*hour+6*minute), want: Fail, witness: "m96"},
	{name: "refused is not late", promise: "sending-goes-on",
		change: func(t *testing.T, h *history) {
			h.edit(is(evidence.KindSubmission, "m96", ""), refuse)
			losing("m96")(t, h)
		}, stalls: one(2*hour+6*minute, 4*hour+6*minute), want: Fail, witness: "m96"},

	{name: "late, excused", promise: "drain", change: delaying("m91", hour),
		stalls: one(healAt+30*minute, healAt+36*minute), want: Inconclusive, witness: "m91",
		figure: "2 excused by stalls of the machine; peak", reason: "2 took too long, each " + stood},
	{name: "late, longer than the stall", promise: "drain", change: delaying("m91", hour),
		stalls: one(healAt+30*minute, healAt+35*minute), want: Fail, witness: "m91"},
	{name: "late, a stall before the heal", promise: "drain", change: delaying("m91", hour),
		stalls: one(outageAt, outageAt+hour), want: Fail, witness: "m91"},
	{name: "still held, excused", promise: "drain", change: holding("m91"),
		stalls: one(healAt+5*minute, healAt+35*minute), want: Inconclusive, witness: "m91"},
	{name: "still held, longer than the stall", promise: "drain", change: holding("m91"),
		stalls: one(healAt+5*minute, healAt+34*minute), want: Fail, witness: "m91"},
	{name: "lost is not late", promise: "drain", given: noLossUnasked, change: losing("m91"),
		stalls: one(healAt+5*minute, healAt+35*minute), want: Fail, witness: "m91"},

	{name: "late, excused", promise: "isolation", change: delaying("m92", 20*minute),
		stalls: one(2*hour+2*minute, 2*hour+12*minute), want: Inconclusive, witness: "m92",
		figure: "fine: 99 % within 20m04s, before 4s",
		reason: "cohort fine: 1 took too long, each " + stood},
	{name: "late, longer than the stall", promise: "isolation",
		change: delaying("m92", 20*minute),
		stalls: one(2*hour+2*minute, 2*hour+10*minute), want: Fail, witness: "m92"},
	{name: "late, a stall elsewhere", promise: "isolation", change: delaying("m92", 20*minute),
		stalls: one(3*hour, 3*hour+30*minute), want: Fail, witness: "m92"},
	{name: "still held, excused", promise: "isolation", change: holding("m92"),
		stalls: one(2*hour+2*minute, 4*hour+2*minute), want: Inconclusive, witness: "m92"},
	{name: "lost is not late", promise: "isolation", given: noLossUnasked, change: losing("m92"),
		stalls: one(2*hour+2*minute, 4*hour+2*minute), want: Fail, witness: "m92"},
	{name: "still has time", promise: "isolation", change: holding("m92"),
		given:  func(s *scenarios.Scenario) { s.Expect.Isolation.Ratio = 300 },
		stalls: one(2*hour+2*minute, 4*hour+2*minute), want: Pass, figure: "30 pairs); limit 5h"},
	{name: "slow before as well", promise: "isolation",
		change: func(t *testing.T, h *history) {
			delaying("m2", 20*minute)(t, h)
			delaying("m92", 20*minute)(t, h)
		}, want: Pass, figure: "limit 1h"},
	{name: "slow before for the machine's sake", promise: "isolation",
		change: func(t *testing.T, h *history) {
			delaying("m2", 20*minute)(t, h)
			delaying("m92", 20*minute)(t, h)
		}, stalls: one(2*minute, 12*minute), want: Inconclusive, reason: "nothing to compare with"},
}

func TestExcuses(t *testing.T) {
	for _, x := range excuses {
		t.Run(x.promise+"/"+x.name, func(t *testing.T) {
			s, h := given(), healthy()
			if x.given != nil {
				x.given(s)
			}
			x.change(t, h)
			for _, s := range x.stalls {
				h.stall(s[0], s[1])
			}
			h.sort()
			j := Judge(s, h.all())
			v, _ := j.Verdict(x.promise)
			if v.Outcome != x.want || !strings.Contains(v.Figure, x.figure) ||
				!strings.Contains(v.Reason, x.reason) {
				t.Errorf("got %+v\nwant %s, figure with %q, reason with %q", v, x.want, x.figure,
					x.reason)
			}
			first := ""
			if len(v.Witnesses) > 0 {
				first = v.Witnesses[0].Msg
			}
			if first != x.witness {
				t.Errorf("witnesses %+v, want %q first", v.Witnesses, x.witness)
			}
			for name, o := range outcomes(j) {
				if name != x.promise && o != Pass {
					other, _ := j.Verdict(name)
					t.Errorf("%+v, want pass", other)
				}
			}
		})
	}
}

// findings are what all checks say before the premises are weighed.
func findings(events []evidence.Event) map[string]Outcome {
	l := newLedger(given())
	l.readAll(feed(events, nil))
	by := map[string]Outcome{}
	for _, p := range promises {
		if p.judge != nil {
			by[p.name] = l.attempted(p).outcome
		}
	}
	return by
}

// A stall can only take a verdict away: of a timed promise it never makes
// another one, and of the rest it changes nothing.
func TestAStallOnlyTakesVerdictsAway(t *testing.T) {
	h := healthy()
	delaying("m96", 11*minute)(t, h)
	h.sort()
	was := findings(h.events)["sending-goes-on"]
	h.stall(2*hour+6*minute, 2*hour+6*minute+34*second)
	if now := findings(h.events)["sending-goes-on"]; was != Fail || now != Inconclusive {
		t.Errorf("%s without a stall, %s with it: it takes nothing away", was, now)
	}
	rapid.Check(t, func(r *rapid.T) {
		h := healthy()
		span := func(name string, most time.Duration) time.Duration {
			return time.Duration(rapid.IntRange(0, int(most/second)).Draw(r, name)) * second
		}
		if n := rapid.IntRange(0, len(defects)).Draw(r, "defect"); n > 0 {
			defects[n-1].change(t, h)
		}
		for range rapid.IntRange(0, 4).Draw(r, "delays") {
			i := rapid.IntRange(1, len(h.events)-3).Draw(r, "event")
			by := min(span("by", hour), untilAt-h.events[i].T)
			h.events[i].T, h.events[i].At = h.events[i].T+by, h.events[i].At+by
		}
		h.sort()
		was := findings(h.events)
		for range rapid.IntRange(1, 3).Draw(r, "stalls") {
			from := span("from", untilAt)
			h.stall(from, min(untilAt, from+span("length", hour)))
		}
		for name, o := range findings(h.events) {
			switch {
			case o == was[name]:
			case o == Inconclusive && slices.Contains(timed, name):
			default:
				r.Fatalf("%s: %s without the stalls, %s with them", name, was[name], o)
			}
		}
	})
}
