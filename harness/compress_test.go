package harness

import (
	"testing"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// With all its waiting left out, an outage is still one: it is felt, and an honest
// relay keeps every promise of it, judged from what the run folder holds.
func TestACompressedOutageIsStillOne(t *testing.T) {
	s, err := timeline.Compress(load(t, "ex196121"), timeline.Compression{Share: 1})
	if err != nil {
		t.Fatal(err)
	}
	r := &replayed{t: t, scenario: s, driver: honest(), scale: 0.5}
	j := r.inMemory()
	if r.err != nil {
		t.Fatal(r.err)
	}
	for _, v := range j.Verdicts {
		if v.Asked && v.Outcome != check.Pass {
			t.Errorf("%s: %s %s %s", v.Promise, v.Outcome, v.Figure, v.Reason)
		}
	}
	if f := j.Figures; f.Length != s.Length() || f.Heal != s.Offset(s.Outage.Heal) ||
		f.Length >= s.FullLength()/2 {
		t.Errorf("it was %s long with the heal at %s, of %s", f.Length, f.Heal, s.FullLength())
	}
}
