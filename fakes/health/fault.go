package health

import (
	"net/http"
	"strconv"
	"time"

	"github.com/hansei-mail/hansei/fakes/webfake"
)

// Do is what a fault does.
type Do string

// The actions. Unauthorized answers 401 to good tokens and InternalError 500, as
// the service did while the signing key was missing on 2021-03-15; Unavailable
// answers 503 with Retry-After, as front doors do. Stall says nothing until
// Act.Until is closed (then goes on) or the client leaves; Close sends a FIN, Reset a true
// RST. Slow does nothing but wait for Act.Delay.
const (
	Unauthorized  Do = "unauthorized"
	InternalError Do = "internal-error"
	Unavailable   Do = "unavailable"
	Stall         Do = "stall"
	Close         Do = "close"
	Reset         Do = "reset"
	Slow          Do = "slow"
)

// Act is one fault's decision about one request.
type Act struct {
	Do    Do
	Fault string // its name, for the record
	// Delay is waited for, on the Clock, before the action.
	Delay time.Duration
	// RetryAfter is told to the client in whole seconds, rounded up
	// (Unavailable); 0: it is not told.
	RetryAfter time.Duration
	Until      <-chan struct{} // for Stall; nil: for ever
}

// act does what a fault wants done; it returns true where the request is to be
// answered after all. The codes and messages of 500 and 503 are from memory.
func (x *exchange) act(a *Act) bool {
	if a.Delay > 0 && x.srv.clock().Sleep(x.r.Context(), a.Delay) != nil {
		return false
	}
	switch a.Do {
	case Unauthorized:
		x.unauthorized("Access token validation failure.")
		return false
	case InternalError:
		x.fail(http.StatusInternalServerError, "InternalServerError", "Internal Server Error")
		return false
	case Unavailable:
		if a.RetryAfter > 0 {
			seconds := int64((a.RetryAfter + time.Second - 1) / time.Second)
			x.w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
		}
		x.fail(http.StatusServiceUnavailable, "ServiceUnavailable", "Service unavailable.")
		return false
	case Stall:
		select {
		case <-a.Until: // a nil channel never closes
			return true
		case <-x.r.Context().Done():
			return false
		}
	case Close:
		if err := webfake.Hangup(x.w); err != nil {
			x.srv.trouble(err)
		}
		return false
	case Reset:
		if err := webfake.Reset(x.w); err != nil {
			x.srv.trouble(err)
		}
		return false
	}
	return true
}
