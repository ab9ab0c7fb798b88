package forecast

import (
	"math"
	"math/rand/v2"
)

// never is a moment that does not come.
const never = math.MaxInt64

// unitState is where a unit is.
type unitState uint8

const (
	isNew unitState = iota
	isReady
	isBusy
	isWaiting
	isDone
)

// events is the engine that follows each message by itself. Moments are in
// milliseconds. Nothing is allocated for an event.
type events struct {
	w     *world
	m     *Model
	load  *load
	dice  *rand.Rand
	tally *tally

	now     int64
	horizon int64
	message int // the next to come
	alive   int // units not done
	taken   int64

	// Of units.
	next, prev []int32
	msg        []int32
	tries      []uint16
	state      []unitState
	away       []bool // the last failure was the destination's

	// Of messages: units left, all and of affected destinations.
	left, leftAffected []uint8

	lanes  []laneState
	groups []groupState
	ring   []int32 // lanes that may start something, in turn
	ringAt int
	busy   int
	slots  []slot
	spares []int32 // free slots
	wheel  *wheel
	alarms alarms
}

// laneState is what the relay knows of a destination.
type laneState struct {
	head, tail int32 // ready units
	ready      int
	busy       int
	window     int
	cohorts    float64 // Postfix's fail_cohorts
	success    float64
	failure    float64
	failures   int // in a row
	refusals   int
	holds      int
	held       bool
	down       bool
	holdUntil  int64
	record     record
	queued     bool // in the ring
	freed      []int32
	effect     effect
	effectEnd  int64
}

// groupState is what it knows of the front ends that lanes share.
type groupState struct {
	hosts   []hostState
	busy    int
	turn    int
	blocked []int32 // lanes that wait for a host
	alarm   int64
}

// hostState is one address.
type hostState struct {
	window, busy, failures, holds int
	until                         int64
}

// slot is a connection at work.
type slot struct {
	unit, lane int32
	host       int32 // -1: none was reached
	used       int32 // messages on this connection
	broken     uint64
	result     result
}

// result is how an attempt ends.
type result uint8

const (
	isDelivered result = iota
	isRefused          // for a time, the message alone
	isBounced
	isAway  // nobody could be talked to
	isCut   // the connection was lost with the message on it
	isStray // no way was found
)

// The kinds of alarm besides a slot's end.
const (
	alarmBase  = 1 << 22
	alarmGroup = alarmBase + 1<<20
)

func newEvents(w *world, m *Model, l *load, seed uint64) *events {
	e := &events{
		w: w, m: m, load: l, dice: rand.New(rand.NewPCG(seed, ^seed)),
	}
	lifetime := int64(m.Lifetime * 1000)
	e.horizon = min(int64(w.length*1000)+lifetime+6*3600*1000, longest*1000)
	e.tally = newTally(w, float64(e.horizon)/1000)
	units := len(l.lane)
	e.alive = units
	e.next = make([]int32, units)
	if m.Dead.Release {
		e.prev = make([]int32, units)
	}
	e.msg, e.tries = make([]int32, units), make([]uint16, units)
	e.state, e.away = make([]unitState, units), make([]bool, units)
	e.left, e.leftAffected = make([]uint8, len(l.at)), make([]uint8, len(l.at))
	for i := range l.at {
		for u := l.first[i]; u < l.first[i+1]; u++ {
			e.msg[u] = int32(i)
			e.left[i]++
			if w.lanes[l.lane[u]].affected {
				e.leftAffected[i]++
			}
		}
	}
	width := int32(1000)
	if m.Retry.Scan > 0 {
		width = int32(m.Retry.Scan * 1000)
	}
	e.wheel = newWheel(width, int32(m.Retry.Phase*1000), int32(e.horizon), e.next, e.prev)
	e.lanes = make([]laneState, len(w.lanes))
	for i := range e.lanes {
		e.lanes[i] = laneState{head: none, tail: none, window: m.Concurrency.initial(), effectEnd: -1}
	}
	e.groups = make([]groupState, len(w.groups))
	for g := range e.groups {
		e.groups[g].hosts = make([]hostState, len(w.groups[g].addresses))
		e.groups[g].alarm = never
		for h := range e.groups[g].hosts {
			e.groups[g].hosts[h].window = m.Concurrency.perHost()
		}
	}
	for _, d := range w.down {
		e.alarms.add(int64(d.until*1000), alarmBase)
	}
	return e
}

func (c Concurrency) initial() int { return min(c.Initial, c.PerDestination) }

func (c Concurrency) perHost() int {
	if c.PerHost == 0 {
		return math.MaxInt32
	}
	return c.PerHost
}

// run plays all of it.
func (e *events) run() *tally {
	for e.alive > 0 {
		arrival := int64(never)
		if e.message < len(e.load.at) {
			arrival = e.arrival()
		}
		alarm, due := e.alarms.soonest(), e.wheel.soonest()
		e.now = min(arrival, alarm, due)
		if e.now == never || e.now > e.horizon {
			break
		}
		e.tally.advance(float64(e.now) / 1000)
		switch {
		case alarm == e.now:
			e.ring1(e.alarms.take())
		case due == e.now:
			e.scan()
		default:
			e.accept()
		}
		e.dispatch()
	}
	end := max(float64(e.now)/1000, e.w.length)
	e.tally.advance(min(end, float64(e.horizon)/1000))
	e.leftOver()
	return e.tally
}

// arrival is when the relay takes the next message: when it comes, or when its
// senders come again, or when there is room.
func (e *events) arrival() int64 {
	at := int64(e.load.at[e.message])
	if rate := e.m.Accept.PerSecond; rate > 0 {
		at = max(at, e.taken+int64(1000/rate))
	}
	return max(at, e.now)
}

// senderRetry is how long a sender waits that found the relay down.
const senderRetry = 5 * minute

// accept takes a message in.
func (e *events) accept() {
	i := e.message
	e.message++
	e.taken = e.now
	t := e.tally
	bytes := float64(e.load.size[i])
	t.messages++
	if e.leftAffected[i] > 0 {
		t.bytes += bytes
	}
	t.spooled(bytes*e.m.Spool.PerByte+e.m.Spool.PerMessage, e.m.Spool.Files)
	// The units' moment of acceptance is the message's from here on.
	e.load.at[i] = int32(e.now)
	for u := e.load.first[i]; u < e.load.first[i+1]; u++ {
		at := e.load.lane[u]
		l := &e.w.lanes[at]
		if l.spare {
			t.spareBytes += bytes
		} else {
			t.accepted += float64(e.load.pairs[u])
			t.change(float64(e.load.pairs[u]), l.affected)
		}
		e.offer(u)
	}
}

// offer lets a unit wait for its destination.
func (e *events) offer(u int32) {
	at := e.load.lane[u]
	l := &e.lanes[at]
	if e.shut(l) && e.m.Dead.Defer {
		e.tries[u]++
		e.again(u)
		return
	}
	e.state[u] = isReady
	e.next[u] = none
	if l.tail == none {
		l.head = u
	} else {
		e.next[l.tail] = u
	}
	l.tail = u
	l.ready++
	e.queue(at)
}

// queue puts a lane into the ring of those that may start something.
func (e *events) queue(at int32) {
	if l := &e.lanes[at]; !l.queued && l.ready > 0 {
		l.queued = true
		e.ring = append(e.ring, at)
	}
}

// again lets a unit wait for its next attempt; the relay's patience may be over.
func (e *events) again(u int32) {
	born := float64(e.load.at[e.msg[u]]) / 1000
	now := float64(e.now) / 1000
	if now-born >= e.m.Lifetime {
		e.leave(u, true)
		return
	}
	wait := e.m.Retry.delay(born, now, int(e.tries[u]))
	if j := e.m.Retry.Jitter; j > 0 {
		wait *= 1 + j*(2*e.dice.Float64()-1)
	}
	e.state[u] = isWaiting
	e.wheel.put(u, e.now+max(1, int64(wait*1000)))
}

// scan hands over what is due.
func (e *events) scan() {
	for u := e.wheel.take(); u != none; {
		after := e.next[u]
		e.offer(u)
		u = after
	}
}

// leave ends a unit: delivered, or given up.
func (e *events) leave(u int32, bounced bool) {
	e.state[u] = isDone
	e.alive--
	i := e.msg[u]
	born, now := float64(e.load.at[i])/1000, float64(e.now)/1000
	l := &e.w.lanes[e.load.lane[u]]
	pairs := float64(e.load.pairs[u])
	t := e.tally
	switch {
	case l.spare:
		if !bounced {
			t.spare += pairs
		}
	case bounced:
		t.bounced += pairs
		t.change(-pairs, l.affected)
	default:
		t.delivered += pairs
		t.change(-pairs, l.affected)
	}
	bytes := float64(e.load.size[i])
	if l.affected {
		if !bounced {
			t.out(born, now)
		}
		if e.leftAffected[i]--; e.leftAffected[i] == 0 {
			t.bytes -= bytes
		}
	}
	if e.left[i]--; e.left[i] == 0 {
		t.spooled(-bytes*e.m.Spool.PerByte-e.m.Spool.PerMessage, -e.m.Spool.Files)
	}
}

// leftOver counts the age of what never left.
func (e *events) leftOver() {
	if e.alive == 0 {
		return
	}
	for u, s := range e.state {
		if s != isDone && s != isNew && e.w.lanes[e.load.lane[u]].affected {
			born := float64(e.load.at[e.msg[u]]) / 1000
			e.tally.out(born, e.tally.now)
			return // units are in the order of their age
		}
	}
}
