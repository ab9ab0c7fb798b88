package alerts

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/hansei-mail/hansei/fakes/webfake"
)

// MaxBody is the longest body that is taken, 1 MiB.
const MaxBody = 1 << 20

// Webhook takes alarms, on any path. Set the fields before the first request and
// leave them alone after. It is an http.Handler, and Serve is a server of it.
type Webhook struct {
	Clock Clock // nil: real time
	// Raised is told of each alarm before its sender is answered; it may be
	// called from many goroutines.
	Raised func(Alarm)
	// Trouble is told of failures that no alarm shows, TLS handshakes say.
	Trouble func(error)

	serving webfake.Serving
}

var _ http.Handler = (*Webhook)(nil)

// ServeHTTP takes one message. A sender that cannot be understood is told so,
// and is recorded nevertheless: it did raise an alarm.
func (h *Webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r, leave := h.serving.Enter(r)
	if r == nil {
		return
	}
	defer leave()
	w.Header().Set("Date", h.now().UTC().Format(http.TimeFormat))
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "alarms come by POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	came := Alarm{At: h.now(), Path: r.URL.Path, Peer: r.RemoteAddr, Raw: body}
	if err != nil {
		h.unreadable(w, came, err)
		return
	}
	all, err := read(r.Header.Get("Content-Type"), body)
	if err != nil {
		h.unreadable(w, came, err)
		return
	}
	for _, alarm := range all {
		alarm.At, alarm.Path, alarm.Peer, alarm.Raw = came.At, came.Path, came.Peer, came.Raw
		h.raise(alarm)
	}
	w.WriteHeader(http.StatusOK)
}

// unreadable records what could not be read and says why.
func (h *Webhook) unreadable(w http.ResponseWriter, came Alarm, why error) {
	status := http.StatusBadRequest
	if long := (*http.MaxBytesError)(nil); errors.As(why, &long) {
		status = http.StatusRequestEntityTooLarge
		why = fmt.Errorf("the body is longer than %d bytes", long.Limit)
	}
	came.Form, came.Why = Unreadable, why.Error()
	h.raise(came)
	http.Error(w, why.Error(), status)
}

func (h *Webhook) raise(a Alarm) {
	if h.Raised != nil {
		h.Raised(a)
	}
}
