package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// limit ends a test that would hang; nothing waits for it otherwise.
const limit = 20 * time.Second

// dial is a clock whose rate the test turns.
type dial struct{ bits atomic.Uint64 }

func newDial(rate float64) *dial {
	d := &dial{}
	d.turn(rate)
	return d
}

func (d *dial) turn(rate float64)                          { d.bits.Store(math.Float64bits(rate)) }
func (d *dial) Rate() float64                              { return math.Float64frombits(d.bits.Load()) }
func (d *dial) Now() time.Time                             { return time.Now() }
func (d *dial) Deadline(t time.Duration) time.Time         { return time.Now().Add(t) }
func (d *dial) Sleep(context.Context, time.Duration) error { return errors.New("links do not sleep") }

func newLink(t *testing.T, c *dial, im Impairment) *Link {
	t.Helper()
	l, err := New("tokyo", c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	if im != (Impairment{}) {
		if err := l.Impair(im); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// sockets gives both ends of a real connection on loopback.
func sockets(t *testing.T) (relay *net.TCPConn, near net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	c, err := net.DialTimeout("tcp", ln.Addr().String(), limit)
	if err != nil {
		t.Fatal(err)
	}
	if near, err = ln.Accept(); err != nil {
		t.Fatal(err)
	}
	relay = c.(*net.TCPConn)
	bound(t, relay)
	t.Cleanup(func() { relay.Close(); near.Close() })
	return relay, near
}

// through gives the relay's end and the far end behind l.
func through(t *testing.T, l *Link) (relay *net.TCPConn, far net.Conn) {
	t.Helper()
	relay, near := sockets(t)
	far, err := l.Through(near)
	if err != nil {
		t.Fatal(err)
	}
	bound(t, far)
	t.Cleanup(func() { far.Close() })
	return relay, far
}

func bound(t *testing.T, c net.Conn) {
	t.Helper()
	if err := c.SetDeadline(time.Now().Add(limit)); err != nil {
		t.Fatal(err)
	}
}

// echo answers with everything it reads until the connection ends.
func echo(t *testing.T, c net.Conn) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer c.Close()
		_, _ = io.Copy(c, c)
	}()
	t.Cleanup(func() { c.Close(); <-done })
}

// trip sends text and waits until it has come back whole.
func trip(c net.Conn, text string) error {
	if _, err := io.WriteString(c, text); err != nil {
		return fmt.Errorf("sending: %w", err)
	}
	return expect(c, text)
}

func expect(c net.Conn, text string) error {
	got := make([]byte, len(text))
	if _, err := io.ReadFull(c, got); err != nil {
		return fmt.Errorf("reading after %q: %w", got, err)
	}
	if string(got) != text {
		return fmt.Errorf("got %q, want %q", got, text)
	}
	return nil
}

// eventually polls until ok holds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	end := time.After(limit)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-end:
			t.Fatalf("never: %s", what)
		case <-tick.C:
		}
	}
}
