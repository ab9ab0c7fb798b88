package entra

import (
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxForm bounds the body of a request; client assertions are a few KiB.
const maxForm = 64 << 10

// request is a Request with what only the endpoint itself may see.
type request struct {
	Request
	method   string
	secret   string
	asserted bool   // a client_assertion was given instead of a secret
	refresh  string // the refresh token
	trace    string
	// correlation is the client's own id of the request where it sent one.
	correlation string
}

// read takes the form apart. A body that is no form, or too long, leaves the
// request without parameters: the endpoint then misses the first of them.
func (s *Server) read(w http.ResponseWriter, r *http.Request) request {
	q := request{method: r.Method}
	q.Ordinal = s.ordinal.Add(1)
	q.At = s.clock().Now()
	q.Local, q.Peer = addresses(r)
	q.Tenant = tenantOf(r.URL.Path)
	q.trace = s.guid("trace", q.Ordinal)
	q.correlation = s.guid("correlation", q.Ordinal)
	if id := r.Header.Get("client-request-id"); isGUID(id) {
		q.correlation = strings.ToLower(id)
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	_ = r.ParseForm() // leaves in PostForm what it could read
	q.form(r.PostForm)
	// net/http notices a client that leaves only once its body was read.
	_, _ = io.Copy(io.Discard, r.Body)
	// RFC 6749 section 2.3.1: the credentials may come by HTTP Basic, each
	// encoded as in a form.
	if id, secret, ok := r.BasicAuth(); ok && q.secret == "" {
		if id = unescape(id); q.Client == "" || q.Client == id {
			q.Client, q.secret = id, unescape(secret)
		}
	}
	return q
}

func (q *request) form(form url.Values) {
	q.Grant, q.Scope = form.Get("grant_type"), form.Get("scope")
	q.Client, q.secret = form.Get("client_id"), form.Get("client_secret")
	q.refresh, q.asserted = form.Get("refresh_token"), form.Get("client_assertion") != ""
}

// tenantOf is the tenant in the path of a token endpoint, "" in any other. The
// path is taken without regard to case, the tenant as it is.
func tenantOf(path string) string {
	const suffix = "/oauth2/v2.0/token"
	at := len(path) - len(suffix)
	if at < 2 || path[0] != '/' || !strings.EqualFold(path[at:], suffix) {
		return ""
	}
	if strings.Contains(path[1:at], "/") {
		return ""
	}
	return path[1:at]
}

// unescape decodes a form's encoding; what is not encoded is left as it is.
func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}
