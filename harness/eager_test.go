package harness

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
)

// rests is a relay whose business is given.
type rests struct {
	share float64
	err   error
}

func (r *rests) Demand() (float64, error) { return r.share, r.err }

func TestSpanIsWalkedByEqualFactors(t *testing.T) {
	s := span{100, 1600}
	for share, want := range map[float64]float64{0: 100, 0.25: 200, 0.5: 400, 1: 1600} {
		if got := s.at(share); got < want*0.999 || got > want*1.001 {
			t.Errorf("at %g: %g, not %g", share, got, want)
		}
	}
	if got := constant(7).at(1); got != 7 {
		t.Errorf("a constant is %g", got)
	}
	if got := s.atMost(50, 20); got != (span{50, 50}) {
		t.Errorf("bounded below itself: %v", got)
	}
}

func TestClockHastensOnlyWhileTheRelayRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		given := &rests{}
		p := &pace{warp: clock.New(time.Now(), 600),
			idle: span{600, 1200}, drain: constant(120)}
		look := func(times int, delivered func(i int) int64) {
			for i := range times {
				p.spur(given, delivered(i))
			}
		}
		none := func(int) int64 { return 0 }
		look(20, none)
		if p.eager != 1 {
			t.Fatalf("a resting relay: %g of the haste", p.eager)
		}
		for name, busyRelay := range map[string]rests{
			"busy": {share: 0.9}, "unknown": {err: errors.New("no answer")},
		} {
			*given, p.eager = busyRelay, 1
			look(3, none)
			if p.eager != 0 {
				t.Errorf("%s: %g of the haste is left", name, p.eager)
			}
		}
		*given, p.eager = rests{share: 0.5}, 0.5
		look(9, none)
		if p.eager != 0.5 {
			t.Errorf("neither busy nor resting: %g", p.eager)
		}
		*given, p.eager, p.draining = rests{}, 1, true
		look(3, func(i int) int64 { return int64(i + 1) })
		if p.eager != 0 {
			t.Errorf("mail goes out: %g of the haste is left", p.eager)
		}
	})
}

func TestLagEndsTheHasteForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pace{warp: clock.New(time.Now(), 1000),
			idle: span{600, 1200}, eager: 1}
		p.sober(30*time.Millisecond, 90*time.Millisecond)
		if p.eager != 1 {
			t.Errorf("30 s of the scenario unseen: %g of the haste is left", p.eager)
		}
		p.sober(50*time.Millisecond, 0)
		if p.eager != 0 {
			t.Errorf("50 s of the scenario unseen: %g of the haste is left", p.eager)
		}
		p.spur(&rests{}, 0)
		if p.eager != 0 {
			t.Error("haste at once")
		}
		time.Sleep(wariness + time.Millisecond)
		p.spur(&rests{}, 0)
		if p.eager == 0 {
			t.Error("no haste any more")
		}
		p.sober(50*time.Millisecond, 0)
		time.Sleep(wariness + time.Millisecond)
		p.spur(&rests{}, 0)
		if p.eager != 0 {
			t.Error("the second time is as short as the first")
		}
	})
}
