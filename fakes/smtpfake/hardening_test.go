package smtpfake_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hansei-mail/hansei/fakes/certs"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// heap is the memory in use once everything that can be freed is.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// unharmed delivers one mail by another session.
func unharmed(t *testing.T, address string) {
	t.Helper()
	conn := dial(t, address)
	defer conn.Close()
	if _, err := io.WriteString(conn, whole("x\r\n")+"QUIT\r\n"); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(conn)
	if err != nil || !strings.Contains(string(all), "queued as") {
		t.Errorf("another session was told %q, %v", all, err)
	}
}

// pressed lets a client press on a server, and holds the server's memory, which
// grows by the client's own, against a bound while the session is still open.
func pressed(t *testing.T, srv *smtpfake.Server, most int64, press func(conn net.Conn, in *bufio.Reader)) {
	t.Helper()
	address := serve(t, srv)
	before := heap()
	conn := dial(t, address)
	press(conn, bufio.NewReader(conn))
	if grown := heap() - before; grown > most {
		t.Errorf("%d bytes more are in use, above the bound of %d", grown, most)
	}
	unharmed(t, address)
}

// TestEndlessRecipients: 100,000 of them; those beyond the limit are told so.
func TestEndlessRecipients(t *testing.T) {
	pressed(t, &smtpfake.Server{}, 4<<20, func(conn net.Conn, in *bufio.Reader) {
		read(t, in, "220")
		go func() { // the replies must be read meanwhile
			w := bufio.NewWriter(conn)
			fmt.Fprint(w, "EHLO c.test\r\nMAIL FROM:<a@c.test>\r\n")
			for n := range 100_000 {
				fmt.Fprintf(w, "RCPT TO:<b%d@mx.test>\r\n", n)
			}
			_ = w.Flush() // the reader sees it
		}()
		read(t, in, "250")
		read(t, in, "250")
		taken, refused := 0, 0
		for range 100_000 {
			line, err := in.ReadString('\n')
			switch {
			case err != nil:
				t.Fatal(err)
			case strings.HasPrefix(line, "250"):
				taken++
			case line == "452 4.5.3 Too many recipients\r\n":
				refused++
			default:
				t.Fatalf("said %q", line)
			}
		}
		if taken != smtpfake.DefaultMaxRecipients || taken+refused != 100_000 {
			t.Errorf("%d taken, %d refused", taken, refused)
		}
	})
}

// TestEndlessLine: 64 MiB without an end cost a buffer, and are told of once they
// have one.
func TestEndlessLine(t *testing.T) {
	pressed(t, &smtpfake.Server{}, 2<<20, func(conn net.Conn, in *bufio.Reader) {
		read(t, in, "220")
		piece := []byte(strings.Repeat("x", 1<<20))
		for range 64 {
			if _, err := conn.Write(piece); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := io.WriteString(conn, "\r\nNOOP\r\n"); err != nil {
			t.Fatal(err)
		}
		if got := read(t, in, "500"); got != "500 5.5.2 Line too long\r\n" {
			t.Errorf("said %q", got)
		}
		read(t, in, "250")
	})
}

// TestEndlessCommands: greetings and nonsense are answered each, for as long as
// the client likes, and leave nothing behind.
func TestEndlessCommands(t *testing.T) {
	for command, code := range map[string]string{
		"EHLO " + strings.Repeat("c", 1000) + ".test": "250", "NONSENSE": "500", "MAIL FROM:<a": "501",
	} {
		pressed(t, &smtpfake.Server{}, 2<<20, func(conn net.Conn, in *bufio.Reader) {
			read(t, in, "220")
			if code == "501" {
				if _, err := io.WriteString(conn, start); err != nil {
					t.Fatal(err)
				}
				read(t, in, "250")
			}
			group := strings.Repeat(command+"\r\n", 50)
			for range 400 {
				if _, err := io.WriteString(conn, group); err != nil {
					t.Fatal(err)
				}
				for range 50 {
					read(t, in, code)
				}
			}
		})
	}
}

// TestTLSGarbage: what is no TLS is answered with an alert (RFC 8446 section 6)
// and the end of the connection, and keeps nobody waiting.
func TestTLSGarbage(t *testing.T) {
	authority, err := certs.New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	config, err := authority.Server("mx.test")
	if err != nil {
		t.Fatal(err)
	}
	hello := "\x16\x03\x01\x40\x00" + strings.Repeat("\x01", 1<<14)
	for name, garbage := range map[string]string{
		"text": "MAIL FROM:<a@c.test>\r\n" + strings.Repeat("x", 1<<16), "zeros": strings.Repeat("\x00", 1<<16),
		"hello": hello, "long record": "\x16\x03\x01\xff\xff" + strings.Repeat("\x01", 1<<16),
	} {
		t.Run(name, func(t *testing.T) {
			pressed(t, &smtpfake.Server{TLS: config}, 2<<20, func(conn net.Conn, in *bufio.Reader) {
				read(t, in, "220")
				if _, err := io.WriteString(conn, start+"STARTTLS\r\n"); err != nil {
					t.Fatal(err)
				}
				read(t, in, "250")
				read(t, in, "220")
				_, _ = io.WriteString(conn, garbage) // it may be ended in the middle
				rest, _ := io.ReadAll(in)            // an end or a reset
				if len(rest) > 0 && rest[0] != 0x15 {
					t.Errorf("said %q, and no alert", rest)
				}
			})
		})
	}
}

// TestIdleConnections: 2,000 that say nothing cost no more than 64 KiB each, and
// who is beyond the limit on sessions is told so.
func TestIdleConnections(t *testing.T) {
	const many = 2000
	srv := &smtpfake.Server{MaxSessions: many + 1}
	address := serve(t, srv)
	before := heap()
	for range many {
		conn := dial(t, address)
		if _, err := io.ReadFull(conn, make([]byte, len("220 mail.test ESMTP\r\n"))); err != nil {
			t.Fatal(err)
		}
	}
	if grown := heap() - before; grown > many*(64<<10) {
		t.Errorf("%d idle sessions use %d bytes", many, grown)
	}
	unharmed(t, address)
	if srv.Sessions() < many {
		t.Errorf("%d sessions are open", srv.Sessions())
	}
	crowd := dial(t, address)
	if _, err := io.ReadFull(crowd, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	over := dial(t, address)
	if all, err := io.ReadAll(over); err != nil || !strings.HasPrefix(string(all), "421 4.7.0 Too many") {
		t.Errorf("one too many was told %q, %v", all, err)
	}
}

// TestSlowLoris: a byte a minute is not silence, so the limit on a session's
// length ends it, with a reply; others are served meanwhile.
func TestSlowLoris(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &smtpfake.Server{MaxSession: 10 * time.Minute}
		l := newPipes()
		done := make(chan error)
		go func() { done <- srv.Serve(l) }()
		slow, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		go func() {
			for range 30 {
				if _, err := slow.Write([]byte("E")); err != nil {
					return
				}
				time.Sleep(time.Minute)
			}
		}()
		said := make(chan string)
		go func() {
			all, _ := io.ReadAll(slow)
			said <- fmt.Sprintf("%s after %s", all, time.Since(began))
		}()
		time.Sleep(5 * time.Minute)
		other, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		c := &client{conn: other, in: bufio.NewReader(other), last: time.Now()}
		c.talk(false)
		if !strings.Contains(c.text.String(), "queued as") || strings.Contains(c.text.String(), "later") {
			t.Errorf("another session: %s", c.text.String())
		}
		want := "220 mail.test ESMTP\r\n421 4.4.2 Session too long, closing connection\r\n after 10m0s"
		if got := <-said; got != want {
			t.Errorf("the slow one was told %q, want %q", got, want)
		}
		_ = slow.Close()
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		time.Sleep(time.Hour) // the slow one notices
	})
}

// TestTranscriptsAreComplete: there is one of each action at each stage.
func TestTranscriptsAreComplete(t *testing.T) {
	kinds := map[smtpfake.Do]bool{}
	for _, name := range actNames {
		kinds[acts()[name].Do] = true
	}
	for _, do := range []smtpfake.Do{
		smtpfake.Reset, smtpfake.Close, smtpfake.Reply, smtpfake.Slow, smtpfake.Stall, smtpfake.Cut,
		smtpfake.Garble, smtpfake.Ahead, smtpfake.Swap,
	} {
		if !kinds[do] {
			t.Errorf("no transcript shows %s", do)
		}
	}
	if len(actNames) != len(acts()) {
		t.Errorf("%d actions are played of %d", len(actNames), len(acts()))
	}
}
