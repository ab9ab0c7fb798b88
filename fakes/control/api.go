package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"

	"github.com/hansei-mail/hansei/fakes/webfake"
)

// MaxBody is the longest fault that is read, 64 KiB.
const MaxBody = 64 << 10

// Fault is a fault as it is shown.
type Fault struct {
	Name string `json:"name"`
	// Words are those it was set with, a JSON object.
	Words json.RawMessage `json:"words"`
	// Felt is how often it acted; On, whether it could now.
	Felt int64 `json:"felt"`
	On   bool  `json:"on"`
}

// Subject is the fake that is driven. Its methods may be called from many
// goroutines.
type Subject interface {
	Faults() []Fault
	// Put sets a fault; an error says what is wrong with the words.
	Put(name string, words json.RawMessage) error
	// Remove heals a fault; it tells whether there was one.
	Remove(name string) bool
	// Heal removes all faults, Reset puts those of the start in their place.
	Heal()
	Reset()
}

// API is the interface of one fake. Set the fields before the first request.
type API struct {
	Of      Subject
	Record  *Record
	Trouble func(error) // told of failures that no answer shows; nil: nobody

	serving webfake.Serving
}

var _ http.Handler = (*API)(nil)

// Serve answers on l until Close is called or l fails; after Close it returns
// nil.
func (a *API) Serve(l net.Listener) error {
	if err := a.serving.Serve(l, a, a.Trouble); err != nil {
		return fmt.Errorf("serving the control interface: %w", err)
	}
	return nil
}

// Close ends all requests, connections and listeners.
func (a *API) Close() error {
	if err := a.serving.Close(); err != nil {
		return fmt.Errorf("closing the control interface: %w", err)
	}
	return nil
}

// nameForm is what a fault may be called: what the scenario language allows.
var nameForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r, leave := a.serving.Enter(r)
	if r == nil {
		return
	}
	defer leave()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, orEmpty(a.Of.Faults()))
	})
	mux.HandleFunc("PUT /faults/{name}", a.put)
	mux.HandleFunc("DELETE /faults/{name}", func(w http.ResponseWriter, r *http.Request) {
		if !a.Of.Remove(r.PathValue("name")) {
			refuse(w, http.StatusNotFound, "there is no fault of this name")
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /messages", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, orEmpty(a.Record.Messages()))
	})
	mux.HandleFunc("GET /messages/{n}", a.message)
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, orEmpty(a.Record.Events()))
	})
	mux.HandleFunc("POST /heal", func(w http.ResponseWriter, _ *http.Request) {
		a.Of.Heal()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /reset", func(w http.ResponseWriter, _ *http.Request) {
		a.Of.Reset()
		a.Record.Reset()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.ServeHTTP(&plainRefusals{ResponseWriter: w}, r)
}

// put sets a fault.
func (a *API) put(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if len(name) > 64 || !nameForm.MatchString(name) {
		refuse(w, http.StatusBadRequest,
			"a fault's name is lower case letters, digits and dashes, 64 at most")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	long := (*http.MaxBytesError)(nil)
	switch {
	case errors.As(err, &long):
		refuse(w, http.StatusRequestEntityTooLarge,
			fmt.Sprintf("a fault has no more than %d bytes", MaxBody))
		return
	case err != nil:
		return // the client is gone
	}
	if !json.Valid(body) || !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		refuse(w, http.StatusBadRequest, `a fault is a JSON object, {"stage": "rcpt", "do": "reset"}`)
		return
	}
	if err := a.Of.Put(name, body); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// message gives the content of one.
func (a *API) message(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("n"))
	m, ok := a.Record.Message(n)
	if err != nil || !ok {
		refuse(w, http.StatusNotFound, "there is no message of this number")
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(m.Content) // the client is gone: it can ask again
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(body) // the client is gone: it can ask again
}

func refuse(w http.ResponseWriter, status int, why string) {
	answer(w, status, map[string]string{"error": why})
}

// orEmpty lets a list without entries be written as one.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// plainRefusals turns the mux's own 404 and 405 into JSON.
type plainRefusals struct {
	http.ResponseWriter
	done bool
}

// WriteHeader sees the refusals that the mux gives: those alone are plain text.
func (p *plainRefusals) WriteHeader(status int) {
	kind := p.Header().Get("Content-Type")
	if status < 400 || kind == "application/json" {
		p.ResponseWriter.WriteHeader(status)
		return
	}
	p.done = true
	p.Header().Del("X-Content-Type-Options")
	refuse(p.ResponseWriter, status, map[int]string{
		http.StatusNotFound:         "there is nothing of this name",
		http.StatusMethodNotAllowed: "this cannot be done here; see the Allow header",
	}[status])
}

// Write drops the text of a refusal that was told already.
func (p *plainRefusals) Write(text []byte) (int, error) {
	if p.done {
		return len(text), nil
	}
	return p.ResponseWriter.Write(text)
}
