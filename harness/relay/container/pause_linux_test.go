package container

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/relay/process"
)

// TestAPauseWaitsForProgramsUnderWay pauses a container in which programs are
// started all the time: Docker hangs where the two meet.
func TestAPauseWaitsForProgramsUnderWay(t *testing.T) {
	driver := shippedDriver(t, "postfix")
	d, err := connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	image, err := driver.about.image(ctx, d, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.create(ctx, plan{image: image, relay: "postfix", line: []string{"sleep", "infinity"},
		network: "none"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := d.start(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.remove(context.WithoutCancel(ctx), c.GetContainerID()); err != nil {
			t.Error(err)
		}
		<-b.Done()
	}()
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		for running.Err() == nil {
			_, err := b.Run(ctx, process.Command{Path: "true"})
			if err != nil && !errors.Is(err, errPaused) {
				ended <- err
				return
			}
		}
		ended <- nil
	}()
	for range 8 {
		if err := errors.Join(b.Freeze(ctx), b.Thaw(ctx)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Freeze(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Run(ctx, process.Command{Path: "true"}); !errors.Is(err, errPaused) {
		t.Errorf("a program was run in a paused container: %v", err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := b.Kill(ctx); err != nil { // a paused container dies as well
		t.Error(err)
	}
	if b.Alive() {
		t.Error("it lives on")
	}
}
