package entra_test

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/fakes/certs"
	"github.com/hansei-mail/hansei/fakes/entra"
)

// TestTLS: a listener may bring its own TLS, and a
// client that cannot trust the endpoint is told of.
func TestTLS(t *testing.T) {
	authority, err := certs.New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	config, err := authority.Server("login.test")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	trouble := make(chan error, 8)
	s := strict()
	s.Trouble = func(err error) { trouble <- err }
	done := make(chan error, 1)
	go func() { done <- s.Serve(tls.NewListener(l, config)) }()
	try := func(config *tls.Config) (int, error) {
		client := &http.Client{
			Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true},
			Timeout:   20 * time.Second,
		}
		answer, err := client.PostForm("https://"+l.Addr().String()+path, app())
		if err != nil {
			return 0, err
		}
		return answer.StatusCode, answer.Body.Close()
	}
	if status, err := try(authority.Client("login.test")); status != 200 || err != nil {
		t.Error(status, err)
	}
	if _, err := try(&tls.Config{ServerName: "login.test"}); err == nil {
		t.Error("a stranger's certificate was trusted")
	}
	if err := <-trouble; !strings.Contains(err.Error(), "bad certificate") {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestCloseWithout: Close ends a stalled request that another server serves.
func TestCloseWithout(t *testing.T) {
	s := strict()
	ended, reached := make(chan entra.Result, 1), make(chan struct{})
	s.Ended = func(r entra.Result) { ended <- r }
	s.Faults = func(entra.Request) *entra.Act {
		close(reached)
		return &entra.Act{Do: entra.Stall, Fault: "stalled"}
	}
	go post(s, path, app())
	<-reached
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if got := <-ended; got.Fault != "stalled" || got.Status != 0 {
		t.Errorf("%+v", got)
	}
}

// TestClose: a server that was used without a listener can be served, and after
// Close it neither serves nor answers nor records.
func TestClose(t *testing.T) {
	s := strict()
	if answer := post(s, path, app()); answer.StatusCode != 200 {
		t.Error(answer.StatusCode)
	}
	base, ended := serve(t, s)
	answer, err := ask(t, base+path)
	if err != nil || answer.StatusCode != 200 {
		t.Fatal(answer, err)
	}
	<-ended
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := ask(t, base+path); err == nil {
		t.Error("a closed server answered")
	}
	post(s, path, app())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(l); err != nil {
		t.Error(err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Error("the listener was left open")
	}
	select {
	case r := <-ended:
		t.Errorf("%+v", r)
	default:
	}
	failing := &entra.Server{}
	if err := failing.Serve(l); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}
