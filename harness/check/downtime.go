package check

import (
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// downtime is a time in which the plan kept the relay from taking mail: it was
// killed, stopped or paused, or had no space to write to. Whoever came then could
// be asked to come again, and that is no fault of the relay's; how long it lasts
// is up to the plan and not to the relay, and which messages fall into it to
// chance.
type downtime struct {
	from, to time.Duration
	ends     string // the step that ends it
}

// downtimes are all of them, in order.
type downtimes []downtime

// see takes in a step. One begins when the harness goes about it, and ends when
// the relay is seen to be back.
func (d *downtimes) see(l *ledger, e *evidence.Event) {
	if e.Kind != evidence.KindStep {
		return
	}
	switch e.Step {
	case "kill":
		if !l.waits(e.Name) {
			d.begin(e.T, "restarted")
		}
	case killDone:
		d.begin(e.T, "restarted")
	case "stop":
		d.begin(e.T, "start done")
	case "pause":
		d.begin(e.T, "resume done")
	case "fill-disk":
		d.begin(e.T, "free-disk done")
	default:
		for i := range *d {
			if down := &(*d)[i]; down.to == forever && down.ends == e.Step {
				down.to = e.T
			}
		}
	}
}

func (d *downtimes) begin(t time.Duration, ends string) {
	*d = append(*d, downtime{t, forever, ends})
}

// met says that some of the time was downtime.
func (d downtimes) met(from, to time.Duration) bool {
	for _, down := range d {
		if from <= down.to && to >= down.from {
			return true
		}
	}
	return false
}

// couldNotTake says that a first attempt that was not accepted met a relay that
// could not take it, and that might come again: a message refused with a 5xx
// is never excused.
func (l *ledger) couldNotTake(m *letter, start time.Duration) bool {
	return m.code < 500 && l.downtimes.met(start, m.answered)
}
