package forecast

import "math"

// cohorts is the engine that follows streams of mail as a fluid. What comes to a
// kind in one step is a parcel, which waits, is tried and deferred as one; a
// share of it gets through. Moments are in seconds.
type cohorts struct {
	w     *world
	m     *Model
	tally *tally
	step  float64

	now     float64
	horizon float64
	kinds   []kind
	state   []kindState
	groups  []groupFlow
	wheel   *wheel
	busy    float64 // connections that are at work longer than a step
	// parts are what has left and is less than a pair: of mail from after the
	// heal, and from before.
	parts [2]struct{ units, born float64 }

	// Of parcels.
	born, mass []float64
	of         []int32 // kind
	tries      []uint16
	away       []bool
	waits      []bool
	next, prev []int32
	idle       []int32
	held       float64 // mass of all parcels
}

// kindState is what the relay knows of a kind's destinations, which are all
// alike.
type kindState struct {
	head, tail int32
	ready      float64
	fresh      float64 // the part that came since the last step, one by one
	window     float64
	until      float64 // left in peace
	holds      int
	record     record
	down       bool
	freed      []int32
	effect     effect
	effectEnd  float64
	serving    float64
	doom       float64  // how near it is to be given up for what comes one by one
	ends       []ending // a ring by step, of what takes longer than one
	endAt      int
}

// ending is what leaves at the end of a transaction: units by whether they came
// before the heal, and the oldest of each.
type ending struct {
	units, oldUnits float64
	born            float64
}

// groupFlow is what it knows of front ends.
type groupFlow struct {
	window float64 // of each host
	until  float64
	holds  int
	failed float64 // sessions in a row, for each host
}

// Steps are as long as keep their number, times kinds, below these: for one
// forecast, and for each of many.
const (
	maxSteps    = 2_000_000
	coarseSteps = 100_000
)

// least is mass that is nothing: half a unit of the whole flow.
const least = 0.5

func newCohorts(w *world, m *Model, steps float64) *cohorts {
	c := &cohorts{w: w, m: m, kinds: w.kinds(m)}
	c.horizon = min(w.length+m.Lifetime+6*3600, longest)
	c.step = math.Ceil(w.length * float64(len(c.kinds)) / steps)
	if m.Retry.Scan > 0 { // scans begin with a step
		for math.Mod(m.Retry.Scan, c.step) != 0 {
			c.step++
		}
	}
	c.tally = newTally(w, c.horizon)
	parcels := int(w.length/c.step+1) * len(c.kinds)
	c.born, c.mass = make([]float64, 0, parcels), make([]float64, 0, parcels)
	c.of, c.tries = make([]int32, 0, parcels), make([]uint16, 0, parcels)
	c.next = make([]int32, 0, parcels)
	if m.Dead.Release {
		c.prev = make([]int32, 0, parcels)
	}
	width := c.step
	if m.Retry.Scan > 0 {
		width = m.Retry.Scan
	}
	c.wheel = newWheel(int32(width*1000), int32(m.Retry.Phase*1000), int32(c.horizon*1000), nil, c.prev)
	c.state = make([]kindState, len(c.kinds))
	for i := range c.state {
		c.state[i] = kindState{
			head: none, tail: none, window: float64(m.Concurrency.initial()), effectEnd: -1,
			ends: make([]ending, 1),
		}
	}
	c.groups = make([]groupFlow, len(w.groups))
	for g := range c.groups {
		c.groups[g].window = float64(m.Concurrency.perHost())
	}
	return c
}

// run plays all of it.
func (c *cohorts) run() *tally {
	for {
		c.tally.advance(c.now)
		c.end()
		c.scan()
		if c.now < c.w.length {
			c.arrive()
		}
		if _, down := c.w.isDown(c.now); !down {
			c.serve()
		}
		c.now += c.step
		if c.now >= c.w.length && c.held+c.busy < least || c.now > c.horizon {
			break
		}
	}
	c.tally.advance(max(c.now, c.w.length))
	for p, mass := range c.mass {
		if mass >= least && c.kinds[c.of[p]].affected {
			c.tally.out(c.born[p], c.now)
			break
		}
	}
	return c.tally
}

// parcel makes one, in a place that is free.
func (c *cohorts) parcel(of int32, born, mass float64) int32 {
	c.held += mass
	if n := len(c.idle); n > 0 {
		p := c.idle[n-1]
		c.idle = c.idle[:n-1]
		c.born[p], c.mass[p], c.of[p], c.tries[p] = born, mass, of, 0
		c.away[p], c.waits[p] = false, false
		return p
	}
	p := int32(len(c.born))
	c.born, c.mass = append(c.born, born), append(c.mass, mass)
	c.of, c.tries = append(c.of, of), append(c.tries, 0)
	c.away, c.waits = append(c.away, false), append(c.waits, false)
	c.next = append(c.next, none)
	c.wheel.next = c.next
	if c.m.Dead.Release {
		c.prev = append(c.prev, none)
		c.wheel.prev, c.wheel.slot = c.prev, append(c.wheel.slot, 0)
	}
	return p
}

// arrive takes in what comes in this step.
func (c *cohorts) arrive() {
	until := min(c.now+c.step, c.w.length)
	t := c.tally
	for i := range c.kinds {
		k := &c.kinds[i]
		units := k.due(c.now, until)
		if units == 0 {
			continue
		}
		if k.spare {
			t.spareBytes += units * k.bytes
		} else {
			t.messages += units * k.mess
			t.accepted += units * k.pairs
			if k.affected {
				t.bytes += units * k.bytes
			}
			t.change(units*k.pairs, k.affected)
			t.spooled(units*k.disk, units*k.files)
		}
		c.state[i].fresh = units
		c.offer(c.parcel(int32(i), c.now, units))
	}
}

// offer lets a parcel wait for its destination.
func (c *cohorts) offer(p int32) {
	s := &c.state[c.of[p]]
	c.waits[p] = false
	if c.m.Dead.Defer && s.until > c.now {
		c.again(p)
		return
	}
	c.next[p] = none
	if s.tail == none {
		s.head = p
	} else {
		c.next[s.tail] = p
	}
	s.tail = p
	s.ready += c.mass[p]
}

// scan hands over what is due.
func (c *cohorts) scan() {
	for c.wheel.soonest() <= int64(c.now*1000+0.5) {
		for p := c.wheel.take(); p != none; {
			after := c.next[p]
			c.offer(p)
			p = after
		}
	}
}

// again lets a parcel wait for its next attempt, or gives it up.
func (c *cohorts) again(p int32) {
	if c.now-c.born[p] >= c.m.Lifetime {
		k := &c.kinds[c.of[p]]
		c.leave(k, c.mass[p], c.born[p], true)
		c.drop(p)
		return
	}
	c.tries[p]++
	c.waits[p] = true
	wait := c.m.Retry.delay(c.born[p], c.now, int(c.tries[p]))
	c.wheel.put(p, int64((c.now+max(wait, 0.001))*1000))
}

func (c *cohorts) drop(p int32) {
	c.held -= c.mass[p]
	c.mass[p] = 0
	c.idle = append(c.idle, p)
}

// leave ends units: delivered, or given up.
func (c *cohorts) leave(k *kind, units, born float64, bounced bool) {
	t := c.tally
	switch {
	case k.spare:
		if !bounced {
			t.spare += units * k.pairs
		}
		return
	case bounced:
		t.bounced += units * k.pairs
	default:
		t.delivered += units * k.pairs
	}
	t.change(-units*k.pairs, k.affected)
	t.spooled(-units*k.disk, -units*k.files)
	if !k.affected {
		return
	}
	t.bytes -= units * k.bytes
	if bounced {
		return
	}
	// A pair has left when half of one has, however many parcels it was in.
	p := &c.parts[0]
	if born < c.w.heal {
		p = &c.parts[1]
	}
	if p.units == 0 || born < p.born {
		p.born = born
	}
	if p.units += units * k.pairs; p.units >= least {
		t.out(p.born, c.now)
		p.units = 0
	}
}
