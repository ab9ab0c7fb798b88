package smtpfake_test

import (
	"bufio"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// TestSessionsEnd: after five minutes of silence, and after ten minutes of talk;
// Left is told of each, once.
func TestSessionsEnd(t *testing.T) {
	for _, c := range []struct {
		every, after time.Duration
		want         string
	}{
		{time.Hour, 5 * time.Minute, "421 4.4.2 Timeout"},
		{time.Minute, 10 * time.Minute, "421 4.4.2 Session too long"},
	} {
		synctest.Test(t, func(t *testing.T) {
			left := make(chan smtpfake.Session, 2)
			srv := &smtpfake.Server{
				MaxSession: 10 * time.Minute, Left: func(s smtpfake.Session) { left <- s },
			}
			l := newPipes()
			done := make(chan error)
			go func() { done <- srv.Serve(l) }()
			conn, err := l.Dial()
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			go func() {
				for {
					time.Sleep(c.every)
					if _, err := io.WriteString(conn, "NOOP\r\n"); err != nil {
						return
					}
				}
			}()
			in, last := bufio.NewReader(conn), ""
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					break
				}
				last = line
			}
			if took := time.Since(began); !strings.HasPrefix(last, c.want) || took != c.after {
				t.Errorf("after %s: %q, want %q after %s", took, last, c.want, c.after)
			}
			_ = conn.Close()
			if err := srv.Close(); err != nil {
				t.Error(err)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
			if s := <-left; s.Ordinal != 1 || len(left) != 0 {
				t.Errorf("left: %+v, and %d more", s, len(left))
			}
			time.Sleep(c.every) // the writer notices
		})
	}
}
