package check

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// hit matches the attempts that met the fault.
func hit(e evidence.Event) bool { return e.Kind == evidence.KindAttempt }

// mannersRules are the finer points of retry-manners.
var mannersRules = []rule{
	{name: "no attempt met the fault", promise: "retry-manners",
		change: func(_ *testing.T, h *history) { h.drop(hit) },
		want:   Inconclusive, reason: "no attempt met a destination"},
	{name: "failures that no fault explains are not the outage", promise: "retry-manners",
		change: func(_ *testing.T, h *history) {
			for range 50 {
				e := failedAt("kaede.example", 3*time.Hour)
				e.Fault = ""
				h.add(3*time.Hour, e)
			}
			h.sort()
		}, want: Pass, figure: "at most 1 attempt a minute"},
	{name: "a front end that takes mail is not dead", promise: "retry-manners",
		change: func(t *testing.T, h *history) {
			for range 50 {
				h.add(3*time.Hour, failedAt("kaede.example", 3*time.Hour))
			}
			h.again(t, is(evidence.KindDelivery, "m1", "office365"), func(e *evidence.Event) {
				e.Began, e.T, e.At = 3*time.Hour, 3*time.Hour, 3*time.Hour
			})
			h.sort()
		}, want: Pass},
	{name: "attempts after the heal are not counted", promise: "retry-manners",
		change: func(_ *testing.T, h *history) {
			for range 50 {
				h.add(healAt, failedAt("kaede.example", healAt))
			}
			h.sort()
		}, want: Pass},
	{name: "the spare may be asked often", promise: "retry-manners",
		change: func(_ *testing.T, h *history) {
			for range 50 {
				e := failedAt("spare.test", 3*time.Hour)
				e.Endpoint = endpointSpare
				h.add(3*time.Hour, e)
			}
			h.sort()
		}, want: Pass},
	{name: "exactly the limit", promise: "retry-manners",
		change: func(_ *testing.T, h *history) {
			h.drop(hit)
			for range 5 {
				h.add(3*time.Hour, failedAt("kaede.example", 3*time.Hour))
			}
			h.sort()
		}, want: Pass, figure: "at most 5 attempts a minute"},
	{name: "attempts that came together because the machine stood still",
		promise: "retry-manners",
		change: func(_ *testing.T, h *history) {
			for range 50 {
				h.add(3*time.Hour, failedAt("kaede.example", 3*time.Hour))
			}
			h.add(3*time.Hour, evidence.Event{
				Kind: evidence.KindStall, Began: 3*time.Hour - time.Minute, Value: 1,
			})
			h.sort()
		}, want: Inconclusive, reason: "while the machine itself stood still"},
	{name: "the worst minute is named first", promise: "retry-manners",
		change: func(_ *testing.T, h *history) {
			for i := range 30 {
				at := 3*time.Hour + time.Duration(min(i, 10)/10)*time.Minute
				h.add(at, failedAt("kaede.example", at))
			}
			h.sort()
		}, want: Fail, reason: "hammered"},
	{name: "sessions that do not say who they are", promise: "retry-manners",
		change: func(_ *testing.T, h *history) {
			h.edit(is(evidence.KindDelivery, "", ""), func(*evidence.Event) {})
			h.edit(func(e evidence.Event) bool { return e.Kind == evidence.KindDelivery },
				func(e *evidence.Event) { e.Session = "" })
		}, want: Inconclusive, reason: "no session was seen after the heal"},
	{name: "an outage that never heals", promise: "retry-manners",
		given:  func(s *scenarios.Scenario) { s.Outage = scenarios.Window{} },
		change: func(*testing.T, *history) {}, want: Inconclusive, reason: "no outage that heals"},
}

// footprintRules are the finer points of footprint.
var footprintRules = []rule{
	{name: "no samples", promise: "footprint",
		change: func(_ *testing.T, h *history) { h.drop(is(evidence.KindSample, "", "")) },
		want:   Inconclusive, reason: "nobody measured"},
	{name: "a figure with a limit that was not measured", promise: "footprint",
		change: uses("rss", 0, 0, 0), want: Inconclusive, reason: "the relay's memory"},
	{name: "a figure without a limit that was not measured", promise: "footprint",
		change: uses("disk_files", 0, 0, 0), want: Pass},
	{name: "no sample before the outage", promise: "footprint",
		change: func(_ *testing.T, h *history) {
			h.drop(func(e evidence.Event) bool {
				return e.Kind == evidence.KindSample && e.T < outageAt
			})
		}, want: Inconclusive, reason: "before the first disturbance"},
	{name: "no sample after the heal", promise: "footprint",
		change: func(_ *testing.T, h *history) {
			h.drop(func(e evidence.Event) bool {
				return e.Kind == evidence.KindSample && e.T > healAt
			})
		}, want: Inconclusive, reason: "after the heal was not measured"},
	{name: "a queue that is not empty may use disk", promise: "footprint",
		change: func(t *testing.T, h *history) {
			uses("disk_bytes", 4<<20, 300<<20, 300<<20)(t, h)
			h.before(is(evidence.KindListing, "", ""),
				evidence.Event{Kind: evidence.KindQueued, Msg: "m91"})
		}, want: Inconclusive, reason: "the queue was not empty"},
	{name: "a leak beside a figure that was not measured", promise: "footprint",
		change: func(t *testing.T, h *history) {
			uses("rss", 0, 0, 0)(t, h)
			uses("open_files", 40, 120, 130)(t, h)
		}, want: Fail, reason: "open files not given back"},
	{name: "small change is no leak", promise: "footprint",
		change: uses("disk_bytes", 1000, 300<<20, 1<<20), want: Pass},
}

// TestMannersAndFootprintInDetail: what counts, what does not, and what leaves
// the promise open.
func TestMannersAndFootprintInDetail(t *testing.T) {
	for _, r := range slices.Concat(mannersRules, footprintRules) {
		t.Run(r.promise+": "+r.name, func(t *testing.T) {
			s, h := given(), healthy()
			if r.given != nil {
				r.given(s)
			}
			r.change(t, h)
			v, _ := Judge(s, h.all()).Verdict(r.promise)
			if v.Outcome != r.want || !strings.Contains(v.Figure, r.figure) ||
				!strings.Contains(v.Reason, r.reason) {
				t.Errorf("%s: %q %q", v.Outcome, v.Figure, v.Reason)
			}
			if r.name == "the worst minute is named first" &&
				!strings.Contains(v.Witnesses[0].What, "20 attempts") &&
				!strings.Contains(v.Witnesses[0].What, "21 attempts") {
				t.Errorf("first witness: %+v", v.Witnesses[0])
			}
		})
	}
}
