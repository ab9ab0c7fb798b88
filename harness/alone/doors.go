package alone

import (
	"context"
	"time"
)

// rest waits until the offset next (if there is one), or until the faults have
// changed; it tells false once the fake is closed.
func (f *Fake) rest(next time.Duration, ok bool) bool {
	ctx, cancel := context.WithCancel(f.ctx)
	defer cancel()
	due := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		if ok && f.clock.Sleep(ctx, next-f.played.Now()) == nil {
			close(due)
		}
	}()
	select {
	case <-due:
	case <-f.turned:
	case <-f.ctx.Done():
	}
	cancel()
	<-done
	return f.ctx.Err() == nil
}
