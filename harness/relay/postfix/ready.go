package postfix

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/relay/process"
)

// Times on the wall: the sockets and processes that they are for know no other.
const (
	// startTime is the longest that a start may take.
	startTime = 60 * time.Second
	// lookTime is how often the start is looked at.
	lookTime = 20 * time.Millisecond
	// answerTime is how long a service may take to answer one look.
	answerTime = 500 * time.Millisecond
)

// services are those whose settings matter to mail and that start only when
// they are first needed. Each greets who connects, once it has read its
// configuration: so what is wrong there shows now and not at the first message.
var services = []string{"public/cleanup", "private/rewrite", "private/smtp", "private/retry"}

// awaitReady waits until the SMTP port answers 220, the queue manager runs and
// the services have read their configuration, or until Postfix logs that it
// cannot.
func (in *instance) awaitReady(ctx context.Context, from int64) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	waiting := []look{{"the SMTP port " + in.listen, in.greets}, {"the queue manager", in.manages}}
	for _, name := range services {
		waiting = append(waiting, look{"the service " + name, func(ctx context.Context) bool {
			return in.serves(ctx, name)
		}})
	}
	ticker := time.NewTicker(lookTime)
	defer ticker.Stop()
	for {
		waiting = slices.DeleteFunc(waiting, func(l look) bool { return l.ready(ctx) })
		if words := fatalWords(in.place.log, from); words != "" {
			return errors.New(words)
		}
		if len(waiting) == 0 {
			return nil
		}
		select {
		case <-ticker.C:
		case <-in.running().Done():
			return process.ErrGone
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", waiting[0].what, ctx.Err())
		}
	}
}

// look is one thing that a start waits for.
type look struct {
	what  string
	ready func(context.Context) bool
}

// greets says whether the SMTP server answers with 220.
func (in *instance) greets(ctx context.Context) bool {
	conn, err := dial(ctx, "tcp4", in.listen)
	if err != nil {
		return false
	}
	defer conn.Close()
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

// serves says whether one of Postfix's own services has come up: it greets
// with the name of its protocol.
func (in *instance) serves(ctx context.Context, name string) bool {
	conn, err := dial(ctx, "unix", filepath.Join(in.spool(), name))
	if err != nil {
		return false
	}
	defer conn.Close()
	said, err := bufio.NewReader(conn).ReadString(0)
	return err == nil && strings.HasPrefix(said, "protocol")
}

// manages says whether the queue manager runs and waits for events, which it
// does only after it has read its configuration.
func (in *instance) manages(context.Context) bool {
	all, err := in.running().Processes()
	if err != nil {
		return false
	}
	for _, p := range all {
		if p.Name != "qmgr" {
			continue
		}
		files, err := p.Files()
		if err == nil && slices.Contains(files, "anon_inode:[eventpoll]") {
			return true
		}
	}
	return false
}

// dial connects for one short look.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: answerTime}
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("looking at %s: %w", address, err)
	}
	if err := conn.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return nil, errors.Join(fmt.Errorf("looking at %s: %w", address, err), conn.Close())
	}
	return conn, nil
}

// proveClock looks whether every process of the instance has the clock's
// library mapped; one without it would live in another time.
func (in *instance) proveClock(ctx context.Context, tree Tree) error {
	if in.world.ClockFile == nil {
		return nil
	}
	shim, err := filepath.EvalSymlinks(in.world.ClockFile.Shim())
	if err != nil {
		return fmt.Errorf("finding the clock's library: %w", err)
	}
	all, err := tree.Processes()
	if err != nil {
		return err
	}
	proven := 0
	for _, p := range all {
		has, err := mapsSoon(ctx, p, shim)
		switch {
		case err != nil && process.Gone(err):
		case err != nil:
			return err
		case !has && p.Alive():
			return fmt.Errorf("the process %s does not run under the shared clock: "+
				"its library %s is not mapped there", p.Name, shim)
		case has:
			proven++
		}
	}
	if proven == 0 {
		return errors.New("no process of postfix was found to prove the shared clock by")
	}
	return nil
}

// mapsSoon says whether a process has path mapped, now or in a moment: one that
// has just begun may not have loaded its libraries yet.
func mapsSoon(ctx context.Context, p process.Process, path string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	ticker := time.NewTicker(lookTime)
	defer ticker.Stop()
	for {
		has, err := p.Maps(path)
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
