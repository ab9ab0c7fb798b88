package external

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

// sizeEvery is how old a count of the queue may be: each is a run of the hook.
const sizeEvery = 2 * time.Second

// errNoQueue is a relay of which nobody can tell what it holds.
var errNoQueue = errors.New("there is no --hook-queue, so that nobody can tell what the relay holds")

// queueTime bounds a count of the queue; a relay that is paused may not answer.
const queueTime = 10 * time.Second

// noteQueue notes what is in the queue before a run, which is none of the run's.
// Mail for a domain that exists in tests alone (RFC 2606 section 2) is left from
// an earlier one: it would be taken for this one's.
func (in *instance) noteQueue(ctx context.Context) error {
	old, err := in.Queue(ctx)
	if err != nil {
		return err
	}
	in.before = map[string]bool{}
	left := 0
	for _, q := range old {
		in.before[q.ID] = true
		for _, to := range q.Recipients {
			if strings.HasSuffix(to, ".test") || strings.HasSuffix(to, ".example") {
				left++
			}
		}
	}
	if left > 0 {
		return fmt.Errorf("the relay's queue still holds mail of an earlier run, for %d recipients "+
			"of .test and .example: let it drain, or delete it", left)
	}
	if len(old) > 0 {
		in.info.Changes = append(in.info.Changes,
			fmt.Sprintf("queue: %d messages that were there before the run are left out", len(old)))
	}
	return nil
}

// Queue asks the hook.
func (in *instance) Queue(ctx context.Context) ([]relay.Queued, error) {
	if err := in.ended(); err != nil {
		return nil, err
	}
	if in.hooks.Queue == "" {
		return nil, errNoQueue
	}
	text, err := in.ask(ctx, "queue", in.hooks.Queue, new(bytes.Buffer))
	if err != nil {
		return nil, err
	}
	all, err := ParseQueue(text)
	return slices.DeleteFunc(all, func(q relay.Queued) bool { return in.before[q.ID] }), err
}

// errPaused is a relay that answers nobody, as a scenario has it.
var errPaused = errors.New("the relay is paused")

// QueueSize is how many messages waited a moment ago.
func (in *instance) QueueSize(ctx context.Context) (int, error) {
	in.state.Lock()
	paused := in.state.paused
	in.state.Unlock()
	if paused {
		return 0, errPaused
	}
	ctx, cancel := context.WithTimeout(ctx, queueTime)
	defer cancel()
	in.sized.Lock()
	defer in.sized.Unlock()
	if in.sized.at.IsZero() || time.Since(in.sized.at) >= sizeEvery {
		all, err := in.Queue(ctx)
		in.sized.n, in.sized.err, in.sized.at = len(all), err, time.Now()
	}
	return in.sized.n, in.sized.err
}

// ParseQueue reads what the hook queue printed. Either is understood:
//
//   - a line for each queued recipient, "QUEUEID SENDER RECIPIENT", where the
//     sender <> is the null sender; empty lines and those that begin with # say
//     nothing;
//   - the output of postqueue -j (postqueue(1)), as it is.
//
// No output at all is an empty queue.
func ParseQueue(text string) ([]relay.Queued, error) {
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		return parseJSON(text)
	}
	return parseLines(text)
}

func parseLines(text string) ([]relay.Queued, error) {
	var all queueOf
	number := 0
	for line := range strings.Lines(text) {
		number++
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		if len(f) != 3 || !strings.Contains(f[2], "@") {
			return nil, fmt.Errorf("line %d of the hook queue is %q, want QUEUEID SENDER RECIPIENT",
				number, strings.TrimSpace(line))
		}
		q := all.message(f[0])
		q.Sender = bare(f[1])
		q.Recipients = append(q.Recipients, bare(f[2]))
	}
	return all.list, nil
}

// queueLine is one line of postqueue -j.
type queueLine struct {
	ID         string `json:"queue_id"`
	Arrived    int64  `json:"arrival_time"`
	Sender     string `json:"sender"`
	Recipients []struct {
		Address string `json:"address"`
		Reason  string `json:"delay_reason"`
	} `json:"recipients"`
}

func parseJSON(text string) ([]relay.Queued, error) {
	var all queueOf
	d := json.NewDecoder(strings.NewReader(text))
	for {
		var line queueLine
		err := d.Decode(&line)
		if errors.Is(err, io.EOF) {
			return all.list, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the output of the hook queue: %w", err)
		}
		if line.ID == "" {
			return nil, errors.New("reading the output of the hook queue: a message has no queue_id")
		}
		q := all.message(line.ID)
		q.Sender, q.Arrived = bare(line.Sender), time.Unix(line.Arrived, 0).UTC()
		q.Recipients = nil // seen in two folders, a message counts as seen last
		for _, r := range line.Recipients {
			q.Recipients = append(q.Recipients, bare(r.Address))
			if q.Reason == "" {
				q.Reason = r.Reason
			}
		}
	}
}

// queueOf collects messages by their queue id.
type queueOf struct {
	list  []relay.Queued
	place map[string]int
}

func (a *queueOf) message(id string) *relay.Queued {
	if a.place == nil {
		a.place = map[string]int{}
	}
	i, known := a.place[id]
	if !known {
		i = len(a.list)
		a.place[id] = i
		a.list = append(a.list, relay.Queued{ID: id})
	}
	return &a.list[i]
}

// bare is an address without its brackets; the null sender is empty, for which
// postqueue has a word.
func bare(address string) string {
	address = strings.TrimSuffix(strings.TrimPrefix(address, "<"), ">")
	if address == "MAILER-DAEMON" {
		return ""
	}
	return address
}
