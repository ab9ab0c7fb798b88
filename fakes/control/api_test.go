package control_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/fakes/control"
)

// subject is a fake that only remembers what it was told.
type subject struct {
	faults map[string]json.RawMessage
	healed int
	reset  int
}

func (s *subject) Faults() (all []control.Fault) {
	for name, text := range s.faults {
		all = append(all, control.Fault{Name: name, Words: text, On: true})
	}
	return all
}

func (s *subject) Put(name string, text json.RawMessage) error {
	if bytes.Contains(text, []byte("bad")) {
		return errors.New("these words mean nothing")
	}
	s.faults[name] = text
	return nil
}

func (s *subject) Remove(name string) bool {
	_, ok := s.faults[name]
	delete(s.faults, name)
	return ok
}

func (s *subject) Heal()  { s.healed++; clear(s.faults) }
func (s *subject) Reset() { s.reset++; clear(s.faults) }

func start() (*control.API, *subject) {
	s := &subject{faults: map[string]json.RawMessage{}}
	return &control.API{Of: s, Record: &control.Record{}}, s
}

// ask sends one request and returns status and body.
func ask(t testing.TB, h http.Handler, method, path, body string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w.Code, w.Body.String()
}

// TestAPI: every request that there is, and what is answered to those there are
// not.
func TestAPI(t *testing.T) {
	api, s := start()
	api.Record.Arrived(control.Message{From: "a@c.test", Size: 3, Content: []byte("x\x00<")})
	api.Record.Happened(json.RawMessage(`{"kind":"attempt"}`))
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "/healthz", "", 200, `{"status":"ok"}`},
		{"GET", "/faults", "", 200, `[]`},
		{"PUT", "/faults/one", `{"do":"reset"}`, 204, ""},
		{"GET", "/faults", "", 200, `[{"name":"one","words":{"do":"reset"},"felt":0,"on":true}]`},
		{"PUT", "/faults/one", `{"do":"bad"}`, 400, `{"error":"these words mean nothing"}`},
		{"PUT", "/faults/one", `[]`, 400, `{"error":"a fault is a JSON object`},
		{"PUT", "/faults/one", `{"do":`, 400, `{"error":"a fault is a JSON object`},
		{"PUT", "/faults/One", `{}`, 400, `{"error":"a fault's name is lower case`},
		{"PUT", "/faults/" + strings.Repeat("x", 65), `{}`, 400, `64 at most`},
		{"PUT", "/faults/big", `{"do":"` + strings.Repeat("x", control.MaxBody) + `"}`, 413, "no more than"},
		{"DELETE", "/faults/none", "", 404, `{"error":"there is no fault of this name"}`},
		{"DELETE", "/faults/one", "", 204, ""},
		{"GET", "/messages", "", 200, `"from":"a@c.test"`},
		{"GET", "/messages/1", "", 200, "x\x00<"},
		{"GET", "/messages/2", "", 404, `{"error":"there is no message`},
		{"GET", "/messages/one", "", 404, `{"error":"there is no message`},
		{"GET", "/events", "", 200, `[{"kind":"attempt"}]`},
		{"POST", "/heal", "", 204, ""},
		{"POST", "/reset", "", 204, ""},
		{"GET", "/messages", "", 200, "[]"},
		{"GET", "/events", "", 200, "[]"},
		{"GET", "/nothing", "", 404, `{"error":"there is nothing of this name"}`},
		{"POST", "/faults", "", 405, `{"error":"this cannot be done here`},
	} {
		if status, body := ask(t, api, c.method, c.path, c.body); status != c.status ||
			!strings.Contains(body, c.says) {
			t.Errorf("%s %s: %d %q, want %d %q", c.method, c.path, status, body, c.status, c.says)
		}
	}
	if s.healed != 1 || s.reset != 1 || len(s.faults) != 0 {
		t.Errorf("told %+v", s)
	}
}

// TestServe answers on a socket until it is closed.
func TestServe(t *testing.T) {
	api, _ := start()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- api.Serve(l) }()
	answer, err := http.Get("http://" + l.Addr().String() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(answer.Body); err != nil || string(text) != "{\"status\":\"ok\"}\n" {
		t.Errorf("%q, %v", text, err)
	}
	_ = answer.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if err := errors.Join(api.Close(), <-done); err != nil {
		t.Error(err)
	}
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil))
	if w.Body.Len() > 0 {
		t.Error("it answers after its Close")
	}
}

// TestRecordIsBounded: the oldest is forgotten, numbers go on, and no content is
// kept beyond its bound.
func TestRecordIsBounded(t *testing.T) {
	var r control.Record
	big := make([]byte, control.MostContent+1)
	for range 40 {
		r.Arrived(control.Message{Content: big, Size: int64(len(big))})
	}
	kept, bytes := r.Messages(), 0
	for _, m := range kept {
		bytes += len(m.Content)
		if !m.Cut {
			t.Error("a cut content is not told")
		}
	}
	if bytes > control.MostBytes || len(kept) == 0 || kept[len(kept)-1].N != 40 {
		t.Errorf("%d messages, %d bytes", len(kept), bytes)
	}
	r.Reset()
	for n := range control.MostMessages + 5 {
		r.Arrived(control.Message{From: fmt.Sprint(n)})
	}
	if kept = r.Messages(); len(kept) != control.MostMessages || kept[0].N != 6 {
		t.Errorf("%d messages from %d on", len(kept), kept[0].N)
	}
	for range control.MostEvents + 5 {
		r.Happened(json.RawMessage(`{}`))
	}
	if n := len(r.Events()); n != control.MostEvents {
		t.Errorf("%d events", n)
	}
}

// FuzzAPI: whatever is asked, the answer is one that is documented, and in JSON
// but for contents.
func FuzzAPI(f *testing.F) {
	f.Add("GET", "/healthz", "")
	f.Add("PUT", "/faults/one", `{"stage":"connect","do":"reset"}`)
	f.Add("DELETE", "/faults/../x%2f", "")
	f.Add("POST", "/reset", "{")
	f.Add("GET", "/messages/1", "")
	f.Fuzz(func(t *testing.T, method, path, body string) {
		r, err := http.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(body))
		if err != nil || r.URL.Host != "127.0.0.1" {
			return
		}
		api, _ := start()
		api.Record.Arrived(control.Message{Content: []byte("x")})
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		switch w.Code {
		case 200, 400, 404, 405, 413:
			if !strings.HasPrefix(path, "/messages/") && !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s %q: %d %q", method, path, w.Code, w.Body)
			}
		case 204, 301, 307:
		default:
			t.Errorf("%s %q: %d %q", method, path, w.Code, w.Body)
		}
	})
}
