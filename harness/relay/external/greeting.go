package external

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// Times on the wall, which is the only time that there is here.
const (
	// answerTime is how long the relay may take to greet.
	answerTime = 2 * time.Second
	// lookTime is how often it is looked at while something happens to it.
	lookTime = 50 * time.Millisecond
	// changeTime is how long after a hook the relay may take to do what the hook
	// asked.
	changeTime = 30 * time.Second
)

// greeting is the relay's, without its code. It may have several lines (RFC
// 5321 section 4.2.1), of which the first counts.
func greeting(ctx context.Context, address string) (string, error) {
	d := net.Dialer{Timeout: answerTime}
	conn, err := d.DialContext(ctx, "tcp4", address)
	if err != nil {
		return "", fmt.Errorf("asking for its greeting: %w", err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return "", fmt.Errorf("asking for its greeting: %w", err)
	}
	r := bufio.NewReader(conn)
	first := ""
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return "", fmt.Errorf("asking for its greeting: %w", err)
		}
		line = strings.TrimSpace(line)
		if len(line) < 3 || line[:3] != "220" {
			return "", fmt.Errorf("asking for its greeting: it says %q", line)
		}
		if first == "" {
			first = strings.TrimSpace(strings.TrimLeft(line[3:], "- "))
		}
		if len(line) == 3 || line[3] != '-' {
			break
		}
	}
	// Goodbye, so that its log does not show a lost connection.
	if _, err := conn.Write([]byte("QUIT\r\n")); err == nil {
		_, _ = r.ReadString('\n')
	}
	return first, nil
}

// errSilent is a relay that does not greet.
var errSilent = errors.New("it does not answer")

// await waits until the relay greets, or until it does not.
func (in *instance) await(ctx context.Context, up bool) error {
	ctx, cancel := context.WithTimeout(ctx, changeTime)
	defer cancel()
	ticker := time.NewTicker(lookTime)
	defer ticker.Stop()
	for {
		_, err := greeting(ctx, in.address)
		if up == (err == nil) && ctx.Err() == nil {
			return nil
		}
		select {
		case <-ticker.C:
			continue
		case <-ctx.Done():
		}
		if up {
			return fmt.Errorf("waiting for the relay at %s: %w", in.address, errSilent)
		}
		return fmt.Errorf("the relay at %s still answers", in.address)
	}
}
