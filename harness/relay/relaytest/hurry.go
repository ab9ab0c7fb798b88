package relaytest

import (
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

// hurry has a relay try again within seconds: by its configuration, or, if it
// has none for that, by a shared clock that goes faster. One that can do neither is
// given its time.
func (w *world) hurry(given *relay.World, o Options) {
	w.t.Helper()
	given.Overlay = o.Quick
	w.patience = o.Patience
	if o.Rate > 0 {
		warp := shared(w.t, given, time.Now())
		warp.SetRate(o.Rate)
		given.Clock = warp
	}
}

// tries waits for what may need another try of the relay's. Its minutes are for what
// a relay may do besides: a Postfix that finds a queue file still locked leaves it
// alone for one.
func (w *world) tries(what string, ok func() bool) {
	w.t.Helper()
	within(w.t, max(3*time.Minute, w.patience), what, ok)
}
