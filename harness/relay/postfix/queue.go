package postfix

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

// queues are the folders with messages that are still Postfix's duty. Mail by
// SMTP never is in maildrop; what is on hold waits for somebody, but is not
// gone. What is in corrupt is given up: postqueue does not list it either.
var queues = []string{"incoming", "active", "deferred", "hold"}

// Queue lists what the instance holds. It works while the instance runs, while
// it is dead, and, with the listing made at the stop, afterwards.
func (in *instance) Queue(ctx context.Context) ([]relay.Queued, error) {
	in.mu.Lock()
	stopped, left, err := in.stopped, in.left, in.leftErr
	in.mu.Unlock()
	if stopped {
		return slices.Clone(left), err
	}
	return in.listing(ctx)
}

// QueueSize counts the messages in the queue's folders.
func (in *instance) QueueSize(ctx context.Context) (int, error) {
	in.mu.Lock()
	stopped, left, err := in.stopped, in.left, in.leftErr
	in.mu.Unlock()
	if stopped {
		return len(left), err
	}
	ids, err := in.files(ctx)
	return len(ids), err
}

// listingTries bounds how often the queue is listed again because a message
// moved between its folders behind postqueue's back.
const listingTries = 5

// listing asks postqueue, and looks itself whether any message was missed that
// was there before and is there after.
func (in *instance) listing(ctx context.Context) ([]relay.Queued, error) {
	for range listingTries {
		before, err := in.files(ctx)
		if err != nil {
			return nil, err
		}
		out, err := in.output(ctx, in.programs.postqueue, "-j")
		if err != nil {
			return nil, fmt.Errorf("listing the queue: %w", err)
		}
		listed, err := parseQueue(out.stdout)
		if err != nil {
			return nil, err
		}
		after, err := in.files(ctx)
		if err != nil {
			return nil, err
		}
		if missed(before, after, listed) {
			continue
		}
		return in.withMessageIDs(ctx, listed)
	}
	return nil, fmt.Errorf("listing the queue: it changed under each of %d looks", listingTries)
}

// missed says whether a message stayed all the time and is not in the list.
func missed(before, after map[string]bool, listed []relay.Queued) bool {
	known := map[string]bool{}
	for _, q := range listed {
		known[q.ID] = true
	}
	for id := range before {
		if after[id] && !known[id] {
			return true
		}
	}
	return false
}

// files are the queue IDs in the queue's folders.
func (in *instance) files(ctx context.Context) (map[string]bool, error) {
	ids := map[string]bool{}
	for _, name := range queues {
		err := filepath.WalkDir(filepath.Join(in.spool(), name),
			func(path string, d fs.DirEntry, err error) error {
				if errors.Is(err, fs.ErrNotExist) {
					return nil // moved on meanwhile, or never made
				}
				if err != nil || d.IsDir() {
					return errors.Join(err, ctx.Err())
				}
				if name == "incoming" && !complete(d) {
					return nil
				}
				ids[d.Name()] = true
				return nil
			})
		if err != nil {
			return nil, fmt.Errorf("looking into the queue: %w", err)
		}
	}
	return ids, nil
}

// complete says whether cleanup has finished a file: it makes it executable
// (mode 0700) when it commits the message; postqueue leaves others out.
func complete(d fs.DirEntry) bool {
	info, err := d.Info()
	return err == nil && info.Mode().Perm()&0o100 != 0
}

// queueLine is one line of postqueue -j, see postqueue(1).
type queueLine struct {
	Queue      string `json:"queue_name"`
	ID         string `json:"queue_id"`
	Arrived    int64  `json:"arrival_time"`
	Sender     string `json:"sender"`
	Recipients []struct {
		Address string `json:"address"`
		Reason  string `json:"delay_reason"`
	} `json:"recipients"`
}

// parseQueue reads the output of postqueue -j. A message that was seen in two
// folders counts once, with what was seen last.
func parseQueue(text []byte) ([]relay.Queued, error) {
	var found []relay.Queued
	place := map[string]int{}
	d := json.NewDecoder(bytes.NewReader(text))
	for {
		var line queueLine
		err := d.Decode(&line)
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the queue listing: %w", err)
		}
		if line.ID == "" {
			return nil, errors.New("reading the queue listing: a message has no queue_id")
		}
		q := relay.Queued{ID: line.ID, Sender: line.Sender,
			Arrived: time.Unix(line.Arrived, 0).UTC()}
		if q.Sender == "MAILER-DAEMON" {
			q.Sender = "" // postqueue's word for the null sender
		}
		for _, r := range line.Recipients {
			q.Recipients = append(q.Recipients, r.Address)
			if q.Reason == "" {
				q.Reason = r.Reason
			}
		}
		if i, known := place[q.ID]; known {
			found[i] = q
			continue
		}
		place[q.ID] = len(found)
		found = append(found, q)
	}
}

// batch is how many messages one postcat reads.
const batch = 200

// withMessageIDs adds each message's X-Hansei-Id and leaves out those that
// have left the queue meanwhile.
func (in *instance) withMessageIDs(ctx context.Context, all []relay.Queued) (
	[]relay.Queued, error,
) {
	ids := map[string]string{}
	var kept []relay.Queued
	for part := range slices.Chunk(all, batch) {
		gone, err := in.readHeaders(ctx, part, ids)
		if err != nil {
			return nil, err
		}
		for _, q := range part {
			if !gone[q.ID] {
				q.MessageID = ids[q.ID]
				kept = append(kept, q)
			}
		}
	}
	return kept, nil
}

// vanished is how postcat says that a message is not there (any more).
var vanished = regexp.MustCompile(`postcat: fatal: open queue file (\S+): No such file`)

// readHeaders fills ids for a batch and says which messages are gone. postcat
// stops at the first that is; then the rest is asked for again.
func (in *instance) readHeaders(ctx context.Context, part []relay.Queued,
	ids map[string]string,
) (map[string]bool, error) {
	gone := map[string]bool{}
	for {
		// -e separates the messages, -h leaves the bodies out.
		args := []string{"-e", "-h", "-q"}
		for _, q := range part {
			if _, known := ids[q.ID]; !known && !gone[q.ID] {
				args = append(args, q.ID)
			}
		}
		if len(args) == 3 {
			return gone, nil
		}
		out, err := in.output(ctx, in.programs.postcat, args...)
		parseHeaders(string(out.stdout), ids)
		if err == nil {
			return gone, nil
		}
		m := vanished.FindSubmatch(out.stderr)
		if m == nil || gone[string(m[1])] {
			return nil, fmt.Errorf("reading the headers of queued messages: %w", err)
		}
		delete(ids, string(m[1]))
		gone[string(m[1])] = true
	}
}

// idHeader is the header by which the harness knows its messages.
const idHeader = "x-hansei-id:"

// parseHeaders reads the output of postcat -e -h for several messages: each
// begins with "*** ENVELOPE RECORDS path ***" and ends with "*** MESSAGE FILE
// END path ***". Only the message's own header counts.
func parseHeaders(text string, ids map[string]string) {
	id, value, inHeader := "", "", false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "*** ENVELOPE RECORDS "):
			id = filepath.Base(strings.TrimSuffix(line[len("*** ENVELOPE RECORDS "):], " ***"))
			value, inHeader = "", false
		case strings.HasPrefix(line, "*** MESSAGE CONTENTS "):
			inHeader = id != ""
		case strings.HasPrefix(line, "*** HEADER EXTRACTED "):
			inHeader = false
		case strings.HasPrefix(line, "*** MESSAGE FILE END "):
			if id != "" {
				ids[id] = value
			}
			id, inHeader = "", false
		case inHeader && value == "" && len(line) > len(idHeader) &&
			strings.EqualFold(line[:len(idHeader)], idHeader):
			value = strings.TrimSpace(line[len(idHeader):])
		}
	}
}
