package webfake

import (
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts a fake that resets /reset, hangs on /hang and greets elsewhere.
func serve(t *testing.T) (v *Serving, url string, served chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	v = &Serving{}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, leave := v.Enter(r)
		if r == nil {
			return
		}
		defer leave()
		switch r.URL.Path {
		case "/reset":
			if err := Reset(w); err != nil {
				t.Error(err)
			}
		case "/hang":
			<-r.Context().Done()
		default:
			_, _ = io.WriteString(w, "hello")
		}
	})
	served = make(chan error, 1)
	go func() { served <- v.Serve(l, h, nil) }()
	return v, "http://" + l.Addr().String(), served
}

func get(url string) (string, error) {
	c := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

func TestServeAnswersUntilClosed(t *testing.T) {
	v, url, served := serve(t)
	if got, err := get(url); got != "hello" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	hung := make(chan error, 1)
	go func() { _, err := get(url + "/hang"); hung <- err }()
	if _, err := get(url + "/reset"); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the peer of a reset read %v", err)
	}
	if err := v.Close(); err != nil {
		t.Error(err)
	}
	if err := <-hung; err == nil {
		t.Error("a request outlived the fake")
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	if _, err := get(url); err == nil {
		t.Error("it answers after its close")
	}
	if r, _ := v.Enter(&http.Request{}); r != nil {
		t.Error("a request entered after the close")
	}
}
