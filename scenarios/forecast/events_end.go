package forecast

import "slices"

// complete ends an attempt: its unit leaves or waits, the destination's record
// is kept, and the connection may go on.
func (e *events) complete(id int32) {
	s := e.slots[id]
	e.spares = append(e.spares, id)
	at := s.lane
	l := &e.lanes[at]
	group := e.w.lanes[at].group
	g := &e.groups[group]
	l.busy--
	e.busy--
	g.busy--
	if s.host >= 0 {
		g.hosts[s.host].busy--
	}
	if s.result != isAway {
		bad := 1.0
		if s.result == isDelivered {
			bad = 0
		}
		e.tally.tried(float64(e.now)/1000, 1, bad)
	}
	e.hosts(&s, g, group)
	e.feel(&s, l, at)
	u := s.unit
	switch s.result {
	case isDelivered:
		e.leave(u, false)
	case isBounced:
		e.leave(u, true)
	default:
		e.tries[u]++
		e.away[u] = s.result != isRefused || l.held
		e.again(u)
		if e.m.Dead.Release && e.away[u] && e.state[u] == isWaiting {
			l.freed = append(l.freed, u)
		}
	}
	if l.ready > 0 && e.goesOn(&s, l) {
		next := l.head
		if l.head = e.next[next]; l.head == none {
			l.tail = none
		}
		l.ready--
		e.state[next] = isBusy
		e.begin(at, next, s.host, s.used+1)
	}
	e.unblock(g, 2)
	e.queue(at)
	e.forget(l)
}

// goesOn says whether the connection takes the lane's next message.
func (e *events) goesOn(s *slot, l *laneState) bool {
	return s.host >= 0 && s.result != isCut && int(s.used)+1 < e.m.Concurrency.PerConnection &&
		l.busy < l.window && !e.shut(l)
}

// forget: Postfix keeps no record of a destination that nothing waits for.
func (e *events) forget(l *laneState) {
	if e.m.Dead.Cohorts > 0 && l.busy == 0 && l.ready == 0 && !l.held {
		l.window, l.cohorts, l.success, l.failure = e.m.Concurrency.initial(), 0, 0, 0
	}
}

// hosts keeps the record of each address that was tried.
func (e *events) hosts(s *slot, g *groupState, group int) {
	if e.m.Dead.Scope != ByHost {
		return
	}
	for h := range g.hosts {
		if s.broken&(1<<(h&63)) != 0 || s.result == isCut && int(s.host) == h {
			e.hostIll(&g.hosts[h])
		}
	}
	if s.host < 0 || s.result == isCut {
		return
	}
	h := &g.hosts[s.host]
	back := h.holds > 0
	h.failures, h.holds, h.until = 0, 0, 0
	h.window = min(h.window+1, e.m.Concurrency.perHost())
	if !back {
		return
	}
	for _, at := range e.w.groups[group].lanes {
		if l := &e.lanes[at]; l.down {
			e.release(l)
		}
	}
	e.unblock(g, len(g.blocked))
}

func (e *events) hostIll(h *hostState) {
	h.failures++
	if e.m.Dead.After == 0 || h.failures < e.m.Dead.After && h.holds == 0 || h.until > e.now {
		return
	}
	h.holds++
	if e.m.Dead.Probe {
		h.window = 1
	}
	h.until = e.now + e.vary(e.m.Dead.hold(h.holds))
}

// vary is a wait in milliseconds, with its jitter.
func (e *events) vary(wait float64) int64 {
	if j := e.m.Dead.Jitter; j > 0 {
		wait *= 1 + j*(2*e.dice.Float64()-1)
	}
	return int64(wait * 1000)
}

// feel keeps the record of the destination as a whole.
func (e *events) feel(s *slot, l *laneState, at int32) {
	d := &e.m.Dead
	switch s.result {
	case isDelivered, isBounced:
		e.well(l, at)
	case isRefused:
		l.refusals++
		if d.Refusals > 0 && l.refusals >= d.Refusals {
			e.hold(l, at)
		} else if d.Cohorts > 0 {
			e.well(l, at) // the site answers
		}
	case isStray:
		e.ill(l, at)
	default:
		l.down = true
		if d.Scope == ByHost {
			l.window = max(1, l.window/2)
			return
		}
		e.ill(l, at)
	}
}

// ill enters a failure of the whole destination.
func (e *events) ill(l *laneState, at int32) {
	d := &e.m.Dead
	if d.Cohorts > 0 {
		e.throttle(l, at)
		return
	}
	l.failures++
	if d.After > 0 && l.failures >= d.After {
		e.hold(l, at)
	}
}

// throttle is Postfix's qmgr_queue_throttle: each failure is the share of a
// pseudo-cohort that the window makes it; a whole one less connection, and
// Cohorts of them mean that the site is dead.
func (e *events) throttle(l *laneState, at int32) {
	if l.held {
		return
	}
	l.cohorts += 1 / float64(l.window)
	if l.cohorts >= e.m.Dead.Cohorts {
		e.hold(l, at)
		return
	}
	l.success = 0
	l.window = max(1, l.window-1)
}

// hold leaves the destination in peace for a while.
func (e *events) hold(l *laneState, at int32) {
	d := &e.m.Dead
	l.down = true
	if l.held && l.holdUntil > e.now {
		return
	}
	l.held = true
	l.holds++
	if d.Probe {
		l.window = 1
	}
	if d.Rule == HoldExim {
		l.record = d.failed(l.record, float64(e.now)/1000)
		l.holdUntil = int64(l.record.next * 1000)
	} else {
		l.holdUntil = e.now + e.vary(d.hold(l.holds))
	}
	if d.Defer {
		e.deferAll(l)
	} else {
		e.alarms.add(l.holdUntil, alarmBase+1+int(at))
	}
}

// well enters a message that the destination took.
func (e *events) well(l *laneState, _ int32) {
	c := &e.m.Concurrency
	l.failures, l.refusals, l.holds, l.cohorts = 0, 0, 0, 0
	l.record = record{}
	l.held = false
	if c.PerCohort { // qmgr_queue_unthrottle: 1/concurrency
		if l.success += 1 / float64(l.window); l.success >= 1-1e-9 && l.window < c.PerDestination {
			l.window, l.success = l.window+1, 0
		}
	} else {
		l.window = min(l.window+1, c.PerDestination)
	}
	if l.down {
		l.down = false
		e.release(l)
	}
}

// release frees what failed only because the destination was down, oldest first.
func (e *events) release(l *laneState) {
	if !e.m.Dead.Release || len(l.freed) == 0 {
		return
	}
	free := l.freed[:0]
	for _, u := range l.freed {
		if e.state[u] == isWaiting && e.away[u] {
			e.away[u] = false
			e.wheel.remove(u)
			free = append(free, u)
		}
	}
	slices.Sort(free)
	for _, u := range free {
		e.offer(u)
	}
	l.freed = l.freed[:0]
}
