package harness

import (
	"testing"

	"pgregory.net/rapid"
)

// TestTallyWaitsForWhatIsUnderWay: whatever the order in which acceptances and
// deliveries become known, in the end exactly the undelivered pairs wait.
func TestTallyWaitsForWhatIsUnderWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type event struct {
			done bool
			rcpt string
		}
		rcpts := []string{"a@x.test", "b@x.test", "C@x.test", "d@y.test"}
		var events []event
		missing := map[string]bool{}
		for _, r := range rcpts {
			events = append(events, event{false, r})
			if rapid.Bool().Draw(t, "delivered") {
				events = append(events, event{true, r})
			} else {
				missing[r] = true
			}
		}
		tally := newTally()
		for _, e := range rapid.Permutation(events).Draw(t, "order") {
			if e.done {
				tally.finish("m1", []string{e.rcpt})
			} else {
				tally.accept("m1", []string{e.rcpt})
			}
		}
		if got := tally.Waiting(); got != int64(len(missing)) {
			t.Fatalf("%d wait, %d are missing", got, len(missing))
		}
	})
}
