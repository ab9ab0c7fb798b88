package link

import (
	"errors"
	"time"
)

// Impairment is what is wrong with a path, in scenario time; 0 leaves a
// property alone.
type Impairment struct {
	// Latency is added to each direction, in scenario time.
	Latency time.Duration
	// Bandwidth is in bytes per scenario second, each direction and each
	// connection.
	Bandwidth int64
	// CutAfter is the number of bytes from the relay after which a connection
	// is cut: the relay sees a reset.
	CutAfter int64
	// Slice is the most bytes that travel in one piece, each direction.
	Slice int64
	// Silent lets nothing pass, either way: connections stay open, and what was
	// sent arrives after the repair.
	Silent bool
	// SlowClose is how long after a fake's last byte its close reaches the relay.
	SlowClose time.Duration
}

func (im Impairment) check() error {
	switch {
	case im.Latency < 0 || im.Bandwidth < 0 || im.CutAfter < 0 || im.Slice < 0 || im.SlowClose < 0:
		return errors.New("no property of a path may be negative")
	case im == Impairment{}:
		return errors.New("nothing is impaired; set a property of the path, or call Repair")
	}
	return nil
}

// leastLatency is the least latency that a timer can be trusted to keep.
const leastLatency = time.Millisecond

// tuning is an impairment in wall time, and immutable but for changed, which
// is closed when another tuning takes its place.
type tuning struct {
	latency  time.Duration
	perSec   float64 // bytes a wall second, 0: as many as there are
	cutAfter int64
	piece    int // bytes, 0: as many as there are
	silent   bool
	closes   time.Duration // later than it would
	changed  chan struct{}
}

// tune translates im at rate scenario seconds a wall second. Only definite
// values come out of it: all randomness is the timeline's.
func (im Impairment) tune(rate float64) *tuning {
	if rate <= 0 {
		rate = 1
	}
	t := &tuning{
		cutAfter: im.CutAfter, silent: im.Silent, changed: make(chan struct{}),
		piece:  int(min(im.Slice, 1<<30)),
		closes: time.Duration(float64(im.SlowClose) / rate),
	}
	if im.Latency > 0 {
		t.latency = max(leastLatency, time.Duration(float64(im.Latency)/rate))
	}
	if im.Bandwidth > 0 {
		t.perSec = max(1, float64(im.Bandwidth)*rate)
	}
	return t
}

// slice is how many of n bytes go out in one piece: 50 ms of bandwidth, so
// that a narrow path trickles as a real one does, and no more than one slice.
func (t *tuning) slice(n int) int {
	if t.piece > 0 {
		n = min(n, t.piece)
	}
	if t.perSec == 0 {
		return n
	}
	return min(n, max(1, int(min(t.perSec/20, 1<<30))))
}

// length is how long n bytes take to leave.
func (t *tuning) length(n int) time.Duration {
	if t.perSec == 0 {
		return 0
	}
	return time.Duration(float64(n) / t.perSec * float64(time.Second))
}
