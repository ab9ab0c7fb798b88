package alerts

import "time"

// Clock is the time the fake lives in; a Webhook without one uses package time.
type Clock interface{ Now() time.Time }

func (h *Webhook) now() time.Time {
	if h.Clock == nil {
		return time.Now()
	}
	return h.Clock.Now()
}
