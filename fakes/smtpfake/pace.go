package smtpfake

import "time"

// pace is a limit on how fast a session reads or writes; rate 0 is none.
type pace struct {
	rate  int64 // bytes a second
	until <-chan struct{}
}

// piece is how many of n bytes may go at once: about a quarter of a second's
// worth, so that a client sees a trickle and not a burst now and then.
func (p pace) piece(n int) int {
	return int(max(1, min(int64(n), p.rate/4)))
}

// rest waits for as long as so many bytes take, unless the fault is healed.
func (p *pace) rest(c *session, n int) error {
	select {
	case <-p.until:
		*p = pace{}
		return nil
	default:
	}
	return c.clock.Sleep(c.ctx, time.Duration(int64(n)*int64(time.Second)/p.rate))
}
