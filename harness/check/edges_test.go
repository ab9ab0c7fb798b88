package check

import (
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// edge is a limit met exactly, and missed by one nanosecond. m94 is inbound
// mail of the outage for u32@kaede.example and v32@sakura.example.
type edge struct {
	name, promise string
	given         func(*scenarios.Scenario)
	change        func(h *history, over time.Duration)
	at, beyond    Outcome
}

// ended puts the first event that matches at a moment of scenario time.
func ended(at time.Duration) func(*evidence.Event) {
	return func(e *evidence.Event) { e.At, e.T = at, at }
}

// submittedAt is when the submission of a message was answered.
func (h *history) submittedAt(msg string) time.Duration {
	for _, e := range h.events {
		if e.Kind == evidence.KindSubmission && e.Msg == msg {
			return e.T
		}
	}
	return 0
}

// untried drops the sessions at tenants that brought nothing.
func untried(h *history) {
	h.drop(func(e evidence.Event) bool { return e.Kind == evidence.KindAttempt && e.Began < 3*hour })
}

// endAt ends the evidence at a moment, all queues listed.
func (h *history) endAt(t time.Duration) {
	h.drop(func(e evidence.Event) bool {
		return e.T > t || e.Kind == evidence.KindListing || e.Kind == evidence.KindEnd
	})
	h.add(t, evidence.Event{Kind: evidence.KindListing, Began: t})
	h.add(t, evidence.Event{Kind: evidence.KindEnd, Outcome: evidence.Settled})
}

var edges = []edge{
	{name: "drain within", promise: "drain", change: func(h *history, over time.Duration) {
		h.edit(is(evidence.KindDelivery, "m94", "office365"), ended(healAt+hour+over))
	}, at: Pass, beyond: Fail},
	{name: "delivered at the heal is backlog", promise: "drain",
		given: func(s *scenarios.Scenario) { s.Expect.Drain.Within = 1 },
		change: func(h *history, over time.Duration) {
			h.edit(func(e evidence.Event) bool {
				return e.Kind == evidence.KindDelivery && e.Endpoint == "office365" && e.T > healAt
			}, ended(healAt+1+over))
		}, at: Pass, beyond: Fail},
	{name: "spare timely within", promise: "spare-timely",
		change: func(h *history, over time.Duration) {
			untried(h)
			h.edit(is(evidence.KindDelivery, "m94", "spare"), ended(h.submittedAt("m94")+5*minute+over))
		}, at: Pass, beyond: Fail},
	{name: "copied as it is delivered", promise: "spare-timely",
		change: func(h *history, over time.Duration) {
			h.edit(is(evidence.KindDelivery, "m1", "spare"), ended(minute+5*second+over))
		}, at: Pass, beyond: Fail},
	{name: "copied as the first attempt ends", promise: "spare-timely",
		change: func(h *history, over time.Duration) {
			h.edit(is(evidence.KindDelivery, "m91", "spare"), ended(2*hour+minute+5*second+over))
		}, at: Pass, beyond: Fail},
	{name: "accepted within", promise: "acceptance", change: func(h *history, over time.Duration) {
		h.edit(is(evidence.KindSubmission, "m2", ""), func(e *evidence.Event) { e.T = e.Due + minute + over })
	}, at: Pass, beyond: Fail},
	{name: "sent within", promise: "sending-goes-on", change: func(h *history, over time.Duration) {
		h.edit(is(evidence.KindDelivery, "m96", ""), ended(2*hour+5*minute+10*minute+over))
	}, at: Pass, beyond: Fail},
	{name: "as old as the queue's lifetime", promise: "no-early-bounce",
		given: func(s *scenarios.Scenario) { s.Expect.NoEarlyBounce.Lifetime = scenarios.Span(hour) },
		change: func(h *history, over time.Duration) {
			h.add(h.submittedAt("m94")+hour-over, bounceOf("m94", "failed", "u32@kaede.example"))
		}, at: Pass, beyond: Fail},
	{name: "a copy that may still come", promise: "spare-complete",
		given: func(s *scenarios.Scenario) { s.Expect.SpareTimely.Within = scenarios.Span(5 * minute) },
		change: func(h *history, over time.Duration) {
			h.drop(func(e evidence.Event) bool {
				return e.Kind == evidence.KindDelivery && e.Endpoint == "spare" && e.Msg >= "m247" && len(e.Msg) == 4
			})
			h.endAt(h.submittedAt("m247") + 5*minute + over)
		}, at: Inconclusive, beyond: Fail},
	{name: "accepted as the queue was listed", promise: "no-loss",
		change: func(h *history, over time.Duration) {
			h.drop(is(evidence.KindDelivery, "m94", "office365"))
			h.edit(is(evidence.KindListing, "", ""), func(e *evidence.Event) {
				e.Began = h.submittedAt("m94") + over
			})
		}, at: Inconclusive, beyond: Fail},
	{name: "the control as slow as it may be", promise: "isolation",
		change: func(h *history, over time.Duration) {
			h.edit(is(evidence.KindDelivery, "m95", ""), ended(h.submittedAt("m95")+3*minute+over))
		}, at: Pass, beyond: Fail},
	{name: "a session that was begun as it was told 421", promise: "retry-manners",
		change: func(h *history, over time.Duration) {
			told := failedAt("kaede.example", 3*hour)
			told.Code, told.Session = 421, "s421"
			h.add(3*hour, told)
			more := failedAt("kaede.example", 3*hour+over)
			more.Session = "s421"
			h.add(3*hour+second, more)
		}, at: Pass, beyond: Fail},
	{name: "hung up after the ten minutes, less one", promise: "duplicates",
		change: func(h *history, over time.Duration) { h.leave("m94", 9*minute-over) },
		at:     Pass, beyond: Fail},
	{name: "killed a minute before", promise: "duplicates",
		change: func(h *history, over time.Duration) {
			took := h.leave("m94", minute)
			h.add(took-minute-over, evidence.Event{Kind: evidence.KindStep, Step: "kill", Name: "x"})
		}, at: Pass, beyond: Fail},
	{name: "killed a minute after", promise: "duplicates",
		change: func(h *history, over time.Duration) {
			took := h.leave("m94", minute)
			h.add(took+2*minute+over, evidence.Event{Kind: evidence.KindStep, Step: "kill", Name: "x"})
		}, at: Pass, beyond: Fail},
	{name: "memory at the limit", promise: "footprint", change: func(h *history, over time.Duration) {
		uses("rss", 60<<20, 100<<20+float64(over), 60<<20)(nil, h)
	}, at: Pass, beyond: Fail},
	{name: "memory given back so far", promise: "footprint", change: func(h *history, over time.Duration) {
		uses("rss", 40<<20, 60<<20, 80<<20+float64(over))(nil, h)
	}, at: Pass, beyond: Fail},
	{name: "disk below the floor", promise: "footprint", change: func(h *history, over time.Duration) {
		uses("disk_bytes", 10, 300<<20, 2<<20+float64(over))(nil, h)
	}, at: Pass, beyond: Fail},
}

// leave makes a delivery one that its relay did not wait to be told of, and the
// relay send it again. It says when it was taken.
func (h *history) leave(msg string, after time.Duration) (took time.Duration) {
	for i := range h.events {
		e := &h.events[i]
		if is(evidence.KindDelivery, msg, "office365")(*e) && !e.Withheld {
			took = e.T
			second := *e
			e.Withheld, e.Left = true, e.T+after
			second.At, second.T, second.Began = e.Left+minute, e.Left+minute, e.Left+minute-1
			second.Session = "again" + second.Session
			h.events = append(h.events, second)
			break
		}
	}
	return took
}

// TestEdges: a limit that is met is kept, by a nanosecond more it is not.
func TestEdges(t *testing.T) {
	for _, x := range edges {
		for over, want := range map[time.Duration]Outcome{0: x.at, 1: x.beyond} {
			s, h := given(), healthy()
			if x.given != nil {
				x.given(s)
			}
			x.change(h, over)
			h.sort()
			if v, _ := Judge(s, h.all()).Verdict(x.promise); v.Outcome != want {
				t.Errorf("%s, over by %d: %+v, want %s", x.name, over, v, want)
			}
		}
	}
}
