package harness

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
)

// recorded plays a small run and gives its evidence.
func recorded(t *testing.T, flaw string) (*replayed, []byte) {
	t.Helper()
	r := &replayed{t: t, scenario: situation(t, "reset"), driver: flawed(flaw), scale: 0.1}
	r.inMemory()
	whole, err := os.ReadFile(filepath.Join(r.dir, evidence.File))
	if err != nil {
		t.Fatal(err)
	}
	return r, whole
}

// TestEvidenceCutAtAnyByte: whoever lost the end of the evidence, even its very
// last byte, has proved nothing: neither that a relay is good nor that it is
// not. It may be cut anywhere, and judging it never panics.
func TestEvidenceCutAtAnyByte(t *testing.T) {
	for _, flaw := range []string{"", "lose-deferred"} {
		r, whole := recorded(t, flaw)
		dice := rand.New(rand.NewPCG(1, 2))
		var at []int
		for n := range 40 {
			at = append(at, n, len(whole)-1-n)
		}
		few := 120
		if testing.Short() {
			few = 20
		}
		for range few {
			at = append(at, dice.IntN(len(whole)))
		}
		for _, n := range at {
			j := check.Judge(r.scenario, evidence.Decode(bytes.NewReader(whole[:n])))
			if j.Outcome != check.Inconclusive {
				t.Errorf("the first %d of %d bytes of a run with %q: %s", n, len(whole), flaw, j.Outcome)
			}
			for _, v := range j.Verdicts {
				if v.Outcome != check.Inconclusive {
					t.Errorf("the first %d of %d bytes: %s is %s", n, len(whole), v.Promise, v.Outcome)
				}
			}
		}
	}
}

// TestEvidenceDamagedAtAnyByte: a byte that was changed is either noticed or
// changes nothing.
func TestEvidenceDamagedAtAnyByte(t *testing.T) {
	r, whole := recorded(t, "")
	intact := check.Judge(r.scenario, evidence.Decode(bytes.NewReader(whole)))
	dice := rand.New(rand.NewPCG(3, 4))
	tries := 150
	if testing.Short() {
		tries = 30
	}
	for i := range tries {
		n := dice.IntN(len(whole))
		if i < 20 {
			n = i
		}
		damaged := bytes.Clone(whole)
		damaged[n] ^= byte(1 + dice.IntN(255))
		j := check.Judge(r.scenario, evidence.Decode(bytes.NewReader(damaged)))
		if j.Outcome != check.Inconclusive && !reflect.DeepEqual(j, intact) {
			t.Errorf("byte %d of %d changed: %s", n, len(whole), j.Outcome)
		}
	}
}
