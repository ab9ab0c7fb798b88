// Package webfake owns what the fakes that speak HTTP have in common: serving
// on the caller's listeners until closed, a clock that the caller may pass in,
// and the reset that no HTTP server does by itself.
//
// It must not know what is served: paths, bodies and faults are the fakes' own.
package webfake

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
)

// Serving is the running side of a fake; its zero value is ready.
type Serving struct {
	once  sync.Once
	web   *http.Server
	serve sync.Once       // what the first Serve brings
	ctx   context.Context // of all requests
	stop  context.CancelFunc

	busy   sync.RWMutex // held for reading by every request
	closed bool

	open connections
}

// Serve answers on l with h until Close is called or l fails; after Close it
// returns nil. It may be called with several listeners at once. Trouble, which
// may be nil, is told what the HTTP server would log.
func (v *Serving) Serve(l net.Listener, h http.Handler, trouble func(error)) error {
	v.prepare()
	v.serve.Do(func() {
		v.web.Handler, v.web.ErrorLog = h, log.New(complaints{trouble}, "", 0)
	})
	if err := v.web.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close ends all requests, connections and listeners and waits until the last
// request and the last connection have gone; that takes net/http up to half a
// second, where it has to make sure that an answer is read before the end.
func (v *Serving) Close() error {
	v.prepare()
	err := v.web.Close()
	v.stop()
	v.open.leave()
	v.busy.Lock()
	defer v.busy.Unlock()
	v.closed = true
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Enter is the request to answer, which Close ends; nil after Close. Leave must
// follow. It is for fakes that are served by Serve or by any other server.
func (v *Serving) Enter(r *http.Request) (_ *http.Request, leave func()) {
	v.prepare()
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

// MaxHeader is the longest header of a request, 64 KiB; a longer one is answered
// 431 (RFC 6585 section 5). net/http takes 4 KiB more.
const MaxHeader = 64 << 10

// prepare makes the HTTP server, without time-outs: they would run on the wall
// clock.
func (v *Serving) prepare() {
	v.once.Do(func() {
		v.ctx, v.stop = context.WithCancel(context.Background())
		v.web = &http.Server{Protocols: new(http.Protocols), MaxHeaderBytes: MaxHeader}
		v.web.Protocols.SetHTTP1(true)
		v.web.ConnState = v.open.follow
	})
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
