package harness

import (
	"context"
	"time"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// letterKept is a message that was taken with a 250 and has not arrived.
type letterKept struct {
	event evidence.Event // its delivery
	due   time.Duration
}

// keep notes that a fault holds a message back, or has lost it.
func (l *liveFault) keep(e evidence.Event, r smtpfake.Result) {
	if r.Kept == smtpfake.Lose {
		return
	}
	l.mu.Lock()
	l.kept = append(l.kept, letterKept{event: e, due: e.T + r.KeptFor})
	l.mu.Unlock()
	select {
	case l.posted <- struct{}{}:
	default:
	}
}

// postmen carry what faults have held back, each for one fault, until ctx ends.
func (w *world) postmen(ctx context.Context) {
	for _, l := range w.faults.all {
		switch {
		case l.Do == scenarios.Hold && l.Delay > 0:
			w.serving.Go(func() { w.carry(ctx, l) })
		case l.Do == scenarios.Hold, l.Do == scenarios.Quarantine:
			w.serving.Go(func() { w.release(ctx, l) })
		}
	}
}

// carry brings each message when its own time has come.
func (w *world) carry(ctx context.Context, l *liveFault) {
	for {
		next, ok := l.next()
		if !ok {
			select {
			case <-l.posted:
				continue
			case <-ctx.Done():
				return
			}
		}
		if w.clock.Sleep(ctx, next.due-w.now()) != nil {
			return
		}
		w.arrive(next)
	}
}

// release brings all messages once the fault is healed, in the order in which
// they were taken and evenly over the fault's delay.
func (w *world) release(ctx context.Context, l *liveFault) {
	select {
	case <-l.healed:
	case <-ctx.Done():
		return
	}
	l.mu.Lock()
	gap := l.Delay / time.Duration(max(1, len(l.kept)))
	l.mu.Unlock()
	for {
		next, ok := l.next()
		if !ok {
			return
		}
		if w.clock.Sleep(ctx, gap) != nil || ctx.Err() != nil {
			return
		}
		w.arrive(next)
	}
}

// next takes the message that has waited longest.
func (l *liveFault) next() (letterKept, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.kept) == 0 {
		return letterKept{}, false
	}
	first := l.kept[0]
	l.kept = l.kept[1:]
	return first, true
}

// arrive records that a message reached its mailboxes at last.
func (w *world) arrive(k letterKept) {
	e := k.event
	w.log.Append(evidence.Event{
		Kind: evidence.KindArrival, Actor: evidence.Fake, Endpoint: e.Endpoint, Site: e.Site,
		Msg: e.Msg, To: e.To, Fault: e.Fault, Held: e.Held, Began: e.T,
	})
}
