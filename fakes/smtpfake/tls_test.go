package smtpfake_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/smtp"
	"net/textproto"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hansei-mail/hansei/fakes/certs"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// hasty is a clock on which nobody waits.
type hasty struct{ smtpfake.Clock }

func (hasty) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// secured sends one message inside TLS, sentence by sentence, and returns how
// it ended.
func secured(t *testing.T, srv *smtpfake.Server) error {
	t.Helper()
	authority, err := certs.New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if srv.TLS, err = authority.Server("mx.test"); err != nil {
		t.Fatal(err)
	}
	c, err := smtp.NewClient(dial(t, serve(t, srv)), "mx.test")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.StartTLS(authority.Client("mx.test")); err != nil {
		return err
	}
	if err := errors.Join(c.Mail("a@c.test"), c.Rcpt("b@mx.test")); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte("hello\r\n")); err != nil {
		return err
	}
	return errors.Join(w.Close(), c.Quit())
}

// TestSlowInsideTLS: waiting and reading ahead leave the TLS session whole.
func TestSlowInsideTLS(t *testing.T) {
	var b box
	srv := &smtpfake.Server{
		Clock: hasty{smtpfake.RealTime}, Open: b.Open,
		Faults: func(smtpfake.Point) *smtpfake.Act {
			return &smtpfake.Act{Do: smtpfake.Slow, Delay: time.Hour, After: 3}
		},
	}
	if err := secured(t, srv); err != nil {
		t.Fatal(err)
	}
	if messages, _, _ := b.take(); len(messages) != 1 || messages[0].body != "hello\r\n" || !messages[0].TLS {
		t.Errorf("arrived %+v", messages)
	}
}

// TestEndsInsideTLS: a reset is one below TLS, too, and a refusal arrives.
func TestEndsInsideTLS(t *testing.T) {
	at := func(act smtpfake.Act) *smtpfake.Server {
		return &smtpfake.Server{Faults: func(p smtpfake.Point) *smtpfake.Act {
			if p.Stage != smtpfake.StageData {
				return nil
			}
			return &act
		}}
	}
	err := secured(t, at(smtpfake.Act{Do: smtpfake.Reset}))
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a reset: %v", err)
	}
	err = secured(t, at(smtpfake.Act{Do: smtpfake.Reply, Reply: "421 4.3.2 closing"}))
	if refusal(err) != 421 {
		t.Errorf("a refusal: %v", err)
	}
	if err = secured(t, at(smtpfake.Act{Do: smtpfake.Close})); !errors.Is(err, io.EOF) {
		t.Errorf("a close: %v", err)
	}
}

// TestEndsAtSecured: the first command inside TLS is answered with a RST or a
// FIN, which the client sees below its TLS.
func TestEndsAtSecured(t *testing.T) {
	for do, want := range map[smtpfake.Do]error{smtpfake.Reset: syscall.ECONNRESET, smtpfake.Close: io.EOF} {
		err := secured(t, &smtpfake.Server{Faults: func(p smtpfake.Point) *smtpfake.Act {
			if p.Stage != smtpfake.StageSecured {
				return nil
			}
			return &smtpfake.Act{Do: do}
		}})
		if !errors.Is(err, want) {
			t.Errorf("%s: the client saw %v, want %v", do, err, want)
		}
	}
}

// TestHandshakeFails: a client that speaks no TLS after STARTTLS ends its own
// session only.
func TestHandshakeFails(t *testing.T) {
	authority, err := certs.New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var b box
	srv := &smtpfake.Server{Ended: b.Ended}
	if srv.TLS, err = authority.Server("mx.test"); err != nil {
		t.Fatal(err)
	}
	conn := dial(t, serve(t, srv))
	in := bufio.NewReader(conn)
	read(t, in, "220")
	for _, line := range []string{"EHLO c.test\r\n", "STARTTLS\r\n"} {
		if _, err := io.WriteString(conn, line); err != nil {
			t.Fatal(err)
		}
		read(t, in, "2")
	}
	if _, err := io.WriteString(conn, "MAIL FROM:<>\r\n"); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, in) // an alert, or nothing
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	if _, results, _ := b.take(); len(results) != 1 || results[0].Stage != smtpfake.StageHandshake {
		t.Errorf("results %+v", results)
	}
}

// slowing is a clock whose deadlines are reckoned at a rate that did not last:
// they come sixty times too early, but for a second of grace.
type slowing struct{ smtpfake.Clock }

func (s slowing) Deadline(d time.Duration) time.Time {
	return s.Now().Add(max(d/60, time.Second))
}

// TestIdleOnAClockThatSlows: the time-out is the clock's, not the deadline's.
func TestIdleOnAClockThatSlows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		srv := &smtpfake.Server{IdleTimeout: time.Hour, Clock: slowing{smtpfake.RealTime}}
		go func() { _ = srv.Serve(l) }()
		defer srv.Close()
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		in := bufio.NewReader(conn)
		read(t, in, "220")
		began := time.Now()
		read(t, in, "421")
		if waited := time.Since(began); waited < time.Hour || waited > time.Hour+time.Second {
			t.Errorf("left after %s", waited)
		}
	})
}

// refusal is the code of a reply that a client took for an error.
func refusal(err error) int {
	var said *textproto.Error
	if errors.As(err, &said) {
		return said.Code
	}
	return 0
}
