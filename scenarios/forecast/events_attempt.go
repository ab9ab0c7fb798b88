package forecast

// shut says whether a destination as a whole is left in peace.
func (e *events) shut(l *laneState) bool {
	if !l.held {
		return false
	}
	if l.holdUntil > e.now {
		return true
	}
	l.held = false
	if e.m.Dead.Cohorts > 0 { // qmgr_queue_unthrottle: as a new destination
		l.window, l.cohorts, l.success, l.failure = e.m.Concurrency.initial(), 0, 0, 0
	}
	return false
}

// ring1 is an alarm: a connection's end, or a time of peace that is over.
func (e *events) ring1(_ int64, what int) {
	switch {
	case what >= alarmGroup:
		g := &e.groups[what-alarmGroup]
		g.alarm = never
		e.unblock(g, len(g.blocked))
	case what > alarmBase:
		e.queue(int32(what - alarmBase - 1))
	case what == alarmBase: // the relay is back
		for at := range e.lanes {
			e.queue(int32(at))
		}
	default:
		e.complete(int32(what))
	}
}

// unblock lets lanes look again that waited for a host.
func (e *events) unblock(g *groupState, n int) {
	n = min(n, len(g.blocked))
	for _, at := range g.blocked[:n] {
		e.lanes[at].queued = false
		e.queue(at)
	}
	g.blocked = g.blocked[:copy(g.blocked, g.blocked[n:])]
}

// dispatch starts what may start, one of each lane in turn.
func (e *events) dispatch() {
	if e.ringAt == len(e.ring) {
		return
	}
	if _, down := e.w.isDown(float64(e.now) / 1000); down {
		return // an alarm stands at its end
	}
	for e.ringAt < len(e.ring) && e.busy < e.m.Concurrency.Total {
		at := e.ring[e.ringAt]
		e.ringAt++
		e.lanes[at].queued = false
		if e.start(at) {
			e.queue(at)
		}
	}
	if e.ringAt == len(e.ring) {
		e.ring, e.ringAt = e.ring[:0], 0
	} else if e.ringAt > 4096 {
		e.ring = e.ring[:copy(e.ring, e.ring[e.ringAt:])]
		e.ringAt = 0
	}
}

// start begins an attempt of the lane; it is false when the lane has to wait for
// something that will put it into the ring again.
func (e *events) start(at int32) bool {
	l := &e.lanes[at]
	if l.ready == 0 || l.busy >= l.window {
		return false
	}
	if e.shut(l) {
		if e.m.Dead.Defer {
			e.deferAll(l)
		} else {
			e.alarms.add(l.holdUntil, alarmBase+1+int(at))
		}
		return false
	}
	host := int32(0)
	if e.m.Dead.Scope == ByHost {
		ok := false
		if host, ok = e.open(at); !ok {
			return false
		}
	}
	u := l.head
	l.head = e.next[u]
	if l.head == none {
		l.tail = none
	}
	l.ready--
	e.state[u] = isBusy
	e.begin(at, u, host, 0)
	return true
}

// open is an address that may be tried now; if there is none, the lane waits.
func (e *events) open(at int32) (host int32, ok bool) {
	group := e.w.lanes[at].group
	g := &e.groups[group]
	soonest := int64(never)
	g.turn++
	for i := range g.hosts {
		h := (g.turn + i) % len(g.hosts)
		switch state := &g.hosts[h]; {
		case state.until > e.now:
			soonest = min(soonest, state.until)
		case state.busy < state.window:
			return int32(h), true
		}
	}
	g.blocked = append(g.blocked, at)
	e.lanes[at].queued = true // it is remembered there instead
	if soonest < g.alarm {
		g.alarm = soonest
		e.alarms.add(soonest, alarmGroup+group)
	}
	return 0, false
}

// deferAll puts off what is ready for a destination that is left in peace.
func (e *events) deferAll(l *laneState) {
	u := l.head
	l.head, l.tail, l.ready = none, none, 0
	for u != none {
		after := e.next[u]
		e.tries[u]++
		e.again(u)
		u = after
	}
}

// begin makes an attempt: how it will end is drawn now, and known at its end.
// used is how many messages the connection has carried; 0: there is none yet.
func (e *events) begin(at, u, host, used int32) {
	l := &e.lanes[at]
	if e.now >= l.effectEnd {
		l.effect = e.w.effect(int(at), float64(e.now)/1000, e.m.Service)
		l.effectEnd = int64(min(l.effect.until*1000, float64(never/2)))
	}
	g := &e.groups[e.w.lanes[at].group]
	s := slot{unit: u, lane: at, host: host, used: used}
	cost := 0.0
	if used == 0 {
		cost = e.connect(&s, l, g)
	}
	if s.host >= 0 && s.result == isDelivered {
		cost += e.transact(&s, l)
	}
	l.busy++
	e.busy++
	g.busy++
	if s.host >= 0 {
		g.hosts[s.host].busy++
	}
	e.tally.connPeak = max(e.tally.connPeak, float64(e.busy))
	var id int32
	if n := len(e.spares); n > 0 {
		id = e.spares[n-1]
		e.spares = e.spares[:n-1]
		e.slots[id] = s
	} else {
		id = int32(len(e.slots))
		e.slots = append(e.slots, s)
	}
	e.alarms.add(e.now+max(1, int64(cost*1000)), int(id))
}

// connect opens a session at one of the addresses, each tried once.
func (e *events) connect(s *slot, l *laneState, g *groupState) (cost float64) {
	eff := &l.effect
	if eff.lookup > 0 && e.dice.Float64() < eff.lookup {
		s.host, s.result = -1, isStray
		return eff.lookupCost
	}
	if eff.cap >= 0 && g.busy >= eff.cap && e.dice.Float64() < eff.over {
		s.result, s.broken = isAway, 1<<s.host
		s.host = -1
		e.tally.tried(float64(e.now)/1000, 1, 1)
		return e.m.Service.Refused
	}
	first := int(s.host)
	if e.m.Dead.Scope == ByDestination {
		g.turn++
		first = g.turn % len(g.hosts)
	}
	left := e.m.Concurrency.Sessions
	for i := range g.hosts {
		if left == 0 {
			break
		}
		h := (first + i) % len(g.hosts)
		state := &g.hosts[h]
		if e.m.Dead.Scope == ByHost && i > 0 && (state.until > e.now || state.busy >= state.window) {
			continue
		}
		left--
		if eff.broken[h] > 0 && e.dice.Float64() < eff.broken[h] {
			s.broken |= 1 << (h & 63)
			cost += eff.brokenCost
			e.tally.tried(float64(e.now)/1000, 1, 1)
			continue
		}
		s.host = int32(h)
		return cost + e.m.Service.Session + eff.session
	}
	s.host, s.result = -1, isAway
	return cost
}

// transact is what comes of a message on an open connection.
func (e *events) transact(s *slot, l *laneState) (cost float64) {
	eff := &l.effect
	size := float64(e.load.size[e.msg[s.unit]])
	cost = e.m.Service.Message + eff.slow + eff.perByte*size
	if eff.cutBytes > 0 && size > eff.cutBytes {
		s.result = isCut
		return cost
	}
	if eff.bounced+eff.deferred+eff.cut == 0 ||
		eff.attempts > 0 && int(e.tries[s.unit]) >= eff.attempts {
		return cost
	}
	switch {
	case e.dice.Float64() < eff.cut:
		s.result = isCut
	case e.dice.Float64() < eff.deferred:
		s.result = isRefused
	case e.dice.Float64() < eff.bounced:
		s.result = isBounced
	default:
		return cost
	}
	return e.m.Service.Message + eff.messageCost
}
