package postfix

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ReadClock lets a program of Postfix write a line to the instance's log and
// reads its stamp. Stamps are cut to the second, so the answer is the middle of
// that second, true to half a one. It tells the time at which the line was
// written, somewhere between the call and its return.
func (in *instance) ReadClock(ctx context.Context) (time.Time, error) {
	tree := in.running()
	if in.isStopped() || in.isPaused() || !tree.Alive() {
		return time.Time{}, errors.New("reading postfix's clock: it does not run")
	}
	from, err := logSize(in.place.log)
	if err != nil {
		return time.Time{}, err
	}
	token := "hansei reads the clock " + strconv.FormatInt(time.Now().UnixNano(), 36)
	in.mu.Lock()
	near := in.world.Clock.Now().Add(in.ahead)
	in.mu.Unlock()
	out, err := tree.Run(ctx, in.command(in.programs.postlog, "-p", "info", "-t",
		"postfix/postlog", token))
	if err != nil {
		return time.Time{}, fmt.Errorf("reading postfix's clock: %w: %s", err, out)
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for {
		var at time.Time
		err := readLog(in.place.log, from, near, func(l logLine) {
			if strings.HasSuffix(l.text, token) {
				at = l.at
			}
		})
		if err == nil && !at.IsZero() {
			return at.Add(500 * time.Millisecond), nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return time.Time{}, fmt.Errorf("reading postfix's clock: waiting for its line: %w",
				errors.Join(ctx.Err(), err))
		}
	}
}
