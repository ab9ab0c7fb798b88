package check

import (
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// answerPatience is how long a client has to wait for the answer to a message
// that it has sent: ten minutes (RFC 5321 section 4.5.3.2.6), of which a minute
// is left to the rounding of clocks that run fast.
const answerPatience = 9 * time.Minute

// killGrace is how far from a kill a connection may end that it ended.
const killGrace = time.Minute

// departure is a client that hung up before it was told that a message was
// taken.
type departure struct {
	letter  int32
	pair    int32
	spare   bool
	t, left time.Duration
}

// hungUp notes a relay that did not wait for an answer that was still to come.
func (l *ledger) hungUp(li, pi int32, spare bool, e *evidence.Event) {
	if e.Withheld && e.Left > 0 && e.Left-e.T < answerPatience {
		l.departures = append(l.departures, departure{li, pi, spare, e.T, e.Left})
	}
}

// killDone is the step of a kill that waited for its moment.
const killDone = "kill done"

// killed notes that the relay's processes were ended: when the plan says so, or
// when the moment came that the plan names.
func (l *ledger) killed(e *evidence.Event) {
	if e.Step == killDone || e.Step == "kill" && !l.waits(e.Name) {
		l.kills = append(l.kills, e.T)
	}
}

// waits says whether a step of that name waits for a moment of its own.
func (l *ledger) waits(name string) bool {
	for _, r := range l.s.Relay {
		if r.Name == name {
			return r.When != ""
		}
	}
	return false
}

// depart takes back the excuse of copies whose answer the relay itself did not
// wait for: nobody withheld it. One that was killed meanwhile could not wait,
// and nor could one on a machine that stood still.
func (l *ledger) depart() {
	for _, d := range l.departures {
		if l.stalled(d.t, d.left) || l.killedWithin(d.t, d.left) {
			continue
		}
		l.alter(d.letter, d.pair, func(p *pair) {
			c := &p.own
			if d.spare {
				c = &p.spare
			}
			if c.withheld > 0 {
				c.withheld--
			}
		})
	}
	l.departures = nil
}

func (l *ledger) killedWithin(from, to time.Duration) bool {
	for _, t := range l.kills {
		if from-killGrace <= t && t <= to+killGrace {
			return true
		}
	}
	return false
}
