package harness

import (
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/harness/evidence"
)

// recorder is what every part of a run needs to say what it saw.
type recorder struct {
	log   *evidence.Log
	tally *tally
	clock clock.Clock
	start time.Time // the scenario's, on the clock
	began time.Time // the run's, on the wall
}

// stamp is the present: wall time since the run's start, scenario time since
// the scenario's.
func (r *recorder) stamp() (at, t time.Duration) {
	return time.Since(r.began), r.now()
}

// now is scenario time since the scenario's start.
func (r *recorder) now() time.Duration { return r.clock.Now().Sub(r.start) }

// trouble records a failure of the harness itself; it makes the run
// inconclusive.
func (r *recorder) trouble(who, what string) {
	r.log.Append(evidence.Event{
		Kind: evidence.KindTrouble, Actor: evidence.Harness, Name: who, Note: what,
	})
}
