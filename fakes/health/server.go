package health

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hansei-mail/hansei/fakes/webfake"
)

// Service is one of the services whose health is told.
type Service struct{ Name, ID string }

// services are told of where a Server names none (S10).
var services = []Service{
	{DefaultService, "Exchange"}, {"Identity Service", "OrgLiveID"},
	{"Microsoft 365 suite", "OSDPPlatform"},
}

// Server is a fake service health API. Its zero value is one that has nothing to
// tell. Set the fields before the first request and leave them alone after. It
// is an http.Handler for HTTP/1 servers (a reset needs the connection), and
// Serve is one.
type Server struct {
	// Seed is what request ids come from.
	Seed      uint64
	Clock     Clock // nil: real time
	Incidents []Incident
	// Services are told of, and those that Incidents name besides; nil: Exchange
	// Online, the Identity Service and the Microsoft 365 suite.
	Services []Service
	// Base is what links and contexts begin with, "https://graph.microsoft.com";
	// "": the address that the client used.
	Base string
	// Check says whether a bearer token is good; nil: any is.
	Check func(token string) error
	// Faults decides whether a request goes wrong; nil means that it does not.
	// It may be called from many goroutines.
	Faults func(Request) *Act
	// Ended is told of every request once its answer was given; it may be
	// called from many goroutines.
	Ended func(Result)
	// Trouble is told of failures that are no fault's, TLS handshakes say.
	Trouble func(error)

	ordinal atomic.Uint64
	serving webfake.Serving
}

// Request is what was asked for.
type Request struct {
	Ordinal uint64 // counts the requests of this server from 1
	At      time.Time
	Method  string
	Path    string
	Query   string
	Local   string // address of the server, ip:port
	Peer    string // address of the client, ip:port
}

// Result is a request and what became of it.
type Result struct {
	Request
	// Status is the HTTP status that was answered, 0 if nothing was.
	Status int
	// Shown are the ids of the issues in the answer.
	Shown []string
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
	x := &exchange{srv: s, w: w, r: r}
	x.Ordinal, x.At = s.ordinal.Add(1), s.clock().Now()
	x.Method, x.Path, x.Query = r.Method, r.URL.Path, r.URL.RawQuery
	if a, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		x.Local = a.String()
	}
	x.Peer = r.RemoteAddr
	x.id = s.guid(x.Ordinal)
	// net/http notices a client that leaves only once its body was read.
	_, _ = io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxBody))
	x.answer()
	x.Ended = s.clock().Now()
	if s.Ended != nil {
		s.Ended(x.Result)
	}
}

// maxBody bounds what is read of a body; there should be none.
const maxBody = 64 << 10

// exchange is one request and its answer.
type exchange struct {
	Result
	srv *Server
	w   http.ResponseWriter
	r   *http.Request
	id  string
}

// answer lets a fault act, if there is one, looks who asks, and then what for.
func (x *exchange) answer() {
	if x.srv.Faults != nil {
		if act := x.srv.Faults(x.Request); act != nil {
			x.Fault = act.Fault
			if !x.act(act) {
				return
			}
		}
	}
	scheme, token, _ := strings.Cut(x.r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	switch {
	case !strings.EqualFold(scheme, "Bearer") || token == "":
		x.unauthorized("Access token is empty.")
	case x.srv.Check != nil && x.srv.Check(token) != nil:
		x.unauthorized("Access token validation failure.")
	case x.r.Method != http.MethodGet && x.r.Method != http.MethodHead:
		x.w.Header().Set("Allow", "GET, HEAD")
		x.fail(http.StatusMethodNotAllowed, "MethodNotAllowed", "Method not allowed.") // assumed
	default:
		x.route()
	}
}

// top is the path of everything that the fake knows.
const top = "/v1.0/admin/serviceAnnouncement/"

// route finds what is asked for. Names in paths are taken without regard to
// case, as Graph does.
func (x *exchange) route() {
	path, query := x.r.URL.Path, x.options()
	if query == nil {
		return
	}
	if len(path) < len(top) || !strings.EqualFold(path[:len(top)], top) {
		x.notFound()
		return
	}
	parts := strings.Split(strings.TrimSuffix(path[len(top):], "/"), "/")
	is := func(n int, name string) bool { return strings.EqualFold(parts[n], name) }
	switch {
	case len(parts) == 1 && is(0, "healthOverviews"):
		x.overviews(query)
	case len(parts) == 2 && is(0, "healthOverviews"):
		x.overview(parts[1], query)
	case len(parts) == 1 && is(0, "issues"):
		x.issues(query)
	case len(parts) == 2 && is(0, "issues"):
		x.issue(parts[1])
	case len(parts) == 3 && is(0, "issues") && is(2, "incidentReport"):
		x.report(parts[1])
	default:
		x.notFound()
	}
}

// known are the query options that the fake honours. To answer others as if they
// were not there would be to lie to the client.
var known = []string{"$expand", "$skip", "$top"}

// options is the query, nil where it was refused.
func (x *exchange) options() url.Values {
	query, err := url.ParseQuery(x.r.URL.RawQuery)
	if err != nil {
		x.fail(http.StatusBadRequest, "BadRequest", "The query is not a valid one.")
		return nil
	}
	for name := range query {
		if strings.HasPrefix(name, "$") && !slices.Contains(known, name) {
			x.fail(http.StatusBadRequest, "BadRequest",
				"The fake health service does not know the query option '"+name+"'.")
			return nil
		}
	}
	return query
}
