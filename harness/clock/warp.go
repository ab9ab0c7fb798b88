package clock

import (
	"context"
	"math"
	"sync"
	"time"
)

// Grace is the least wall time that Deadline gives: the peer needs real time
// to answer, however fast the scenario runs.
const Grace = 2 * time.Second

// Warp is a Clock whose rate can be changed while it runs. It never goes
// backward, and all its methods may be called at the same time.
//
// It reads the wall only through package time, so it lives in a
// testing/synctest bubble; there it must be made inside the bubble.
type Warp struct {
	mono func() int64 // monotonic wall clock, ns
	// lead is how far ahead of the present a new rate begins, so that readers
	// in other processes learn of it before it holds.
	lead    time.Duration
	publish func(segment, int64) bool // lays a segment down for others; may be nil

	mu      sync.Mutex
	history []segment     // never empty; the last may begin in the future
	changed chan struct{} // closed and replaced at each change of the rate
}

var _ Clock = (*Warp)(nil)

// New returns a clock that shows origin now and runs at rate scenario seconds
// a wall second; rate 0 is frozen.
func New(origin time.Time, rate float64) *Warp {
	start := time.Now()
	w := &Warp{
		mono:    func() int64 { return int64(time.Since(start)) },
		changed: make(chan struct{}),
	}
	w.history = []segment{{
		mono: 0, fake: origin.UnixNano(), wall: start.UnixNano(), rate: fixed(rate),
	}}
	return w
}

// Now is the scenario's time of day, in UTC.
func (w *Warp) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return instant(w.fake(w.mono()))
}

// Rate is the rate last set: scenario seconds a wall second.
func (w *Warp) Rate() float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return float64(w.last().rate) / rateOne
}

// SetRate changes the pace of time without a jump, and returns when the new
// rate is in force: at once, but for a shared clock after 2 ms. Everything
// asleep adapts. Rate 0 freezes the clock; what is no rate (negative, not a
// number) does so too.
func (w *Warp) SetRate(rate float64) {
	next := w.turn(fixed(rate))
	for wait := next.mono - w.mono(); wait > 0; wait = next.mono - w.mono() {
		time.Sleep(time.Duration(wait))
	}
}

// turn appends a segment of the given rate to the history, and to that of
// others.
func (w *Warp) turn(rate int64) segment {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := segment{rate: rate}
	if next.rate == w.last().rate {
		return w.last()
	}
	for done := false; !done; {
		now := w.mono()
		next.mono = max(now+int64(w.lead), w.last().mono)
		next.fake = w.last().at(next.mono)
		next.wall = time.Now().UnixNano() + next.mono - now
		done = w.publish == nil || w.publish(next, now)
	}
	w.history = append(w.history, next)
	close(w.changed)
	w.changed = make(chan struct{})
	return next
}

// Sleep waits for d of scenario time or until ctx ends. It costs one timer,
// and one more for each change of the rate on the way.
func (w *Warp) Sleep(ctx context.Context, d time.Duration) error {
	return w.SleepUntil(ctx, w.Now().Add(max(d, 0)))
}

// SleepUntil waits until the scenario's time is t or until ctx ends.
func (w *Warp) SleepUntil(ctx context.Context, t time.Time) error {
	due := nanos(t)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		wait, changed := w.wait(due)
		if wait <= 0 {
			return nil
		}
		if err := pause(ctx, wait, changed); err != nil {
			return err
		}
	}
}

// Deadline is the wall-clock instant that lies d of scenario time ahead at the
// present rate, but at least Grace ahead. A frozen clock counts as one at rate
// 1, because something that waits for real I/O has to end some day.
func (w *Warp) Deadline(d time.Duration) time.Time {
	w.mu.Lock()
	rate := w.last().rate
	w.mu.Unlock()
	if rate == 0 {
		rate = rateOne
	}
	ahead := time.Duration(backward(int64(max(d, 0)), rate))
	const longest = 100 * 365 * 24 * time.Hour // keeps time.Time.Add in range
	return time.Now().Add(min(max(ahead, Grace), longest))
}

// At is the scenario time at a wall-clock instant of the past, such as the
// stamp of a file or of a captured packet.
func (w *Warp) At(wall time.Time) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.history[0]
	for i := len(w.history) - 1; i > 0; i-- {
		if w.history[i].wall <= wall.UnixNano() {
			s = w.history[i]
			break
		}
	}
	return instant(s.at(s.mono + wall.UnixNano() - s.wall))
}

// Wall is the first wall-clock instant at which the scenario's time was t, or
// will be at the present rate; false if a frozen clock never gets there.
func (w *Warp) Wall(t time.Time) (time.Time, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fake := nanos(t)
	i := len(w.history) - 1
	for i > 0 && w.history[i].fake >= fake {
		i--
	}
	s := w.history[i]
	if fake < s.fake {
		return time.Unix(0, s.wall-(s.fake-fake)), true
	}
	due := s.due(fake)
	if due == math.MaxInt64 {
		return time.Time{}, false
	}
	return time.Unix(0, later(s.wall, due-s.mono)), true
}

// last is the newest segment; the caller holds the lock.
func (w *Warp) last() segment { return w.history[len(w.history)-1] }

// segment is the one in force at the monotonic instant t; the caller holds the
// lock.
func (w *Warp) segment(t int64) (s segment, index int) {
	i := len(w.history) - 1
	for i > 0 && t < w.history[i].mono {
		i--
	}
	return w.history[i], i
}

// fake is the scenario time at t; the caller holds the lock.
func (w *Warp) fake(t int64) int64 {
	s, _ := w.segment(t)
	return s.at(t)
}

// wait is how long to wait on the wall until the scenario time due, or until
// there is a reason to ask again; negative or zero when due is reached.
func (w *Warp) wait(due int64) (time.Duration, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.mono()
	s, i := w.segment(now)
	if s.at(now) >= due {
		return 0, w.changed
	}
	until := s.due(due)
	if i+1 < len(w.history) {
		until = min(until, w.history[i+1].mono)
	}
	if until == math.MaxInt64 {
		return math.MaxInt64, w.changed
	}
	return time.Duration(until - now), w.changed
}

// pause waits on the wall; forever, if wait is MaxInt64, without a timer, so
// that a frozen clock does not move a bubble's time.
func pause(ctx context.Context, wait time.Duration, changed <-chan struct{}) error {
	var ring <-chan time.Time
	if wait != math.MaxInt64 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		ring = timer.C
	}
	select {
	case <-ring:
	case <-changed:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// instant is the time of day of a scenario time.
func instant(fake int64) time.Time { return time.Unix(0, fake).UTC() }

// nanos is t in ns since 1970, or the nearest such number.
func nanos(t time.Time) int64 {
	switch {
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	case t.Before(time.Unix(0, math.MinInt64)):
		return math.MinInt64
	}
	return t.UnixNano()
}
