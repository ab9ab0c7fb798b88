package smtpfake

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of a Server whose own fields are zero.
const (
	// DefaultMaxLine is four times the 512 octets of RFC 5321 section
	// 4.5.3.1.4, which leaves room for the parameters of RFC 1870, 3461, 4954
	// and 6531.
	DefaultMaxLine = 2048
	// DefaultMaxRecipients is ten times what RFC 5321 section 4.5.3.1.8 makes
	// every server take.
	DefaultMaxRecipients = 1000
	// DefaultMaxMessage is 150 MiB, what Exchange Online announces.
	DefaultMaxMessage = 157286400
	// DefaultIdleTimeout is the least that RFC 5321 section 4.5.3.2.7 allows.
	DefaultIdleTimeout = 5 * time.Minute
)

// Server is a fake mail server. Its zero value is an ordinary one that takes
// and forgets all mail. Set the fields before Serve and leave them alone after.
type Server struct {
	Persona Persona // nil: Plain
	Faults  Faults  // nil: nothing goes wrong
	Clock   Clock   // nil: RealTime
	// Open is called when a message is about to come; nil: it is discarded. An
	// error of Open or of the Sink's Write is answered 451.
	Open func(*Message) (Sink, error)
	// Ended is called once for each transaction, once for each session that
	// brought none, and once more for a session that brought some if a fault
	// acted after the last of them (stage quit). It may be called from many
	// goroutines.
	Ended func(Result)
	// Left is called once for each session when it is over, with its last state.
	Left func(Session)
	// Key names a message by its envelope and first bytes, for Point.Key; nil:
	// it stays empty.
	Key func(m *Message, head []byte) string
	// Triggers lets recipients such as rcpt-451-4.7.500@mx.test ask for a fault
	// themselves; see the package comment.
	Triggers bool
	// Trouble is told of failures that are the fake's own and no fault's.
	Trouble func(error)
	// Path leads an accepted connection to the server another way, through a
	// proxy say, and returns the end to serve; nil: the connection is served as
	// it is. It may block, for its own session alone. After an error the
	// connection is closed.
	Path func(net.Conn) (net.Conn, error)
	// LMTP speaks RFC 2033 instead: LHLO, and a reply per recipient.
	LMTP bool
	// TLS is what STARTTLS uses; nil: not offered.
	TLS *tls.Config

	// MaxLine is the longest command line in octets, MaxRecipients the most of
	// one transaction, MaxMessage the largest message in bytes; 0: the
	// defaults above. MaxSessions is how many may be open at once; 0: any.
	MaxLine       int
	MaxRecipients int
	MaxMessage    int64
	MaxSessions   int
	// IdleTimeout is how long a client may be silent, on the Clock; 0: the
	// default, negative: for ever.
	IdleTimeout time.Duration
	// MaxSession is how long a session may last altogether, on the Clock; 0:
	// for ever.
	MaxSession time.Duration

	ordinal atomic.Uint64
	live    atomic.Int64
	wg      sync.WaitGroup

	mu        sync.Mutex
	closed    bool
	listeners map[net.Listener]struct{}
	sessions  map[*session]struct{}
	armed     map[string]*wanted // by client address: triggers of its next session
}

// Serve takes sessions from l until Close is called or l fails; after Close it
// returns nil. It may be called with several listeners at once.
func (srv *Server) Serve(l net.Listener) error {
	if !srv.track(l) {
		return l.Close()
	}
	defer srv.untrack(l)
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			srv.begin(conn)
		case srv.isClosed():
			return nil
		case errors.Is(err, net.ErrClosed) || !briefly(err):
			return fmt.Errorf("accepting a session: %w", err)
		default:
			// Out of descriptors, say: the kernel keeps the client waiting.
			srv.trouble(fmt.Errorf("accepting a session: %w", err))
			<-time.After(acceptPause)
		}
	}
}

// acceptPause is how long Serve waits before it asks a listener again that
// could not give it a connection.
const acceptPause = 5 * time.Millisecond

// briefly says whether a listener's error may pass.
func briefly(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary()
}

// Close ends all sessions and listeners and waits until the last Ended was
// called.
func (srv *Server) Close() error {
	srv.mu.Lock()
	srv.closed = true
	var errs []error
	for l := range srv.listeners {
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, fmt.Errorf("closing a listener: %w", err))
		}
	}
	for c := range srv.sessions {
		c.stop()
	}
	srv.mu.Unlock()
	srv.wg.Wait()
	return errors.Join(errs...)
}

// Sessions is how many sessions are open.
func (srv *Server) Sessions() int { return int(srv.live.Load()) }

func (srv *Server) begin(conn net.Conn) {
	c := newSession(srv, conn)
	srv.mu.Lock()
	if srv.closed {
		srv.mu.Unlock()
		_ = conn.Close()
		return
	}
	if srv.sessions == nil {
		srv.sessions = make(map[*session]struct{})
	}
	srv.sessions[c] = struct{}{}
	srv.wg.Add(1)
	srv.mu.Unlock()
	c.crowded = srv.live.Add(1) > int64(srv.MaxSessions) && srv.MaxSessions > 0
	go func() {
		defer srv.wg.Done()
		defer srv.end(c)
		c.run()
	}()
}

func (srv *Server) end(c *session) {
	srv.live.Add(-1)
	srv.mu.Lock()
	delete(srv.sessions, c)
	srv.mu.Unlock()
}

func (srv *Server) track(l net.Listener) bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.closed {
		return false
	}
	if srv.listeners == nil {
		srv.listeners = make(map[net.Listener]struct{})
	}
	srv.listeners[l] = struct{}{}
	return true
}

func (srv *Server) untrack(l net.Listener) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	delete(srv.listeners, l)
}

func (srv *Server) isClosed() bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.closed
}

func (srv *Server) trouble(err error) {
	if srv.Trouble != nil {
		srv.Trouble(err)
	}
}

func (srv *Server) persona() Persona {
	if srv.Persona == nil {
		return Plain{Lmtp: srv.LMTP}
	}
	return srv.Persona
}

func (srv *Server) clock() Clock {
	if srv.Clock == nil {
		return RealTime
	}
	return srv.Clock
}

// orElse is v, or the default where v is zero.
func orElse[T int | int64 | time.Duration](v, standard T) T {
	if v == 0 {
		return standard
	}
	return v
}
