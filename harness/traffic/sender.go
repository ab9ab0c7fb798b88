package traffic

import (
	"context"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// retryAfter is how long a sender waits after its first, second, ... failed
// attempt; the last one repeats. RFC 5321 section 4.5.4.1 asks for two attempts
// in the first hour and longer waits after.
var retryAfter = []time.Duration{
	5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute, time.Hour,
}

// Sender hands submissions to the relay. Its fields are set before the first
// Submit and not changed after.
type Sender struct {
	// Dial opens a connection to the relay.
	Dial func(ctx context.Context) (net.Conn, error)
	// Clock is scenario time; Start is the scenario's beginning on it, Until the
	// time after which a sender gives up trying again.
	Clock        clock.Clock
	Start, Until time.Time
	Keys         *Keys
	// Record takes the evidence of every attempt.
	Record func(evidence.Event)
	// Accepted is told of each message the relay took, before Record; may be nil.
	Accepted func(msg string, to []string)
	// Sessions bounds the connections open at the same time; 0 means 100.
	Sessions int

	// inData waits for the next message that is handed over; see NextInData.
	inData atomic.Pointer[func(msg string)]

	once  sync.Once
	slots chan struct{}
	group sync.WaitGroup

	mu     sync.Mutex
	active map[int64]time.Time // when each attempt under way became due, on the wall
	serial int64
}

// Submit starts to hand in a message that is due now and returns at once.
func (s *Sender) Submit(ctx context.Context, sub *timeline.Submission, due time.Duration) {
	s.once.Do(func() {
		if s.Sessions == 0 {
			s.Sessions = 100
		}
		s.slots = make(chan struct{}, s.Sessions)
		s.mu.Lock()
		s.active = map[int64]time.Time{}
		s.mu.Unlock()
	})
	s.group.Go(func() { s.deliver(ctx, sub, due) })
}

// Wait returns when every message was taken, refused or given up.
func (s *Sender) Wait() { s.group.Wait() }

// deliver tries until the relay has taken or refused every recipient.
func (s *Sender) deliver(ctx context.Context, sub *timeline.Submission, due time.Duration) {
	to := sub.To
	for n := 1; ; n++ {
		ticket := s.begin()
		select {
		case s.slots <- struct{}{}:
		case <-ctx.Done():
			s.end(ticket)
			return
		}
		e, again := s.attempt(ctx, sub, to, n, due)
		<-s.slots
		s.end(ticket)
		if ctx.Err() != nil && e.Outcome == evidence.Broken {
			return // our own end of the run broke it
		}
		if e.Outcome == evidence.Accepted && s.Accepted != nil {
			s.Accepted(sub.ID, taken(e))
		}
		s.Record(e)
		wait := retryAfter[min(n, len(retryAfter))-1]
		if len(again) == 0 || s.Clock.Now().Add(wait).After(s.Until) {
			return
		}
		to = again
		if s.Clock.Sleep(ctx, wait) != nil {
			return
		}
	}
}

// Lag is how long, on the wall, the oldest attempt under way has been due. It
// grows when the machine, or the relay, falls behind.
func (s *Sender) Lag() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	var oldest time.Duration
	for _, since := range s.active {
		oldest = max(oldest, now.Sub(since))
	}
	return oldest
}

// Busy says that an attempt is under way.
func (s *Sender) Busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.active) > 0
}

func (s *Sender) begin() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	s.active[s.serial] = time.Now()
	return s.serial
}

func (s *Sender) end(ticket int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.active, ticket)
}

// taken are the recipients of an accepted attempt that were not refused.
func taken(e evidence.Event) []string {
	if len(e.Refused) == 0 {
		return e.To
	}
	return slices.DeleteFunc(slices.Clone(e.To), func(r string) bool {
		return slices.Contains(e.Refused, r)
	})
}
