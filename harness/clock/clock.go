package clock

import (
	"context"
	"time"
)

// Clock tells scenario time. Durations given to it are scenario time too; only
// Deadline speaks of the wall, because the kernel's sockets do.
type Clock interface {
	// Now is the scenario's time of day, in UTC.
	Now() time.Time
	// Sleep waits for d of scenario time or until ctx ends (its error).
	Sleep(ctx context.Context, d time.Duration) error
	// Deadline is the wall-clock instant for net.Conn deadlines that lies d of
	// scenario time ahead at the present rate, but never less than Grace of
	// wall time: what waits for real I/O must not time out because the
	// scenario runs fast.
	Deadline(d time.Duration) time.Time
	// Rate is how many scenario seconds pass in a wall second now.
	Rate() float64
}

// DefaultDir is where the shim looks for File.Dir when a program's environment
// does not say: in containers, and for setuid programs, which trust no
// environment (mount the folder here and name the shim in /etc/ld.so.preload
// for them).
const DefaultDir = "/run/hansei"
