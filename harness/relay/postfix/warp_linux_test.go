package postfix

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/harness/relay"
)

// TestAnOutageAtSpeed lives through an outage of five hours in the year 2019,
// with a kill in its midst, on one clock with all of Postfix's processes.
func TestAnOutageAtSpeed(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	o := newOutside(t)
	if err := clock.Ready(); err != nil {
		t.Skip(err)
	}
	o.names("kaede.example", 1)
	o.names("spare.test", 2)
	o.opens(2)
	origin := time.Date(2019, 11, 19, 2, 0, 0, 0, time.UTC)
	file, err := clock.Share(t.Context(), filepath.Join(t.TempDir(), "clock"), origin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	w := o.world()
	w.Clock, w.ClockFile = file.Warp(), file
	in := o.starts(w)
	const messages = 40
	for i := range messages {
		err := submit(in.Addr(), mail(fmt.Sprint("m-", i), "body"), "anna@kaede.example")
		if err != nil {
			t.Fatal(err)
		}
	}
	const copies = "anna=kaede.example@spare.test"
	until(t, "the spare copies", func() bool { return len(o.got(copies)) == messages })
	outage(t, in, file.Warp(), origin)
	o.opens(1)
	file.Warp().SetRate(300)
	until(t, "the backlog drains", func() bool {
		return len(o.got("anna@kaede.example")) == messages
	})
	file.Warp().SetRate(1)
	r, err := in.Retries(t.Context())
	t.Logf("%+v, %v", r, err)
	if err != nil || r.Intervals < 4*messages || r.Early > 0 || r.Late > r.Intervals/5 {
		t.Errorf("retries %+v, %v", r, err)
	}
	if n := len(o.got(copies)); n != messages {
		t.Errorf("%d copies of %d messages", n, messages)
	}
}

// outage passes five hours of scenario time.
func outage(t *testing.T, in *instance, warp *clock.Warp, origin time.Time) {
	t.Helper()
	warp.SetRate(600)
	if err := warp.SleepUntil(t.Context(), origin.Add(150*time.Minute)); err != nil {
		t.Fatal(err)
	}
	before := warp.Now()
	at, err := in.ReadClock(t.Context())
	if after := warp.Now(); err != nil || at.Before(before.Add(-time.Second)) ||
		at.After(after.Add(time.Second)) {
		t.Errorf("its clock says %s, %v; ours between %s and %s", at, err, before, after)
	}
	if err := in.proveClock(t.Context(), in.running()); err != nil {
		t.Error(err)
	}
	if err := in.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Not at rate 1: a restart must not depend on anybody's slowing down.
	if err := in.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := warp.SleepUntil(t.Context(), origin.Add(5*time.Hour)); err != nil {
		t.Fatal(err)
	}
	queue, err := in.Queue(t.Context())
	if err != nil || len(queue) != 40 {
		t.Errorf("the queue holds %d, %v", len(queue), err)
	}
	for _, q := range queue {
		if q.Arrived.Year() != 2019 || !strings.HasPrefix(q.MessageID, "m-") {
			t.Errorf("queued: %+v", q)
		}
	}
}

// TestAProcessWithoutTheClockIsFound: a start must not go unnoticed in which a
// process lives in real time.
func TestAProcessWithoutTheClockIsFound(t *testing.T) {
	o := newOutside(t)
	if err := clock.Ready(); err != nil {
		t.Skip(err)
	}
	w := o.world()
	w.Spare = relay.Spare{}
	in := o.starts(w) // at real time
	file, err := clock.Share(t.Context(), filepath.Join(t.TempDir(), "clock"), time.Unix(1e9, 0))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}()
	in.world.ClockFile = file
	if err := in.proveClock(t.Context(), in.running()); err == nil ||
		!strings.Contains(err.Error(), "does not run under the shared clock") {
		t.Errorf("got %v", err)
	}
}
