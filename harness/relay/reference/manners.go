package reference

import (
	"fmt"
	"slices"
	"time"
)

// This file is what the scheduler learns of destinations and hosts, and the
// manners it draws from it: leave in peace what is down, ask with one
// connection whether it is back, and open up again step by step when it is.

// knows notes where a lane's mail goes, and to whose hosts.
func (s *scheduler) knows(l *lane, addresses []string, provider string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.hosts, l.provider = addresses, provider
}

// enter asks for a connection to a host; leaveHost must follow if it is
// granted.
func (s *scheduler) enter(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.host(address)
	if now := s.now(); h.opens(now) > now && !s.flaw.rude() {
		return false
	}
	h.active++
	return true
}

func (s *scheduler) leaveHost(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.host(address).active--
	s.kick()
}

// hostWell notes a transaction that a host answered to its end, whatever the
// answer was.
func (s *scheduler) hostWell(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.host(address)
	wasDown := h.holds > 0
	h.failures, h.holds, h.downUntil = 0, 0, 0
	s.open(&h.window)
	if !wasDown {
		return
	}
	s.log.write("open", "host", address)
	for _, l := range s.order {
		if l.down && slices.Contains(l.hosts, address) {
			s.free(l)
		}
	}
	s.kick()
}

// open lets one connection more, or by the flaw as many as there may ever be.
func (s *scheduler) open(w *window) {
	w.grow()
	if s.flaw.is(flawFlood) {
		w.size = w.most
	}
}

// hostIll notes a connection that was refused, lost or left unanswered.
func (s *scheduler) hostIll(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.host(address)
	h.failures++
	if s.flaw.rude() || (h.failures < failuresToHold && h.holds == 0) {
		return
	}
	now := s.now()
	if h.downUntil > now {
		return // connections that were open when the others failed
	}
	h.holds++
	h.window.probe()
	h.downUntil = now + int64(s.probe.wait(keyOf(address), h.holds))
	s.log.write("hold", "host", address, "until", stampNano(h.downUntil))
	s.holdOthers(h.downUntil)
	s.kick()
}

// well notes a message that a destination took.
func (s *scheduler) well(l *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.refusals, l.holds, l.heldUntil = 0, 0, 0
	s.open(&l.window)
	if l.down {
		l.down = false
		s.free(l)
		s.log.write("open", "lane", l.key.String())
	}
	s.kick()
}

// free releases the lane's messages, for its destination is back.
func (s *scheduler) free(l *lane) {
	if s.flaw.deaf() {
		return
	}
	if n := l.release(s.now()); n > 0 {
		s.log.write("release", "lane", l.key.String(), "messages", fmt.Sprint(n))
	}
}

// refused notes a temporary refusal. It returns whether it is the
// destination's rather than the message's.
func (s *scheduler) refused(l *lane) (away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.refusals++
	if l.refusals < refusalsToHold {
		return false
	}
	s.hold(l)
	return true
}

// astray notes that no way to the destination was found: no route.
func (s *scheduler) astray(l *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold(l)
}

// unreachable notes that no host of the destination could be talked to. The
// hosts themselves are held, not the lane.
func (s *scheduler) unreachable(l *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.down = true
	if !s.flaw.rude() {
		l.window.shrink()
	}
}

// hold leaves a destination in peace for a while. The lock must be held.
func (s *scheduler) hold(l *lane) {
	l.down = true
	now := s.now()
	if s.flaw.rude() || l.heldUntil > now {
		return
	}
	l.holds++
	l.window.probe()
	l.heldUntil = now + int64(s.probe.wait(keyOf(l.key.String()), l.holds))
	s.log.write("hold", "lane", l.key.String(), "until", stampNano(l.heldUntil))
	s.kick()
}

func stampNano(t int64) string { return stamp(time.Unix(0, t)) }
