package harness

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
)

// killedIn is a run of the first incident in which the relay is killed in data
// within that time of 15:00, and the step that tells of it.
func killedIn(t *testing.T, within time.Duration, scale float64) (*check.Judgement, []evidence.Event) {
	t.Helper()
	s := load(t, "ex196121/kill-in-data")
	s.Relay[0].Heal.Time = s.Relay[0].At.Time.Add(within)
	r := &replayed{t: t, scenario: s, driver: honest(), scale: scale}
	j := r.inMemory()
	if r.err != nil {
		t.Fatal(r.err)
	}
	var found []evidence.Event
	for e, err := range evidence.Read(filepath.Join(r.dir, evidence.File)) {
		if err != nil {
			t.Fatal(err)
		}
		submitted := e.Kind == evidence.KindSubmission && len(found) > 0 && e.Msg == found[0].Msg
		if e.Step == "kill done" || submitted {
			found = append(found, e)
		}
	}
	return j, found
}

// TestAKillInDataComesWithAMessage that was not accepted then, and is later.
func TestAKillInDataComesWithAMessage(t *testing.T) {
	j, found := killedIn(t, 15*time.Minute, 1)
	if len(found) < 3 {
		t.Fatalf("%d events, want the kill, an attempt that was in its way and one after: %+v", len(found),
			found)
	}
	s := load(t, "ex196121/kill-in-data")
	killed, attempt, last := found[0], found[1], found[len(found)-1]
	at := s.Offset(s.Relay[0].At)
	if killed.Msg == "" || killed.T < at || killed.T > at+15*time.Minute || killed.Name != "cut-in-data" {
		t.Errorf("killed %+v", killed)
	}
	if attempt.Outcome == evidence.Accepted || attempt.Digest == "" {
		t.Errorf("the attempt in its way came to %s", attempt.Outcome)
	}
	if last.Outcome != evidence.Accepted {
		t.Errorf("the message ended as %s", last.Outcome)
	}
	if premise(j, "plan-done") != "" {
		t.Errorf("plan-done: %s", premise(j, "plan-done"))
	}
}

// TestAKillWhoseMomentNeverCame proves nothing of the relay.
func TestAKillWhoseMomentNeverCame(t *testing.T) {
	j, found := killedIn(t, time.Second, 0.4)
	if len(found) != 0 {
		t.Skipf("somebody handed over a message within that second: %+v", found)
	}
	want := "the step kill done cut-in-data was not done"
	if got := premise(j, "plan-done"); got != want || j.Outcome == check.Pass {
		t.Errorf("%s, plan-done: %q, want %q", j.Outcome, got, want)
	}
}

// premise is why one does not hold; empty where it does.
func premise(j *check.Judgement, name string) string {
	for _, p := range j.Premises {
		if p.Name == name {
			return p.Reason
		}
	}
	return "there is no such premise"
}
