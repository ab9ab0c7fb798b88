package external_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/external"
	"github.com/hansei-mail/hansei/harness/relay/external/outsidetest"
	"github.com/hansei-mail/hansei/harness/relay/relaytest"
)

// owned is the driver together with the owner of a relay: he sets up one for
// each world before hansei comes, and ends it after hansei has gone.
type owned struct{ external.Driver }

// hooked has the traits of a relay with all hooks; which relay, only its start
// can say.
func hooked() external.Driver {
	return external.New(external.Options{Hooks: (&outsidetest.Postfix{}).Hooks()})
}

func (owned) Ready(context.Context) error { return outsidetest.Ready() }

func (owned) Start(ctx context.Context, w relay.World) (relay.Relay, error) {
	given := w.DNS
	if given == "" {
		given = "127.0.0.1:53" // its owner has one all the same
	}
	p, err := outsidetest.Start(ctx, outsidetest.Config{
		DNS: given, Spare: w.Spare, Filter: w.Filter,
		Settings: "minimal_backoff_time = 2s\nmaximal_backoff_time = 4s\nqueue_run_delay = 1s\n" +
			"transport_retry_time = 1s\n",
	})
	if err != nil {
		return nil, err
	}
	d := external.New(external.Options{Address: p.Address, Hooks: p.Hooks()})
	w.Overlay = "" // has no meaning here; refused in a test of its own
	r, err := d.Start(ctx, w)
	if err != nil {
		return nil, errors.Join(err, p.Stop(context.WithoutCancel(ctx)))
	}
	return lent{r.(whole), p}, nil
}

// whole is a relay with all hooks.
type whole interface {
	relay.Relay
	relay.Killer
	relay.Pauser
	relay.QueueReader
	relay.QueueSizer
	Halt(ctx context.Context) error
}

// lent is the relay until hansei has gone.
type lent struct {
	whole
	postfix *outsidetest.Postfix
}

func (l lent) Stop(ctx context.Context) error {
	return errors.Join(l.whole.Stop(ctx), l.postfix.Stop(ctx))
}

// TestAPostfixStartedOutsideConforms runs the suite with a second Postfix.
func TestAPostfixStartedOutsideConforms(t *testing.T) {
	if testing.Short() {
		t.Skip("real relays take a while; leave -short out")
	}
	if err := outsidetest.Ready(); err != nil &&
		strings.Contains(os.Getenv("HANSEI_REQUIRE"), "postfix") {
		t.Fatal(err)
	}
	relaytest.Run(t, owned{hooked()}, relaytest.Options{Unnamed: true})
}
