package relaytest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

// Options are what the suite must know of a driver.
type Options struct {
	// Quick is a configuration with which the relay tries again within seconds.
	Quick string
	// Rate is for a relay that has no such configuration: where the suite would
	// be quick, it lives on the shared clock, at so many times real time.
	Rate float64
	// Patience is for a relay that can be made quick by neither: how long what needs
	// another try may take on the wall. Nothing: a minute.
	Patience time.Duration
	// Faulty is one that must be refused.
	Faulty string
	// NoSpare: the relay has no means of copying mail, and so must refuse a
	// world with a spare.
	NoSpare bool
	// CopiesFirst: the relay delivers only what it has copied.
	CopiesFirst bool
	// Sender is what the relay makes of the sender's address in the envelope of what
	// it passes on; nil: it leaves it as it is.
	Sender func(from, to string) string
	// Unnamed: the listing of its queue does not name the messages' own ids.
	Unnamed bool
}

// Run tries a driver. It is skipped where the driver is not ready, unless
// HANSEI_REQUIRE names it.
func Run(t *testing.T, d relay.Driver, o Options) {
	if err := d.Ready(t.Context()); err != nil {
		if required(d.Name()) {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	for _, c := range []struct {
		name string
		try  func(*testing.T, relay.Driver, Options)
	}{
		{"delivers by MX what it was given, and says what it is", delivers},
		{"copies mail to the spare", copies},
		{"copies mail to the spare when that comes back", copiesLater},
		{"refuses what the filter looks for, and nothing else", filters},
		{"goes to another host where one is dead", evades},
		{"keeps the queue through a kill", survives},
		{"lives on the shared clock", accelerates},
		{"refuses what it cannot do", refuses},
		{"can do what its driver says", abilities},
		{"stands still through a pause", pauses},
		{"comes back from an orderly end", restarts},
		{"loses nothing on a full disk", fills},
		{"lives with a slow disk and a clock that is set", mishaps},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := remains(t)
			t.Cleanup(func() { // after the relay's own end, being the first of all
				until(t, "the machine is as it was", func() bool { return remains(t) == before })
			})
			c.try(t, d, o)
		})
	}
}

// refuses tries worlds that no relay may start in, and that a refusal is one
// sentence and leaves nothing.
func refuses(t *testing.T, d relay.Driver, o Options) {
	w := newWorld(t, d)
	wrong := map[string]func(*relay.World){}
	if !d.Traits().InProcess {
		for _, dns := range []string{"", "127.0.0.1:5353", "192.0.2.1:53"} {
			wrong["DNS at "+dns] = func(given *relay.World) { given.DNS = dns }
		}
	}
	if o.Faulty != "" {
		wrong["a faulty configuration"] = func(given *relay.World) { given.Overlay = o.Faulty }
	}
	if o.NoSpare {
		wrong["a spare"] = func(given *relay.World) {
			given.Spare = relay.Spare{Domains: []string{"kaede.example"}, Domain: "spare.test"}
		}
	}
	for name, change := range wrong {
		given := w.given()
		change(&given)
		r, err := d.Start(t.Context(), given)
		if err == nil {
			t.Errorf("%s: it started", name)
			_ = r.Stop(context.Background())
			continue
		}
		if strings.Contains(strings.TrimSpace(err.Error()), "\n") {
			t.Errorf("%s: not one sentence: %v", name, err)
		}
		t.Logf("%s: %v", name, err)
	}
	if d.Traits().InProcess {
		return
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := d.Start(ctx, w.given()); err == nil {
		t.Error("it started although its context was over")
		_ = r.Stop(context.Background())
	}
}
