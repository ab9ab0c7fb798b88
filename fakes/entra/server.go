package entra

import (
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/hansei-mail/hansei/fakes/webfake"
)

// DefaultLifetime is what a client-credentials token is good for, as its
// expires_in says: 3599 seconds (from memory).
const DefaultLifetime = 3599 * time.Second

// Clients are the secrets of the known clients, by tenant and client id; both
// are compared as they are written. A client without a secret is a public one,
// which can refresh tokens and nothing else. Signed assertions are not looked
// into: to the clients named here they are no proof.
type Clients map[string]map[string]string

// Server is a fake token endpoint. Its zero value gives a token to everybody.
// Set the fields before the first request and leave them alone after. It is an
// http.Handler for HTTP/1 servers (a reset needs the connection), and Serve is
// one.
type Server struct {
	// Seed is what trace ids, keys and the draws of Withdraw come from.
	Seed  uint64
	Clock Clock // nil: real time
	// Clients may ask; nil: any client of any tenant may, with any secret or
	// signed assertion.
	Clients Clients
	// Lifetime of a token; 0: DefaultLifetime. It counts in whole seconds.
	Lifetime time.Duration
	// Faults decides whether a request goes wrong; nil means that it does not.
	// It may be called from many goroutines.
	Faults func(Request) *Act
	// Ended is told of every request once its answer was given; it may be
	// called from many goroutines.
	Ended func(Result)
	// Trouble is told of failures that are no fault's, TLS handshakes say.
	Trouble func(error)

	ordinal   atomic.Uint64
	withdrawn atomic.Uint64 // the bits of a float64; see Withdraw
	serving   webfake.Serving
}

// Request is what was asked for; of secrets it has none.
type Request struct {
	Ordinal uint64 // counts the requests of this server from 1
	At      time.Time
	Tenant  string // "" where the path is not that of a token endpoint
	Client  string
	Grant   string // the grant_type
	Scope   string
	Local   string // address of the endpoint, ip:port
	Peer    string // address of the client, ip:port
}

// Result is a request and what became of it.
type Result struct {
	Request
	// Status is the HTTP status that was answered, 0 if nothing was.
	Status int
	// Code is the number of the AADSTS error, 0 if none.
	Code int
	// Issued: a token was given.
	Issued bool
	// Fault names the fault that acted.
	Fault string
	Ended time.Time
}

var _ http.Handler = (*Server)(nil)

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r, leave := s.serving.Enter(r)
	if r == nil {
		return
	}
	defer leave()
	asked := s.read(w, r)
	result := Result{Request: asked.Request}
	s.answer(w, r, asked, &result)
	result.Ended = s.clock().Now()
	if s.Ended != nil {
		s.Ended(result)
	}
}

// answer lets a fault act, if there is one, and then does what was asked.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, asked request, result *Result) {
	key := standing
	if s.Faults != nil {
		if act := s.Faults(asked.Request); act != nil {
			result.Fault = act.Fault
			if !s.act(w, r, asked, act, result) {
				return
			}
			if act.Do == RefuseTokens {
				key = struckOff
			}
		}
	}
	if asked.Tenant == "" {
		s.plain(w, result, http.StatusNotFound)
		return
	}
	if no := s.check(asked); no != nil {
		s.refuse(w, asked, *no, result)
		return
	}
	s.grant(w, asked, key, result)
}

// addresses are both ends of a request's connection.
func addresses(r *http.Request) (local, peer string) {
	if a, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		local = a.String()
	}
	return local, r.RemoteAddr
}
