package dnsfake

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Act is what goes wrong with one question.
type Act struct {
	// Drop gives no answer at all.
	Drop bool
	// Rcode is the answer's code, e.g. ServFail.
	Rcode int
	// Truncate cuts the answer short (RFC 1035 section 4.1.1, TC): over UDP it
	// is empty and says so, over TCP, where it should be asked again, nothing
	// comes.
	Truncate bool
	// Answers stand in the place of the zone's: host names to a question for
	// MX, addresses to one for A or AAAA. Those of another kind are left out.
	Answers []string
	// TTL is that of the answer, for as long as it may be kept; 0: the zone's.
	TTL time.Duration
}

// The codes of answers that say no (RFC 1035 section 4.1.1).
const (
	ServFail = dns.RcodeServerFailure
	NXDomain = dns.RcodeNameError
)

// Query is one question and what became of it, for the record.
type Query struct {
	// Peer is who asked, "ip:port", or "" for a Resolver; Proto "udp", "tcp"
	// or "".
	Peer  string
	Proto string
	Name  string // lower case, without the final dot
	Type  string // "MX"
	// Rcode is what was answered; Answers how many records; Dropped: nothing
	// was sent.
	Rcode   int
	Answers int
	Dropped bool
}

// Server answers questions from its Zone. Set the fields before Serve.
type Server struct {
	Zone *Zone
	// Faults decides whether a question goes wrong; nil means that it does not.
	Faults func(q dns.Question) *Act
	// Wrong is the same for callers without a DNS library: name in lower case
	// without the final dot, kind "MX". It is asked where Faults has nothing.
	Wrong func(name, kind string) *Act
	// Queries is told of every question; it may be called from many goroutines.
	Queries func(Query)

	mu     sync.Mutex
	closed bool
	runs   []*running
}

// Serve answers on pc (UDP) and l (TCP), either of which may be nil, until
// Close or until one of them fails; after Close it returns nil. It closes both.
func (s *Server) Serve(pc net.PacketConn, l net.Listener) error {
	var servers []*dns.Server
	if pc != nil {
		servers = append(servers, &dns.Server{PacketConn: pc, Handler: s.handler("udp")})
	}
	if l != nil {
		servers = append(servers, &dns.Server{Listener: l, Handler: s.handler("tcp")})
	}
	run := &running{servers: servers, done: make(chan error, len(servers))}
	if !s.start(run) {
		return closeSockets(pc, l)
	}
	defer s.forget(run)
	var errs []error
	for range servers {
		if err := <-run.done; err != nil {
			errs = append(errs, fmt.Errorf("serving dns: %w", err))
		}
		run.shutdown() // the other one does not go on alone
	}
	return errors.Join(errs...)
}

// Close ends every Serve and waits for the answers that are under way.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	runs := slices.Clone(s.runs)
	s.mu.Unlock()
	for _, run := range runs {
		run.shutdown()
	}
	return nil
}

// running is one Serve.
type running struct {
	servers []*dns.Server
	done    chan error
	once    sync.Once
}

// start begins to answer, unless the server is closed. It returns when Shutdown
// may be called.
func (s *Server) start(run *running) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	for _, d := range run.servers {
		started := make(chan struct{})
		ended := make(chan error, 1)
		d.NotifyStartedFunc = func() { close(started) }
		go func() { ended <- d.ActivateAndServe() }()
		select {
		case <-started:
			go func() { run.done <- <-ended }()
		case err := <-ended:
			run.done <- err
		}
	}
	s.runs = append(s.runs, run)
	return true
}

func (s *Server) forget(run *running) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs = slices.DeleteFunc(s.runs, func(r *running) bool { return r == run })
}

// shutdown ends what still runs; what ended by itself is no error here.
func (r *running) shutdown() {
	r.once.Do(func() {
		for _, d := range r.servers {
			_ = d.Shutdown() // fails only where it has ended already
		}
	})
}

func closeSockets(pc net.PacketConn, l net.Listener) error {
	var errs []error
	if pc != nil {
		errs = append(errs, pc.Close())
	}
	if l != nil {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// handler answers the questions of one transport.
func (s *Server) handler(proto string) dns.Handler {
	return dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		reply := s.answer(q, w.RemoteAddr().String(), proto)
		if reply == nil {
			if proto == "tcp" {
				_ = w.Close() // over TCP silence is the end of the connection
			}
			return
		}
		size := dns.MinMsgSize
		if opt := q.IsEdns0(); opt != nil { // RFC 6891 section 6.2.3
			size = max(size, int(opt.UDPSize()))
			reply.SetEdns0(dns.DefaultMsgSize, opt.Do())
		}
		if proto == "udp" {
			reply.Truncate(size)
		}
		_ = w.WriteMsg(reply) // the client is gone: it will ask again
	})
}

// Resolver answers in the process from the same Zone, with the same Faults and
// Queries.
func (s *Server) Resolver() *Resolver { return &Resolver{s} }
