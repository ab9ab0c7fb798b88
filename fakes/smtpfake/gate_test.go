package smtpfake_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// gate serves on a loopback port that keeps its number while it is shut.
func gate(t *testing.T) (*smtpfake.Gate, string) {
	t.Helper()
	address := "127.0.0.1:0"
	if runtime.GOOS == "linux" {
		address = "127.77.0.1:0" // where nobody dials from, so that the port stays free
	}
	g, err := smtpfake.NewGate(func() (net.Listener, error) {
		l, err := net.Listen("tcp", address)
		if err == nil {
			address = l.Addr().String()
		}
		return l, err
	})
	if err != nil {
		t.Fatal(err)
	}
	srv := &smtpfake.Server{}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(g) }()
	t.Cleanup(func() {
		if err := errors.Join(srv.Close(), <-done); err != nil {
			t.Error(err)
		}
	})
	return g, address
}

// greeted dials, says QUIT and tells what came back.
func greeted(address string, patience time.Duration) error {
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(limit)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, "QUIT\r\n"); err != nil {
		return err
	}
	all, err := io.ReadAll(conn)
	if err == nil && !strings.HasPrefix(string(all), "220 ") {
		return errors.New("it was greeted with " + string(all))
	}
	return err
}

// TestGateRefuses: a shut gate is ECONNREFUSED, again and again; a session that
// is open stays open.
func TestGateRefuses(t *testing.T) {
	g, address := gate(t)
	for range 3 {
		conn := dial(t, address)
		read(t, bufio.NewReader(conn), "220") // it is a session, not just in the queue
		if err := g.Turn(smtpfake.DoorRefuses); err != nil {
			t.Fatal(err)
		}
		if err := greeted(address, limit); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("a client saw %v, want ECONNREFUSED", err)
		}
		if _, err := io.WriteString(conn, "QUIT\r\n"); err != nil {
			t.Fatal(err)
		}
		if all, err := io.ReadAll(conn); err != nil || !strings.Contains(string(all), "221 ") {
			t.Errorf("the open session read %q, %v", all, err)
		}
		if err := g.Turn(smtpfake.DoorOpen); err != nil {
			t.Fatal(err)
		}
		if err := greeted(address, limit); err != nil {
			t.Errorf("after the heal: %v", err)
		}
	}
}

// TestGateDrops: a client's SYN is left unanswered; one that is patient gets
// through after the heal.
func TestGateDrops(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux")
	}
	g, address := gate(t)
	for range 2 {
		if err := g.Turn(smtpfake.DoorDrops); err != nil {
			t.Fatal(err)
		}
		err := greeted(address, 300*time.Millisecond)
		var late net.Error
		if !errors.As(err, &late) || !late.Timeout() {
			t.Errorf("a client saw %v, want a time-out", err)
		}
		patient := make(chan error, 1)
		go func() { patient <- greeted(address, limit) }()
		if err := g.Turn(smtpfake.DoorOpen); err != nil {
			t.Fatal(err)
		}
		if err := <-patient; err != nil {
			t.Errorf("the patient client saw %v", err)
		}
	}
	// From one shut state to the other, and closed while shut.
	for _, to := range []smtpfake.Door{smtpfake.DoorDrops, smtpfake.DoorRefuses} {
		if err := g.Turn(to); err != nil {
			t.Fatal(err)
		}
	}
	if err := greeted(address, limit); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a client saw %v, want ECONNREFUSED", err)
	}
}

// TestGateInMemory: where Accept cannot be called off, dropping is refused.
func TestGateInMemory(t *testing.T) {
	l := newPipes()
	g, err := smtpfake.NewGate(func() (net.Listener, error) { return l, nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Turn(smtpfake.DoorDrops); !errors.Is(err, smtpfake.ErrCannotDrop) {
		t.Errorf("dropping: %v", err)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if _, err := g.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a closed gate accepts: %v", err)
	}
}
