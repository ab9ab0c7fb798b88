package relaytest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/harness/relay"
)

// survives kills the relay with mail in its queue, and again just after it has
// said 250.
func survives(t *testing.T, d relay.Driver, o Options) {
	w := newWorld(t, d)
	w.names("kaede.example", 1) // nobody listens yet
	given := w.given()
	w.hurry(&given, o)
	r := w.starts(given)
	killer, kills := r.(relay.Killer)
	if kills != d.Traits().Kills {
		t.Fatalf("its traits say Kills: %v, the relay says %v", d.Traits().Kills, kills)
	}
	ids := []string{"m-1", "m-2", "m-3"}
	for _, id := range ids {
		if err := submit(r, mail(id, "body"), "anna@kaede.example"); err != nil {
			t.Fatal(err)
		}
	}
	reader, lists := r.(relay.QueueReader)
	if lists {
		checkQueue(t, reader, ids, o)
	}
	if !kills {
		w.opens(1)
		w.tries("the queue drains", func() bool { return len(w.got("anna@kaede.example")) == 3 })
		return
	}
	if err := killer.Restart(t.Context()); err == nil {
		t.Error("a living relay was started again")
	}
	if err := submit(r, mail("m-4", "body"), "anna@kaede.example"); err != nil {
		t.Fatal(err)
	}
	if err := killer.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	ids = append(ids, "m-4")
	if submit(r, mail("m-5", "body"), "anna@kaede.example") == nil {
		t.Error("it lives on")
	}
	if lists && readable(t, reader) {
		checkQueue(t, reader, ids, o)
	}
	if teller, ok := r.(relay.ClockReader); ok {
		if _, err := teller.ReadClock(t.Context()); err == nil {
			t.Error("a dead relay told the time")
		}
	}
	if err := killer.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.opens(1)
	w.tries("the queue drains", func() bool {
		return len(w.got("anna@kaede.example")) >= len(ids)
	})
	until(t, "an empty queue", func() bool { return size(t, r) == 0 })
	if n := len(w.got("anna@kaede.example")); n != len(ids) {
		t.Errorf("%d letters of %d arrived", n, len(ids))
	}
}

// readable says whether the queue of a dead relay can be listed. A relay may
// refuse that, but not answer wrongly.
func readable(t *testing.T, reader relay.QueueReader) bool {
	t.Helper()
	_, err := reader.Queue(t.Context())
	if err != nil {
		t.Logf("its queue cannot be listed while it is dead: %v", err)
	}
	return err == nil
}

// checkQueue wants exactly these messages, with all that is known of them.
func checkQueue(t *testing.T, reader relay.QueueReader, ids []string, o Options) {
	t.Helper()
	queue, err := reader.Queue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, q := range queue {
		got = append(got, q.MessageID)
		if q.ID == "" || q.Sender != sender || len(q.Recipients) != 1 ||
			q.Recipients[0] != "anna@kaede.example" || time.Since(q.Arrived).Abs() > time.Hour {
			t.Errorf("queued: %+v", q)
		}
	}
	slices.Sort(got)
	if o.Unnamed {
		ids = make([]string, len(ids))
	}
	if !slices.Equal(got, ids) {
		t.Errorf("the queue holds %v, want %v", got, ids)
	}
}

// accelerates lives through an outage of five hours in the year 2019, with a
// kill in its midst.
func accelerates(t *testing.T, d relay.Driver, _ Options) {
	traits := d.Traits()
	if !traits.SharesClock {
		t.Skip("the relay lives in real time")
	}
	if testing.Short() {
		t.Skip("takes a while")
	}
	w := newWorld(t, d)
	w.names("kaede.example", 1)
	given := w.given()
	origin := time.Date(2019, 11, 19, 2, 0, 0, 0, time.UTC)
	warp := clock.New(origin, 1)
	if !traits.InProcess {
		warp = shared(t, &given, origin)
	}
	given.Clock = warp
	r := w.starts(given)
	const messages = 20
	for i := range messages {
		if err := submit(r, mail(fmt.Sprint("m-", i), "body"), "anna@kaede.example"); err != nil {
			t.Fatal(err)
		}
	}
	passes(t, r, warp, traits, origin)
	w.opens(1)
	if traits.DrainRate > 0 {
		warp.SetRate(traits.DrainRate)
	}
	// The longest wait of a stock relay now is some two hours, two minutes at the
	// lowest rate.
	within(t, 5*time.Minute, "the backlog drains", func() bool {
		return len(w.got("anna@kaede.example")) >= messages
	})
	drained := warp.Now().Sub(origin)
	warp.SetRate(1)
	t.Logf("drained %s after the beginning", drained.Round(time.Second))
	until(t, "an empty queue", func() bool { return size(t, r) == 0 })
	if n := len(w.got("anna@kaede.example")); n != messages {
		t.Errorf("%d letters of %d arrived", n, messages)
	}
	checkRetries(t, r)
}

// shared puts a real shared clock into the world.
func shared(t *testing.T, given *relay.World, origin time.Time) *clock.Warp {
	t.Helper()
	if err := clock.Ready(); err != nil {
		if required("cc") {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	file, err := clock.Share(t.Context(), filepath.Join(t.TempDir(), "clock"), origin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	given.ClockFile = file
	return file.Warp()
}

// passes lets five hours of the outage pass.
func passes(t *testing.T, r relay.Relay, warp *clock.Warp, traits relay.Traits, origin time.Time) {
	t.Helper()
	rate := 600.0
	if traits.MaxRate > 0 {
		rate = min(rate, traits.MaxRate)
	}
	warp.SetRate(rate)
	if err := warp.SleepUntil(t.Context(), origin.Add(150*time.Minute)); err != nil {
		t.Fatal(err)
	}
	reader, tells := r.(relay.ClockReader)
	if !tells && !traits.InProcess {
		t.Error("it shares the clock but cannot prove it: it is no ClockReader")
	}
	if tells {
		before := warp.Now()
		at, err := reader.ReadClock(t.Context())
		if after := warp.Now(); err != nil || at.Before(before.Add(-time.Second)) ||
			at.After(after.Add(time.Second)) {
			t.Errorf("its clock says %s, %v; ours between %s and %s", at, err, before, after)
		}
	}
	if killer, ok := r.(relay.Killer); ok {
		if err := killer.Kill(t.Context()); err != nil {
			t.Fatal(err)
		}
		// Not at rate 1: a restart must not depend on anybody's slowing down.
		if err := killer.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := warp.SleepUntil(t.Context(), origin.Add(5*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if reader, ok := r.(relay.QueueReader); ok {
		queue, err := reader.Queue(t.Context())
		if err != nil || len(queue) != 20 {
			t.Errorf("the queue holds %d, %v", len(queue), err)
		}
		for _, q := range queue {
			if q.Arrived.Year() != 2019 || !strings.HasPrefix(q.MessageID, "m-") {
				t.Errorf("queued: %+v", q)
			}
		}
	}
}

// checkRetries wants the relay to have kept its own retry times, if its log can
// tell.
func checkRetries(t *testing.T, r relay.Relay) {
	t.Helper()
	keeper, ok := r.(relay.LogKeeper)
	if !ok {
		return
	}
	kept, err := keeper.Retries(t.Context())
	t.Logf("%+v, %v", kept, err)
	if err == relay.ErrNoRetries {
		return
	}
	if err != nil || kept.Intervals == 0 || kept.Early > 0 || kept.Late > kept.Intervals/5 {
		t.Errorf("retries %+v, %v", kept, err)
	}
}
