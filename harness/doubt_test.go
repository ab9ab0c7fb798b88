package harness

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
)

// liar is a relay whose clock is ten minutes slow.
type liar struct{ relay.Driver }

func (l liar) Start(ctx context.Context, w relay.World) (relay.Relay, error) {
	running, err := l.Driver.Start(ctx, w)
	if err != nil {
		return nil, err
	}
	return lying{running, w}, nil
}

type lying struct {
	relay.Relay
	world relay.World
}

func (l lying) ReadClock(context.Context) (time.Time, error) {
	return l.world.Clock.Now().Add(-10 * time.Minute), nil
}

// fateOfAll is every acceptance and delivery of a run, without their times.
func fateOfAll(t *testing.T, dir string) string {
	t.Helper()
	fates := map[string]bool{}
	for e, err := range evidence.Read(filepath.Join(dir, evidence.File)) {
		if err != nil {
			t.Fatal(err)
		}
		switch e.Kind {
		case evidence.KindSubmission, evidence.KindDelivery, evidence.KindDSN, evidence.KindQueued:
			for _, to := range append(e.To, e.Final...) {
				fates[fmt.Sprint(e.Kind, e.Msg, to, e.Endpoint, e.Outcome, e.Digest, e.Action)] = true
			}
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(fates)), "\n")
}

// TestSharedClockNeedsACanary: an accelerated relay whose processes never told
// their time proves nothing.
func TestSharedClockNeedsACanary(t *testing.T) {
	for canaries, doubted := range map[int64]bool{0: true, 1: false} {
		path := filepath.Join(t.TempDir(), evidence.File)
		log, err := evidence.Create(path, func() (at, t time.Duration) { return 1, 1 })
		if err != nil {
			t.Fatal(err)
		}
		r := &run{recorder: &recorder{log: log}, file: &clock.File{}}
		c := &conductor{run: r, watch: &watch{run: r}}
		c.watch.canaries.Store(canaries)
		c.proveClock()
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		var trouble bool
		for e, err := range evidence.Read(path) {
			trouble = trouble || err == nil && e.Kind == evidence.KindTrouble && e.Name == "clock"
		}
		if trouble != doubted {
			t.Errorf("%d canaries: trouble %t, want %t", canaries, trouble, doubted)
		}
	}
}
