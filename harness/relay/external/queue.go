package external

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

// sizeEvery is how old a count of the queue may be: each is a run of the hook.
const sizeEvery = 2 * time.Second

// errNoQueue is a relay of which nobody can tell what it holds.
var errNoQueue = errors.New("there is no --hook-queue, so that nobody can tell what the relay holds")

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
	return ParseQueue(text)
}

// QueueSize is how many messages waited a moment ago.
func (in *instance) QueueSize(ctx context.Context) (int, error) {
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
