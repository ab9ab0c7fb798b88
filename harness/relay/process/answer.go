package process

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"time"
)

// Times on the wall: the sockets and processes that they are for know no other.
const (
	// lookTime is how often a start is looked at.
	lookTime = 20 * time.Millisecond
	// answerTime is how long a server may take to answer one look.
	answerTime = 500 * time.Millisecond
	// mapTime is how long a process may take to load its libraries.
	mapTime = time.Second
)

// listenIP is where instances take mail. Every address of 127.0.0.0/8 works on
// Linux without configuration; one of our own keeps the ports apart.
const listenIP = "127.28.0.1"

// FreeAddress finds an address on which nobody listens.
func FreeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp4", net.JoinHostPort(listenIP, "0"))
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// AwaitGreeting waits until an SMTP server at addr greets with 220, or until
// the tree has ended or ctx ends.
func (t *Tree) AwaitGreeting(ctx context.Context, addr string) error {
	return AwaitGreeting(ctx, addr, t.Done(), answerTime)
}

// AwaitGreeting waits until an SMTP server at addr greets with 220, or until its
// processes have ended or ctx ends. At each look it may take so long to answer.
func AwaitGreeting(
	ctx context.Context, addr string, ended <-chan struct{}, answer time.Duration,
) error {
	ticker := time.NewTicker(lookTime)
	defer ticker.Stop()
	for {
		if greets(ctx, addr, answer) {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ended:
			return ErrGone
		case <-ctx.Done():
			return fmt.Errorf("waiting for the SMTP port %s: %w", addr, ctx.Err())
		}
	}
}

// greets says whether an SMTP server answers with 220.
func greets(ctx context.Context, addr string, answer time.Duration) bool {
	d := net.Dialer{Timeout: answer}
	conn, err := d.DialContext(ctx, "tcp4", addr)
	if err != nil {
		return false
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(answer)); err != nil {
		return false
	}
	r := bufio.NewReader(conn)
	line, err := r.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "220 ") {
		return false
	}
	// Goodbye, so that the log does not show a lost connection.
	if _, err := conn.Write([]byte("QUIT\r\n")); err != nil {
		return false
	}
	line, err = r.ReadString('\n')
	return err == nil && strings.HasPrefix(line, "221 ")
}

// mapsSoon says whether a process has the clock's library mapped, now or in a
// moment: one that has just begun may not have loaded its libraries yet.
func mapsSoon(ctx context.Context, p Process) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, mapTime)
	defer cancel()
	ticker := time.NewTicker(lookTime)
	defer ticker.Stop()
	for {
		has, err := p.Maps(PreloadPath)
		if has || err != nil {
			return has, err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return false, nil
		}
	}
}
