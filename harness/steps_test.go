package harness

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// TestHonestRelayBearsWhatIsDoneToIt: whatever happens to the relay itself, an
// honest one keeps what the variant promises.
func TestHonestRelayBearsWhatIsDoneToIt(t *testing.T) {
	for _, name := range []string{
		"ex196121/disk-full", "ex196121/paused", "ex196121/slow-disk", "ex196121/clock-step",
		"ex196121/kill-in-data",
	} {
		t.Run(name, func(t *testing.T) {
			r := &replayed{t: t, scenario: load(t, name), driver: honest(), scale: 1}
			j := r.inMemory()
			if r.err != nil || j.Outcome != check.Pass {
				t.Errorf("%s: %s, %v", name, j.Outcome, r.err)
				tell(t, j)
			}
		})
	}
}

// deaf is a driver whose relay does not do what is done to it.
type deaf struct{ relay.Driver }

func (d deaf) Start(ctx context.Context, w relay.World) (relay.Relay, error) {
	running, err := d.Driver.Start(ctx, w)
	if err != nil {
		return nil, err
	}
	return unmoved{running, running.(relay.ClockReader)}, nil
}

type unmoved struct {
	relay.Relay
	relay.ClockReader
}

func (unmoved) StepClock(context.Context, time.Duration) error { return nil }

// TestAStepThatDidNotHappenProvesNothing: the relay's own clock must show it.
func TestAStepThatDidNotHappenProvesNothing(t *testing.T) {
	r := &replayed{t: t, scenario: load(t, "ex196121/clock-step"), driver: deaf{honest()}}
	j := r.inMemory()
	if j.Outcome != check.Inconclusive || !because(j, "clock-true") {
		t.Errorf("%s, want inconclusive because of the clock; %v", j.Outcome, r.err)
		tell(t, j)
	}
}

// unable is a driver that can do nothing to its relay.
type unable struct{ relay.Driver }

func (u unable) Traits() relay.Traits { return relay.Traits{InProcess: true, SharesClock: true} }

// TestWhatADriverCannotDoIsRefusedByName, before anything is started.
func TestWhatADriverCannotDoIsRefusedByName(t *testing.T) {
	for name, words := range map[string]string{
		"ex196121/kill": "power-cut", "ex196121/disk-full": "no-space",
		"ex196121/paused": "standstill", "ex196121/slow-disk": "worn-disk",
		"ex196121/clock-step": "ntp-mishap",
	} {
		s := load(t, name)
		tl, err := timeline.Plan(s, timeline.Options{Seed: 1, Scale: 0.1})
		if err != nil {
			t.Fatal(err)
		}
		_, err = prepare(s, tl, unable{honest()}, Config{Dir: t.TempDir(), Network: Memory()})
		var refusal *Refusal
		if !errors.As(err, &refusal) || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want a refusal that names %s", name, err, words)
		}
	}
}
