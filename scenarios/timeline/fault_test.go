package timeline_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hansei-mail/hansei/scenarios/timeline"
)

func TestShareAt(t *testing.T) {
	f := plan(t, "ex196121", timeline.Options{}).Header().Faults[0]
	for at, want := range map[time.Duration]float64{
		time.Hour - 1:                                  0,
		time.Hour:                                      0.3,
		time.Hour + 10*time.Minute:                     0.65,
		5 * time.Hour:                                  1,
		10*time.Hour + 30*time.Minute:                  1,
		10*time.Hour + 40*time.Minute:                  1. / 3,
		10*time.Hour + 45*time.Minute:                  0,
		12 * time.Hour:                                 0,
		10*time.Hour + 37*time.Minute + 30*time.Second: 0.5,
	} {
		if got := f.ShareAt(at); math.Abs(got-want) > 1e-9 {
			t.Errorf("share %g at %s, want %g", got, at, want)
		}
	}
	f.Heal = -1
	if got := f.ShareAt(1000 * time.Hour); got != 0 {
		t.Errorf("a permanent fault keeps its last share, here 0, not %g", got)
	}
	f.Share = []timeline.Share{{At: f.From, Is: 1}}
	if got := f.ShareAt(1000 * time.Hour); got != 1 {
		t.Errorf("a permanent fault ended: %g", got)
	}
}

func TestHits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		f := timeline.Fault{
			Seed: rapid.Uint64().Draw(t, "seed"), From: 0, Heal: time.Hour,
			Share: []timeline.Share{{At: 0, Is: share}, {At: time.Hour, Is: 1}},
		}
		base := rapid.Uint64().Draw(t, "base")
		hit := 0
		const n = 4000
		for key := range uint64(n) {
			now, later := f.Hits(base+key, 0), f.Hits(base+key, time.Hour/2)
			if now {
				hit++
			}
			if now && !later {
				t.Fatalf("key %d was hit at a share and not at a larger one", key)
			}
			if f.Hits(base+key, time.Hour) {
				t.Fatal("a healed fault hits")
			}
		}
		if math.Abs(float64(hit)/n-share) > 0.05 {
			t.Fatalf("hit %d of %d at share %g", hit, n, share)
		}
	})
}
