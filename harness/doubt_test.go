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
