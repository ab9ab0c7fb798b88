package check

import (
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// turnAway adds sessions that were refused for good, with no recipient named
// where to is empty, as many as there are times.
func turnAway(h *history, stage, from, to string, times ...time.Duration) {
	for _, t := range times {
		e := evidence.Event{
			Kind: evidence.KindAttempt, Actor: evidence.Fake, Endpoint: "office365", From: from,
			Began: t - time.Second, Stage: stage, Code: 503, Outcome: evidence.Refused,
			Reply: "503 5.5.1 Bad sequence of commands",
		}
		switch {
		case to == "":
		case stage == "rcpt":
			e.Refused = []string{to}
		default:
			e.To = []string{to}
		}
		h.add(t, e)
	}
}

// vanished is a history in which the relay has no trace of m2 and m5, both from
// taro@shop.test to karl@linde.example, handed in in the first ten minutes.
func vanished() *history {
	h := healthy()
	h.drop(func(e evidence.Event) bool {
		return e.Kind == evidence.KindDelivery && e.Endpoint != "spare" && (e.Msg == "m2" || e.Msg == "m5")
	})
	return h
}

const (
	vainSender, karl = "taro@shop.test", "karl@linde.example"
	atFirst, atLast  = 40 * time.Minute, 41 * time.Minute
)

// vainCases are what was refused in such a history, and what that says.
var vainCases = []struct {
	name      string
	change    func(h *history)
	noLoss    Outcome
	lost, bad string // counts in the figures of no-loss and no-early-bounce
}{
	{"lost without a word", func(*history) {}, Fail, "2 lost", "0 bounced"},
	{"refused, and so was one notification each", func(h *history) {
		turnAway(h, "rcpt", vainSender, karl, atFirst, atFirst)
		turnAway(h, "rcpt", "", vainSender, atLast, atLast)
	}, Pass, "0 lost", "2 bounced"},
	{"a notification is told before older ones", func(h *history) {
		turnAway(h, "rcpt", vainSender, karl, atFirst, atFirst)
		turnAway(h, "rcpt", "", vainSender, time.Second, 2*time.Second, 3*time.Second, atLast)
		h.edit(func(e evidence.Event) bool { return e.T == atLast },
			func(e *evidence.Event) { e.At = 0 })
	}, Fail, "1 lost", "1 bounced"},
	{"one notification does not tell of two messages", func(h *history) {
		turnAway(h, "rcpt", vainSender, karl, atFirst, atFirst)
		turnAway(h, "eod", "", vainSender, atLast)
	}, Fail, "1 lost", "1 bounced"},
	{"one notification tells of all recipients of a message", func(h *history) {
		h.drop(func(e evidence.Event) bool {
			return e.Kind == evidence.KindDelivery && e.Endpoint != "spare" && e.Msg == "m1"
		})
		turnAway(h, "rcpt", vainSender, "u1@kaede.example", atFirst)
		turnAway(h, "rcpt", vainSender, "v1@sakura.example", atFirst)
		turnAway(h, "rcpt", "", vainSender, atLast)
	}, Fail, "2 lost", "2 bounced"},
	{"refused beside others that were taken", func(h *history) {
		turnAway(h, "rcpt", vainSender, karl, atFirst, atFirst)
		h.edit(func(e evidence.Event) bool { return e.T == atFirst },
			func(e *evidence.Event) { e.To, e.Code, e.Stage = []string{"anna@linde.example"}, 0, "body" })
		turnAway(h, "rcpt", "", vainSender, atLast, atLast)
	}, Pass, "0 lost", "2 bounced"},
	{"others were refused", func(h *history) {
		turnAway(h, "rcpt", vainSender, "anna@linde.example", atFirst, atFirst)
		h.edit(func(e evidence.Event) bool { return e.T == atFirst },
			func(e *evidence.Event) { e.To = []string{karl} })
		turnAway(h, "rcpt", "", vainSender, atLast, atLast)
	}, Fail, "2 lost", "0 bounced"},
	{"a notification of mail that nobody refused", func(h *history) {
		turnAway(h, "rcpt", "", vainSender, atLast, atLast)
	}, Fail, "2 lost", "0 bounced"},
	{"refused before it was handed in", func(h *history) {
		turnAway(h, "rcpt", vainSender, karl, 0, 0)
		turnAway(h, "rcpt", "", vainSender, atLast, atLast)
	}, Fail, "2 lost", "0 bounced"},
	{"a notification before it was handed in", func(h *history) {
		turnAway(h, "rcpt", vainSender, karl, atFirst, atFirst)
		turnAway(h, "rcpt", "", vainSender, 0, 0)
	}, Fail, "2 lost", "0 bounced"},
	{"a notification to somebody else", func(h *history) {
		turnAway(h, "rcpt", vainSender, karl, atFirst, atFirst)
		turnAway(h, "rcpt", "", "jiro@shop.test", atLast, atLast)
	}, Fail, "2 lost", "0 bounced"},
	{"at MAIL nobody knows whom it was for", func(h *history) {
		turnAway(h, "mail", vainSender, "", atFirst, atFirst)
		turnAway(h, "mail", "", "", atLast, atLast)
	}, Inconclusive, "2 unaccounted", "0 bounced"},
	{"at MAIL one for two messages", func(h *history) {
		turnAway(h, "mail", vainSender, "", atFirst, atFirst)
		turnAway(h, "mail", "", "", atLast)
	}, Fail, "1 lost of", "0 bounced"},
	{"before MAIL nobody has said a thing", func(h *history) {
		turnAway(h, "mail", vainSender, "", atFirst, atFirst)
		turnAway(h, "ehlo", "", "", atLast, atLast)
	}, Fail, "2 lost", "0 bounced"},
	{"a deferred notification is to be tried again", func(h *history) {
		turnAway(h, "mail", vainSender, "", atFirst, atFirst)
		turnAway(h, "eod", "", vainSender, atLast, atLast)
		h.edit(func(e evidence.Event) bool { return e.T == atLast },
			func(e *evidence.Event) { e.Code, e.Outcome = 451, evidence.Deferred })
	}, Fail, "2 lost", "0 bounced"},
}

func TestNotificationsInVain(t *testing.T) {
	for _, c := range vainCases {
		t.Run(c.name, func(t *testing.T) {
			h := vanished()
			c.change(h)
			h.sort()
			j := Judge(given(), h.all())
			v, _ := j.Verdict("no-loss")
			if v.Outcome != c.noLoss || !strings.Contains(v.Figure, c.lost) {
				t.Errorf("no-loss: %+v", v)
			}
			if v, _ := j.Verdict("no-early-bounce"); !strings.Contains(v.Figure, c.bad) {
				t.Errorf("no-early-bounce: %+v", v)
			}
		})
	}
}

// TestStoriesTellOfNotificationsInVain: who asks what became of the message reads
// both refusals, and the same fate.
func TestStoriesTellOfNotificationsInVain(t *testing.T) {
	h := vanished()
	turnAway(h, "mail", "taro@shop.test", "", 40*time.Minute)
	turnAway(h, "rcpt", "", "taro@shop.test", 41*time.Minute)
	h.sort()
	var told []string
	for _, line := range Story(h.all(), "m2") {
		told = append(told, line.What)
	}
	all := strings.Join(told, "\n")
	for _, want := range []string{
		"named the sender alone ended at mail", "named <> as sender and taro@shop.test ended at rcpt",
		": bounced",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in\n%s", want, all)
		}
	}
}
