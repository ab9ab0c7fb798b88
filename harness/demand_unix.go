//go:build unix

package harness

import (
	"fmt"
	"runtime"
	"syscall"
	"time"
)

// ownDemand is how busy this process is, of all processors that it may use: the
// relay lives in it, among everything else of the run.
type ownDemand struct {
	at   time.Time
	used time.Duration
}

// Demand is the share since the last look.
func (d *ownDemand) Demand() (float64, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, fmt.Errorf("reading our own use of the processors: %w", err)
	}
	used := time.Duration(u.Utime.Nano() + u.Stime.Nano())
	now := time.Now()
	since, spent := now.Sub(d.at), used-d.used
	first := d.at.IsZero()
	d.at, d.used = now, used
	if first || since <= 0 {
		return 0, nil
	}
	return float64(spent) / float64(since) / float64(runtime.GOMAXPROCS(0)), nil
}
