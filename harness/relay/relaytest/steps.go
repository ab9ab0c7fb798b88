package relaytest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/harness/relay"
)

// abilities holds what a driver promises against what its relay is.
func abilities(t *testing.T, d relay.Driver, o Options) {
	w := newWorld(t, d)
	r := w.starts(w.given())
	promised := d.Traits().Abilities
	var found relay.Abilities
	_, found.Pauses = r.(relay.Pauser)
	_, found.Restarts = r.(relay.Restarter)
	_, found.FillsDisk = r.(relay.DiskFiller)
	_, found.SlowsDisk = r.(relay.DiskSlower)
	_, found.StepsClock = r.(relay.ClockStepper)
	if found != promised {
		t.Errorf("its traits promise %+v, the relay is %+v", promised, found)
	}
	if f, ok := r.(relay.DiskFiller); ok {
		if _, err := f.FillDisk(t.Context(), 0); err == nil {
			t.Error("it filled a disk that is not the queue's own")
		}
	}
}

// pauses stops the relay and looks that it says nothing, and that it goes on as
// if nothing had been.
func pauses(t *testing.T, d relay.Driver, o Options) {
	if !d.Traits().Pauses {
		t.Skip("the relay cannot be paused")
	}
	w := newWorld(t, d)
	w.names("kaede.example", 1)
	given := w.given()
	w.hurry(&given, o)
	r := w.starts(given)
	pauser := r.(relay.Pauser)
	if err := submit(r, mail("m-1", "body"), "anna@kaede.example"); err != nil {
		t.Fatal(err)
	}
	if err := pauser.Pause(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.opens(1)
	done := make(chan error, 1)
	go func() { done <- submit(r, mail("m-2", "body"), "anna@kaede.example") }()
	select {
	case err := <-done:
		t.Errorf("a paused relay answered: %v", err)
		done <- err
	case <-time.After(3 * time.Second): // longer than any of its retries
	}
	if n := len(w.got("anna@kaede.example")); n != 0 {
		t.Errorf("a paused relay delivered %d letters", n)
	}
	if teller, ok := r.(relay.ClockReader); ok && !d.Traits().InProcess {
		if _, err := teller.ReadClock(t.Context()); err == nil {
			t.Error("a paused relay told the time")
		}
	}
	if err := pauser.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("who waited through the pause was told: %v", err)
	}
	w.tries("both letters", func() bool { return len(w.got("anna@kaede.example")) >= 2 })
	until(t, "an empty queue", func() bool { return size(t, r) == 0 })
	if n := len(w.got("anna@kaede.example")); n != 2 {
		t.Errorf("%d letters of 2 arrived", n)
	}
	// One that is stopped while it is paused must go all the same: Stop is what
	// ends the test.
	if err := pauser.Pause(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// restarts ends the relay in good order with mail in its queue.
func restarts(t *testing.T, d relay.Driver, o Options) {
	if !d.Traits().Restarts {
		t.Skip("the relay cannot be restarted")
	}
	w := newWorld(t, d)
	w.names("kaede.example", 1)
	given := w.given()
	w.hurry(&given, o)
	r := w.starts(given)
	if err := submit(r, mail("m-1", "body"), "anna@kaede.example"); err != nil {
		t.Fatal(err)
	}
	restarter := r.(relay.Restarter)
	if err := restarter.Halt(t.Context()); err != nil {
		t.Fatal(err)
	}
	if submit(r, mail("m-2", "body"), "anna@kaede.example") == nil {
		t.Error("it takes mail after its end")
	}
	w.opens(1)
	if err := restarter.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.arrives("anna@kaede.example")
	until(t, "an empty queue", func() bool { return size(t, r) == 0 })
	if n := len(w.got("anna@kaede.example")); n != 1 {
		t.Errorf("%d letters of 1 arrived", n)
	}
}

// fills takes the space from the queue, kills the relay on the full disk, and
// gives the space back.
func fills(t *testing.T, d relay.Driver, o Options) {
	if !d.Traits().FillsDisk {
		t.Skip("the relay's disk cannot be filled")
	}
	w := newWorld(t, d)
	w.names("kaede.example", 1) // nobody listens yet
	given := w.given()
	given.BoundedQueue = true
	w.hurry(&given, o)
	r := w.starts(given)
	to := "anna@kaede.example"
	if err := submit(r, mail("m-1", "body"), to); err != nil {
		t.Fatal(err)
	}
	filler := r.(relay.DiskFiller)
	if free, err := filler.FillDisk(t.Context(), 0); err != nil || free != 0 {
		t.Fatalf("%d bytes free, %v", free, err)
	}
	large := mail("m-2", strings.Repeat(strings.Repeat("x", 70)+"\r\n", 2000))
	if err := submit(r, large, to); err == nil || !strings.HasPrefix(err.Error(), "4") {
		t.Errorf("a full disk was answered by %v, want it refused for now", err)
	} else {
		t.Logf("a full disk: %v", err)
	}
	if reader, ok := r.(relay.QueueReader); ok {
		checkQueue(t, reader, []string{"m-1"}, o)
	}
	// In process a relay has another address after a kill, in this world.
	killer, kills := r.(relay.Killer)
	if kills = kills && !d.Traits().InProcess; kills {
		if err := killer.Kill(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := filler.FreeDisk(t.Context()); err != nil {
		t.Fatal(err)
	}
	if kills {
		if err := killer.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := submit(r, large, to); err != nil {
		t.Errorf("with space again: %v", err)
	}
	w.opens(1)
	w.tries("both letters", func() bool { return len(w.got(to)) >= 2 })
	until(t, "an empty queue", func() bool { return size(t, r) == 0 })
	if n := len(w.got(to)); n != 2 {
		t.Errorf("%d letters of 2 arrived", n)
	}
	for _, l := range w.got(to) {
		if !strings.HasSuffix(l.text, mail("m-1", "body")) && !strings.HasSuffix(l.text, large) {
			t.Errorf("a letter of %d bytes is not what was handed in", len(l.text))
		}
	}
}

// mishaps slows the disk down and steps the clock of a relay on the shared
// clock, with mail that waits.
func mishaps(t *testing.T, d relay.Driver, o Options) {
	traits := d.Traits()
	if !traits.StepsClock {
		t.Skip("the relay's clock is what it is")
	}
	w := newWorld(t, d)
	w.names("kaede.example", 1)
	given := w.given()
	given.Overlay = o.Quick
	origin := time.Date(2019, 11, 19, 2, 0, 0, 0, time.UTC)
	warp := clock.New(origin, 1)
	if !traits.InProcess {
		warp = shared(t, &given, origin)
	}
	given.Clock = warp
	r := w.starts(given)
	stepper := r.(relay.ClockStepper)
	warp.SetRate(60)
	slows(t, r, warp)
	for _, by := range []time.Duration{time.Hour, -time.Hour, 0} {
		if err := stepper.StepClock(t.Context(), by); err != nil {
			t.Fatal(err)
		}
		before := warp.Now()
		at, err := r.(relay.ClockReader).ReadClock(t.Context())
		if after := warp.Now(); err != nil || at.Before(before.Add(by-2*time.Second)) ||
			at.After(after.Add(by+2*time.Second)) {
			t.Errorf("stepped by %s its clock says %s, %v; ours between %s and %s", by, at, err,
				before, after)
		}
	}
	w.opens(1)
	warp.SetRate(600) // the clock was put back: what is due by it comes hours later
	w.tries("both letters", func() bool { return len(w.got("anna@kaede.example")) >= 2 })
	warp.SetRate(1)
	until(t, "an empty queue", func() bool { return size(t, r) == 0 })
	if keeper, ok := r.(relay.LogKeeper); ok {
		kept, err := keeper.Retries(context.WithoutCancel(t.Context()))
		t.Logf("%+v, %v", kept, err)
		if err == nil && kept.Early > 0 {
			t.Errorf("a step of the clock was taken for early retries: %+v", kept)
		}
	}
}

// slows hands two messages in, the first while the disk is slow, if it can be.
func slows(t *testing.T, r relay.Relay, warp *clock.Warp) {
	t.Helper()
	const delay = 2 * time.Minute
	slower, can := r.(relay.DiskSlower)
	if can {
		if err := slower.SlowDisk(t.Context(), delay); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 2 {
		begun := warp.Now()
		if err := submit(r, mail(fmt.Sprint("m-", i), "body"), "anna@kaede.example"); err != nil {
			t.Fatal(err)
		}
		took := warp.Now().Sub(begun)
		t.Logf("message %d was durable after %s", i, took)
		if !can {
			continue
		}
		if i == 0 && took < delay { // the next may wait for what is under way
			t.Errorf("the disk was not slow")
		}
		if err := slower.SlowDisk(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
	}
}
