package webfake

import (
	"context"
	"time"
)

// Clock is the time a fake lives in.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// RealTime is the Clock of the wall.
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
