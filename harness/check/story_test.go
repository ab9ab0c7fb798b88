package check

import (
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

func told(lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.Clock(given()) + " " + l.Actor + ": " + l.What + "\n")
	}
	return b.String()
}

func TestStory(t *testing.T) {
	h := healthy()
	h.add(outageAt+10*time.Minute, evidence.Event{Kind: evidence.KindStep, Actor: evidence.Harness,
		Step: "inject", Name: "resets"})
	for i := range 3 {
		at := outageAt + time.Duration(20+i)*time.Minute
		h.add(at, evidence.Event{Kind: evidence.KindAttempt, Actor: evidence.Fake,
			Endpoint: "office365", Site: "kaede.example", To: []string{"u31@kaede.example"},
			Stage: "rcpt", Outcome: evidence.Deferred, Code: 451, Reply: "4.7.500 busy " + at.String(),
			Fault: "busy"})
	}
	h.sort()
	got := told(Story(h.all(), "m91"))
	for _, want := range []string{
		"2019-11-19 11:01:01 load: attempt 1 on route in, <taro@shop.test> to " +
			"u31@kaede.example, v31@sakura.example, 1,000 bytes: accepted after 1s: 250 2.0.0 Ok",
		"fake: spare (spare.test) took a spare copy for u31=kaede.example@spare.test",
		"named u31@kaede.example ended at rcpt, by resets (it may have been for another message)",
		"harness: the plan: inject resets",
		"451 4.7.500 busy 2h20m0s, by busy; 3 such sessions within 2m",
		"2019-11-19 13:11:12 fake: office365 (kaede.example) took it for u31@kaede.example",
		"ledger: u31@kaede.example: delivered; 1 delivery, 1 spare copy",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "u32@") {
		t.Errorf("another message's story in\n%s", got)
	}
}

func TestStoryOfWhatWentWrong(t *testing.T) {
	h := healthy()
	h.drop(atTenant)
	h.before(is(evidence.KindListing, "", ""), evidence.Event{Kind: evidence.KindQueued,
		Actor: evidence.Relay, Msg: "m91", Queue: "4Q", To: []string{"v31@sakura.example"},
		Note: "connection refused"})
	h.add(3*time.Hour, bounceOf("m91", "delayed", "u31@kaede.example"))
	h.sort()
	got := told(Story(h.all(), "m91"))
	for _, want := range []string{
		"taro@shop.test got a notification: delayed 4.4.7 for u31@kaede.example",
		"relay: still in the relay's queue as 4Q for v31@sakura.example: connection refused",
		"ledger: u31@kaede.example: lost; 0 deliveries, 1 spare copy",
		"ledger: v31@sakura.example: queued;",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if got := told(Story(h.all(), "m93")); !strings.Contains(got, "with gtube in it: refused") ||
		!strings.Contains(got, "never accepted by the relay") {
		t.Errorf("dirty mail:\n%s", got)
	}
	if Story(h.all(), "m4711") != nil {
		t.Error("a message nobody saw has a story")
	}
	cut := told(Story(feed(h.events[:400], errCut), "m91"))
	if !strings.Contains(cut, "the evidence is cut here") || strings.Contains(cut, ": lost") {
		t.Errorf("cut evidence:\n%s", cut)
	}
}
