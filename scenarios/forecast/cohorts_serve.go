package forecast

import "math"

// serve tries what is ready, as far as there are connections.
func (c *cohorts) serve() {
	wanted := 0.0
	for i := range c.state {
		if c.state[i].ready > 0 {
			wanted += c.wants(i)
		}
	}
	// What all ask for is cut to what there is, each by the same share.
	part := 1.0
	if free := max(0, float64(c.m.Concurrency.Total)-c.busy); wanted > free {
		part = free / wanted
	}
	for i := range c.state {
		if c.state[i].ready > 0 {
			c.try(i, part)
		}
		s := &c.state[i]
		s.fresh = 0
		if c.m.Dead.Cohorts > 0 && s.ready+s.serving < least { // see events.forget
			s.window = float64(c.m.Concurrency.initial())
		}
	}
}

// meets is what attempts of the kind meet now.
func (c *cohorts) meets(i int) *effect {
	s := &c.state[i]
	if c.now >= s.effectEnd {
		s.effect = c.w.effect(c.kinds[i].lane, c.now, c.m.Service)
		s.effectEnd = s.effect.until
	}
	return &s.effect
}

// odds are the shares of attempts that end in each way, and what one costs.
type odds struct {
	away, cut, refused, bounced, through float64
	sessions                             float64 // an attempt tries, that break
	cost                                 float64
}

// odds of the kind's attempts: sessions are tried one after another, and one
// that holds carries reuse messages.
func (c *cohorts) odds(i int) odds {
	e, s := c.meets(i), &c.m.Service
	all, sessions := 0.0, 0.0
	hosts := len(e.broken)
	for first := range hosts {
		p := 1.0
		for j := range min(hosts, c.m.Concurrency.Sessions) {
			b := e.broken[(first+j)%hosts]
			p *= b
			sessions += p / float64(hosts)
			if b == 0 {
				break
			}
		}
		all += p / float64(hosts)
	}
	reuse := 1.0
	if per := c.state[i].ready / c.kinds[i].lanes; c.m.Concurrency.PerConnection > 1 && per > 1 {
		reuse = min(float64(c.m.Concurrency.PerConnection), per)
	}
	failed := all / (all + (1-all)*reuse)
	over := c.over(i, e)
	o := odds{sessions: sessions}
	o.away = either(either(failed, e.lookup), over)
	rest := 1 - o.away
	o.cut = rest * e.cut
	o.refused = rest * (1 - e.cut) * e.deferred
	o.bounced = rest * (1 - e.cut) * (1 - e.deferred) * e.bounced
	o.through = rest - o.cut - o.refused - o.bounced
	o.cost = sessions*e.brokenCost + e.lookup*e.lookupCost +
		rest*((s.Session+e.session)/reuse+s.Message+e.perByte*c.kinds[i].bytes) +
		o.through*e.slow + (o.cut+o.refused+o.bounced)*e.messageCost
	return o
}

// over is the share of sessions beyond the cap of the kind's forest.
func (c *cohorts) over(i int, e *effect) float64 {
	if e.cap < 0 {
		return 0
	}
	open := 0.0
	for j := range c.kinds {
		if c.kinds[j].group == c.kinds[i].group {
			open += c.state[j].window * c.kinds[j].lanes
		}
	}
	if open <= float64(e.cap) {
		return 0
	}
	return e.over * (1 - float64(e.cap)/open)
}

// room is how many connections the kind may have.
func (c *cohorts) room(i int) float64 {
	k, s := &c.kinds[i], &c.state[i]
	room := s.window * k.lanes
	if c.m.Dead.Scope == ByHost {
		g := &c.groups[k.group]
		room = min(room, g.window*float64(len(c.w.groups[k.group].addresses)))
	}
	return max(0, room-s.serving)
}

// wants is how many connections the kind would use now.
func (c *cohorts) wants(i int) float64 {
	o := c.odds(i)
	return min(c.room(i), c.state[i].ready*min(1, o.cost/c.step))
}

// try serves a kind.
func (c *cohorts) try(i int, part float64) {
	k, s := &c.kinds[i], &c.state[i]
	if c.closed(i) {
		return
	}
	o := c.odds(i)
	// A connection that is free sooner than a step is over takes several.
	mass := min(s.ready, c.wants(i)*part*max(1, c.step/max(o.cost, 1e-6)))
	if mass <= 0 {
		return
	}
	limit, dies := c.dies(i, o, mass)
	mass = min(mass, limit)
	c.tally.tried(c.now, mass*(1-o.away)+mass*o.sessions, mass*o.sessions+mass*(o.cut+o.refused))
	c.tally.connPeak = max(c.tally.connPeak, c.busy+mass*min(1, o.cost/c.step))
	c.spend(i, mass, o)
	c.learn(i, mass*o.through/k.lanes)
	if dies {
		c.die(i)
	}
}

// closed says whether the kind's destinations are left in peace.
func (c *cohorts) closed(i int) bool {
	k, s := &c.kinds[i], &c.state[i]
	if c.m.Dead.Scope == ByHost {
		return c.probe(i, &c.groups[k.group])
	}
	if s.until > c.now {
		return true
	}
	if c.m.Dead.Cohorts > 0 && s.until > 0 {
		s.until, s.window = 0, float64(c.m.Concurrency.initial())
	}
	return false
}

// probe: hosts that are down are asked, one connection each, when it is time.
func (c *cohorts) probe(i int, g *groupFlow) bool {
	if g.until > c.now {
		return true
	}
	if g.holds == 0 {
		return false
	}
	hosts := float64(len(c.w.groups[c.kinds[i].group].addresses))
	if c.odds(i).away > 0.5 {
		c.tally.tried(c.now, hosts, hosts)
		g.holds++
		g.until = c.now + c.m.Dead.hold(g.holds)
		return true
	}
	g.holds, g.until, g.failed = 0, 0, 0
	if c.m.Dead.Probe {
		g.window = 1
	}
	for j := range c.kinds {
		if c.kinds[j].group == c.kinds[i].group {
			c.release(j)
		}
	}
	return false
}

// dies is after how much mass the destination is given up for now, and whether
// that is reached: a lane dies after so many failures in a row.
func (c *cohorts) dies(i int, o odds, mass float64) (limit float64, dies bool) {
	d := &c.m.Dead
	k, s := &c.kinds[i], &c.state[i]
	fails := o.away + o.cut
	row := d.row(s.window)
	if d.Scope == ByHost {
		g := &c.groups[k.group]
		hosts := float64(len(c.w.groups[k.group].addresses))
		if fails > 0.5 {
			g.failed += mass * o.sessions / hosts
		} else {
			g.failed = 0
		}
		return mass, d.After > 0 && g.failed >= float64(d.After)
	}
	if row == 0 || fails <= 0 {
		return math.Inf(1), false
	}
	// A burst is what comes at once; what comes one by one is a burst only as far
	// as it meets the one before. Postfix forgets in between.
	burst := max(0, s.ready-s.fresh)/k.lanes + s.fresh/k.lanes
	p := min(fails, 1-1e-9)
	if d.Cohorts > 0 {
		// Each that comes meets the one before with the odds of 1-e^-met; so many in
		// a row are rare, but there are many that come.
		met := s.fresh / k.lanes * o.cost / c.step
		burst = max(0, s.ready-s.fresh)/k.lanes + met
		s.doom += s.fresh / k.lanes * math.Exp(-met) * math.Pow(1-math.Exp(-met), row-1) *
			math.Pow(p, row)
		if s.doom >= 1 {
			s.doom = 0
			return row * k.lanes, true
		}
	}
	need := (1 - math.Pow(p, row)) / ((1 - p) * math.Pow(p, row))
	if burst < need {
		return math.Inf(1), false
	}
	return need * k.lanes, true
}

// row is how many failures in a row make a destination dead.
func (d Dead) row(window float64) float64 {
	if d.Cohorts == 0 {
		return float64(d.After)
	}
	n := 0.0
	for sum := 0.0; sum < d.Cohorts && n < 1000; n++ {
		sum += 1 / max(1, math.Floor(window)-n)
	}
	return n
}

// die leaves the destination in peace.
func (c *cohorts) die(i int) {
	d := &c.m.Dead
	s := &c.state[i]
	s.down = true
	if d.Scope == ByHost {
		g := &c.groups[c.kinds[i].group]
		g.holds, g.failed = max(1, g.holds), 0
		g.until = c.now + d.hold(g.holds)
		return
	}
	s.holds++
	if d.Rule == HoldExim {
		s.record = d.failed(s.record, c.now)
		s.until = s.record.next
	} else {
		// It begins when the failures are known, a moment after the attempts: what
		// is due exactly when the time of peace is over still meets it.
		s.until = c.now + d.hold(s.holds) + c.step/2
	}
	if !d.Defer {
		return
	}
	p := s.head
	s.head, s.tail, s.ready = none, none, 0
	for p != none {
		after := c.next[p]
		c.again(p)
		p = after
	}
}

// learn opens the windows with successes, so many at each lane.
func (c *cohorts) learn(i int, successes float64) {
	s, m := &c.state[i], &c.m.Concurrency
	if successes <= 0 {
		return
	}
	more := successes
	if m.PerCohort {
		more = successes / s.window
	}
	s.window = min(s.window+more, float64(m.PerDestination))
	s.holds, s.record = 0, record{}
	if c.m.Dead.Scope == ByHost {
		g := &c.groups[c.kinds[i].group]
		hosts := float64(len(c.w.groups[c.kinds[i].group].addresses))
		g.window = min(g.window+successes*c.kinds[i].lanes/hosts, float64(m.perHost()))
	}
	if s.down {
		s.down = false
		c.release(i)
	}
}

// release frees what failed only because the destination was down.
func (c *cohorts) release(i int) {
	s := &c.state[i]
	if !c.m.Dead.Release {
		return
	}
	for _, p := range s.freed {
		if c.waits[p] && c.away[p] && int(c.of[p]) == i && c.mass[p] > 0 {
			c.away[p] = false
			c.wheel.remove(p)
			c.offer(p)
		}
	}
	s.freed = s.freed[:0]
}

// spend takes mass from what is ready, oldest first, and lets each part of it
// end as the odds have it.
func (c *cohorts) spend(i int, mass float64, o odds) {
	s := &c.state[i]
	again := o.away + o.cut + o.refused
	for mass > 1e-12 && s.head != none {
		p := s.head
		part := min(mass, c.mass[p])
		whole := part >= c.mass[p]-1e-12
		mass -= part
		s.ready -= part
		c.finish(i, part*o.through, part*o.bounced, c.born[p], o.cost)
		back := part * again
		if whole {
			if s.head = c.next[p]; s.head == none {
				s.tail, s.ready = none, 0
			}
		}
		switch {
		case back <= 1e-9 && whole:
			c.drop(p)
		case whole:
			c.held -= part - back
			c.mass[p] = back
			c.back(i, p)
		default:
			c.held -= part
			c.mass[p] -= part
			if back > 1e-9 {
				rest := c.parcel(int32(i), c.born[p], back)
				c.tries[rest] = c.tries[p]
				c.back(i, rest)
			}
		}
	}
}

func (c *cohorts) back(i int, p int32) {
	c.away[p] = true
	c.again(p)
	if c.m.Dead.Release && c.waits[p] {
		c.state[i].freed = append(c.state[i].freed, p)
	}
}

// finish lets units leave at once, or once their transaction is over.
func (c *cohorts) finish(i int, through, bounced, born, cost float64) {
	k, s := &c.kinds[i], &c.state[i]
	if bounced > 0 {
		c.leave(k, bounced, born, true)
	}
	if through <= 0 {
		return
	}
	whole, part := math.Modf(cost / c.step)
	steps := int(whole)
	if steps == 0 {
		c.leave(k, through, born, false)
		return
	}
	c.later(s, steps, through*(1-part), born)
	c.later(s, steps+1, through*part, born)
}

// later lets units leave so many steps from now.
func (c *cohorts) later(s *kindState, steps int, units, born float64) {
	for steps >= len(s.ends) { // a longer ring, from the present on
		ring := make([]ending, 2*len(s.ends)+steps)
		n := copy(ring, s.ends[s.endAt:])
		copy(ring[n:], s.ends[:s.endAt])
		s.ends, s.endAt = ring, 0
	}
	e := &s.ends[(s.endAt+steps-1)%len(s.ends)] // the present's place is behind
	if born < c.w.heal {
		e.oldUnits += units
	} else {
		e.units += units
	}
	if e.born == 0 || born < e.born {
		e.born = born
	}
	s.serving += units
	c.busy += units
}

// end lets go what was under way long enough.
func (c *cohorts) end() {
	for i := range c.state {
		s := &c.state[i]
		e := s.ends[s.endAt]
		if units := e.units + e.oldUnits; units > 0 {
			k := &c.kinds[i]
			if e.oldUnits > 0 {
				c.leave(k, e.oldUnits, e.born, false)
			}
			if e.units > 0 {
				c.leave(k, e.units, max(e.born, c.w.heal), false)
			}
			s.serving = max(0, s.serving-units)
			c.busy = max(0, c.busy-units)
			s.ends[s.endAt] = ending{}
		}
		s.endAt = (s.endAt + 1) % len(s.ends)
	}
}
