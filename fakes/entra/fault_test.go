package entra_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hansei-mail/hansei/fakes/entra"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve serves on loopback and tells how requests ended.
func serve(t *testing.T, s *entra.Server) (base string, ended <-chan entra.Result) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan entra.Result, 8)
	s.Ended = func(r entra.Result) { results <- r }
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

// ask posts over a connection of its own.
func ask(t *testing.T, url string) (*http.Response, error) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
	answer, err := client.PostForm(url, app())
	if err == nil {
		t.Cleanup(func() { _ = answer.Body.Close() })
	}
	return answer, err
}

// TestFaults: what each action shows the client and the record.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		act    entra.Act
		status int
		body   string
		retry  string
	}{
		{entra.Act{Do: entra.Unavailable}, 503, "AADSTS90033", ""},
		{entra.Act{Do: entra.GatewayTimeout}, 504, "Gateway Timeout", ""},
		{entra.Act{Do: entra.Throttle}, 429, "Too Many Requests", "60"},
		{entra.Act{Do: entra.Overload, RetryAfter: 1500 * time.Millisecond}, 503, "Service Unavailable", "2"},
		{entra.Act{Do: entra.Slow, Delay: time.Hour}, 200, `"token_type":"Bearer"`, ""},
		{entra.Act{Do: entra.RefuseTokens}, 200, `"token_type":"Bearer"`, ""},
	} {
		s := strict()
		c.act.Fault = "named"
		s.Faults = func(entra.Request) *entra.Act { return &c.act }
		base, ended := serve(t, s)
		answer, err := ask(t, base+path)
		if err != nil {
			t.Fatal(err)
		}
		body := text(t, answer)
		if answer.StatusCode != c.status || !strings.Contains(body, c.body) ||
			answer.Header.Get("Retry-After") != c.retry {
			t.Errorf("%s: %d %v %s", c.act.Do, answer.StatusCode, answer.Header, body)
		}
		got := <-ended
		if got.Fault != "named" || got.Status != c.status || got.Issued != (c.status == 200) ||
			got.Ended.Sub(got.At) != c.act.Delay {
			t.Errorf("%s: %+v", c.act.Do, got)
		}
	}
}

// TestReset: the client sees a RST and no FIN.
func TestReset(t *testing.T) {
	s := strict()
	s.Faults = func(entra.Request) *entra.Act { return &entra.Act{Do: entra.Reset} }
	base, ended := serve(t, s)
	if answer, err := ask(t, base+path); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v, %v", answer, err)
	}
	if got := <-ended; got.Status != 0 || got.Issued {
		t.Errorf("%+v", got)
	}
}

// TestHangup: the client sees the connection end, and not by a RST.
func TestHangup(t *testing.T) {
	s := strict()
	s.Faults = func(entra.Request) *entra.Act { return &entra.Act{Do: entra.Close} }
	base, ended := serve(t, s)
	if answer, err := ask(t, base+path); !errors.Is(err, io.EOF) {
		t.Errorf("%v, %v", answer, err)
	}
	if got := <-ended; got.Status != 0 || got.Issued {
		t.Errorf("%+v", got)
	}
}

// TestStall: nothing is said until the heal, and then what was asked for.
func TestStall(t *testing.T) {
	heal, reached := make(chan struct{}), make(chan struct{})
	s := strict()
	s.Faults = func(entra.Request) *entra.Act {
		close(reached)
		return &entra.Act{Do: entra.Stall, Until: heal}
	}
	base, ended := serve(t, s)
	go func() {
		<-reached
		close(heal)
	}()
	answer, err := ask(t, base+path)
	if err != nil {
		t.Fatal(err)
	}
	if got := <-ended; answer.StatusCode != 200 || !got.Issued {
		t.Errorf("%d, %+v", answer.StatusCode, got)
	}
}

// TestStallEnds: a stalled request ends when its client leaves, and when the
// server closes.
func TestStallEnds(t *testing.T) {
	s := strict()
	reached := make(chan struct{}, 2)
	s.Faults = func(entra.Request) *entra.Act {
		reached <- struct{}{}
		return &entra.Act{Do: entra.Stall}
	}
	base, ended := serve(t, s)
	begin := func() net.Conn {
		conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: a\r\n"+
			"Content-Length: 3\r\n\r\na=b"); err != nil {
			t.Fatal(err)
		}
		<-reached
		return conn
	}
	if err := begin().Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-ended; got.Status != 0 {
		t.Errorf("%+v", got)
	}
	left := begin()
	defer left.Close()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if got := <-ended; got.Status != 0 {
		t.Errorf("%+v", got)
	}
}

// FuzzRequest: whatever a client sends, it is answered, and recorded once; only
// a request with the secret gets a token.
func FuzzRequest(f *testing.F) {
	f.Add(path, app().Encode(), "application/x-www-form-urlencoded", "")
	f.Add("//oauth2/v2.0/token", "a=%zz", "application/x-www-form-urlencoded", "Basic cmVsYXk6eA==")
	f.Add(path, `{"grant_type":"x"}`, "application/json", "Basic !")
	f.Fuzz(func(t *testing.T, at, body, kind, basic string) {
		s := strict()
		var got []entra.Result
		s.Ended = func(r entra.Result) { got = append(got, r) }
		r, err := http.NewRequest(http.MethodPost, "http://entra.test/", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Path = at
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Authorization", basic)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if len(got) != 1 || got[0].Status != w.Code {
			t.Fatalf("%d: %+v", w.Code, got)
		}
		if got[0].Issued != (w.Code == 200) {
			t.Errorf("%+v", got[0])
		}
		proved := strings.Contains(body, "s3cret") || basic != "" || strings.Contains(body, "%")
		public := got[0].Client == "phone" && got[0].Grant == "refresh_token"
		if got[0].Issued && !proved && !public {
			t.Errorf("a token for nothing: %+v", got[0])
		}
	})
}
