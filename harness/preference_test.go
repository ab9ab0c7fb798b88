package harness

import (
	"testing"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// TestTheSecondMXIsTakenInTheOutageOnly: mail for tenants with a second MX goes
// to it while the first does not talk, whatever is delivered says by which it
// came, and nobody else's mail goes there.
func TestTheSecondMXIsTakenInTheOutageOnly(t *testing.T) {
	s := situation(t, "two-mx")
	r := &replayed{t: t, scenario: s, driver: honest(), scale: 1}
	if r.inMemory(); r.err != nil {
		t.Fatal(r.err)
	}
	outage, heal := s.Offset(s.Outage.From), s.Offset(s.Outage.Heal)
	first, second := 0, 0
	for e, err := range evidence.Read(r.dir + "/" + evidence.File) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind != evidence.KindDelivery || e.Endpoint == endpointSpare {
			continue
		}
		switch backed := e.Site == "keyaki.example"; {
		case !backed && e.Preference != 0:
			t.Errorf("mail for %s came by preference %d", e.Site, e.Preference)
		case !backed:
		case e.Preference == scenarios.FirstPreference && e.Endpoint == endpointOffice365:
			first++
			if e.Began > outage && e.T < heal {
				t.Errorf("%s reached the first MX at %s", e.Msg, e.T)
			}
		case e.Preference == scenarios.FallbackPreference && e.Endpoint == endpointInternet:
			second++
			if e.T < outage {
				t.Errorf("%s went to the second MX at %s, before the outage", e.Msg, e.T)
			}
		default:
			t.Errorf("%s came to %s by preference %d", e.Msg, e.Endpoint, e.Preference)
		}
	}
	if first < 50 || second < 50 {
		t.Errorf("%d came by the first MX, %d by the second", first, second)
	}
}

// TestAFaultAtTheSecondMXIsFeltByWhomeverItServes: what refuses recipients at the
// gateway refuses those of the tenants that fall back to it.
func TestAFaultAtTheSecondMXIsFeltByWhomeverItServes(t *testing.T) {
	s := situation(t, "two-mx")
	s.Faults = append(s.Faults, scenarios.Fault{
		Name: "full", Where: scenarios.Where{At: scenarios.AtInternet, Cohorts: []string{"gateway"}},
		Stage: scenarios.StageRcpt, Do: scenarios.Reply, Reply: "452 4.2.2 Mailbox full",
		From: s.Outage.From, Heal: s.Outage.Heal,
	})
	r := &replayed{t: t, scenario: s, driver: honest(), scale: 1}
	if r.inMemory(); r.err != nil {
		t.Fatal(r.err)
	}
	felt := 0
	for e, err := range evidence.Read(r.dir + "/" + evidence.File) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == evidence.KindAttempt && e.Fault == "full" {
			felt++
		}
		if e.Kind == evidence.KindDelivery && e.Preference == scenarios.FallbackPreference &&
			e.T < s.Offset(s.Outage.Heal) {
			t.Errorf("%s was taken at %s by a gateway that refused all", e.Msg, e.T)
		}
	}
	if felt == 0 {
		t.Error("nobody felt the fault at the gateway")
	}
}
