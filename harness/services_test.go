package harness

import (
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// seenOf are the events of a run of some kinds.
func seenOf(t *testing.T, r *replayed, kinds ...evidence.Kind) []evidence.Event {
	t.Helper()
	var all []evidence.Event
	for e, err := range evidence.Read(r.dir + "/" + evidence.File) {
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range kinds {
			if e.Kind == kind {
				all = append(all, e)
			}
		}
	}
	return all
}

// TestEveryFaultOfAServiceIsFelt: each way in which a service beside the mail can
// go wrong meets somebody and shows as what it is, and nobody raises an alarm.
func TestEveryFaultOfAServiceIsFelt(t *testing.T) {
	r := &replayed{t: t, scenario: read(t, "testdata/services.yaml"), driver: honest(), scale: 1}
	j := r.inMemory()
	if r.err != nil || j.Outcome != check.Pass {
		t.Errorf("%s; %v", j.Outcome, r.err)
		tell(t, j)
	}
	codes := map[string]int{}
	for _, e := range seenOf(t, r, evidence.KindRequest, evidence.KindAttempt) {
		if e.Fault != "" {
			codes[e.Fault] = e.Code
		}
	}
	for fault, want := range map[string]int{
		"t-transient": 503, "t-throttled": 429, "t-gateway": 504, "t-overload": 503, "t-slow": 200,
		"t-stall": 0, "t-timeout": 0, "t-reset": 0, "t-close": 0, "t-withdrawn": 401,
		"h-401": 401, "h-500": 500, "h-503": 503, "h-slow": 200, "h-stall": 0, "h-timeout": 0,
		"h-reset": 0, "h-close": 0, "s-disabled": 535, "s-reset": 0, "s-late": 0,
	} {
		got, felt := codes[fault]
		if !felt || got != want {
			t.Errorf("%s: felt %v, answer %d, want %d", fault, felt, got, want)
		}
	}
}

// TestThePageIsReadAsItIsShown: late, and until it says that all is over.
func TestThePageIsReadAsItIsShown(t *testing.T) {
	r := &replayed{t: t, scenario: situation(t, "alarm"), driver: honest(), scale: 1}
	j := r.inMemory()
	if r.err != nil || j.Outcome != check.Pass {
		t.Errorf("%s; %v", j.Outcome, r.err)
		tell(t, j)
	}
	visible := r.scenario.Offset(r.scenario.Health[0].Visible)
	shown := 0
	for _, e := range seenOf(t, r, evidence.KindRequest) {
		if e.Endpoint == "health" && e.Code == 200 {
			if (e.Note == "EX240305") != (e.Began >= visible) {
				t.Errorf("at %s the page showed %q", e.Began, e.Note)
			}
			shown++
		}
	}
	if shown < 30 {
		t.Errorf("the page was read %d times", shown)
	}
	var said []string
	for _, e := range seenOf(t, r, evidence.KindAlarm) {
		said = append(said, e.Name+" "+e.Action)
	}
	if got := strings.Join(said, ", "); got != "MailWaits firing, MailWaits resolved" {
		t.Errorf("the operator was told: %s", got)
	}
}

// TestAFaultOfAServiceThatNobodyAsksIsUnfelt: a token serves for its lifetime, so
// that a short outage of the sign-in proves nothing.
func TestAFaultOfAServiceThatNobodyAsksIsUnfelt(t *testing.T) {
	r := &replayed{t: t, scenario: read(t, "testdata/asked.yaml"), driver: honest(), scale: 1}
	j := r.inMemory()
	if r.err != nil || j.Outcome != check.Inconclusive || !because(j, "but not meanwhile") {
		t.Errorf("%s; %v", j.Outcome, r.err)
		tell(t, j)
	}
}

// mute is a reference relay that does not say that it watches, as most relays.
type mute struct{ relay.Driver }

func (m mute) Traits() relay.Traits {
	traits := m.Driver.Traits()
	traits.Watches = false
	return traits
}

// TestARelayThatRaisesNoAlarmsIsJudgedByTheRest.
func TestARelayThatRaisesNoAlarmsIsJudgedByTheRest(t *testing.T) {
	r := &replayed{t: t, scenario: situation(t, "alarm"), driver: mute{honest()}, scale: 1}
	j := r.inMemory()
	v, _ := j.Verdict("alarm")
	if r.err != nil || j.Outcome != check.Pass || !v.Waived {
		t.Errorf("%s, %+v; %v", j.Outcome, v, r.err)
		tell(t, j)
	}
}

// TestWatchIsRefusedWhereItCannotBe: before anything is started, and by name.
func TestWatchIsRefusedWhereItCannotBe(t *testing.T) {
	for _, c := range []struct {
		scenario string
		driver   relay.Driver
		because  string
	}{
		{"alarm", honest(), "keeps a watch of its own"},
		{"alarm", mute{honest()}, "cannot run a monitor beside its relay"},
	} {
		r := &replayed{t: t, scenario: situation(t, c.scenario), driver: c.driver}
		tl, err := timeline.Plan(r.scenario, timeline.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		_, err = prepare(r.scenario, tl, r.driver, Config{Dir: t.TempDir() + "/run", Watch: "true"})
		if err == nil || !strings.Contains(err.Error(), c.because) {
			t.Errorf("%v, want a refusal: %s", err, c.because)
		}
	}
}
