package health_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hansei-mail/hansei/fakes/health"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve serves on loopback and tells how requests ended.
func serve(t *testing.T, s *health.Server) (base string, ended <-chan health.Result) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan health.Result, 8)
	s.Ended = func(r health.Result) { results <- r }
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return "http://" + l.Addr().String(), results
}

// ask asks over a connection of its own.
func ask(t *testing.T, url string) (*http.Response, error) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer t")
	answer, err := client.Do(r)
	if err == nil {
		t.Cleanup(func() { _ = answer.Body.Close() })
	}
	return answer, err
}

// TestFaults: what each action shows the client and the record.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		act    health.Act
		status int
		body   string
		retry  string
	}{
		{health.Act{Do: health.Unauthorized}, 401, `"code":"InvalidAuthenticationToken"`, ""},
		{health.Act{Do: health.InternalError}, 500, `"code":"InternalServerError"`, ""},
		{health.Act{Do: health.Unavailable, RetryAfter: 1500 * time.Millisecond}, 503, `"code":"S`, "2"},
		{health.Act{Do: health.Unavailable}, 503, `"innerError":{"date":"2026-06-02T13:03:00"`, ""},
		{health.Act{Do: health.Slow, Delay: 2 * time.Hour}, 200, "EX1331830", ""},
	} {
		s, _ := fake()
		c.act.Fault = "named"
		s.Faults = func(health.Request) *health.Act { return &c.act }
		base, ended := serve(t, s)
		answer, err := ask(t, base+top+"issues")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != c.status || !strings.Contains(string(body), c.body) ||
			answer.Header.Get("Retry-After") != c.retry {
			t.Errorf("%s: %d %v %s", c.act.Do, answer.StatusCode, answer.Header, body)
		}
		got := <-ended
		if got.Fault != "named" || got.Status != c.status || got.Ended.Sub(got.At) != c.act.Delay {
			t.Errorf("%s: %+v", c.act.Do, got)
		}
	}
}

// TestReset: the client sees a RST and no FIN.
func TestReset(t *testing.T) {
	s, _ := fake()
	s.Faults = func(health.Request) *health.Act { return &health.Act{Do: health.Reset} }
	base, ended := serve(t, s)
	if answer, err := ask(t, base+top+"issues"); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v, %v", answer, err)
	}
	if got := <-ended; got.Status != 0 {
		t.Errorf("%+v", got)
	}
}

// TestHangup: the client sees the connection end, and not by a RST.
func TestHangup(t *testing.T) {
	s, _ := fake()
	s.Faults = func(health.Request) *health.Act { return &health.Act{Do: health.Close} }
	base, ended := serve(t, s)
	if answer, err := ask(t, base+top+"issues"); !errors.Is(err, io.EOF) {
		t.Errorf("%v, %v", answer, err)
	}
	if got := <-ended; got.Status != 0 {
		t.Errorf("%+v", got)
	}
}

// TestStall: nothing is said until the heal, and then what is so by then.
func TestStall(t *testing.T) {
	heal, reached := make(chan struct{}), make(chan struct{})
	s, clock := fake()
	s.Faults = func(health.Request) *health.Act {
		close(reached)
		return &health.Act{Do: health.Stall, Until: heal}
	}
	base, ended := serve(t, s)
	go func() {
		<-reached
		_ = clock.Sleep(t.Context(), 2*time.Hour)
		close(heal)
	}()
	answer, err := ask(t, base+top+"issues")
	if err != nil {
		t.Fatal(err)
	}
	if got := <-ended; answer.StatusCode != 200 || len(got.Shown) != 1 {
		t.Errorf("%d, %+v", answer.StatusCode, got)
	}
}

// TestStallEnds: a stalled request ends when its client leaves, and when the
// server closes.
func TestStallEnds(t *testing.T) {
	s, _ := fake()
	reached := make(chan struct{}, 2)
	s.Faults = func(health.Request) *health.Act {
		reached <- struct{}{}
		return &health.Act{Do: health.Stall}
	}
	base, ended := serve(t, s)
	begin := func(request string) net.Conn {
		conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		<-reached
		return conn
	}
	leaving := begin("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na=b")
	if err := leaving.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-ended; got.Status != 0 {
		t.Errorf("%+v", got)
	}
	left := begin("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	defer left.Close()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if got := <-ended; got.Status != 0 {
		t.Errorf("%+v", got)
	}
}

// FuzzRequest: whatever a client sends, it is answered in JSON and recorded once,
// and no page is larger than it may be.
func FuzzRequest(f *testing.F) {
	f.Add(top+"issues", "$skip=1&$top=5", "odata.maxpagesize=2", "Bearer t")
	f.Add(top+"healthOverviews/Exchange", "$expand=issues", "maxpagesize", "Bearer t")
	f.Add(top+"issues//incidentReport", "a;b", "x=\"", "Bearer")
	f.Add("/V1.0/ADMIN/serviceannouncement", "%zz", ",;=", "Basic")
	f.Fuzz(func(t *testing.T, path, query, prefer, door string) {
		s, clock := fake()
		clock.now = began.Add(2 * time.Hour)
		for n := range 5 {
			s.Incidents = append(s.Incidents, health.Incident{ID: string(rune('a' + n)), Start: began})
		}
		var got []health.Result
		s.Ended = func(r health.Result) { got = append(got, r) }
		r, err := http.NewRequest(http.MethodGet, "http://health.test/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Body = http.NoBody
		r.URL.Path, r.URL.RawQuery = path, query
		r.Header.Set("Prefer", prefer)
		r.Header.Set("Authorization", door)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if len(got) != 1 || got[0].Status != w.Code {
			t.Fatalf("%d: %+v", w.Code, got)
		}
		if !json.Valid(w.Body.Bytes()) {
			t.Errorf("not JSON: %q", w.Body)
		}
		var size int
		applied := strings.TrimPrefix(w.Header().Get("Preference-Applied"), "odata.maxpagesize=")
		if _, err := fmt.Sscan(applied, &size); err == nil && len(got[0].Shown) > size {
			t.Errorf("%d issues on a page of %d", len(got[0].Shown), size)
		}
	})
}
