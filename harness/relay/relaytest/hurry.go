package relaytest

import (
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

// hurry has a relay try again within seconds: by its configuration, or, if it
// has none for that, by a shared clock that goes faster.
func (w *world) hurry(given *relay.World, o Options) {
	w.t.Helper()
	given.Overlay = o.Quick
	if o.Rate > 0 {
		warp := shared(w.t, given, time.Now())
		warp.SetRate(o.Rate)
		given.Clock = warp
	}
}
