package check

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// broken is a history in which one premise does not hold.
type broken struct {
	premise string
	given   func(*scenarios.Scenario)
	change  func(*history)
	reason  string
}

func retries(all, early, late float64) evidence.Event {
	return evidence.Event{Kind: evidence.KindRetries,
		Values: map[string]float64{"intervals": all, "early": early, "late": late}}
}

var brokens = []broken{
	{premise: "evidence-whole", reason: "interrupted", change: func(h *history) {
		h.edit(is(evidence.KindEnd, "", ""), func(e *evidence.Event) { e.Outcome = evidence.Cut })
	}},
	{premise: "evidence-whole", reason: "no beginning", change: func(h *history) {
		h.drop(is(evidence.KindBegin, "", ""))
	}},
	{premise: "no-trouble", reason: "spare: disk full", change: func(h *history) {
		h.add(time.Hour, evidence.Event{Kind: evidence.KindTrouble, Name: "spare", Note: "disk full"})
	}},
	{premise: "clock-true", reason: "the clock of qmgr was off", change: func(h *history) {
		h.add(time.Hour, evidence.Event{Kind: evidence.KindCanary, Name: "smtpd", Value: 1, Limit: 2})
		h.add(time.Hour, evidence.Event{Kind: evidence.KindCanary, Name: "qmgr", Value: -3, Limit: 2})
	}},
	{premise: "retries-true", reason: "earlier than its configuration",
		change: func(h *history) { h.add(untilAt, retries(100, 1, 0)) }},
	{premise: "retries-on-time", reason: "came late",
		change: func(h *history) { h.add(untilAt, retries(100, 0, 4)) }},
	{premise: "faults-felt", reason: "nobody felt the fault resets", change: func(h *history) {
		h.edit(is(evidence.KindAttempt, "", ""), func(e *evidence.Event) { e.Fault = "" })
	}},
	{premise: "plan-done", reason: "restart power was not done",
		given: func(s *scenarios.Scenario) {
			s.Relay = []scenarios.RelayStep{{Name: "power", Do: scenarios.Kill, At: moment(outageAt)}}
		},
		change: func(h *history) {
			h.add(outageAt, evidence.Event{Kind: evidence.KindStep, Step: "kill", Name: "power"})
		}},
	{premise: "plan-done", reason: "impair slow was not done",
		given: func(s *scenarios.Scenario) {
			s.Links = []scenarios.Link{{Name: "slow", From: moment(outageAt)}}
		}},
	{premise: "mail-in-flight", reason: "in flight", change: func(h *history) {
		h.edit(func(e evidence.Event) bool { return e.Route == "in" && e.Due >= outageAt },
			func(e *evidence.Event) { e.Due = healAt })
	}},
	{premise: "enough-offered", reason: "route calm offered no message", change: func(h *history) {
		h.edit(func(e evidence.Event) bool { return e.Route == "calm" },
			func(e *evidence.Event) { e.Route = "in" })
	}},
	{premise: "load-on-schedule", reason: "did not keep its schedule", change: func(h *history) {
		h.edit(func(e evidence.Event) bool { return e.Route == "in" },
			func(e *evidence.Event) { e.Began += 2 * time.Minute })
	}},
	{premise: "baseline-held", reason: "did not flow", change: func(h *history) {
		h.edit(func(e evidence.Event) bool {
			return e.Kind == evidence.KindDelivery && e.Endpoint == "internet" && e.T < outageAt
		}, shift(outageAt))
	}},
	{premise: "baseline-held", reason: "no mail was accepted before", change: func(h *history) {
		h.drop(func(e evidence.Event) bool { return e.Kind != evidence.KindBegin && e.T < outageAt })
	}},
	{premise: "settled", reason: "before the mail had settled", change: func(h *history) {
		h.edit(is(evidence.KindEnd, "", ""), func(e *evidence.Event) { e.Outcome = evidence.Limit })
	}},
}

func TestABrokenPremiseNeverPasses(t *testing.T) {
	for _, b := range brokens {
		t.Run(b.premise+"/"+b.reason, func(t *testing.T) {
			s, h := given(), healthy()
			if b.given != nil {
				b.given(s)
			}
			if b.change != nil {
				b.change(h)
				h.sort()
			}
			j := Judge(s, h.all())
			var found Premise
			for _, p := range j.Premises {
				if p.Name == b.premise {
					found = p
				}
			}
			if found.Held || !strings.Contains(found.Reason, b.reason) {
				t.Fatalf("%+v, want one broken by %q", found, b.reason)
			}
			for name, o := range outcomes(j) {
				if o == Pass && found.concerns(name) {
					t.Errorf("%s passes all the same", name)
				}
			}
			if j.Outcome == Pass {
				t.Error("the whole passes all the same")
			}
		})
	}
}

// A violation that was seen is a violation, whatever the run failed to try.
func TestWhatWasSeenBrokenStaysBroken(t *testing.T) {
	h := healthy()
	h.drop(is(evidence.KindDelivery, "m91", "office365"))
	h.edit(is(evidence.KindAttempt, "", ""), func(e *evidence.Event) { e.Fault = "" })
	j := Judge(given(), h.all())
	for name, o := range outcomes(j) {
		want := Inconclusive
		if name == "no-loss" {
			want = Fail
		}
		if o != want {
			t.Errorf("%s: %s, want %s", name, o, want)
		}
	}
	if j.Outcome != Fail {
		t.Errorf("overall %s", j.Outcome)
	}
}

// A load that came late says that the machine could not keep up, however fast
// the clock ran: no length of time is the relay's own then, all else is.
func TestALateLoadLetsNoTimedPromiseFail(t *testing.T) {
	for _, d := range defects {
		h := healthy()
		d.change(t, h)
		h.add(time.Minute, evidence.Event{Kind: evidence.KindRate, Rate: 1646})
		h.edit(func(e evidence.Event) bool { return e.Kind == evidence.KindSubmission },
			func(e *evidence.Event) { e.Began = e.Due + 61*time.Second })
		j := Judge(given(), h.all())
		for name, o := range outcomes(j) {
			want := Inconclusive
			if name == d.breaks && !slices.Contains(timed, name) {
				want = Fail
			}
			if o != want {
				v, _ := j.Verdict(name)
				t.Errorf("%s: %+v, want %s", d.name, v, want)
			}
		}
	}
}

func TestPremisesThatHold(t *testing.T) {
	h := healthy()
	h.add(time.Hour, evidence.Event{Kind: evidence.KindCanary, Name: "qmgr", Value: -2, Limit: 2})
	h.add(untilAt, retries(2000, 2, 60))
	h.add(time.Hour, evidence.Event{Kind: evidence.KindRate, Rate: 600})
	h.edit(func(e evidence.Event) bool { return e.Route == "in" },
		func(e *evidence.Event) { e.Began += time.Minute; e.T += time.Minute })
	for _, p := range Judge(given(), h.all()).Premises {
		if !p.Held {
			t.Errorf("%+v", p)
		}
	}
}

// What acted first in a transaction was felt as well as what acted last.
func TestAFaultBeforeAnotherWasFelt(t *testing.T) {
	h := healthy()
	h.edit(is(evidence.KindAttempt, "", ""), func(e *evidence.Event) {
		e.Also, e.Fault = []string{e.Fault}, "another"
	})
	for _, p := range Judge(given(), h.all()).Premises {
		if p.Name == "faults-felt" && !p.Held {
			t.Errorf("%+v", p)
		}
	}
}

// A fault that can be avoided need not be felt, as long as another was.
func TestAnAvoidableFaultNeedNotBeFelt(t *testing.T) {
	s, h := given(), healthy()
	s.Faults = append(s.Faults, scenarios.Fault{Name: "throttle", Avoidable: true})
	felt := func() Premise {
		for _, p := range Judge(s, h.all()).Premises {
			if p.Name == "faults-felt" {
				return p
			}
		}
		t.Fatal("no such premise")
		return Premise{}
	}
	if p := felt(); !p.Held || !strings.Contains(p.Figure, "throttle was given no cause") {
		t.Errorf("%+v", p)
	}
	s.Faults[0].Avoidable = true
	h.edit(is(evidence.KindAttempt, "", ""), func(e *evidence.Event) { e.Fault = "" })
	if p := felt(); p.Held || p.Reason != "nobody felt any fault" {
		t.Errorf("%+v", p)
	}
}

// A scenario without an outage has one phase; only what speaks of an outage
// cannot be told.
func TestAScenarioWithoutOutage(t *testing.T) {
	s := given()
	s.Outage, s.Faults = scenarios.Window{}, nil
	j := Judge(s, healthy().all())
	for name, o := range outcomes(j) {
		want := Pass
		if name == "drain" || name == "isolation" || name == "sending-goes-on" ||
			name == "retry-manners" || name == "alarm" {
			want = Inconclusive
		}
		if o != want {
			v, _ := j.Verdict(name)
			t.Errorf("%s: %+v, want %s", name, v, want)
		}
	}
	if len(j.Figures.Phases) != 1 || j.Figures.Phases[0].Until != untilAt {
		t.Errorf("phases %+v", j.Figures.Phases)
	}
	late := healthy()
	late.drop(func(e evidence.Event) bool {
		return e.Kind == evidence.KindDelivery && e.T > time.Hour && e.Endpoint == "internet"
	})
	s.Expect.NoLoss = nil
	if v, _ := Judge(s, late.all()).Verdict("integrity"); v.Outcome != Inconclusive ||
		!strings.Contains(v.Reason, "mail did not flow") {
		t.Errorf("a day on which mail does not arrive proves nothing: %+v", v)
	}
}
