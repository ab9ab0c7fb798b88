package alerts

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
)

// serving is the running side of a Webhook.
type serving struct {
	once sync.Once
	web  *http.Server
	ctx  context.Context // of all requests
	stop context.CancelFunc

	busy   sync.RWMutex // held for reading by every request
	closed bool
}

// Serve answers on l until Close is called or l fails; after Close it returns
// nil. It may be called with several listeners at once.
func (h *Webhook) Serve(l net.Listener) error {
	h.serving.prepare(h, h.Trouble)
	err := h.serving.web.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serving the webhook: %w", err)
}

// Close ends all requests, connections and listeners and waits until the last
// Raised was called.
func (h *Webhook) Close() error {
	v := &h.serving
	v.prepare(h, h.Trouble)
	err := v.web.Close()
	v.stop()
	v.busy.Lock()
	defer v.busy.Unlock()
	v.closed = true
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("closing the webhook: %w", err)
	}
	return nil
}

// prepare makes the HTTP server, without time-outs: they would run on the wall
// clock.
func (v *serving) prepare(answers http.Handler, trouble func(error)) {
	v.once.Do(func() {
		v.ctx, v.stop = context.WithCancel(context.Background())
		v.web = &http.Server{
			Handler:   answers,
			ErrorLog:  log.New(complaints{trouble}, "", 0),
			Protocols: new(http.Protocols),
		}
		v.web.Protocols.SetHTTP1(true)
	})
}

// enter is the request to answer, which Close ends; nil after Close. Leave must
// follow.
func (h *Webhook) enter(r *http.Request) (_ *http.Request, leave func()) {
	v := &h.serving
	v.prepare(h, h.Trouble)
	v.busy.RLock()
	if v.closed {
		v.busy.RUnlock()
		return nil, nil
	}
	ctx, cancel := context.WithCancel(r.Context())
	forget := context.AfterFunc(v.ctx, cancel)
	return r.WithContext(ctx), func() {
		forget()
		cancel()
		v.busy.RUnlock()
	}
}

// complaints hands on what the HTTP server would log.
type complaints struct{ to func(error) }

// Write takes one line.
func (c complaints) Write(line []byte) (int, error) {
	if c.to != nil {
		c.to(errors.New(strings.TrimSpace(string(line))))
	}
	return len(line), nil
}
