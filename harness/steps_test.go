package harness

import (
	"testing"

	"github.com/hansei-mail/hansei/harness/check"
)

// TestHonestRelayBearsWhatIsDoneToIt: whatever happens to the relay itself, an
// honest one keeps what the variant promises.
func TestHonestRelayBearsWhatIsDoneToIt(t *testing.T) {
	for _, name := range []string{
		"ex196121/disk-full", "ex196121/paused", "ex196121/slow-disk", "ex196121/clock-step",
	} {
		t.Run(name, func(t *testing.T) {
			r := &replayed{t: t, scenario: load(t, name), driver: honest(), scale: 1}
			j := r.inMemory()
			if r.err != nil || j.Outcome != check.Pass {
				t.Errorf("%s: %s, %v", name, j.Outcome, r.err)
				tell(t, j)
			}
		})
	}
}
