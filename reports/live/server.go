package live

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/reports"
)

const (
	// every is the least wall time between two updates of a page.
	every = 500 * time.Millisecond
	// goodbye is how long pages are waited for that still have to fetch the report.
	goodbye = 3 * time.Second
)

// Options are what a view needs.
type Options struct {
	// Input is what is known of the run before it begins; see reports.NewLive.
	Input reports.Input
	// Pause and Stop are called for the buttons; nil hides nothing but is refused.
	Pause func(paused bool)
	Stop  func()
}

// Server is a view of one run.
type Server struct {
	opts  Options
	token string
	nonce string
	http  *http.Server
	addr  string

	mu      sync.Mutex
	page    *reports.Live
	last    reports.Moment
	updated time.Time
	paused  bool
	report  []byte
	pages   map[chan message]bool
	fetched chan struct{} // one for each report that was fetched
}

// message is one event for a page.
type message struct {
	name string
	data []byte
}

// Listen begins to serve at an address, which has to be of loopback.
func Listen(addr string, opts Options) (*Server, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("the live view's address: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("the live view's address: %s is not of loopback, such as 127.0.0.1:8025",
			addr)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listening for the live view: %w", err)
	}
	s := &Server{
		opts: opts, token: rand.Text(), nonce: rand.Text(), addr: l.Addr().String(),
		page: reports.NewLive(opts.Input), pages: map[chan message]bool{},
		fetched: make(chan struct{}, 16),
	}
	s.http = &http.Server{Handler: s.handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.broadcast(message{name: "done"})
		}
	}()
	return s, nil
}

// URL is the page's address, with the token behind the number sign: browsers do
// not send that anywhere.
func (s *Server) URL() string { return "http://" + s.addr + "/#token=" + s.token }

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showPage)
	mux.HandleFunc("GET /events", s.events)
	mux.HandleFunc("GET /report", s.showReport)
	mux.Handle("GET /metrics", s.metrics())
	mux.HandleFunc("GET /grafana.json", showDashboard)
	mux.HandleFunc("POST /pause", s.order(func() { s.pause(true) }))
	mux.HandleFunc("POST /go-on", s.order(func() { s.pause(false) }))
	mux.HandleFunc("POST /stop", s.order(func() {
		if s.opts.Stop != nil {
			s.opts.Stop()
		}
	}))
	return loopbackOnly(mux)
}

// loopbackOnly refuses requests that name another host: a page of the internet
// whose name was pointed to this machine must not read along.
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(r.Host); err == nil {
			host = h
		}
		if ip := net.ParseIP(strings.Trim(host, "[]")); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "this view answers to loopback names only", http.StatusMisdirectedRequest)
			return
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// order obeys those who know the token.
func (s *Server) order(obey func()) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		given := r.Header.Get("X-Hansei-Token")
		if subtle.ConstantTimeCompare([]byte(given), []byte(s.token)) != 1 {
			http.Error(w, "the token is wrong; open the address that hansei printed",
				http.StatusForbidden)
			return
		}
		obey()
		w.WriteHeader(http.StatusNoContent)
	}
}

func (s *Server) pause(paused bool) {
	s.mu.Lock()
	s.paused = paused
	m := s.last
	s.mu.Unlock()
	if s.opts.Pause != nil {
		s.opts.Pause(paused)
	}
	s.tell(m, true)
}

// Tell takes in where the run is; pages see it soon.
func (s *Server) Tell(m reports.Moment) { s.tell(m, false) }

func (s *Server) tell(m reports.Moment, now bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.Paused = s.paused
	s.last = m
	s.page.Add(m)
	if !now && !m.Over && time.Since(s.updated) < every {
		return
	}
	s.updated = time.Now()
	if len(s.pages) == 0 {
		return
	}
	if data, err := s.page.Update(); err == nil {
		s.broadcastLocked(message{data: data})
	}
}

func (s *Server) broadcast(m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broadcastLocked(m)
}

// broadcastLocked gives each page the newest: what a slow one has not read yet is
// replaced, because each message tells everything.
func (s *Server) broadcastLocked(m message) {
	for page := range s.pages {
		select {
		case <-page:
		default:
		}
		page <- m
	}
}

func (s *Server) showPage(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	page, err := s.page.Page(s.nonce)
	s.mu.Unlock()
	if err != nil {
		http.Error(w, "the page cannot be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(page) //nolint:errcheck // the reader went away
}

// events follows the run (HTML standard, section 9.2, server-sent events).
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	news := make(chan message, 1)
	s.mu.Lock()
	if data, err := s.page.Update(); err == nil {
		news <- message{data: data}
	}
	s.pages[news] = true
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.pages, news)
		s.mu.Unlock()
	}()
	for {
		select {
		case <-r.Context().Done():
			return
		case m := <-news:
			if m.name != "" {
				fmt.Fprintf(w, "event: %s\n", m.name)
			}
			fmt.Fprintf(w, "data: %s\n\n", m.data)
			if err := out.Flush(); err != nil {
				return
			}
		}
	}
}

func (s *Server) showReport(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	report := s.report
	s.mu.Unlock()
	if report == nil {
		http.Error(w, "the run goes on; there is no report yet", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(report) //nolint:errcheck // the reader went away
	select {
	case s.fetched <- struct{}{}:
	default:
	}
}

// Close ends the view. Pages that are open are told to fetch the report, and are
// waited for a moment.
func (s *Server) Close(report []byte) error {
	s.mu.Lock()
	s.report = report
	owed := len(s.pages)
	s.broadcastLocked(message{name: "done", data: []byte("{}")})
	s.mu.Unlock()
	timer := time.NewTimer(goodbye)
	defer timer.Stop()
	for late := false; owed > 0 && !late && report != nil; owed-- {
		select {
		case <-s.fetched:
		case <-timer.C:
			late = true
		}
	}
	ctx, stop := context.WithTimeout(context.Background(), goodbye)
	defer stop()
	if err := s.http.Shutdown(ctx); err != nil {
		return s.http.Close()
	}
	return nil
}
