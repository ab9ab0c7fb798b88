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
}

func (im Impairment) check() error {
	switch {
	case im.Latency < 0 || im.Bandwidth < 0 || im.CutAfter < 0:
		return errors.New("latency, bandwidth and cut-off must not be negative")
	case im == Impairment{}:
		return errors.New("nothing is impaired; set latency, bandwidth or cut-off, or call Repair")
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
	changed  chan struct{}
}

// tune translates im at rate scenario seconds a wall second. Only definite
// values come out of it: all randomness is the timeline's.
func (im Impairment) tune(rate float64) *tuning {
	if rate <= 0 {
		rate = 1
	}
	t := &tuning{cutAfter: im.CutAfter, changed: make(chan struct{})}
	if im.Latency > 0 {
		t.latency = max(leastLatency, time.Duration(float64(im.Latency)/rate))
	}
	if im.Bandwidth > 0 {
		t.perSec = max(1, float64(im.Bandwidth)*rate)
	}
	return t
}

// slice is how many of n bytes go out in one piece: 50 ms of bandwidth, so
// that a narrow path trickles as a real one does.
func (t *tuning) slice(n int) int {
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
