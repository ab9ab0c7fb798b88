package entra_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hansei-mail/hansei/fakes/entra"
)

// memory is a listener without a network.
type memory struct {
	conns chan net.Conn
	done  chan struct{}
}

func (m memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.done:
		return nil, net.ErrClosed
	}
}

func (m memory) Close() error {
	close(m.done)
	return nil
}

func (m memory) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "unix"} }

// TestOutage lives through the night of 2020-09-28 in memory: a token outlives a
// short outage and not a long one, a stalled client waits for the heal, and an
// hour costs nothing.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heal := make(chan struct{})
		began := time.Now()
		s := &entra.Server{Faults: func(r entra.Request) *entra.Act {
			switch since := r.At.Sub(began); {
			case since < time.Hour:
				return nil
			case since < 3*time.Hour:
				return &entra.Act{Do: entra.Unavailable}
			default:
				return &entra.Act{Do: entra.Stall, Until: heal}
			}
		}}
		l := memory{make(chan net.Conn), make(chan struct{})}
		done := make(chan error, 1)
		go func() { done <- s.Serve(l) }()
		client := &http.Client{Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext: func(context.Context, string, string) (net.Conn, error) {
				here, there := net.Pipe()
				l.conns <- there
				return here, nil
			},
		}}
		try := func() (status int, took time.Duration) {
			since := time.Now()
			answer, err := client.PostForm("http://entra.test"+path, app())
			if err != nil {
				t.Fatal(err)
			}
			if body := text(t, answer); answer.StatusCode == 503 && !strings.Contains(body, "AADSTS90033") {
				t.Error(body)
			}
			return answer.StatusCode, time.Since(since)
		}
		time.Sleep(30 * time.Minute)
		kept := token(t, s)
		time.Sleep(59 * time.Minute)
		status, _ := try()
		if _, _, err := s.Verify(kept); status != 503 || err != nil {
			t.Error(status, err)
		}
		time.Sleep(time.Minute)
		if _, _, err := s.Verify(kept); !errors.Is(err, entra.ErrExpired) {
			t.Error(err)
		}
		time.Sleep(2 * time.Hour)
		time.AfterFunc(5*time.Hour, func() { close(heal) })
		if status, took := try(); status != 200 || took != 5*time.Hour {
			t.Error(status, took)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
