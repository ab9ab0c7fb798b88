package reference

import (
	"math"
	"time"
)

// laneKey names a stream of mail with a common destination: one mail domain,
// or the spare.
type laneKey struct {
	domain string
	spare  bool
}

// String is the lane's name in the log and in envelopes.
func (k laneKey) String() string {
	if k.spare {
		return "spare:" + k.domain
	}
	return k.domain
}

// refusalsToHold is how many temporary refusals in a row, with no message taken
// in between, mean that the destination as a whole is unwell and not just some
// of its mailboxes.
const refusalsToHold = 5

// sweepEvery is how often a lane is searched for messages that grew too old.
const sweepEvery = time.Minute

// never is an instant that does not come.
const never = math.MaxInt64

// window is how many connections may be open at a time: few to one that was
// just down, one more for each success, up to most.
type window struct{ size, most int }

func (w *window) grow()   { w.size = min(w.size+1, w.most) }
func (w *window) shrink() { w.size = max(w.size/2, 1) }
func (w *window) probe()  { w.size = 1 }

// lane is the mail that waits for one destination, and what is known of the
// destination. The scheduler's lock guards it.
type lane struct {
	key    laneKey
	ready  entries          // to be tried as soon as there is room, oldest first
	later  entries          // to be tried when due
	busy   map[uint64]entry // in the hands of workers
	window window
	active int // workers at it

	refusals  int      // temporary refusals in a row
	down      bool     // the last thing seen was a failure of the whole destination
	holds     int      // how often it was held in a row
	heldUntil int64    // no attempt before
	hosts     []string // addresses seen at the last look-up
	provider  string   // the domain that the hosts' names are in
	blockedAt int64    // when ready mail last found no room
	alarm     int64    // when the next message grows too old
	sweptAt   int64
}

func newLane(key laneKey, most int) *lane {
	return &lane{
		key:    key,
		ready:  entries{byAge: true},
		busy:   map[uint64]entry{},
		window: window{size: min(2, most), most: most},
		alarm:  never,
	}
}

// promote makes ready what is due.
func (l *lane) promote(now int64) {
	for len(l.later.list) > 0 && l.later.first().due <= now {
		l.ready.add(l.later.take())
	}
}

// take is the oldest ready message that no worker has in hand.
func (l *lane) take(now int64) (entry, bool) {
	for len(l.ready.list) > 0 {
		e := l.ready.take()
		if _, busy := l.busy[e.id]; busy {
			// Some of its recipients are being served: the others come next.
			e.due = now + int64(time.Second)
			l.later.add(e)
			continue
		}
		l.busy[e.id] = e
		return e, true
	}
	return entry{}, false
}

// release frees the messages that failed only because the destination was
// down.
func (l *lane) release(now int64) int {
	freed := l.later.remove(func(e entry) bool { return e.away })
	for i := range freed {
		freed[i].away = false
		if freed[i].due > now {
			freed[i].freed = true
		}
	}
	l.ready.addAll(freed)
	return len(freed)
}

// overdue takes out the messages whose alarm has come, and sets the next one.
func (l *lane) overdue(now int64, notice, lifetime time.Duration) []entry {
	old := func(e entry) bool { return e.alarm(notice, lifetime) <= now }
	out := append(l.ready.remove(old), l.later.remove(old)...)
	l.sweptAt, l.alarm = now, never
	for _, list := range [][]entry{l.ready.list, l.later.list} {
		for _, e := range list {
			l.alarm = min(l.alarm, e.alarm(notice, lifetime))
		}
	}
	return out
}

// host is one address that mail is delivered to, whatever the domain: many
// tenants share a front end, and so they share what is known of it.
type host struct {
	window    window
	active    int
	failures  int // connections lost or refused in a row
	holds     int
	downUntil int64
}

// failuresToHold is how many failures in a row mean that a host is down: one
// session in three may break without that.
const failuresToHold = 3

// opens is when the host may be tried again: never means when a connection of
// ours ends.
func (h *host) opens(now int64) int64 {
	switch {
	case h.downUntil > now:
		return h.downUntil
	case h.active >= h.window.size:
		return never
	}
	return now
}
