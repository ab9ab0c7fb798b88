package harness

import (
	"os"
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// TestEveryFaultIsFelt plays a day on which everything goes wrong in its turn:
// each fault meets somebody, all of it heals, and an honest relay loses nothing.
func TestEveryFaultIsFelt(t *testing.T) {
	text, err := os.ReadFile("testdata/every-fault.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Read("every-fault.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	r := &replayed{t: t, scenario: s, driver: honest(), scale: 1}
	j := r.inMemory()
	if r.err != nil || len(broken(j)) > 0 {
		t.Errorf("broken: %s; %v", strings.Join(broken(j), " "), r.err)
		tell(t, j)
	}
	for _, p := range j.Premises {
		if !p.Held {
			t.Errorf("premise %s: %s", p.Name, p.Reason)
		}
	}
	held, arrived := map[string]int{}, map[string]int{}
	for e, err := range evidence.Read(r.dir + "/" + evidence.File) {
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case e.Kind == evidence.KindDelivery && e.Held != "":
			held[e.Fault]++
		case e.Kind == evidence.KindArrival:
			arrived[e.Fault]++
			if late := e.T - e.Began; e.Fault == "late" && late.Minutes() != 30 || late <= 0 {
				t.Errorf("%s arrived %s after it was taken", e.Msg, late)
			}
		}
	}
	if held["late"] == 0 || held["late"] != arrived["late"] || held["caught"] == 0 ||
		held["caught"] != arrived["caught"] || held["gone"] == 0 || arrived["gone"] != 0 {
		t.Errorf("held %v, arrived %v", held, arrived)
	}
}
