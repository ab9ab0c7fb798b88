package smtpfake

import (
	"context"
	"time"
)

// RealTime is the Clock of package time, and that of a Server without one.
var RealTime Clock = realTime{}

type realTime struct{}

// Now is time.Now.
func (realTime) Now() time.Time { return time.Now() }

// Sleep waits for d or until ctx ends.
func (realTime) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Deadline is d from now.
func (realTime) Deadline(d time.Duration) time.Time { return time.Now().Add(d) }
