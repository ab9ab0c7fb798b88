package health

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
)

// base is what links begin with.
func (x *exchange) base() string {
	switch {
	case x.srv.Base != "":
		return x.srv.Base
	case x.r.TLS != nil:
		return "https://" + x.r.Host
	}
	return "http://" + x.r.Host
}

// context is the OData context of an answer.
func (x *exchange) context(of string) string {
	return x.base() + "/v1.0/$metadata#admin/serviceAnnouncement/" + of
}

// send writes a JSON body. The type is the one that Graph gives (from memory).
func (x *exchange) send(status int, body any) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		x.srv.trouble(fmt.Errorf("writing an answer of the health service: %w", err))
	}
	h := x.w.Header()
	h.Set("Content-Type", "application/json;odata.metadata=minimal;odata.streaming=true;"+
		"IEEE754Compatible=false;charset=utf-8")
	h.Set("OData-Version", "4.0")
	x.write(status, bytes.TrimSuffix(text.Bytes(), []byte("\n")))
}

// fail writes an error in Graph's form.
func (x *exchange) fail(status int, code, message string) {
	var body failure
	body.Error.Code, body.Error.Message = code, message
	body.Error.Inner = inner{
		Date: x.srv.clock().Now().UTC().Format("2006-01-02T15:04:05"), ID: x.id, ClientID: x.clientID(),
	}
	text, err := json.Marshal(body)
	if err != nil {
		x.srv.trouble(fmt.Errorf("writing an error of the health service: %w", err))
	}
	x.w.Header().Set("Content-Type", "application/json")
	x.write(status, text)
}

// unauthorized: the messages are those of public logs.
func (x *exchange) unauthorized(message string) {
	x.w.Header().Set("WWW-Authenticate", `Bearer realm=""`)
	x.fail(http.StatusUnauthorized, "InvalidAuthenticationToken", message)
}

// notFound: an empty message is what the service gives for a path that it does
// not know (msgraph-metadata issue 435).
func (x *exchange) notFound() { x.fail(http.StatusNotFound, "UnknownError", "") }

// write sends an answer that bears the date of the fake's own clock.
func (x *exchange) write(status int, body []byte) {
	x.Status = status
	h := x.w.Header()
	h.Set("request-id", x.id)
	h.Set("client-request-id", x.clientID())
	h.Set("Date", x.srv.clock().Now().UTC().Format(http.TimeFormat))
	x.w.WriteHeader(status)
	if x.r.Method != http.MethodHead {
		_, _ = x.w.Write(body) // the client is gone: it will ask again
	}
}

// clientID is the client's own id of the request, or else the server's.
func (x *exchange) clientID() string {
	if id := x.r.Header.Get("client-request-id"); id != "" {
		return id
	}
	return x.id
}

// guid is an identifier that depends on the seed and the request's ordinal
// alone. It has the form of RFC 9562, version 4.
func (s *Server) guid(ordinal uint64) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], s.Seed)
	binary.BigEndian.PutUint64(b[8:], ordinal)
	d := sha256.Sum256(b[:])
	d[6] = d[6]&0x0f | 0x40
	d[8] = d[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", d[:4], d[4:6], d[6:8], d[8:10], d[10:16])
}

func (s *Server) trouble(err error) {
	if s.Trouble != nil {
		s.Trouble(err)
	}
}
