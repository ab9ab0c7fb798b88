// Package bubbletest owns the bubble of testing/synctest for programs that are
// no test: inside it time passes only when everybody waits, so that thirteen
// hours of a run cost only their CPU, and a machine that is busy makes the run
// slower, never late.
//
// Go gives bubbles to tests alone. What synctest asks of its test is a parent
// that it can name and tell of a failure; a blank one does for both. The package
// must not know what is played in a bubble, and nothing else may rely on how it
// gets one.
package bubbletest

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

// glance is the bubble's time between two looks at whether the world outside
// has had enough.
const glance = time.Second

// errUnfinished is what remains where f ended its goroutine.
var errUnfinished = errors.New("what was played in the bubble did not return")

// Run calls f in a bubble and returns its error. The context that f gets belongs
// to the bubble and ends soon after ctx does: f must not wait on ctx itself, nor
// on anything else that was made outside, or the bubble's time stands still. All
// that f starts must have ended when it returns. A panic of f, and goroutines
// that never end, are errors.
func Run(ctx context.Context, f func(context.Context) error) (err error) {
	err = errUnfinished
	ended := make(chan struct{})
	go func() { // a failed test ends its goroutine, which must not be the caller's
		defer close(ended)
		defer func() {
			if crash := recover(); crash != nil {
				err = fmt.Errorf("in the bubble: %v", crash)
			}
		}()
		synctest.Test(new(testing.T), func(*testing.T) { err = within(ctx, f) })
	}()
	<-ended
	return err
}

// within is the bubble's first goroutine.
func within(outer context.Context, f func(context.Context) error) (err error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	done := make(chan struct{})
	defer func() { <-done }()
	returned := make(chan struct{})
	defer close(returned)
	go func() {
		defer close(done)
		look := time.NewTicker(glance)
		defer look.Stop()
		for outer.Err() == nil {
			select {
			case <-look.C:
			case <-returned:
				return
			}
		}
		cancel(context.Cause(outer))
	}()
	defer func() {
		if crash := recover(); crash != nil {
			err = fmt.Errorf("in the bubble: %v\n%s", crash, debug.Stack())
		}
	}()
	if outer.Err() != nil {
		return context.Cause(outer)
	}
	return f(ctx)
}
