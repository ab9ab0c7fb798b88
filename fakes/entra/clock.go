package entra

import (
	"context"
	"time"
)

// Clock is the time the fake lives in; a Server without one uses package time.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

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

func (s *Server) clock() Clock {
	if s.Clock == nil {
		return realTime{}
	}
	return s.Clock
}
