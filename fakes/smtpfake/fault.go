package smtpfake

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"time"
)

// ask asks whether something goes wrong at a stage, and lets it: ok is false
// when the session is over, and reply is what to say instead of the persona's
// own words, if anything.
func (c *session) ask(stage Stage, rcpt string) (reply string, ok bool) {
	return c.act(c.decide(c.point(stage, rcpt)), rcpt)
}

// decide is the fault at a point, if any: one that the mail itself asks for
// goes before the caller's own.
func (c *session) decide(at Point) *Act {
	if c.srv.Triggers {
		if a := c.triggered(at); a != nil {
			return a
		}
	}
	if c.srv.Faults == nil {
		return nil
	}
	return c.srv.Faults(at)
}

// act does what a fault wants done. What earlier commands were answered is sent
// first, so that a fault never takes back what was already said.
func (c *session) act(a *Act, rcpt string) (reply string, ok bool) {
	if a == nil {
		return "", true
	}
	if before := c.told.fault; before != "" && before != a.Fault &&
		!slices.Contains(c.told.also, before) {
		c.told.also = append(c.told.also, before)
	}
	c.told.fault = a.Fault
	if a.Do != Reply && c.out.Flush() != nil {
		return "", false
	}
	switch a.Do {
	case Reset:
		c.reset()
		return "", false
	case Close:
		c.leave()
		return "", false
	case Reply:
		return c.refusal(a, rcpt), true
	case Cut, Garble, Ahead, Swap, Split:
		c.tamper = &tamper{Act: a, stage: c.told.stage}
		if a.Reply != "" {
			reply = c.refusal(a, rcpt)
		}
		return reply, true
	case Hold, Quarantine, Lose:
		c.told.kept, c.told.keptFor = a.Do, a.Delay
	case Slow:
		return "", c.slow(a)
	case Stall:
		return "", c.wait(func(ctx context.Context) error { return c.still(ctx, a) })
	}
	return "", true
}

// refusal is the fault's reply with its placeholders filled.
func (c *session) refusal(a *Act, rcpt string) string {
	if n := len(c.state.To); rcpt == "" && n > 0 {
		rcpt = c.state.To[n-1]
	}
	return c.persona.Refusal(&c.state, rcpt, a.Reply)
}

// slow waits, and lowers the pace from here on.
func (c *session) slow(a *Act) bool {
	if a.Rate > 0 {
		p := pace{rate: a.Rate, until: a.Until}
		if c.told.stage == StageBody {
			c.reading = p
		} else {
			c.writing = p
		}
	}
	return a.Delay <= 0 ||
		c.wait(func(ctx context.Context) error { return c.clock.Sleep(ctx, a.Delay) })
}

// still says nothing until the fault is healed or its delay is over.
func (c *session) still(ctx context.Context, a *Act) error {
	if a.Delay <= 0 {
		select {
		case <-a.Until: // a nil channel never closes
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	limited, cancel := context.WithCancel(ctx)
	defer cancel()
	over := make(chan error, 1)
	go func() { over <- c.clock.Sleep(limited, a.Delay) }()
	select {
	case err := <-over:
		return err
	case <-a.Until:
		cancel()
		<-over
		return nil
	}
}

// wait lets until pass and tells whether the client is still there. It reads
// ahead meanwhile, as far as the buffer goes, because a client that leaves shows
// only there.
func (c *session) wait(until func(context.Context) error) bool {
	if err := c.conn.SetReadDeadline(time.Time{}); err != nil {
		// A pipe takes no deadline once its other end is gone.
		gone := errors.Is(err, io.ErrClosedPipe) && c.ctx.Err() == nil
		c.told.left = c.told.left || gone && c.told.taken
		return false
	}
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	gone := make(chan bool, 1)
	c.watching = true
	go func() {
		left := c.readAhead()
		if left {
			cancel()
		}
		gone <- left
	}()
	err := until(ctx)
	// Wake the reader, and have it done before anybody else reads.
	woken := c.conn.SetReadDeadline(time.Unix(1, 0))
	left := <-gone
	c.watching = false
	c.told.left = c.told.left || left && c.told.taken
	return err == nil && woken == nil && !left
}

// readAhead fills the buffer until it is full or the read is called off; it
// tells whether the client has left.
func (c *session) readAhead() (left bool) {
	for c.in.Buffered() < c.in.Size() {
		if _, err := c.in.Peek(c.in.Buffered() + 1); err != nil {
			return !errors.Is(err, os.ErrDeadlineExceeded)
		}
	}
	return false
}
