package relay

import (
	"context"
	"time"
)

// Abilities are what can be done to a relay while it runs, besides to kill it.
// A driver that names one starts relays that have the interface for it.
type Abilities struct {
	// Pauses: the running relay is a Pauser. And so on.
	Pauses, Restarts, FillsDisk, SlowsDisk, StepsClock bool
}

// Pauser can stop every process of the relay where it is (SIGSTOP), and let it
// go on. Whoever talks to a paused relay gets no answer; its sockets stay.
type Pauser interface {
	Pause(ctx context.Context) error
	Resume(ctx context.Context) error
}

// Restarter can end the relay in good order and start it again on the same
// queue.
type Restarter interface {
	// Halt ends it. Unlike after Relay.Stop, its queue and its address stay.
	Halt(ctx context.Context) error
	// Restart is that of Killer.
	Restart(ctx context.Context) error
}

// DiskFiller can take the space from the file system of the relay's queue. It
// works only where World.BoundedQueue was set.
type DiskFiller interface {
	// FillDisk leaves the queue that many bytes, and says how many are really
	// free then. What is in the queue stays as it is.
	FillDisk(ctx context.Context, left int64) (free int64, err error)
	// FreeDisk gives the space back.
	FreeDisk(ctx context.Context) error
}

// DiskSlower can make the queue's disk slow: each write that is to be durable
// takes delay of scenario time longer. No delay makes it quick again.
type DiskSlower interface {
	SlowDisk(ctx context.Context, delay time.Duration) error
}

// ClockStepper can put the wall clock that the relay sees ahead of the
// scenario's, or behind it. Its monotonic clock goes on without a jump. A step
// of zero puts it right again.
type ClockStepper interface {
	StepClock(ctx context.Context, by time.Duration) error
}
