package check

import (
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// rule is one finer point of a promise: what a history changed like this makes
// of it. m91 is inbound mail for the spare cohort, due in the outage at 11:01
// (u31@kaede.example, v31@sakura.example); see defects for the others.
type rule struct {
	name    string
	promise string
	given   func(*scenarios.Scenario)
	change  func(*testing.T, *history)
	want    Outcome
	figure  string // substrings
	reason  string
}

var atTenant = is(evidence.KindDelivery, "m91", "office365")

var rules = []rule{
	{name: "unaccounted is inconclusive", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.drop(atTenant)
			h.edit(is(evidence.KindListing, "", ""),
				func(e *evidence.Event) { e.Note = "permission denied" })
		}, want: Inconclusive, figure: "2 unaccounted", reason: "permission denied"},
	{name: "no listing at all", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.drop(atTenant)
			h.drop(is(evidence.KindListing, "", ""))
		}, want: Inconclusive, reason: "not listed"},
	{name: "a listing that lacks entries", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.drop(atTenant)
			h.edit(is(evidence.KindListing, "", ""), func(e *evidence.Event) { e.Value = 3 })
		}, want: Inconclusive, reason: "not complete"},
	{name: "accepted after the listing", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.drop(atTenant)
			h.edit(is(evidence.KindListing, "", ""), func(e *evidence.Event) { e.Began = time.Second })
		}, want: Inconclusive, figure: "2 unaccounted", reason: "after its queue had been listed"},
	{name: "queued by message id", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.drop(atTenant)
			h.before(is(evidence.KindListing, "", ""), evidence.Event{Kind: evidence.KindQueued,
				Msg: "m91", To: []string{"u31@KAEDE.example", "v31@sakura.example"}})
		}, want: Pass},
	{name: "a bounce of nobody knows what", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.drop(atTenant)
			h.add(untilAt, bounceOf("", "failed", "u31@kaede.example", "v31@sakura.example"))
		}, want: Inconclusive, reason: "1 notification did not say which"},
	{name: "a bounce of nobody knows what", promise: "no-early-bounce",
		change: func(_ *testing.T, h *history) {
			h.add(untilAt, bounceOf("", "failed", "u31@kaede.example"))
		}, want: Inconclusive, reason: "1 notification did not say which"},
	{name: "queued for one of two", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.drop(atTenant)
			h.before(is(evidence.KindListing, "", ""), evidence.Event{Kind: evidence.KindQueued,
				Msg: "m91", To: []string{"u31@kaede.example"}})
		}, want: Fail, figure: "1 lost"},
	{name: "the local part is compared exactly", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.drop(atTenant)
			h.before(is(evidence.KindListing, "", ""), evidence.Event{Kind: evidence.KindQueued,
				Msg: "m91", To: []string{"U31@kaede.example", "V31@sakura.example"}})
		}, want: Fail, figure: "2 lost"},
	{name: "only the spare copy is queued", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.drop(atTenant)
			h.before(is(evidence.KindListing, "", ""), evidence.Event{Kind: evidence.KindQueued,
				Msg: "m91", To: []string{"u31=kaede.example@spare.test"}})
		}, want: Fail, figure: "2 lost"},
	{name: "queued by the id in the reply", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.drop(atTenant)
			h.before(is(evidence.KindListing, "", ""),
				evidence.Event{Kind: evidence.KindQueued, Queue: "4Qm919Z"})
		}, want: Pass},
	{name: "a queue entry nobody can read", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.drop(atTenant)
			h.before(is(evidence.KindListing, "", ""), evidence.Event{Kind: evidence.KindQueued,
				Queue: "ODD77", To: []string{"u31@kaede.example"}})
		}, want: Fail, figure: "1 lost of 323 pairs, 1 unaccounted"},
	{name: "a bounce that waits for the sender", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.drop(atTenant)
			h.before(is(evidence.KindListing, "", ""), evidence.Event{Kind: evidence.KindQueued,
				Queue: "ODD77", To: []string{"taro@shop.test"}})
		}, want: Inconclusive, reason: "do not say whose"},
	{name: "a withheld delivery is a delivery", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.edit(atTenant, func(e *evidence.Event) { e.Withheld = true })
		}, want: Pass},
	{name: "a bounced pair is not lost", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.drop(atTenant)
			h.add(untilAt, bounceOf("m91", "failed"))
		}, want: Pass},
	{name: "a delayed pair may be lost", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.drop(atTenant)
			h.add(3*time.Hour, bounceOf("m91", "delayed", "u31@kaede.example"))
		}, want: Fail, figure: "2 lost"},
	{name: "a refused recipient is not accepted", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.drop(atTenant)
			h.edit(is(evidence.KindSubmission, "m91", ""),
				func(e *evidence.Event) { e.Refused = []string{"u31@kaede.example"} })
		}, want: Fail, figure: "1 lost of 322 pairs"},
	{name: "an unknown submission need not arrive", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.drop(is(evidence.KindDelivery, "m91", ""))
			h.edit(is(evidence.KindSubmission, "m91", ""),
				func(e *evidence.Event) { e.Outcome = evidence.Unknown })
		}, want: Pass, figure: "of 321 pairs"},
	{name: "an unknown submission may arrive", promise: "no-invention",
		change: func(_ *testing.T, h *history) {
			h.edit(is(evidence.KindSubmission, "m91", ""),
				func(e *evidence.Event) { e.Outcome = evidence.Unknown })
		}, want: Pass},
	{name: "a refused submission may not", promise: "no-invention",
		change: func(_ *testing.T, h *history) {
			h.edit(is(evidence.KindSubmission, "m91", ""), refuse)
		}, want: Fail, figure: "2 invented"},
	{name: "a copy at the spare for the tenant's own address", promise: "no-invention",
		change: func(t *testing.T, h *history) {
			h.again(t, atTenant, func(e *evidence.Event) { e.Endpoint = "spare" })
		}, want: Fail, figure: "1 invented"},
	{name: "no digest says nothing", promise: "integrity",
		change: func(_ *testing.T, h *history) {
			h.edit(func(e evidence.Event) bool { return e.Kind == evidence.KindDelivery },
				func(e *evidence.Event) { e.Digest = "" })
		}, want: Inconclusive, reason: "no copy's content"},
	{name: "a retry may carry newly made content", promise: "integrity",
		change: func(t *testing.T, h *history) {
			h.again(t, is(evidence.KindSubmission, "m91", ""), func(e *evidence.Event) {
				shift(time.Minute)(e)
				e.Attempt, e.Digest = 2, "second"
			})
			h.edit(atTenant, func(e *evidence.Event) { e.Digest = "second" })
		}, want: Pass},
	{name: "a withheld reply explains a second delivery", promise: "duplicates",
		change: func(t *testing.T, h *history) {
			h.edit(atTenant, func(e *evidence.Event) { e.Withheld = true })
			h.again(t, atTenant, func(e *evidence.Event) { shift(time.Minute)(e); e.Withheld = false })
		}, want: Pass, figure: "0 unexplained, 1 explained"},
	{name: "but not a third", promise: "duplicates",
		change: func(t *testing.T, h *history) {
			h.edit(atTenant, func(e *evidence.Event) { e.Withheld = true })
			told := func(e *evidence.Event) { shift(time.Minute)(e); e.Withheld = false }
			h.again(t, atTenant, told)
			h.again(t, atTenant, told)
		}, want: Fail, figure: "1 unexplained, 1 explained"},
	{name: "a submission without reply explains one", promise: "duplicates",
		change: func(t *testing.T, h *history) {
			h.again(t, is(evidence.KindSubmission, "m91", ""), func(e *evidence.Event) {
				shift(-time.Second)(e)
				e.Outcome = evidence.Unknown
			})
			h.again(t, atTenant, shift(time.Minute))
		}, want: Pass, figure: "0 unexplained, 1 explained"},
	{name: "a broken submission does not", promise: "duplicates",
		change: func(t *testing.T, h *history) {
			h.again(t, is(evidence.KindSubmission, "m91", ""), func(e *evidence.Event) {
				shift(-time.Second)(e)
				e.Outcome = evidence.Broken
			})
			h.again(t, atTenant, shift(time.Minute))
		}, want: Fail, figure: "1 unexplained"},
	{name: "within the limit", promise: "duplicates",
		given:  func(s *scenarios.Scenario) { s.Expect.Duplicates.Limit = 1 },
		change: func(t *testing.T, h *history) { h.again(t, atTenant, shift(time.Minute)) },
		want:   Pass, figure: "1 unexplained, 0 explained; limit 1"},
	{name: "withheld although told meanwhile", promise: "duplicates",
		change: func(t *testing.T, h *history) {
			// A reply held back until the relay had long sent it again.
			h.again(t, atTenant, func(e *evidence.Event) {
				e.At += time.Minute
				e.T += time.Minute
				e.Began -= time.Minute
				e.Withheld = true
			})
		}, want: Pass, figure: "0 unexplained, 1 explained"},
	{name: "withheld while the first reply was slow", promise: "duplicates",
		change: func(t *testing.T, h *history) {
			h.again(t, atTenant, func(e *evidence.Event) {
				shift(20 * time.Minute)(e)
				e.Withheld = true
			})
		}, want: Pass, figure: "0 unexplained, 1 explained"},
	{name: "a copy still due at the end", promise: "spare-complete",
		change: func(_ *testing.T, h *history) { h.lastMinute(false) },
		want:   Inconclusive, reason: "the run ended before"},
	{name: "an attempt that two pairs share", promise: "spare-timely",
		change: func(t *testing.T, h *history) {
			// A second message to u31 is under way, so the session may be its own.
			other := mail{msg: "m5000", route: "in", goes: scenarios.Inbound,
				from: "taro@shop.test", to: []string{"u31@kaede.example"},
				due: outageAt + 50*time.Second}
			other.submitted(h, evidence.Accepted, 250)
			other.arrived(h, other.due+2*time.Second, endpointSpare)
			other.arrived(h, healAt+10*time.Minute, "office365")
			h.edit(is(evidence.KindDelivery, "m91", "spare"), shift(10*time.Second))
		}, want: Pass},
	{name: "an attempt for another sender's mail", promise: "spare-timely",
		change: func(_ *testing.T, h *history) {
			h.edit(is(evidence.KindAttempt, "", ""),
				func(e *evidence.Event) { e.From = "somebody@shop.test" })
			h.edit(is(evidence.KindDelivery, "m91", "spare"), shift(10*time.Second))
		}, want: Pass},
	{name: "too coarse a time for the order", promise: "spare-timely",
		change: func(_ *testing.T, h *history) {
			h.edit(is(evidence.KindDelivery, "m91", "spare"), blurred(10*time.Second, 9*time.Second))
		}, want: Inconclusive, figure: "1 of unsure time", reason: "too coarse (up to 9s)"},
	{name: "a coarse time that is behind for sure", promise: "spare-timely",
		change: func(_ *testing.T, h *history) {
			h.edit(is(evidence.KindDelivery, "m91", "spare"), blurred(10*time.Second, time.Second))
		}, want: Fail, reason: "only after the delivery"},
	{name: "too coarse a time for the limit", promise: "spare-timely",
		change: func(_ *testing.T, h *history) {
			h.drop(is(evidence.KindAttempt, "", ""))
			h.edit(is(evidence.KindDelivery, "m91", "spare"), blurred(time.Hour, time.Hour))
		}, want: Inconclusive, reason: "too coarse (up to 1h)"},
	{name: "a coarse time that is good enough", promise: "spare-timely",
		change: func(_ *testing.T, h *history) {
			h.edit(is(evidence.KindDelivery, "m91", "spare"), blurred(0, time.Hour))
		}, want: Pass},
	{name: "no dirty mail", promise: "spare-clean",
		change: func(_ *testing.T, h *history) {
			h.drop(func(e evidence.Event) bool { return e.Dirt != "" })
		}, want: Inconclusive, reason: "no mail that had to be filtered"},
	{name: "dirty mail may be taken and dropped", promise: "spare-clean",
		change: func(_ *testing.T, h *history) {
			h.edit(func(e evidence.Event) bool { return e.Dirt != "" },
				func(e *evidence.Event) { e.Outcome, e.Code = evidence.Accepted, 250 })
		}, want: Pass},
	{name: "and is no loss then", promise: "no-loss",
		change: func(_ *testing.T, h *history) {
			h.edit(func(e evidence.Event) bool { return e.Dirt != "" },
				func(e *evidence.Event) { e.Outcome, e.Code = evidence.Accepted, 250 })
		}, want: Pass, figure: "of 323 pairs"},
	{name: "deferred first, accepted later", promise: "acceptance",
		change: func(t *testing.T, h *history) {
			h.again(t, is(evidence.KindSubmission, "m92", ""), func(e *evidence.Event) {
				shift(time.Second)(e)
				e.Attempt = 2
			})
			h.edit(func(e evidence.Event) bool {
				return e.Kind == evidence.KindSubmission && e.Msg == "m92" && e.Attempt == 1
			}, func(e *evidence.Event) { e.Outcome, e.Code = evidence.Deferred, 451 })
		}, want: Fail, reason: "in phase outage"},
	{name: "a share below 100 %", promise: "acceptance",
		given:  func(s *scenarios.Scenario) { s.Expect.Acceptance.Share = 0.98 },
		change: func(_ *testing.T, h *history) { h.edit(is(evidence.KindSubmission, "m92", ""), refuse) },
		want:   Pass, figure: "outage: 98.33 % of 60"},
	{name: "the load came late", promise: "acceptance",
		change: func(_ *testing.T, h *history) {
			h.edit(func(e evidence.Event) bool {
				return e.Kind == evidence.KindSubmission && e.Due < outageAt
			}, func(e *evidence.Event) { e.Began += 70 * time.Second; e.T += 70 * time.Second })
		}, want: Inconclusive, reason: "the load itself was late"},
	{name: "delivered before the heal is no backlog", promise: "drain",
		change: func(_ *testing.T, h *history) {
			h.edit(atTenant, func(e *evidence.Event) { e.At, e.T = 3*time.Hour, 3*time.Hour })
		}, want: Pass, figure: "58 pairs waited at the heal"},
	{name: "the run ended before the limit", promise: "drain",
		change: func(_ *testing.T, h *history) {
			h.drop(atTenant)
			h.drop(func(e evidence.Event) bool { return e.T > healAt+30*time.Minute })
			h.add(healAt+30*time.Minute, evidence.Event{Kind: evidence.KindQueued, Msg: "m91"})
			h.add(healAt+30*time.Minute, evidence.Event{Kind: evidence.KindListing})
			h.add(healAt+30*time.Minute,
				evidence.Event{Kind: evidence.KindEnd, Outcome: evidence.Limit})
		}, want: Inconclusive, reason: "the run ended 30m after the heal, with 2 pairs still"},
	{name: "too few controls", promise: "isolation",
		change: func(_ *testing.T, h *history) {
			h.drop(func(e evidence.Event) bool { return e.Route == "calm" && e.Due < time.Hour })
		}, want: Inconclusive, reason: "15 before, 30 during; 20 needed"},
	{name: "no controls", promise: "isolation",
		given: func(s *scenarios.Scenario) { s.Cohorts[1].Control = false },
		want:  Inconclusive, reason: "no cohort is a control"},
	{name: "the floor forgives", promise: "isolation",
		change: func(_ *testing.T, h *history) {
			h.edit(func(e evidence.Event) bool {
				return e.Kind == evidence.KindDelivery && e.Site == "linde.example" &&
					e.T >= outageAt && e.T < healAt
			}, shift(170*time.Second))
		}, want: Pass, figure: "limit 3m"},
	{name: "never delivered is for ever", promise: "isolation",
		given: func(s *scenarios.Scenario) { s.Expect.NoLoss = nil },
		change: func(_ *testing.T, h *history) {
			h.drop(is(evidence.KindDelivery, "m92", ""))
		}, want: Fail, figure: "within never"},
	{name: "an old bounce", promise: "no-early-bounce",
		given: func(s *scenarios.Scenario) {
			s.Expect.NoEarlyBounce.Lifetime = scenarios.Span(30 * time.Minute)
		},
		change: func(_ *testing.T, h *history) {
			h.drop(atTenant)
			h.add(3*time.Hour, bounceOf("m91", "failed", "u31@kaede.example", "v31@sakura.example"))
		}, want: Pass, figure: "2 later"},
	{name: "a delay notice", promise: "no-early-bounce",
		change: func(_ *testing.T, h *history) {
			h.add(3*time.Hour, bounceOf("m91", "delayed", "u31@kaede.example"))
		}, want: Pass},
	{name: "a filtered message may bounce", promise: "no-early-bounce",
		change: func(_ *testing.T, h *history) {
			h.edit(is(evidence.KindSubmission, "m93", ""),
				func(e *evidence.Event) { e.Outcome, e.Code = evidence.Accepted, 250 })
			h.add(3*time.Hour, bounceOf("m93", "failed", "order@shop.test"))
		}, want: Pass},
	{name: "nobody sends elsewhere", promise: "sending-goes-on",
		change: func(_ *testing.T, h *history) {
			h.drop(func(e evidence.Event) bool { return e.Route == "off" && e.Due >= outageAt })
			h.drop(func(e evidence.Event) bool { return e.Endpoint == "internet" && e.T >= outageAt })
		}, want: Inconclusive, reason: "nobody sent mail elsewhere"},
}

// before puts an event in front of the first that matches.
func (h *history) before(match func(evidence.Event) bool, e evidence.Event) {
	for i := range h.events {
		if match(h.events[i]) {
			e.At, e.T = h.events[i].At, h.events[i].T
			h.events = append(h.events[:i], append([]evidence.Event{e}, h.events[i:]...)...)
			return
		}
	}
}

// blurred shifts an event to what may be up to blur too late.
func blurred(by, blur time.Duration) func(*evidence.Event) {
	return func(e *evidence.Event) {
		shift(by)(e)
		e.Blur = blur
	}
}

// lastMinute adds a message that the relay takes just before the end.
func (h *history) lastMinute(copied bool) {
	m := mail{msg: "m4000", route: "in", goes: scenarios.Inbound, from: "taro@shop.test",
		to: []string{"u1@kaede.example"}, due: untilAt - time.Minute}
	m.submitted(h, evidence.Accepted, 250)
	if copied {
		m.arrived(h, m.due+2*time.Second, endpointSpare)
	}
	m.arrived(h, m.due+3*time.Second, "office365")
	h.sort()
}

func TestRules(t *testing.T) {
	for _, r := range rules {
		t.Run(r.promise+"/"+r.name, r.hold)
	}
}

// hold judges the healthy history with the rule's change.
func (r rule) hold(t *testing.T) {
	s, h := given(), healthy()
	if r.given != nil {
		r.given(s)
	}
	if r.change != nil {
		r.change(t, h)
		h.sort()
	}
	v, ok := Judge(s, h.all()).Verdict(r.promise)
	if !ok || v.Outcome != r.want || !strings.Contains(v.Figure, r.figure) ||
		!strings.Contains(v.Reason, r.reason) {
		t.Errorf("got %+v\nwant %s, figure with %q, reason with %q", v, r.want, r.figure, r.reason)
	}
}
