package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

func TestEveryPromiseHasAVerdictInOrder(t *testing.T) {
	j := Judge(given(), healthy().all())
	var names []string
	for _, v := range j.Verdicts {
		names = append(names, v.Promise)
	}
	if !slices.Equal(names, scenarios.PromiseNames) {
		t.Fatalf("verdicts %v, promises %v", names, scenarios.PromiseNames)
	}
}

func TestAHealthyRelayKeepsEveryPromise(t *testing.T) {
	j := Judge(given(), healthy().all())
	for _, p := range j.Premises {
		if !p.Held {
			t.Errorf("premise %s does not hold: %s (%s)", p.Name, p.Reason, p.Figure)
		}
	}
	for _, v := range j.Verdicts {
		if v.Asked && (v.Outcome != Pass || v.Reason != "" || v.Figure == "") {
			t.Errorf("%s: %s %q %q", v.Promise, v.Outcome, v.Figure, v.Reason)
		}
		if !v.Asked && (v.Outcome != Inconclusive || v.Reason != "not asked by this scenario") {
			t.Errorf("%s was not asked, but says %s %q", v.Promise, v.Outcome, v.Reason)
		}
	}
	if j.Outcome != Pass {
		t.Errorf("overall %s", j.Outcome)
	}
}

// defect is something that a relay does wrong, and the promises that it alone
// breaks. m91 is inbound mail for the spare cohort during the outage, m92 mail
// to the control cohort, m93 dirty mail elsewhere, m96 clean mail elsewhere.
type defect struct {
	name   string
	change func(*testing.T, *history)
	breaks string
}

var defects = []defect{
	{"a delivery never happens", func(_ *testing.T, h *history) {
		h.drop(is(evidence.KindDelivery, "m91", "office365"))
	}, "no-loss"},
	{"a message vanishes as a whole", func(_ *testing.T, h *history) {
		h.drop(is(evidence.KindDelivery, "m91", ""))
	}, "no-loss"},
	{"mail to unaffected places vanishes", func(_ *testing.T, h *history) {
		h.drop(is(evidence.KindDelivery, "m96", ""))
		h.drop(is(evidence.KindDelivery, "m92", ""))
	}, "no-loss"},
	{"a delivered copy is altered", func(_ *testing.T, h *history) {
		h.edit(is(evidence.KindDelivery, "m91", "office365"),
			func(e *evidence.Event) { e.Digest = "other" })
	}, "integrity"},
	{"a spare copy that came before the reply is altered", func(_ *testing.T, h *history) {
		h.edit(is(evidence.KindDelivery, "m91", "spare"), func(e *evidence.Event) {
			e.Digest = "other"
			shift(-2500 * time.Millisecond)(e)
		})
	}, "integrity"},
	{"a signature breaks", func(_ *testing.T, h *history) {
		h.edit(is(evidence.KindDelivery, "m2", ""), func(e *evidence.Event) { e.DKIM = "fail" })
	}, "integrity"},
	{"mail nobody submitted arrives", func(t *testing.T, h *history) {
		h.again(t, is(evidence.KindDelivery, "m2", ""),
			func(e *evidence.Event) { e.Msg = "m99999"; e.Digest = "x" })
	}, "no-invention"},
	{"unknown mail arrives", func(_ *testing.T, h *history) {
		h.add(time.Hour, evidence.Event{Kind: evidence.KindStray, Endpoint: "office365",
			Site: "kaede.example", From: "x@y.test", To: []string{"u1@kaede.example"}})
		h.sort()
	}, "no-invention"},
	{"a further recipient gets it", func(t *testing.T, h *history) {
		h.again(t, is(evidence.KindDelivery, "m2", ""), func(e *evidence.Event) {
			e.To = []string{"anna@kaede.example"}
			e.Site = "kaede.example"
		})
	}, "no-invention"},
	{"it goes to another tenant", func(_ *testing.T, h *history) {
		h.edit(is(evidence.KindDelivery, "m2", ""),
			func(e *evidence.Event) { e.Site = "kaede.example" })
	}, "no-invention"},
	{"a copy of mail without spare goes to the spare", func(t *testing.T, h *history) {
		h.again(t, is(evidence.KindDelivery, "m2", ""), func(e *evidence.Event) {
			e.Endpoint, e.Site = "spare", spareDomain
			e.To = []string{spareOf(e.To[0])}
		})
	}, "no-invention"},
	{"it is delivered twice", func(t *testing.T, h *history) {
		h.again(t, is(evidence.KindDelivery, "m91", "office365"), shift(time.Minute))
	}, "duplicates"},
	{"it is copied twice", func(t *testing.T, h *history) {
		h.again(t, is(evidence.KindDelivery, "m91", "spare"), shift(time.Minute))
	}, "duplicates"},
	{"it is sent again although the relay was told", func(t *testing.T, h *history) {
		h.again(t, is(evidence.KindDelivery, "m91", "office365"), func(e *evidence.Event) {
			shift(time.Hour)(e)
			e.Withheld = true
		})
	}, "duplicates"},
	{"a spare copy is missing", func(_ *testing.T, h *history) {
		h.drop(is(evidence.KindDelivery, "m91", "spare"))
	}, "spare-complete"},
	{"a spare copy is slow", func(_ *testing.T, h *history) {
		h.edit(is(evidence.KindDelivery, "m91", "spare"), shift(6*time.Minute))
	}, "spare-timely"},
	{"a spare copy comes after the delivery", func(_ *testing.T, h *history) {
		h.edit(is(evidence.KindDelivery, "m1", "spare"), shift(10*time.Second))
	}, "spare-timely"},
	{"a spare copy comes after the first attempt", func(_ *testing.T, h *history) {
		h.edit(is(evidence.KindDelivery, "m91", "spare"), shift(10*time.Second))
	}, "spare-timely"},
	{"dirty mail arrives", func(t *testing.T, h *history) {
		h.again(t, is(evidence.KindDelivery, "m96", ""), func(e *evidence.Event) {
			e.Msg, e.Digest = "m93", "marked as spam"
		})
	}, "spare-clean"},
	{"good mail is refused", func(_ *testing.T, h *history) {
		h.edit(is(evidence.KindSubmission, "m92", ""), refuse)
		h.drop(is(evidence.KindDelivery, "m92", ""))
	}, "acceptance"},
	{"acceptance is slow", func(_ *testing.T, h *history) {
		h.edit(func(e evidence.Event) bool {
			return e.Kind == evidence.KindSubmission && e.Route == "calm" && e.Due < outageAt
		}, func(e *evidence.Event) { e.T += 2 * time.Minute })
	}, "acceptance"},
	{"mail of the affected tenants is refused", func(_ *testing.T, h *history) {
		h.edit(is(evidence.KindSubmission, "m96", ""), refuse)
		h.drop(is(evidence.KindDelivery, "m96", ""))
	}, "sending-goes-on"},
	{"mail of the affected tenants is held up", func(_ *testing.T, h *history) {
		h.edit(is(evidence.KindDelivery, "m96", ""), shift(11*time.Minute))
	}, "sending-goes-on"},
	{"the backlog goes out too slowly", func(_ *testing.T, h *history) {
		h.edit(is(evidence.KindDelivery, "m91", "office365"), shift(time.Hour))
	}, "drain"},
	{"the backlog does not go out", func(_ *testing.T, h *history) {
		h.drop(is(evidence.KindDelivery, "m91", "office365"))
		h.add(untilAt, evidence.Event{Kind: evidence.KindQueued, Msg: "m91", Queue: "4Qm919Z"})
		h.events[len(h.events)-1], h.events[len(h.events)-3] =
			h.events[len(h.events)-3], h.events[len(h.events)-1]
	}, "drain"},
	{"the unaffected wait with the affected", func(_ *testing.T, h *history) {
		h.edit(func(e evidence.Event) bool {
			return e.Kind == evidence.KindDelivery && e.Site == "linde.example" &&
				e.T >= outageAt && e.T < healAt
		}, shift(20*time.Minute))
	}, "isolation"},
	{"it bounces early", func(_ *testing.T, h *history) {
		h.drop(is(evidence.KindDelivery, "m91", "office365"))
		h.add(3*time.Hour, bounceOf("m91", "failed", "u31@kaede.example", "v31@sakura.example"))
		h.sort()
	}, "no-early-bounce"},
	{"mail to unaffected places bounces early", func(_ *testing.T, h *history) {
		h.drop(is(evidence.KindDelivery, "m96", ""))
		h.drop(is(evidence.KindDelivery, "m92", ""))
		h.add(3*time.Hour, bounceOf("m96", "failed", "order@shop.test"))
		h.add(3*time.Hour, bounceOf("m92", "failed", "karl@linde.example"))
		h.sort()
	}, "no-early-bounce"},
	{"it bounces and is delivered as well", func(_ *testing.T, h *history) {
		h.add(3*time.Hour, bounceOf("m91", "failed", "rfc822; u31@Kaede.EXAMPLE"))
		h.sort()
	}, "no-early-bounce"},
	{"a dead front end is hammered", func(_ *testing.T, h *history) {
		for range 6 {
			h.add(3*time.Hour, failedAt("kaede.example", 3*time.Hour))
		}
		h.sort()
	}, "retry-manners"},
	{"all dead front ends together are hammered", func(_ *testing.T, h *history) {
		for i := range 9 {
			h.add(3*time.Hour, failedAt(fmt.Sprint("t", i%3, ".example"), 3*time.Hour))
		}
		h.sort()
	}, "retry-manners"},
	{"a front end that came back is run over", func(_ *testing.T, h *history) {
		h.edit(func(e evidence.Event) bool {
			return e.Site == "kaede.example" && e.Kind == evidence.KindDelivery && e.T > healAt &&
				e.T < healAt+13*time.Minute
		}, func(e *evidence.Event) { e.Began = healAt + 9*time.Minute })
	}, "retry-manners"},
	{"a session goes on after a 421", func(_ *testing.T, h *history) {
		told := failedAt("kaede.example", 3*time.Hour)
		told.Code, told.Session = 421, "s421"
		h.add(3*time.Hour, told)
		more := failedAt("kaede.example", 3*time.Hour+2*time.Second)
		more.Session = "s421"
		h.add(3*time.Hour+5*time.Second, more)
		h.sort()
	}, "retry-manners"},
	{"the relay's memory leaks", uses("rss", 70<<20, 90<<20, 140<<20), "footprint"},
	{"its disk is above the limit for a while", uses("disk_bytes", 4<<20, 501<<20, 4<<20),
		"footprint"},
	{"it leaves connections open", uses("open_files", 40, 120, 130), "footprint"},
	{"it leaves processes behind", uses("processes", 9, 12, 19), "footprint"},
	{"it leaves files behind", uses("disk_files", 30, 900, 61), "footprint"},
	{"nobody raises an alarm", func(_ *testing.T, h *history) {
		h.drop(isAlarm("firing"))
	}, "alarm"},
	{"the alarm comes after the limit", func(_ *testing.T, h *history) {
		h.edit(isAlarm("firing"), shift(11*time.Minute+time.Second))
	}, "alarm"},
	{"the alarm comes after the page", func(_ *testing.T, h *history) {
		h.edit(isAlarm("firing"), shift(pageAt-alarmAt))
	}, "alarm"},
	{"an alarm comes before anything is wrong", func(t *testing.T, h *history) {
		h.again(t, isAlarm("firing"), shift(-time.Hour))
	}, "alarm"},
	{"its spare copy bounces", func(_ *testing.T, h *history) {
		h.add(3*time.Hour, bounceOf("m91", "failed", "u31=kaede.example@spare.test"))
		h.sort()
	}, "no-early-bounce"},
}

// failedAt is a session at a front end that a fault ended.
func failedAt(site string, began time.Duration) evidence.Event {
	return evidence.Event{
		Kind: evidence.KindAttempt, Actor: evidence.Fake, Endpoint: "office365",
		Site: site, Began: began, Stage: "connect",
		Outcome: evidence.Broken, Fault: "resets",
	}
}

// uses sets one figure of the relay's samples: before, during and after the
// backlog.
func uses(key string, before, during, after float64) func(*testing.T, *history) {
	return func(_ *testing.T, h *history) {
		h.edit(is(evidence.KindSample, "", ""), func(e *evidence.Event) {
			switch {
			case e.T < outageAt:
				e.Values[key] = before
			case e.T < healAt+15*time.Minute:
				e.Values[key] = during
			default:
				e.Values[key] = after
			}
		})
	}
}

func refuse(e *evidence.Event) { e.Outcome, e.Code = evidence.Refused, 554 }

func bounceOf(msg, action string, final ...string) evidence.Event {
	return evidence.Event{
		Kind: evidence.KindDSN, Actor: evidence.Fake, Endpoint: "internet", Site: "shop.test",
		To: []string{"taro@shop.test"}, Msg: msg, Action: action, Final: final, Status: "4.4.7",
	}
}

// TestEachDefectBreaksItsPromiseAlone is what makes a verdict worth reading:
// the promise that fails names the defect.
func TestEachDefectBreaksItsPromiseAlone(t *testing.T) {
	for _, d := range defects {
		t.Run(d.name, func(t *testing.T) {
			h := healthy()
			d.change(t, h)
			j := Judge(given(), h.all())
			for _, v := range j.Verdicts {
				want := Pass
				if v.Promise == d.breaks {
					want = Fail
				}
				if v.Asked && v.Outcome != want {
					t.Errorf("%s: %s, want %s: %q %q %v", v.Promise, v.Outcome, want, v.Figure,
						v.Reason, v.Witnesses)
				}
				if v.Outcome == Fail && (len(v.Witnesses) == 0 || v.Reason == "") {
					t.Errorf("%s fails without saying why: %+v", v.Promise, v)
				}
			}
			if j.Outcome != Fail {
				t.Errorf("overall %s", j.Outcome)
			}
		})
	}
}

// TestEveryCheckIsTried holds the table of defects against the checks.
func TestEveryCheckIsTried(t *testing.T) {
	for _, p := range promises {
		tried := slices.ContainsFunc(defects, func(d defect) bool { return d.breaks == p.name })
		if p.judge != nil && !tried {
			t.Errorf("no defect breaks %s", p.name)
		}
	}
}

func TestADefectIsNoFailureOfAnUntrustedRun(t *testing.T) {
	for _, d := range defects {
		h := healthy()
		d.change(t, h)
		h.add(untilAt, evidence.Event{Kind: evidence.KindTrouble, Name: "dns", Note: "socket gone"})
		j := Judge(given(), h.all())
		for name, o := range outcomes(j) {
			if o != Inconclusive {
				t.Errorf("%s: %s is %s although a fake failed", d.name, name, o)
			}
		}
		if v, _ := j.Verdict(d.breaks); !strings.Contains(v.Reason, "socket gone") ||
			!strings.Contains(v.Reason, "by the ledger alone: fail") {
			t.Errorf("%s: reason %q", d.name, v.Reason)
		}
	}
}

func TestATruncatedHistoryNeverPasses(t *testing.T) {
	whole := healthy().events
	step := 7
	if testing.Short() {
		step = 41
	}
	for n := 0; n < len(whole); n += step {
		for _, err := range []error{nil, errCut} {
			j := Judge(given(), feed(whole[:n], err))
			if j.Outcome != Inconclusive {
				t.Fatalf("the first %d of %d events: %s", n, len(whole), j.Outcome)
			}
			if p := j.Premises[0]; n > 0 && err == nil &&
				!strings.Contains(p.Reason, "it has no last event") {
				t.Fatalf("the first %d of %d events: %+v", n, len(whole), p)
			}
		}
	}
	if j := Judge(given(), feed(whole, errCut)); j.Outcome != Inconclusive {
		t.Fatalf("damaged after its end: %s", j.Outcome)
	}
}

func TestOverall(t *testing.T) {
	v := func(o Outcome, asked bool) Verdict { return Verdict{Outcome: o, Asked: asked} }
	for _, c := range []struct {
		name string
		in   []Verdict
		want Outcome
	}{
		{"nothing", nil, Inconclusive},
		{"nothing asked", []Verdict{v(Pass, false)}, Inconclusive},
		{"all pass", []Verdict{v(Pass, true), v(Inconclusive, false)}, Pass},
		{"inconclusive beats pass", []Verdict{v(Inconclusive, true), v(Pass, true)}, Inconclusive},
		{"fail beats all", []Verdict{v(Inconclusive, true), v(Fail, true), v(Pass, true)}, Fail},
		{"unasked fail", []Verdict{v(Fail, false), v(Pass, true)}, Pass},
	} {
		if got := Overall(c.in); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if Inconclusive != 0 || Inconclusive >= Pass {
		t.Error("the zero value must be Inconclusive and less than Pass")
	}
}

func TestACrashInACheckIsInconclusive(t *testing.T) {
	l := newLedger(given())
	l.readAll(healthy().all())
	f := l.attempted(promise{name: "x", judge: func(*ledger) finding { panic("boom") }})
	if f.outcome != Inconclusive || !strings.Contains(f.reason, "boom") {
		t.Fatalf("%+v", f)
	}
}

func TestJSON(t *testing.T) {
	j := Judge(given(), healthy().all())
	var b bytes.Buffer
	if err := j.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var raw struct {
		Outcome  string                   `json:"outcome"`
		Verdicts []map[string]interface{} `json:"verdicts"`
	}
	if err := json.Unmarshal(b.Bytes(), &raw); err != nil {
		t.Fatal(err)
	}
	if raw.Outcome != "pass" || len(raw.Verdicts) != len(scenarios.PromiseNames) {
		t.Fatalf("%+v", raw)
	}
	for _, key := range []string{"promise", "outcome", "figure", "reason", "witnesses"} {
		if raw.Verdicts[0][key] == nil {
			t.Errorf("no %s in %v", key, raw.Verdicts[0])
		}
	}
	back, err := ReadJSON(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var c bytes.Buffer
	if err := back.WriteJSON(&c); err != nil || !bytes.Equal(b.Bytes(), c.Bytes()) {
		t.Errorf("what was read is not what was written (%v)", err)
	}
	if _, err := ReadJSON(strings.NewReader(`{"outcome":"maybe"}`)); err == nil {
		t.Error("an unknown outcome was read")
	}
}
