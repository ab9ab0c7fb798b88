package harness

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

// networks are those that every test runs over.
func networks() map[string]relay.Network {
	return map[string]relay.Network{"memory": Memory(), "mapped": newMapped()}
}

// pair connects through the network.
func pair(t *testing.T, n relay.Network) (client, server net.Conn) {
	t.Helper()
	l, err := n.Listen("127.25.1.1:25")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	accepted := make(chan net.Conn, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}()
	client, err = n.Dial(t.Context(), "127.25.1.1:25")
	if err != nil {
		t.Fatal(err)
	}
	server = <-accepted
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

func TestNetworksSpeakAndShowTheAddressAskedFor(t *testing.T) {
	for name, n := range networks() {
		client, server := pair(t, n)
		if got := server.LocalAddr().String(); got != "127.25.1.1:25" {
			t.Errorf("%s: the server is at %s", name, got)
		}
		go func() { _, _ = client.Write([]byte("hello")); client.Close() }()
		got, err := io.ReadAll(server)
		if err != nil || string(got) != "hello" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestNetworksRefuseWhereNobodyListens(t *testing.T) {
	for name, n := range networks() {
		_, err := n.Dial(t.Context(), "127.25.9.9:25")
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNetworksReset(t *testing.T) {
	for name, n := range networks() {
		client, server := pair(t, n)
		lingerer, ok := server.(interface{ SetLinger(int) error })
		if !ok {
			t.Fatalf("%s: no SetLinger", name)
		}
		if err := lingerer.SetLinger(0); err != nil {
			t.Fatal(err)
		}
		server.Close()
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%s: the peer of a reset read %v", name, err)
		}
	}
}

func TestNetworksKeepDeadlines(t *testing.T) {
	for name, n := range networks() {
		client, _ := pair(t, n)
		if err := client.SetReadDeadline(time.Now().Add(-time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMemoryIsTakenOnce(t *testing.T) {
	n := Memory()
	l, err := n.Listen("127.25.1.1:25")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Listen("127.25.1.1:25"); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a second listener: %v", err)
	}
	l.Close()
	if l, err = n.Listen("127.25.1.1:25"); err != nil {
		t.Errorf("after its close: %v", err)
	}
	l.Close()
}

func TestMemoryDialsUntilTheContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := Memory()
		l, err := n.Listen("127.25.1.1:25")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if _, err := n.Dial(ctx, "127.25.1.1:25"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nobody accepts: %v", err)
		}
	})
}
