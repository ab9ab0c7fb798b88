package bubbletest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/bubbletest"
)

func TestADayInTheBubbleCostsNothing(t *testing.T) {
	passed := time.Duration(0)
	err := bubbletest.Run(t.Context(), func(ctx context.Context) error {
		began := time.Now()
		timer := time.NewTimer(24 * time.Hour)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		passed = time.Since(began)
		return nil
	})
	if err != nil || passed != 24*time.Hour {
		t.Errorf("%s passed, %v", passed, err)
	}
}

func TestErrorsAndPanicsComeOut(t *testing.T) {
	mine := errors.New("mine")
	if err := bubbletest.Run(t.Context(), func(context.Context) error { return mine }); err != mine {
		t.Errorf("got %v", err)
	}
	err := bubbletest.Run(t.Context(), func(context.Context) error {
		var none []int
		_ = none[len(none)]
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "index out of range") {
		t.Errorf("a panic came out as %v", err)
	}
}

// TestWhoeverStaysBehindIsToldOf: goroutines that never end would be a leak.
func TestWhoeverStaysBehindIsToldOf(t *testing.T) {
	never := func(context.Context) error {
		go func() { <-make(chan int) }()
		return nil
	}
	err := bubbletest.Run(t.Context(), never)
	if err == nil || !strings.Contains(err.Error(), "deadlock") {
		t.Errorf("a goroutine that never ends came out as %v", err)
	}
}

// TestTheWorldOutsideCanEndIt: an interrupt ends what waits in the bubble.
func TestTheWorldOutsideCanEndIt(t *testing.T) {
	outer, cancel := context.WithCancel(t.Context())
	err := bubbletest.Run(outer, func(ctx context.Context) error {
		cancel()
		timer := time.NewTimer(1000 * time.Hour)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	if err := bubbletest.Run(outer, func(context.Context) error { return nil }); err == nil {
		t.Error("what was interrupted before was played")
	}
}

func TestBubblesSideBySide(t *testing.T) {
	for range 4 {
		t.Run("one", func(t *testing.T) {
			t.Parallel()
			TestADayInTheBubbleCostsNothing(t)
		})
	}
}
