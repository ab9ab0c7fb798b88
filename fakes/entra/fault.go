package entra

import (
	"net/http"
	"strconv"
	"time"

	"github.com/hansei-mail/hansei/fakes/webfake"
)

// Do is what a fault does.
type Do string

// The actions. Unavailable is the real answer of the outage of 2020-09-28: 503
// temporarily_unavailable, AADSTS90033 (S52); GatewayTimeout the plain 504 of
// the same night (S52); Throttle 429 "Too Many Requests" and Overload 503, both
// with Retry-After (S53). Stall says nothing until Act.Until is closed (then
// goes on) or the client leaves; Close sends a FIN, Reset a true RST. Slow does
// nothing but wait for Act.Delay. RefuseTokens issues a token that Verify refuses
// for ever, signed with a key that is no longer published, as on 2021-03-15.
const (
	Unavailable    Do = "unavailable"
	GatewayTimeout Do = "gateway-timeout"
	Throttle       Do = "throttle"
	Overload       Do = "overload"
	Stall          Do = "stall"
	Close          Do = "close"
	Reset          Do = "reset"
	Slow           Do = "slow"
	RefuseTokens   Do = "refuse-tokens"
)

// Act is one fault's decision about one request.
type Act struct {
	Do    Do
	Fault string // its name, for the record
	// Delay is waited for, on the Clock, before the action.
	Delay time.Duration
	// RetryAfter is told to the client in whole seconds, rounded up (Throttle
	// and Overload); 0: a minute, as in S53.
	RetryAfter time.Duration
	Until      <-chan struct{} // for Stall; nil: for ever
}

// act does what a fault wants done; it returns true where the request is to be
// answered after all.
func (s *Server) act(w http.ResponseWriter, r *http.Request, q request, a *Act, result *Result) bool {
	if a.Delay > 0 && s.clock().Sleep(r.Context(), a.Delay) != nil {
		return false
	}
	switch a.Do {
	case Unavailable:
		s.refuse(w, q, transient, result)
		return false
	case GatewayTimeout:
		s.plain(w, result, http.StatusGatewayTimeout)
		return false
	case Throttle, Overload:
		status := http.StatusTooManyRequests
		if a.Do == Overload {
			status = http.StatusServiceUnavailable
		}
		w.Header().Set("Retry-After", strconv.FormatInt(wholeSeconds(a.RetryAfter), 10))
		s.plain(w, result, status)
		return false
	case Stall:
		select {
		case <-a.Until: // a nil channel never closes
			return true
		case <-r.Context().Done():
			return false
		}
	case Close:
		if err := webfake.Hangup(w); err != nil {
			s.trouble(err)
		}
		return false
	case Reset:
		if err := webfake.Reset(w); err != nil {
			s.trouble(err)
		}
		return false
	}
	return true
}

func wholeSeconds(d time.Duration) int64 {
	if d == 0 {
		d = time.Minute
	}
	return int64((d + time.Second - 1) / time.Second)
}
