package harness

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/fakes/dnsfake"
	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/link"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// inOutage calls what once, when the outage has begun.
func inOutage(r *run, what func()) {
	r.cfg.Progress = func(p Progress) {
		if p.Phase == "outage" && r.world != nil && what != nil {
			what()
			what = nil
		}
	}
}

// killing kills the first fake of an endpoint.
func killing(endpoint string) func(*run) {
	return func(r *run) {
		inOutage(r, func() {
			for i, fe := range frontEnds(r.header.Sites) {
				if r.world.endpoint(fe) == endpoint {
					go r.world.servers[i].Close()
					return
				}
			}
		})
	}
}

// unkept lets a fake fail to keep some of what it takes, from the outage on.
func unkept(endpoint string) func(*run) {
	return func(r *run) {
		var on atomic.Bool
		inOutage(r, func() { on.Store(true) })
		r.failing = func(here string) error {
			if here == endpoint && on.Load() {
				return errors.New("no room for the message")
			}
			return nil
		}
	}
}

// fullDisk is a file that takes so many bytes and no more.
type fullDisk struct {
	evidence.Medium
	room int
}

func (f *fullDisk) Write(p []byte) (int, error) {
	if len(p) > f.room {
		n, _ := f.Medium.Write(p[:f.room])
		f.room = 0
		return n, syscall.ENOSPC
	}
	f.room -= len(p)
	return f.Medium.Write(p)
}

// withRoom gives the evidence a disk with so many bytes left.
func withRoom(bytes int) func(*run) {
	return func(r *run) {
		r.create = func(path string, stamp evidence.Stamp) (*evidence.Log, error) {
			file, err := os.Create(path)
			if err != nil {
				return nil, err
			}
			return evidence.New(&fullDisk{file, bytes}, stamp)
		}
	}
}

// stepping is a relay whose clock leaves the scenario's in mid-run.
type stepping struct {
	relay.Driver
	off func(since time.Duration) time.Duration
}

func (s stepping) Start(ctx context.Context, w relay.World) (relay.Relay, error) {
	running, err := s.Driver.Start(ctx, w)
	if err != nil {
		return nil, err
	}
	return offClock{running, w, w.Clock.Now(), s.off}, nil
}

type offClock struct {
	relay.Relay
	world relay.World
	start time.Time
	off   func(time.Duration) time.Duration
}

func (s offClock) ReadClock(context.Context) (time.Time, error) {
	now := s.world.Clock.Now()
	return now.Add(s.off(now.Sub(s.start))), nil
}

// stepAt is a clock that is right, and then off by so much.
func stepAt(at, by time.Duration) relay.Driver {
	return stepping{honest(), func(since time.Duration) time.Duration {
		if since < at {
			return 0
		}
		return by
	}}
}

// holdingUp holds up the one who plays the plan, so that the load comes late.
func holdingUp(r *run) {
	done := false
	r.cfg.Progress = func(p Progress) {
		if p.Note != "" && p.Phase == "outage" && !done {
			done = true
			_ = pass(context.Background(), 20*time.Minute)
		}
	}
}

// TestNoPartOfTheHarnessFailsUnseen makes each part fail by itself. The relay is
// honest, and nothing that it then does may be told as its own: the outcome is
// inconclusive, with the part named, or the run itself ends with an error.
func TestNoPartOfTheHarnessFailsUnseen(t *testing.T) {
	for _, c := range []struct {
		name, because string
		driver        relay.Driver
		meddle        func(*run)
		fails         bool // the run itself says so too
	}{
		{name: "a front end dies", because: "stopped in mid-run", meddle: killing(endpointOffice365)},
		{name: "an inbox dies", because: "stopped in mid-run", meddle: killing(endpointInternet)},
		{name: "a front end cannot keep mail", because: "no room", meddle: unkept(endpointOffice365)},
		{name: "an inbox cannot keep mail", because: "no room", meddle: unkept(endpointInternet)},
		{name: "the spare store cannot keep mail", because: "no room", meddle: unkept(endpointSpare)},
		{name: "the DNS falls silent", because: "it does not answer", meddle: func(r *run) {
			var on atomic.Bool
			inOutage(r, func() { on.Store(true) })
			r.silence = on.Load
		}},
		{name: "the disk is full at once", because: "cut", meddle: withRoom(10), fails: true},
		{name: "the disk is full in mid-run", because: "cut", meddle: withRoom(9_000), fails: true},
		{name: "a clock steps forward", because: "was off", driver: stepAt(3*time.Hour, time.Hour)},
		{name: "a clock steps back", because: "was off", driver: stepAt(3*time.Hour, -time.Hour)},
		{name: "a clock steps and comes back", because: "was off",
			driver: stepping{honest(), func(since time.Duration) time.Duration {
				if since > 3*time.Hour && since < 4*time.Hour {
					return time.Minute
				}
				return 0
			}}},
		{name: "a clock runs too fast", because: "was off",
			driver: stepping{honest(), func(since time.Duration) time.Duration { return since / 100 }}},
		{name: "the load comes late", because: "load-on-schedule", meddle: holdingUp},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := &replayed{
				t: t, driver: c.driver, meddle: c.meddle, scenario: situation(t, "reset"), scale: 1,
			}
			if r.driver == nil {
				r.driver = honest()
			}
			j := r.inMemory()
			if j.Outcome != check.Inconclusive || !because(j, c.because) || (r.err != nil) != c.fails {
				t.Errorf("%s, want inconclusive because of %q; %v", j.Outcome, c.because, r.err)
				tell(t, j)
			}
		})
	}
}

// troubles are the names and notes of the failures that a file tells of.
func troubles(t *testing.T, path string) string {
	t.Helper()
	var all []string
	for e, err := range evidence.Read(path) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == evidence.KindTrouble {
			all = append(all, e.Name+": "+e.Note)
		}
	}
	return strings.Join(all, "; ")
}

// TestADeadLinkIsTrouble: a link lives on real sockets, so it is looked at by
// itself: once its proxy is gone, the next look says so, and so does the
// session that should have gone through it.
func TestADeadLinkIsTrouble(t *testing.T) {
	path := filepath.Join(t.TempDir(), evidence.File)
	log, err := evidence.Create(path, func() (at, t time.Duration) { return 1, 1 })
	if err != nil {
		t.Fatal(err)
	}
	warp := clock.New(time.Now(), 1)
	l, err := link.New("slow", warp)
	if err != nil {
		t.Fatal(err)
	}
	rec := &recorder{log: log, tally: newTally(), clock: warp, began: time.Now()}
	r := &run{recorder: rec, warp: warp, cfg: Config{Dir: t.TempDir()}}
	r.world = &world{recorder: rec, links: []*liveLink{{Link: timeline.Link{Name: "slow"}, path: l}},
		dns: &dnsfake.Server{Zone: dnsfake.NewZone()}}
	r.pace = newPace(r)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	w := &watch{run: r, sampled: time.Now(), every: time.Hour}
	w.look(t.Context())
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if got := troubles(t, path); !strings.Contains(got, "link slow: ") {
		t.Errorf("a dead link left %q", got)
	}
}
