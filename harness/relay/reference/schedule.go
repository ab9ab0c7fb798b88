package reference

import (
	"context"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
)

// idle is how long the dispatcher sleeps when nothing is due.
const idle = time.Hour

// task is an attempt to be made: a message in a lane.
type task struct {
	lane *lane
	entry
	why string // in the log: first, schedule, release or backlog
}

// scheduler decides when which message is tried, and with how many connections.
// It holds entries only. Nothing in it waits with the lock held.
type scheduler struct {
	clock    clock.Clock
	settings Settings
	flaw     flaw
	probe    backoff
	log      *journal
	// work and chore start a goroutine and return.
	work  func(task)
	chore func(*lane, []entry)

	mu       sync.Mutex
	lanes    map[laneKey]*lane
	order    []*lane
	turn     int
	hosts    map[string]*host
	active   int
	dirty    bool
	rouse    context.CancelFunc // ends the dispatcher's sleep
	stopping bool
}

func (s *scheduler) now() int64 { return s.clock.Now().UnixNano() }

// run dispatches until ctx ends or stop is called.
func (s *scheduler) run(ctx context.Context) {
	for ctx.Err() == nil {
		s.mu.Lock()
		if s.stopping {
			s.mu.Unlock()
			return
		}
		s.dirty = false
		now := s.now()
		next := s.pass(now)
		sleep, cancel := context.WithCancel(ctx)
		s.rouse = cancel
		s.mu.Unlock()
		// An early end means that something changed; either way it looks again.
		wait := min(time.Duration(max(next-now, 0)), idle)
		_ = s.clock.Sleep(sleep, wait)
		cancel()
		s.forget(now + int64(wait))
	}
}

// forget is the flaw of a dispatcher that takes what was due in its absence for
// done: mail that waits for a destination that is down is never tried again.
func (s *scheduler) forget(due int64) {
	if !s.flaw.is(flawForgetPaused) || s.now()-due < int64(overslept) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.order {
		if l.down && !l.key.spare {
			l.later.remove(func(entry) bool { return true })
		}
	}
}

// kick makes the dispatcher look again. The lock must be held.
func (s *scheduler) kick() {
	if !s.dirty && s.rouse != nil {
		s.dirty = true
		s.rouse()
	}
}

// stop makes run return and workers end with what they have in hand.
func (s *scheduler) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopping = true
	s.dirty = false
	s.kick()
}

// pass starts all that may start and returns when to look again.
func (s *scheduler) pass(now int64) (next int64) {
	for _, l := range s.order {
		l.promote(now)
		s.sweep(l, now)
	}
	for started := true; started; {
		started = false
		for range s.order {
			s.turn = (s.turn + 1) % len(s.order)
			started = s.startOne(s.order[s.turn], now) || started
		}
	}
	next = never
	for _, l := range s.order {
		next = min(next, s.wake(l, now))
	}
	return next
}

// wake is when the dispatcher has to look at the lane again by itself.
func (s *scheduler) wake(l *lane, now int64) int64 {
	next := int64(never)
	if len(l.ready.list) > 0 {
		l.blockedAt = now
		if gate := s.gate(l, now); gate > now {
			next = gate // what else blocks it ends with a kick
		}
	}
	if len(l.later.list) > 0 {
		next = min(next, l.later.first().due)
	}
	if l.alarm != never {
		next = min(next, max(l.alarm, l.sweptAt+int64(sweepEvery)))
	}
	return next
}

// sweep hands over the messages that grew too old.
func (s *scheduler) sweep(l *lane, now int64) {
	if l.alarm > now || now < l.sweptAt+int64(sweepEvery) {
		return
	}
	if old := l.overdue(now, s.settings.DelayNotice, s.settings.Lifetime); len(old) > 0 {
		s.chore(l, old)
	}
}

func (s *scheduler) startOne(l *lane, now int64) bool {
	if s.crowdedOut(l) {
		return false
	}
	if len(l.ready.list) == 0 || l.active >= l.window.size || s.full(l) || s.gate(l, now) > now {
		return false
	}
	t, ok := s.take(l, now)
	if !ok {
		return false
	}
	l.active++
	s.active++
	s.work(t)
	return true
}

// full says that there are connections enough. The flaw few-slots spares the
// spare: what it takes away from one destination and another is enough.
func (s *scheduler) full(l *lane) bool {
	return s.active >= s.settings.Total && !(l.key.spare && s.flaw.is(flawFewSlots))
}

func (s *scheduler) take(l *lane, now int64) (task, bool) {
	e, ok := l.take(now)
	if !ok {
		return task{}, false
	}
	t := task{lane: l, entry: e, why: "schedule"}
	switch {
	case e.freed:
		t.why = "release"
	case e.tries == 0:
		t.why = "first"
	case l.blockedAt >= e.due:
		t.why = "backlog"
	}
	return t, true
}

// gate is when the lane may be tried: now, later, or never (when a connection
// ends).
func (s *scheduler) gate(l *lane, now int64) int64 {
	if s.flaw.is(flawOneForAll) && !l.key.spare {
		worst := now
		for _, other := range s.order {
			if other.down {
				worst = max(worst, s.ownGate(other, now))
			}
		}
		return worst
	}
	return s.ownGate(l, now)
}

func (s *scheduler) ownGate(l *lane, now int64) int64 {
	if l.heldUntil > now {
		return l.heldUntil
	}
	if len(l.hosts) == 0 {
		return now
	}
	best := int64(never)
	for _, address := range l.hosts {
		best = min(best, s.host(address).opens(now))
	}
	return best
}

func (s *scheduler) lane(key laneKey) *lane {
	l := s.lanes[key]
	if l == nil {
		l = newLane(key, s.settings.PerDestination)
		s.lanes[key] = l
		s.order = append(s.order, l)
	}
	return l
}

func (s *scheduler) host(address string) *host {
	h := s.hosts[address]
	if h == nil {
		h = &host{window: window{size: s.settings.PerHost, most: s.settings.PerHost}}
		s.hosts[address] = h
	}
	return h
}

// add lets a message wait in a lane.
func (s *scheduler) add(key laneKey, e entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(s.lane(key), e)
	s.kick()
}

func (s *scheduler) put(l *lane, e entry) {
	if e.freed || e.due <= s.now() {
		l.ready.add(e)
	} else {
		l.later.add(e)
	}
	l.alarm = min(l.alarm, e.alarm(s.settings.DelayNotice, s.settings.Lifetime))
}

// drop ends a worker's hold on a message.
func (s *scheduler) drop(t task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(t.lane.busy, t.id)
}

// again puts a message back that was tried, or could not be.
func (s *scheduler) again(t task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(t.lane.busy, t.id)
	s.put(t.lane, t.entry)
	s.kick()
}

// back puts messages back that were only looked at.
func (s *scheduler) back(l *lane, list []entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range list {
		s.put(l, e)
	}
	s.kick()
}

// more is the lane's next message for a worker with an open connection.
func (s *scheduler) more(l *lane) (task, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.stopping || l.heldUntil > now || l.active > l.window.size {
		return task{}, false
	}
	l.promote(now)
	return s.take(l, now)
}

// leave ends a worker.
func (s *scheduler) leave(l *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.active--
	s.active--
	s.kick()
}

// isDown says whether mail for domain is held up.
func (s *scheduler) isDown(domain string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[laneKey{domain: domain}]
	return l != nil && l.down
}
