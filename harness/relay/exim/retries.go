package exim

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

// tolerance is for stamps cut to the second, two of which make an interval.
const tolerance = 2 * time.Second

// turn is the wall time between a process's look at the retry times and the
// line in the log that says how its attempt went. Within it others try as well.
const turn = 100 * time.Millisecond

// stampLayout is that of the log.
const stampLayout = "2006-01-02 15:04:05"

// Retries reads from the log how true the instance kept its own times towards
// hosts that could not be reached. Exim keeps retry times for hosts, not for
// messages, so that is what an interval is: from one failed attempt at a host
// to the next. Attempts by several processes at the same time are one. What
// failed for another reason (a 4xx reply to one message) does not count: the
// log does not say which of Exim's several keys was then put off.
func (in *instance) Retries(ctx context.Context) (relay.Retries, error) {
	if len(in.rule.steps) == 0 {
		return relay.Retries{}, relay.ErrNoRetries
	}
	t := tally{rule: in.rule, slack: tolerance, hosts: map[string]*host{},
		carried: map[string]bool{}}
	if in.World.ClockFile != nil {
		t.slack += maxRate * turn
	}
	f, err := os.Open(in.mainlog)
	if errors.Is(err, fs.ErrNotExist) {
		return relay.Retries{}, relay.ErrNoRetries
	}
	if err != nil {
		return relay.Retries{}, fmt.Errorf("reading exim's log: %w", err)
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<16)
	for {
		line, err := r.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break // what is not a whole line yet does not count
		}
		if err != nil {
			return relay.Retries{}, fmt.Errorf("reading exim's log: %w", err)
		}
		t.line(strings.TrimRight(line, "\n"))
	}
	if t.Intervals == 0 {
		return relay.Retries{}, errors.Join(ctx.Err(), relay.ErrNoRetries)
	}
	t.Rule = fmt.Sprintf("%s; true to %s", t.rule, t.slack)
	return t.Retries, ctx.Err()
}

// tally counts intervals.
type tally struct {
	relay.Retries
	rule  rule
	slack time.Duration
	hosts map[string]*host // by name and address
	// carried are messages that another one's delivery took along on its open
	// connection ("*" after the address). Exim then tries their other
	// recipients too, whatever the retry times say.
	carried map[string]bool
	// excused is the end of a time in which queue runs are late, because the
	// clock was put back.
	excused time.Time
}

// host is what the log says of one.
type host struct {
	record
	name string
	// excused: the relay was started since the last attempt.
	excused bool
}

// line takes the next line of the log into account.
func (t *tally) line(line string) {
	if len(line) < len(stampLayout)+1 {
		return
	}
	at, err := time.Parse(stampLayout, line[:len(stampLayout)])
	if err != nil {
		return
	}
	text := line[len(stampLayout)+1:]
	if strings.HasPrefix(text, "exim ") && strings.Contains(text, " daemon started: ") {
		for _, h := range t.hosts {
			h.excused = true // while it was dead, it could not try
		}
		return
	}
	id, text, ok := strings.Cut(text, " ") // the message
	if !ok {
		return
	}
	if id == mishapTag {
		t.mishap(text, at)
		return
	}
	name, address, words := hostOf(text)
	switch {
	case text == "Completed":
		delete(t.carried, id)
	case address == "":
	case strings.HasPrefix(text, "=> ") || strings.HasPrefix(text, "-> "):
		t.reached(name)
		if strings.HasPrefix(words, "*") {
			t.carried[id] = true
		}
	case strings.HasPrefix(text, "H=") && unreachable(words):
		t.failed(name, address, at, t.carried[id])
	}
}

// unreachable says whether these words of a line are about the host as a whole
// (specification, section 32.2: errors before the first MAIL command).
func unreachable(words string) bool {
	for _, sign := range []string{
		"Connection refused", "Connection timed out", "Connection reset by peer",
		"No route to host", "Network is unreachable",
		": SMTP error from remote mail server after initial connection: 4",
		": SMTP timeout after initial connection",
		": Remote host closed connection in response to initial connection",
	} {
		if strings.HasPrefix(words, sign) {
			return true
		}
	}
	return false
}

// hostOf finds "H=name [address]" in a line, and what follows.
func hostOf(text string) (name, address, words string) {
	_, rest, ok := strings.Cut(" "+text, " H=")
	if !ok {
		return "", "", ""
	}
	name, rest, ok = strings.Cut(rest, " [")
	if !ok || strings.Contains(name, " ") {
		return "", "", ""
	}
	address, words, ok = strings.Cut(rest, "]")
	if !ok {
		return "", "", ""
	}
	return name, address, strings.TrimPrefix(words, " ")
}

// reached forgets the hosts of one name: once mail goes to any of them, the
// others may have nothing to wait for.
func (t *tally) reached(name string) {
	for key, h := range t.hosts {
		if h.name == name {
			delete(t.hosts, key)
		}
	}
}

// failed adds a failed attempt, and the interval before it unless the attempt
// was free of the retry times.
func (t *tally) failed(name, address string, at time.Time, free bool) {
	key := name + " " + address // as Exim's own: the name counts too
	h := t.hosts[key]
	if h == nil {
		h = &host{name: name}
		t.hosts[key] = h
	}
	if !h.last.IsZero() && at.Sub(h.last) > t.slack && !free {
		t.Intervals++
		if early := h.next.Sub(at); early > t.slack {
			t.Early++
			t.WorstEarly = max(t.WorstEarly, early)
		}
		if late := at.Sub(h.next.Add(t.rule.scan)); late > t.slack && !h.excused && !h.last.Before(t.excused) {
			t.Late++
			t.WorstLate = max(t.WorstLate, late)
		}
	}
	h.record, h.excused = t.rule.failed(h.record, at), false
}
