package check

import (
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// nothingOf drops a kind of event.
func nothingOf(kinds ...evidence.Kind) func(*testing.T, *history) {
	return func(_ *testing.T, h *history) {
		h.drop(func(e evidence.Event) bool {
			for _, k := range kinds {
				if e.Kind == k {
					return true
				}
			}
			return false
		})
	}
}

// finer are histories in which hardly anything happened, or which ended too
// soon: what is said of them says why.
var finer = []rule{
	{name: "nothing was handed in", promise: "acceptance",
		change: nothingOf(evidence.KindSubmission), want: Inconclusive, reason: "no message was offered"},
	{name: "nothing was handed in", promise: "no-loss",
		change: nothingOf(evidence.KindSubmission, evidence.KindDelivery), want: Inconclusive,
		figure: "0 lost of 0 pairs", reason: "no pair was accepted"},
	{name: "nothing was handed in", promise: "no-early-bounce",
		change: nothingOf(evidence.KindSubmission, evidence.KindDelivery), want: Inconclusive,
		reason: "no pair was accepted"},
	{name: "nothing was handed in", promise: "spare-complete",
		change: nothingOf(evidence.KindSubmission, evidence.KindDelivery), want: Inconclusive,
		figure: "0 of 0 pairs", reason: "no pair that must have a spare copy was accepted"},
	{name: "nothing was handed in", promise: "drain",
		change: nothingOf(evidence.KindSubmission, evidence.KindDelivery), want: Inconclusive,
		figure: "no pair waited at the heal; peak 0 pairs (0 bytes), oldest 0s", reason: "would mean nothing"},
	{name: "nothing arrived", promise: "duplicates",
		change: nothingOf(evidence.KindDelivery), want: Inconclusive, reason: "nothing was delivered",
		figure: "0 unexplained, 0 explained"},
	{name: "nothing arrived", promise: "no-invention",
		change: nothingOf(evidence.KindDelivery), want: Inconclusive, reason: "nothing arrived"},
	{name: "nothing arrived", promise: "integrity",
		change: nothingOf(evidence.KindDelivery), want: Inconclusive, reason: "no copy's content"},
	{name: "nothing arrived", promise: "spare-timely",
		change: nothingOf(evidence.KindDelivery), want: Inconclusive, reason: "no spare copy landed"},
	{name: "ended before the heal, with nothing waiting", promise: "drain",
		change: func(_ *testing.T, h *history) {
			h.drop(func(e evidence.Event) bool { return e.Route == "in" && e.Due >= outageAt-10*minute })
			h.drop(func(e evidence.Event) bool {
				return e.Kind == evidence.KindDelivery && e.T >= outageAt-10*minute && e.Endpoint == "office365" &&
					e.Site != "linde.example"
			})
			h.endAt(healAt - 1)
		}, want: Inconclusive, reason: "the run ended before the heal"},
	{name: "ended at the heal, with nothing waiting", promise: "drain",
		change: func(_ *testing.T, h *history) {
			h.drop(func(e evidence.Event) bool { return e.Route == "in" && e.Due >= outageAt-10*minute })
			h.endAt(healAt)
		}, want: Inconclusive, reason: "would mean nothing: no mail for the affected cohorts"},
	{name: "a leak of a run that had not settled", promise: "footprint",
		change: func(t *testing.T, h *history) {
			uses("open_files", 40, 120, 130)(t, h)
			h.edit(is(evidence.KindEnd, "", ""), func(e *evidence.Event) { e.Outcome = evidence.Limit })
		}, want: Inconclusive, reason: "open files not given back, but the run ended before the mail had settled"},
	{name: "a leak of a relay whose queue nobody saw", promise: "footprint",
		change: func(t *testing.T, h *history) {
			uses("open_files", 40, 120, 130)(t, h)
			h.drop(is(evidence.KindListing, "", ""))
		}, want: Inconclusive, reason: "the queue was not listed, and may not have been empty"},
	{name: "slow at the load's own end", promise: "acceptance",
		change: func(_ *testing.T, h *history) {
			h.edit(is(evidence.KindSubmission, "m2", ""), func(e *evidence.Event) {
				e.Began, e.T = e.Due+10*second, e.Due+70*second
			})
		}, want: Inconclusive, reason: "the load itself was late in phase before"},
	{name: "slow beside that", promise: "acceptance",
		change: func(_ *testing.T, h *history) {
			h.edit(is(evidence.KindSubmission, "m2", ""), func(e *evidence.Event) {
				e.Began, e.T = e.Due+10*second, e.Due+70*second+1
			})
		}, want: Fail, reason: "accepted too slowly in phase before"},
	{name: "slow by the clock's rate alone", promise: "acceptance",
		change: func(_ *testing.T, h *history) {
			h.add(-minute, evidence.Event{Kind: evidence.KindRate, Rate: 700})
			h.edit(is(evidence.KindSubmission, "m2", ""), func(e *evidence.Event) {
				e.Began, e.T = e.Due, e.Due+70*second
			})
		}, want: Inconclusive, reason: "in phase before the clock ran so fast that 1 took longer than 1m"},
	{name: "slow by more than the clock's rate", promise: "acceptance",
		change: func(_ *testing.T, h *history) {
			h.add(-minute, evidence.Event{Kind: evidence.KindRate, Rate: 600})
			h.edit(is(evidence.KindSubmission, "m2", ""), func(e *evidence.Event) {
				e.Began, e.T = e.Due, e.Due+70*second
			})
		}, want: Fail, reason: "accepted too slowly in phase before"},
	{name: "in time while the machine stood still", promise: "acceptance",
		change: func(_ *testing.T, h *history) {
			h.edit(is(evidence.KindSubmission, "m2", ""), func(e *evidence.Event) { e.T = e.Due + minute })
			h.stall(70*second, 110*second)
		}, want: Pass, figure: "before: 100 % of 87, 99 % within 1m; outage"},
	{name: "no limit while the machine stood still", promise: "acceptance",
		given: func(s *scenarios.Scenario) { s.Expect.Acceptance.Within = 0 },
		change: func(t *testing.T, h *history) {
			slowReply(t, h)
			h.stall(70*second, 110*second)
		}, want: Pass, figure: "before: 100 % of 87, 99 % within 2m01s; outage"},
	{name: "a share of nothing is all", promise: "acceptance",
		given:  func(s *scenarios.Scenario) { s.Expect.Acceptance.Share = 0 },
		change: func(_ *testing.T, h *history) { h.edit(is(evidence.KindSubmission, "m92", ""), refuse) },
		want:   Fail, reason: "in phase outage"},
	{name: "a notification with a sender", promise: "no-invention",
		change: func(_ *testing.T, h *history) {
			e := bounceOf("m91", "delayed", "u31@kaede.example")
			e.From = "mailer-daemon@relay.test"
			h.add(3*hour, e)
		}, want: Fail, figure: "1 invented", reason: "mail arrived that was not submitted"},
	{name: "not told, and not waited for", promise: "duplicates",
		change: func(_ *testing.T, h *history) { h.leave("m94", minute) }, want: Fail,
		figure: "1 unexplained, 0 explained"},
	{name: "not waited for, as the machine stood still", promise: "duplicates",
		change: func(_ *testing.T, h *history) {
			took := h.leave("m94", minute)
			h.stall(took+10*second, took+20*second)
		}, want: Pass, figure: "0 unexplained, 1 explained"},
	{name: "not waited for, but nothing came of it", promise: "duplicates",
		change: func(_ *testing.T, h *history) {
			h.edit(is(evidence.KindDelivery, "m94", "office365"), func(e *evidence.Event) {
				e.Withheld, e.Left = true, e.T+second
			})
		}, want: Pass, figure: "0 unexplained, 0 explained"},
	{name: "a copy not waited for", promise: "duplicates",
		change: func(t *testing.T, h *history) {
			h.edit(is(evidence.KindDelivery, "m94", "spare"), func(e *evidence.Event) {
				e.Withheld, e.Left = true, e.T+second
			})
			h.again(t, is(evidence.KindDelivery, "m94", "spare"), func(e *evidence.Event) {
				shift(minute)(e)
				e.Withheld, e.Left = false, 0
			})
		}, want: Fail, figure: "1 unexplained, 0 explained"},
}

// TestFinerPoints holds what is said where little can be said.
func TestFinerPoints(t *testing.T) {
	for _, r := range finer {
		t.Run(r.promise+"/"+r.name, func(t *testing.T) {
			s, h := given(), healthy()
			if r.given != nil {
				r.given(s)
			}
			r.change(t, h)
			h.sort()
			if v, _ := Judge(s, h.all()).Verdict(r.promise); v.Outcome != r.want ||
				!strings.Contains(v.Figure, r.figure) || !strings.Contains(v.Reason, r.reason) {
				t.Errorf("got %+v\nwant %s, figure with %q, reason with %q", v, r.want, r.figure, r.reason)
			}
		})
	}
}
