package clock_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"github.com/hansei-mail/hansei/harness/clock"
)

// origin is when the scenarios of these tests begin.
var origin = time.Date(2019, 11, 19, 0, 0, 0, 0, time.UTC)

func TestNowFollowsTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := clock.New(origin, 1)
		want := origin
		for _, step := range []struct {
			rate float64
			wall time.Duration
		}{
			{1, time.Hour}, {600, time.Minute}, {0, time.Hour}, {0.5, time.Minute},
			{60, time.Second}, {-3, time.Hour}, {1, 0}, {1200, time.Millisecond},
		} {
			w.SetRate(step.rate)
			time.Sleep(step.wall)
			want = want.Add(time.Duration(max(step.rate, 0) * float64(step.wall)))
			if got := w.Now(); !got.Equal(want) || got.Location() != time.UTC {
				t.Fatalf("after %v at rate %v it is %v, want %v", step.wall, step.rate, got, want)
			}
		}
	})
}

// TestSleepWakesExactly: thirteen hours are one timer, and not a nanosecond
// more than thirteen hours.
func TestSleepWakesExactly(t *testing.T) {
	for _, rate := range []float64{1, 600, 0.25} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			w := clock.New(origin, rate)
			if err := w.Sleep(t.Context(), 13*time.Hour); err != nil {
				t.Fatal(err)
			}
			want := time.Duration(float64(13*time.Hour) / rate)
			if got := time.Since(start); got != want {
				t.Errorf("13 h at rate %v took %v, want %v", rate, got, want)
			}
			if got := w.Now(); !got.Equal(origin.Add(13 * time.Hour)) {
				t.Errorf("woken at %v", got)
			}
		})
	}
}

func TestSleepSurvivesChangesOfTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		w := clock.New(origin, 1)
		var woken time.Duration
		var group sync.WaitGroup
		group.Go(func() {
			if err := w.Sleep(t.Context(), time.Hour); err != nil {
				t.Error(err)
			}
			woken = time.Since(start)
		})
		for _, rate := range []float64{600, 0, 1200} { // 1, 600, 0 and 0 s of 3600
			time.Sleep(time.Second)
			w.SetRate(rate)
		}
		group.Wait()
		// 3 s on the way to rate 1200, then what is left at that rate, rounded up.
		if want := 3*time.Second + 2999*time.Second/1200 + 1; woken != want {
			t.Errorf("woken after %v, want %v", woken, want)
		}
	})
}

func TestSleepEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := clock.New(origin, 0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := w.Sleep(ctx, time.Second); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a sleep by a frozen clock ended with %v", err)
		}
		if err := w.Sleep(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("an empty sleep with an ended context ended with %v", err)
		}
		if err := w.Sleep(t.Context(), -time.Hour); err != nil {
			t.Errorf("a sleep of less than nothing ended with %v", err)
		}
	})
}

func TestDeadlineGivesGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			rate    float64
			d, want time.Duration
		}{
			{1, time.Hour, time.Hour},
			{1, time.Second, clock.Grace},
			{600, 5 * time.Minute, clock.Grace},
			{600, time.Hour, 6 * time.Second},
			{0, time.Hour, time.Hour},
			{0.5, time.Hour, 2 * time.Hour},
			{1, -time.Hour, clock.Grace},
		} {
			w := clock.New(origin, c.rate)
			if got := time.Until(w.Deadline(c.d)); got != c.want {
				t.Errorf("Deadline(%v) at rate %v is %v ahead, want %v", c.d, c.rate, got, c.want)
			}
		}
		for _, rate := range []float64{1e-4, 1} {
			if !clock.New(origin, rate).Deadline(1<<63 - 1).After(time.Now()) {
				t.Errorf("a very late deadline at rate %v has passed", rate)
			}
		}
	})
}

// step is one moment of a drawn plan: set the rate, then let wall pass.
type step struct {
	rate  float64
	sleep time.Duration // of scenario time, begun just before
	wall  time.Duration
}

// plans draws plans, with the special rates often among them.
func plans() *rapid.Generator[[]step] {
	rates := rapid.OneOf(
		rapid.SampledFrom([]float64{0, 1, 30, 600, 2400}), rapid.Float64Range(0, 5000),
	)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{
			rate:  rates.Draw(t, "rate"),
			sleep: time.Duration(rapid.Int64Range(0, 1e13).Draw(t, "sleep")),
			wall:  time.Duration(rapid.Int64Range(0, 1e10).Draw(t, "wall")),
		}
	}), 1, 20)
}

// inBubble checks a property of plans, each in a bubble of its own. The plan is
// drawn outside, because rapid ends a draw with a panic when it shrinks.
func inBubble(t *testing.T, property func(ctx context.Context, plan []step) error) {
	rapid.Check(t, func(rt *rapid.T) {
		plan := plans().Draw(rt, "plan")
		var err error
		synctest.Test(t, func(t *testing.T) { err = property(t.Context(), plan) })
		if err != nil {
			rt.Fatal(err)
		}
	})
}

// TestHistory: whatever the rates were, time never steps back, At repeats what
// Now said, and Wall is the first instant for which At says so.
func TestHistory(t *testing.T) {
	inBubble(t, func(_ context.Context, plan []step) error {
		w := clock.New(origin, 1)
		said := map[time.Time]time.Time{}
		last := w.Now()
		for _, s := range plan {
			w.SetRate(s.rate)
			time.Sleep(s.wall)
			now := w.Now()
			if now.Before(last) {
				return fmt.Errorf("it was %v, now it is %v", last, now)
			}
			last = now
			said[time.Now()] = now
		}
		for at, scenario := range said {
			if got := w.At(at); !got.Equal(scenario) {
				return fmt.Errorf("at %v it was %v, At says %v", at, scenario, got)
			}
			wall, ok := w.Wall(scenario)
			if !ok || wall.After(at) || w.At(wall).Before(scenario) {
				return fmt.Errorf("Wall(%v) = %v, %v; it was so at %v", scenario, wall, ok, at)
			}
			if before := wall.Add(-1); !w.At(before).Before(scenario) {
				return fmt.Errorf("Wall(%v) = %v, but %v would do", scenario, wall, before)
			}
		}
		return nil
	})
}

// TestSleepIsNeverEarly: sleepers that start at any time wake at the first
// nanosecond at which they may, whatever happens to the rate meanwhile.
func TestSleepIsNeverEarly(t *testing.T) {
	inBubble(t, func(ctx context.Context, plan []step) error {
		w := clock.New(origin, 1)
		var sleepers errgroup.Group
		for _, s := range plan {
			begun, due := time.Now(), w.Now().Add(s.sleep)
			sleepers.Go(func() error {
				if err := w.Sleep(ctx, s.sleep); err != nil {
					return err
				}
				wall, ok := w.Wall(due)
				if wall.Before(begun) { // it had been due for a while in frozen time
					wall = begun
				}
				if !ok || !time.Now().Equal(wall) {
					return fmt.Errorf("due %v, at %v (%v); woken at %v", due, wall, ok, time.Now())
				}
				return nil
			})
			synctest.Wait() // until it sleeps
			time.Sleep(s.wall)
			w.SetRate(s.rate)
		}
		w.SetRate(1000)
		return sleepers.Wait()
	})
}

// TestWallOutsideHistory covers before the start, after the present and never.
func TestWallOutsideHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		w := clock.New(origin, 600)
		if got := w.At(start.Add(-time.Hour)); !got.Equal(origin.Add(-time.Hour)) {
			t.Errorf("an hour before the start it was %v", got)
		}
		for ahead, want := range map[time.Duration]time.Duration{
			-time.Hour: -time.Hour, 0: 0, time.Hour: 6 * time.Second,
		} {
			if got, ok := w.Wall(origin.Add(ahead)); !ok || got.Sub(start) != want {
				t.Errorf("Wall(origin%+v) = start%+v, %v", ahead, got.Sub(start), ok)
			}
		}
		w.SetRate(0)
		if got, ok := w.Wall(origin.Add(time.Second)); ok {
			t.Errorf("a frozen clock would get there at %v", got)
		}
	})
}

// TestManyAtOnce is for the race detector: readers, sleepers and a writer.
func TestManyAtOnce(t *testing.T) {
	w := clock.New(origin, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for last := w.Now(); ctx.Err() == nil; {
				now := w.Now()
				if now.Before(last) {
					t.Errorf("it was %v, now it is %v", last, now)
					return
				}
				last = now
			}
		})
	}
	group.Go(func() {
		for w.Sleep(ctx, time.Second) == nil {
		}
	})
	for i := range 2000 {
		w.SetRate([]float64{1, 600, 0, 30, 2400}[i%5])
	}
	cancel()
	group.Wait()
}
