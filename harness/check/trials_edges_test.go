package check

import (
	"slices"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// lateCopies lets the copies of m91 land in time, but after the first attempt to
// deliver it had ended.
func lateCopies(h *history) {
	landed := outageAt + 5*time.Minute
	h.edit(is(evidence.KindDelivery, "m91", "spare"), func(e *evidence.Event) {
		e.At, e.T = landed, landed
	})
}

// TestTrialsAreAttributedInTheirOwnOrder: a session of long after, told first,
// must not close the case for those before it.
func TestTrialsAreAttributedInTheirOwnOrder(t *testing.T) {
	h := healthy()
	lateCopies(h)
	h.sort()
	later := failedAt("kaede.example", untilAt-time.Minute)
	later.To, later.At, later.T = []string{"u31@kaede.example"}, untilAt, untilAt
	h.events = slices.Insert(h.events, 0, later)
	v, _ := Judge(given(), h.all()).Verdict("spare-timely")
	if v.Outcome != Fail || len(v.Witnesses) != 1 || v.Witnesses[0].Msg != "m91" {
		t.Errorf("%+v", v)
	}
}

// TestATrialKnowsItsSender: of two messages that wait for a recipient, it is for
// that of its own sender, were it the first of all addresses.
func TestATrialKnowsItsSender(t *testing.T) {
	for from, want := range map[string]Outcome{"taro@shop.test": Fail, "": Pass} {
		h := healthy()
		lateCopies(h)
		h.edit(func(e evidence.Event) bool { return e.Session == "fm91" },
			func(e *evidence.Event) { e.From = from })
		// Another one for the same recipient, of somebody else and as long under way.
		h.edit(func(e evidence.Event) bool { return e.Msg == "m88" }, func(e *evidence.Event) {
			if e.Kind == evidence.KindSubmission {
				e.From, e.To = "hanako@shop.test", []string{"u31@kaede.example", e.To[1]}
				return
			}
			if e.To[0] == "u30@kaede.example" {
				e.To = []string{"u31@kaede.example"}
			}
			if e.To[0] == "u30=kaede.example@spare.test" {
				e.To = []string{"u31=kaede.example@spare.test"}
			}
		})
		if v, _ := Judge(given(), h.all()).Verdict("spare-timely"); v.Outcome != want {
			t.Errorf("a session from %q: %s, %s %+v", from, v.Outcome, v.Reason, v.Witnesses)
		}
	}
}
