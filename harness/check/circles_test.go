package check

import (
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// refusedAt is mail that somebody refuses for good.
func refusedAt(from, to string, change ...func(*evidence.Event)) func(*testing.T, *history) {
	return func(_ *testing.T, h *history) {
		for i := range 3 {
			e := evidence.Event{
				Kind: evidence.KindAttempt, Actor: evidence.Fake, Endpoint: "internet",
				Site: domainOf(to), From: from, To: []string{to}, Began: 3 * time.Hour,
				Stage: "eod", Code: 550, Outcome: evidence.Refused,
			}
			for _, one := range change {
				one(&e)
			}
			h.add(3*time.Hour+time.Duration(i)*time.Minute, e)
		}
	}
}

// atRcpt lets the recipient be told so.
func atRcpt(e *evidence.Event) { e.Stage, e.To, e.Refused = "rcpt", nil, e.To }

// u31@kaede.example gets mail from taro@shop.test, and writes to nobody.
var circleRules = []rule{
	{name: "a bounce of a bounce", promise: "no-invention",
		change: refusedAt("u31@kaede.example", "taro@shop.test"), want: Fail,
		figure: "1 invented of"},
	{name: "from somebody who has only ever written to others", promise: "no-invention",
		change: refusedAt("taro@shop.test", "order@shop.test"), want: Fail},
	{name: "refused at RCPT", promise: "no-invention",
		change: refusedAt("u31@kaede.example", "taro@shop.test", atRcpt), want: Fail,
		figure: "1 invented of"},
	{name: "refused at MAIL it named nobody", promise: "no-invention",
		change: refusedAt("u31@kaede.example", "taro@shop.test", func(e *evidence.Event) {
			e.Stage, e.To = "mail", nil
		}), want: Pass},
	{name: "another recipient was refused at RCPT", promise: "no-invention",
		change: refusedAt("u31@kaede.example", "taro@shop.test", func(e *evidence.Event) {
			e.Stage = "rcpt"
		}), want: Pass},
	{name: "what was handed in may be refused", promise: "no-invention",
		change: refusedAt("taro@shop.test", "u31@kaede.example"), want: Pass},
	{name: "so may what was dirty", promise: "no-invention",
		change: func(t *testing.T, h *history) {
			h.edit(is(evidence.KindSubmission, "m92", ""), func(e *evidence.Event) {
				e.From, e.Dirt = "dirty@shop.test", "gtube"
			})
			refusedAt("dirty@shop.test", "karl@linde.example")(t, h)
		}, want: Pass},
	{name: "an honest notification has no sender", promise: "no-invention",
		change: refusedAt("", "taro@shop.test"), want: Pass},
	{name: "a deferral is no refusal", promise: "no-invention",
		change: refusedAt("u31@kaede.example", "taro@shop.test", func(e *evidence.Event) {
			e.Code, e.Outcome = 499, evidence.Deferred
		}), want: Pass},
	{name: "the lowest of refusals", promise: "no-invention",
		change: refusedAt("u31@kaede.example", "taro@shop.test", func(e *evidence.Event) {
			e.Code = 500
		}), want: Fail},
	{name: "a sender that nobody knows is a way of writing one", promise: "no-invention",
		change: refusedAt("prvs=u31@kaede.example", "taro@shop.test"), want: Pass},
	{name: "a relay's own address", promise: "no-invention",
		change: refusedAt("bounces@relay.test", "taro@shop.test"), want: Pass},
	{name: "to an address of nobody's", promise: "no-invention",
		change: refusedAt("u31@kaede.example", "root@relay.test"), want: Pass},
	{name: "the store of spare copies", promise: "no-invention",
		change: refusedAt("u31@kaede.example", "taro=shop.test@spare.test",
			func(e *evidence.Event) { e.Endpoint = "spare" }), want: Pass},
	{name: "client submission refuses what it likes", promise: "no-invention",
		change: refusedAt("u31@kaede.example", "taro@shop.test",
			func(e *evidence.Event) { e.Endpoint = "submission" }), want: Pass},
}

func TestCircles(t *testing.T) {
	for _, r := range circleRules {
		t.Run(r.promise+"/"+r.name, r.hold)
	}
}

// TestACircleIsToldOnce, with how often it went round and since when.
func TestACircleIsToldOnce(t *testing.T) {
	s, h := given(), healthy()
	s.Expect = scenarios.Expect{NoInvention: &scenarios.NoInvention{}}
	refusedAt("u31@kaede.example", "taro@shop.test")(t, h)
	h.sort()
	v, _ := Judge(s, h.all()).Verdict("no-invention")
	want := "mail from <u31@kaede.example> that nobody handed in, refused 3 times, " +
		"first at 2019-11-19 12:00:00, to taro@shop.test"
	if len(v.Witnesses) != 1 || !strings.Contains(v.Witnesses[0].What, want) {
		t.Errorf("%+v, want %q", v.Witnesses, want)
	}
}
