package harness

import (
	"sync"
	"time"
)

// stepped is how far the relay's wall clock has been put off on purpose.
type stepped struct {
	mu      sync.Mutex
	by      time.Duration
	jumps   int // how often it has begun or ended to jump
	jumping bool
}

// jump begins a step; until it has landed nobody knows the relay's time.
func (s *stepped) jump() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jumping = true
	s.jumps++
}

// land ends it.
func (s *stepped) land(by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by, s.jumping = by, false
	s.jumps++
}

// look is how far off the relay's clock must be now. Two looks with the same
// count have seen no jump between them; known is false during one.
func (s *stepped) look() (by time.Duration, count int, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.by, s.jumps, !s.jumping
}
