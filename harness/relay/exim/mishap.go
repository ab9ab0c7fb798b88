package exim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/relay/daemon"
)

// SlowDisk lets each fsync take longer.
func (in *instance) SlowDisk(_ context.Context, delay time.Duration) error {
	if in.World.ClockFile == nil {
		return fmt.Errorf("slowing the disk of exim: %w", daemon.ErrUnshared)
	}
	return in.World.ClockFile.SlowDisk(delay)
}

// mishapTag is what we write into the instance's log, where Exim has a message's
// name.
const mishapTag = "hansei:"

// note adds a line of ours to the log, with the stamp that Exim would give.
func (in *instance) note(text string) error {
	f, err := os.OpenFile(in.mainlog, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("writing to exim's log: %w", err)
	}
	_, err = fmt.Fprintf(f, "%s %s %s\n", in.Now().Format(stampLayout), mishapTag, text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing to exim's log: %w", err)
	}
	return nil
}

// mishap takes a line of ours into account. No interval counts that a step of
// the clock lies in, and none is late for a pause. After the clock was put
// back, what Exim has put off until a time of day comes so much later.
func (t *tally) mishap(text string, at time.Time) {
	step, ok := strings.CutPrefix(text, daemon.ClockSet)
	if !ok {
		for _, h := range t.hosts {
			h.excused = true
		}
		return
	}
	clear(t.hosts)
	// Whatever was excused was so on the clock as it was.
	t.excused = time.Time{}
	if jump, err := time.ParseDuration(step); err == nil && jump < 0 {
		t.excused = at.Add(-jump + t.rule.scan)
	}
}
