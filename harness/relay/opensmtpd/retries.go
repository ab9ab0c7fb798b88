package opensmtpd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/daemon"
)

// logName is the log's file in World.Dir/log.
const logName = "maillog"

// Compiled into OpenSMTPD 6.8: the scheduler's BACKOFF_TRANSFER
// (scheduler_ramqueue.c) and the longest time for which a route is closed,
// DELAY_ROUTE_MAX (mta.c).
const (
	transferStep = 400 * time.Second
	routeMax     = time.Hour
)

// ruleText is the retry rule in words.
const ruleText = "400 s times n squared after the message came (compiled in), while its route " +
	"is not closed (at most 1h)"

// tolerance is for stamps cut to the second, two of which make an interval.
const tolerance = 2 * time.Second

// turn is the wall time that an attempt at a dead host may take, from the
// scheduler to the line in the log.
const turn = 200 * time.Millisecond

// Retries reads from the log how true the instance kept its own times: an
// interval is from one failed attempt of an envelope to the next.
func (in *instance) Retries(ctx context.Context) (relay.Retries, error) {
	slack := tolerance
	if in.World.ClockFile != nil {
		slack += maxRate * turn
	}
	t := newTally(slack)
	f, err := os.Open(filepath.Join(in.World.Dir, "log", logName))
	if errors.Is(err, fs.ErrNotExist) {
		return relay.Retries{}, relay.ErrNoRetries
	}
	if err != nil {
		return relay.Retries{}, fmt.Errorf("reading opensmtpd's log: %w", err)
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<16)
	for {
		line, err := r.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break // what is not a whole line yet does not count
		}
		if err != nil {
			return relay.Retries{}, fmt.Errorf("reading opensmtpd's log: %w", err)
		}
		if _, text, ok := strings.Cut(strings.TrimRight(line, "\n"), " "); ok {
			t.line(text)
		}
	}
	if t.Intervals == 0 {
		return relay.Retries{}, errors.Join(ctx.Err(), relay.ErrNoRetries)
	}
	t.Rule = fmt.Sprintf("%s; true to %s", ruleText, slack)
	return t.Retries, ctx.Err()
}

// tally counts intervals.
type tally struct {
	relay.Retries
	slack time.Duration
	// failed are envelopes by the domain of their recipient and their number.
	failed map[string]map[string]*attempt
}

// attempt is the last one of an envelope.
type attempt struct {
	age     time.Duration // of the envelope then
	excused bool          // the next may be late
}

func newTally(slack time.Duration) tally {
	return tally{slack: slack, failed: map[string]map[string]*attempt{}}
}

// due is how old an envelope is at its next attempt after age.
func due(age time.Duration) time.Duration {
	for n := time.Duration(0); ; n++ {
		if at := transferStep * n * n; at > age {
			return at
		}
	}
}

// line takes the next line of the log into account, without its stamp. The age
// of an envelope is what the server itself says it is.
func (t *tally) line(text string) {
	if words, ok := strings.CutPrefix(text, mishapTag+" "); ok {
		t.mishap(words)
		return
	}
	if !strings.Contains(text, " mta delivery evpid=") {
		return
	}
	id, _, _ := strings.Cut(field(text, "evpid="), " ")
	to, _, _ := strings.Cut(field(text, " to=<"), ">")
	_, domain, _ := strings.Cut(to, "@")
	delay, _, _ := strings.Cut(field(text, " delay="), " ")
	result, _, _ := strings.Cut(field(text, " result=\""), "\"")
	age, err := parseAge(delay)
	if err != nil || id == "" || domain == "" {
		return
	}
	if result != "TempFail" {
		// Others that wait for this host are tried at once, whatever their time
		// (smtpd.conf(5), "mta max-deferred").
		delete(t.failed, domain)
		return
	}
	if t.failed[domain] == nil {
		t.failed[domain] = map[string]*attempt{}
	}
	if last := t.failed[domain][id]; last != nil {
		t.interval(due(last.age), age, last.excused)
	}
	t.failed[domain][id] = &attempt{age: age}
}

// interval counts an attempt at an age, for one that was due.
func (t *tally) interval(due, age time.Duration, excused bool) {
	t.Intervals++
	if early := due - age; early > t.slack {
		t.Early++
		t.WorstEarly = max(t.WorstEarly, early)
	}
	if late := age - due - routeMax; late > t.slack && !excused {
		t.Late++
		t.WorstLate = max(t.WorstLate, late)
	}
}

// mishap takes a line of ours into account. No interval counts that a step of
// the clock lies in, and none is late for a pause or while the server was dead.
func (t *tally) mishap(text string) {
	if strings.HasPrefix(text, daemon.ClockSet) {
		clear(t.failed)
		return
	}
	for _, envelopes := range t.failed {
		for _, a := range envelopes {
			a.excused = true
		}
	}
}

// field is what follows a mark in a line.
func field(text, mark string) string {
	_, rest, _ := strings.Cut(text, mark)
	return rest
}

// errAge is what a time of no known form is.
var errAge = errors.New("no time of OpenSMTPD")

// parseAge reads a time such as "1d2h3m4s" (to.c, duration_to_text).
func parseAge(text string) (time.Duration, error) {
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour,
		'd': 24 * time.Hour}
	var total time.Duration
	for rest := text; rest != "" || text == ""; {
		digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
		n, err := strconv.ParseInt(digits, 10, 32)
		if err != nil || len(digits) == len(rest) || units[rest[len(digits)]] == 0 {
			return 0, errAge
		}
		total += time.Duration(n) * units[rest[len(digits)]]
		rest = rest[len(digits)+1:]
	}
	return total, nil
}
