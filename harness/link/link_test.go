package link

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestUnimpairedPathIsUntouched(t *testing.T) {
	l := newLink(t, newDial(1), Impairment{})
	_, near := sockets(t)
	far, err := l.Through(near)
	if err != nil {
		t.Fatal(err)
	}
	if far != near {
		t.Errorf("an unimpaired link gave %T instead of the connection itself", far)
	}
	if got, want := l.Stats(), (Stats{Direct: 1}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
}

func TestImpairmentIsChecked(t *testing.T) {
	l := newLink(t, newDial(1), Impairment{})
	for _, im := range []Impairment{{}, {Latency: -1}, {Bandwidth: -1}, {CutAfter: -1}} {
		if err := l.Impair(im); err == nil {
			t.Errorf("%+v was taken", im)
		}
	}
}

func TestAddressesAreTheRelays(t *testing.T) {
	l := newLink(t, newDial(1), Impairment{Latency: time.Millisecond})
	relay, far := through(t, l)
	if far.RemoteAddr().String() != relay.LocalAddr().String() {
		t.Errorf("remote address %v, want %v", far.RemoteAddr(), relay.LocalAddr())
	}
	if far.LocalAddr().String() != relay.RemoteAddr().String() {
		t.Errorf("local address %v, want %v", far.LocalAddr(), relay.RemoteAddr())
	}
}

func TestLatencyIsScenarioTime(t *testing.T) {
	for _, c := range []struct {
		rate    float64
		latency time.Duration
		least   time.Duration // of a round trip, wall time
	}{
		{rate: 1, latency: 60 * time.Millisecond, least: 120 * time.Millisecond},
		{rate: 100, latency: 6 * time.Second, least: 120 * time.Millisecond},
		{rate: 1000, latency: time.Microsecond, least: 2 * time.Millisecond},
	} {
		t.Run(fmt.Sprint(c.rate), func(t *testing.T) {
			l := newLink(t, newDial(c.rate), Impairment{Latency: c.latency})
			relay, far := through(t, l)
			echo(t, far)
			began := time.Now()
			if err := trip(relay, "NOOP\r\n"); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took < c.least {
				t.Errorf("the round trip took %v, less than %v", took, c.least)
			}
		})
	}
}

func TestBandwidthIsScenarioTime(t *testing.T) {
	// 200 bytes a scenario second at rate 100 are 20,000 a wall second.
	l := newLink(t, newDial(100), Impairment{Bandwidth: 200})
	relay, far := through(t, l)
	began := time.Now()
	sent := strings.Repeat("x", 4000)
	if _, err := io.WriteString(relay, sent); err != nil {
		t.Fatal(err)
	}
	if err := expect(far, sent); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 190*time.Millisecond {
		t.Errorf("4000 bytes took %v, less than 200 ms of bandwidth", took)
	}
}

func TestRetuneReachesBytesOnTheirWay(t *testing.T) {
	for name, im := range map[string]Impairment{
		"latency":   {Latency: time.Hour},
		"bandwidth": {Bandwidth: 1},
	} {
		t.Run(name, func(t *testing.T) {
			clock := newDial(1)
			l := newLink(t, clock, im)
			relay, far := through(t, l)
			echo(t, far)
			const text = "four hours of a narrow path or one of a long one"
			if _, err := io.WriteString(relay, text); err != nil {
				t.Fatal(err)
			}
			clock.turn(1e6)
			if err := l.Retune(); err != nil {
				t.Fatal(err)
			}
			if err := expect(relay, text); err != nil {
				t.Error(err) // the deadline, were the old rate still in force
			}
		})
	}
}

func TestRepairHealsOpenAndNewConnections(t *testing.T) {
	l := newLink(t, newDial(1), Impairment{Latency: time.Hour, CutAfter: 30})
	relay, far := through(t, l)
	echo(t, far)
	if _, err := io.WriteString(relay, "stuck on its way"); err != nil {
		t.Fatal(err)
	}
	if err := l.Repair(); err != nil {
		t.Fatal(err)
	}
	if err := expect(relay, "stuck on its way"); err != nil {
		t.Errorf("open connection: %v", err)
	}
	if err := trip(relay, strings.Repeat("far beyond the cut-off", 100)); err != nil {
		t.Errorf("open connection: %v", err)
	}
	_, near := sockets(t)
	if again, err := l.Through(near); err != nil || again != near {
		t.Errorf("new connection: %T, %v", again, err)
	}
}

func TestCutResetsTheRelayAfterExactlySoManyBytes(t *testing.T) {
	l := newLink(t, newDial(1), Impairment{CutAfter: 100_000})
	relay, far := through(t, l)
	var got bytes.Buffer
	read := make(chan error, 1)
	go func() {
		_, err := io.Copy(&got, far)
		read <- err
	}()
	block := make([]byte, 4096)
	var err error
	for sent := 0; err == nil && sent < 64<<20; sent += len(block) {
		_, err = relay.Write(block)
	}
	if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
		t.Errorf("the relay saw %v, want a reset", err)
	}
	if err := <-read; !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the fake saw %v, want a reset", err)
	}
	if got.Len() != 100_000 {
		t.Errorf("the fake got %d bytes, want 100000", got.Len())
	}
	stats := l.Stats()
	if stats.Cuts != 1 || stats.FromRelay != 100_000 || stats.Open != 0 {
		t.Errorf("stats %+v", stats)
	}
}

func TestCutIsSeenByARelayThatWaits(t *testing.T) {
	l := newLink(t, newDial(1), Impairment{CutAfter: 5})
	relay, _ := through(t, l)
	if _, err := io.WriteString(relay, "EHLO relay.test\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := relay.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the relay saw %v, want a reset", err)
	}
}

func TestFarResetIsATrueReset(t *testing.T) {
	l := newLink(t, newDial(1), Impairment{Latency: time.Millisecond})
	for _, stage := range []string{"connect", "mid-session", "body in flight"} {
		t.Run(stage, func(t *testing.T) {
			relay, far := through(t, l)
			if stage != "connect" {
				if _, err := io.WriteString(relay, "MAIL"); err != nil {
					t.Fatal(err)
				}
				if err := expect(far, "MAIL"); err != nil {
					t.Fatal(err)
				}
			}
			if stage == "body in flight" {
				if _, err := relay.Write(make([]byte, 50_000)); err != nil {
					t.Fatal(err)
				}
			}
			if err := far.(interface{ SetLinger(int) error }).SetLinger(0); err != nil {
				t.Fatal(err)
			}
			if err := far.Close(); err != nil {
				t.Errorf("closing: %v", err)
			}
			_, err := relay.Read(make([]byte, 1))
			if !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("the relay saw %v, want a reset", err)
			}
		})
	}
}

func TestFarCloseLetsTheLastReplyArrive(t *testing.T) {
	l := newLink(t, newDial(1), Impairment{Latency: 30 * time.Millisecond, Bandwidth: 1 << 20})
	relay, far := through(t, l)
	bye := strings.Repeat("221 2.0.0 Service closing transmission channel\r\n", 200)
	if _, err := io.WriteString(far, bye); err != nil {
		t.Fatal(err)
	}
	if err := far.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(relay)
	if err != nil || string(got) != bye {
		t.Errorf("got %d bytes of %d and %v", len(got), len(bye), err)
	}
	eventually(t, "the connection ends", func() bool { return l.Stats().Open == 0 })
	if _, err := far.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("reading a closed connection: %v", err)
	}
	if _, err := far.Write([]byte{1}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("writing a closed connection: %v", err)
	}
}

func TestCloseWakesAReader(t *testing.T) {
	l := newLink(t, newDial(1), Impairment{Latency: time.Hour})
	_, far := through(t, l)
	read := make(chan error, 1)
	go func() {
		_, err := far.Read(make([]byte, 1))
		read <- err
	}()
	if err := far.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-read; !errors.Is(err, net.ErrClosed) {
		t.Errorf("the reader saw %v", err)
	}
}

func TestHalfCloseKeepsTheAnswer(t *testing.T) {
	l := newLink(t, newDial(1), Impairment{Latency: 5 * time.Millisecond})
	for _, early := range []bool{false, true} {
		relay, far := through(t, l)
		read := make(chan error, 1)
		look := func() {
			got, err := io.ReadAll(far)
			if err == nil && string(got) != "QUIT\r\n" {
				err = fmt.Errorf("got %q", got)
			}
			read <- err
		}
		if early { // the reader waits already when the end comes
			go look()
		}
		if _, err := io.WriteString(relay, "QUIT\r\n"); err != nil {
			t.Fatal(err)
		}
		if err := relay.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if !early {
			go look()
		}
		if err := <-read; err != nil {
			t.Errorf("reading to the end: %v", err)
		}
		if _, err := io.WriteString(far, "221 bye\r\n"); err != nil {
			t.Errorf("answering: %v", err)
		}
		far.Close()
		if got, err := io.ReadAll(relay); err != nil || string(got) != "221 bye\r\n" {
			t.Errorf("the relay read %q, %v", got, err)
		}
	}
}

func TestNearResetReachesTheFake(t *testing.T) {
	l := newLink(t, newDial(1), Impairment{Latency: 5 * time.Millisecond})
	relay, far := through(t, l)
	if err := trip2(relay, far); err != nil {
		t.Fatal(err)
	}
	if err := relay.SetLinger(0); err != nil {
		t.Fatal(err)
	}
	relay.Close()
	if _, err := far.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the fake saw %v, want a reset", err)
	}
}

func trip2(relay, far net.Conn) error {
	if _, err := io.WriteString(relay, "EHLO"); err != nil {
		return err
	}
	return expect(far, "EHLO")
}

func TestDeadlinesOfTheFarEnd(t *testing.T) {
	l := newLink(t, newDial(1), Impairment{Latency: time.Millisecond})
	_, far := through(t, l)
	if err := far.SetReadDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err := far.Read(make([]byte, 1))
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("reading after the deadline: %v", err)
	}
}

func TestManyConnectionsKeepTheirOwnBytes(t *testing.T) {
	clock := newDial(10)
	l := newLink(t, clock, Impairment{Latency: 20 * time.Millisecond, Bandwidth: 1 << 20})
	var all sync.WaitGroup
	for i := range 50 {
		relay, near := sockets(t)
		all.Go(func() {
			far, err := l.Through(near)
			if err != nil {
				t.Errorf("connection %d: %v", i, err)
				return
			}
			bound(t, far)
			echoed := make(chan struct{})
			go func() { defer close(echoed); defer far.Close(); io.Copy(far, far) }()
			for j := range 5 {
				text := strings.Repeat(fmt.Sprintf("%d/%d ", i, j), 2000)
				if err := trip(relay, text); err != nil {
					t.Errorf("connection %d, trip %d: %v", i, j, err)
				}
				if i == 0 {
					clock.turn(float64(5 + j))
					if err := l.Retune(); err != nil {
						t.Error(err)
					}
				}
			}
			relay.Close()
			<-echoed
		})
	}
	all.Wait()
	eventually(t, "all connections end", func() bool { return l.Stats().Open == 0 })
	if got := l.Stats(); got.Impaired != 50 || got.FromRelay != got.ToRelay {
		t.Errorf("stats %+v", got)
	}
}

func TestAbandonedBodiesLeaveNothing(t *testing.T) {
	// The relay keeps sending while the fake resets or closes: the case in
	// which a plain toxiproxy keeps its goroutines. TestMain looks for them.
	l := newLink(t, newDial(1), Impairment{Latency: 10 * time.Millisecond, Bandwidth: 100_000})
	var all sync.WaitGroup
	for i := range 10 {
		relay, far := through(t, l)
		all.Go(func() {
			_, _ = io.Copy(relay, bytes.NewReader(make([]byte, 8<<20)))
		})
		if _, err := io.ReadFull(far, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			_ = far.(*farEnd).SetLinger(0)
		}
		far.Close()
		if i%2 != 0 {
			relay.Close()
		}
	}
	all.Wait()
	eventually(t, "all connections end", func() bool { return l.Stats().Open == 0 })
}

func TestCloseEndsWhatIsOpen(t *testing.T) {
	l, err := New("osaka", newDial(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Impair(Impairment{Latency: time.Hour, Bandwidth: 1}); err != nil {
		t.Fatal(err)
	}
	relay, far := through(t, l)
	if _, err := io.WriteString(relay, "never arrives"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.Close(), l.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := far.Read(make([]byte, 1)); !errors.Is(err, ErrClosed) {
		t.Errorf("the fake saw %v", err)
	}
	if _, err := relay.Read(make([]byte, 1)); err == nil {
		t.Error("the relay's connection is still open")
	}
	_, near := sockets(t)
	if _, err := l.Through(near); !errors.Is(err, ErrClosed) {
		t.Errorf("Through after Close: %v", err)
	}
	for what, err := range map[string]error{
		"impair": l.Impair(Impairment{Latency: 1}), "repair": l.Repair(), "retune": l.Retune(),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s after Close: %v", what, err)
		}
	}
}

func TestStrangersAreShownOut(t *testing.T) {
	l := newLink(t, newDial(1), Impairment{Latency: time.Millisecond})
	for name, addr := range map[string]string{
		"at the proxy": l.proxy.Listen, "at the rendezvous": l.meet.Addr().String(),
	} {
		c, err := net.DialTimeout("tcp", addr, limit)
		if err != nil {
			t.Fatal(err)
		}
		bound(t, c)
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, syscall.EAGAIN) {
			t.Errorf("a stranger %s was served", name)
		}
		c.Close()
	}
	relay, far := through(t, l)
	if err := trip2(relay, far); err != nil {
		t.Errorf("after the strangers: %v", err)
	}
}
