package entra

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// granted is the body of a success; its fields stand in the order in which
// Entra prints them.
type granted struct {
	TokenType    string `json:"token_type"`
	Scope        string `json:"scope,omitempty"`
	ExpiresIn    int64  `json:"expires_in"`
	ExtExpiresIn int64  `json:"ext_expires_in"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
}

// refused is the body of a refusal (S52).
type refused struct {
	Error         string `json:"error"`
	Description   string `json:"error_description"`
	Codes         []int  `json:"error_codes"`
	Timestamp     string `json:"timestamp"`
	TraceID       string `json:"trace_id"`
	CorrelationID string `json:"correlation_id"`
	URI           string `json:"error_uri"`
}

// timestamps are printed with a blank and a Z: "2020-09-28 21:43:07Z" (S52).
const timestamps = "2006-01-02 15:04:05Z"

// grant gives a token. Of a refresh token only its presence is looked at, and
// the same one is handed back, as RFC 6749 section 6 allows.
func (s *Server) grant(w http.ResponseWriter, q request, k key, result *Result) {
	lifetime := int64(s.lifetime() / time.Second)
	token, err := s.sign(q, k)
	if err != nil {
		s.trouble(err)
		s.plain(w, result, http.StatusInternalServerError)
		return
	}
	body := granted{
		TokenType: "Bearer", ExpiresIn: lifetime, ExtExpiresIn: lifetime, AccessToken: token,
	}
	if q.Grant == "refresh_token" {
		body.Scope, body.RefreshToken = q.Scope, q.refresh
	}
	result.Issued = true
	s.send(w, q, http.StatusOK, body, result)
}

// refuse says no, in Entra's form.
func (s *Server) refuse(w http.ResponseWriter, q request, no refusal, result *Result) {
	result.Code = no.code
	at := s.clock().Now().UTC().Format(timestamps)
	s.send(w, q, no.status, refused{
		Error: no.name,
		Description: fmt.Sprintf("AADSTS%d: %s\r\nTrace ID: %s\r\nCorrelation ID: %s\r\nTimestamp: %s",
			no.code, no.text, q.trace, q.correlation, at),
		Codes: []int{no.code}, Timestamp: at, TraceID: q.trace, CorrelationID: q.correlation,
		URI: "https://login.microsoftonline.com/error?code=" + strconv.Itoa(no.code),
	}, result)
}

// send writes a JSON body. RFC 6749 section 5.1 asks for the two headers that
// keep it out of caches.
func (s *Server) send(w http.ResponseWriter, q request, status int, body any, result *Result) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		s.trouble(fmt.Errorf("writing an answer of the token endpoint: %w", err))
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store, no-cache")
	h.Set("Pragma", "no-cache")
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("x-ms-request-id", q.trace)
	h.Set("client-request-id", q.correlation)
	s.write(w, status, bytes.TrimSuffix(text.Bytes(), []byte("\n")), result)
}

// plain writes the name of a status, as gateways do.
func (s *Server) plain(w http.ResponseWriter, result *Result, status int) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	s.write(w, status, []byte(http.StatusText(status)), result)
}

// write sends an answer that bears the date of the fake's own clock.
func (s *Server) write(w http.ResponseWriter, status int, body []byte, result *Result) {
	result.Status = status
	w.Header().Set("Date", s.clock().Now().UTC().Format(http.TimeFormat))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone: it will ask again
}

func (s *Server) lifetime() time.Duration {
	if s.Lifetime == 0 {
		return DefaultLifetime
	}
	return s.Lifetime
}

func (s *Server) trouble(err error) {
	if s.Trouble != nil {
		s.Trouble(err)
	}
}
