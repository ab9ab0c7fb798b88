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
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

// messages are the folders of the queue's messages, by message: queue/XX/ID. A
// message becomes OpenSMTPD's duty when its folder is renamed from "incoming",
// just before the sender has its 250, and stops being so when the last of its
// envelopes goes, and the folder with it.
func (in *instance) messages() (map[string]string, error) {
	found := map[string]string{}
	root := filepath.Join(in.queue(), "queue")
	buckets, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return found, nil // never made
	}
	if err != nil {
		return nil, fmt.Errorf("looking into the queue: %w", err)
	}
	for _, bucket := range buckets {
		dirs, err := os.ReadDir(filepath.Join(root, bucket.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // gone meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("looking into the queue: %w", err)
		}
		for _, dir := range dirs {
			if isNumber(dir.Name(), 8) {
				found[dir.Name()] = filepath.Join(root, bucket.Name(), dir.Name())
			}
		}
	}
	return found, nil
}

// isNumber says whether a name is a hexadecimal number of so many digits: a
// message's has 8, an envelope's 16. Files that are being written have others.
func isNumber(name string, digits int) bool {
	return len(name) == digits && strings.Trim(name, "0123456789abcdef") == ""
}

// listing reads the spool as OpenSMTPD itself does. It replaces an envelope's
// file by renaming, so each is whole.
func (in *instance) listing(ctx context.Context) ([]relay.Queued, error) {
	folders, err := in.messages()
	if err != nil {
		return nil, err
	}
	var all []relay.Queued
	for id, dir := range folders {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		q, err := read(id, dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it has left the queue meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("reading the queued message %s: %w", id, err)
		}
		if len(q.Recipients) > 0 {
			all = append(all, q)
		}
	}
	return all, nil
}

// read reads one message: a file for each envelope, which is one recipient, and
// one with the text.
func read(id, dir string) (relay.Queued, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return relay.Queued{}, err
	}
	q := relay.Queued{ID: id}
	for _, f := range files {
		if !isNumber(f.Name(), 16) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // served meanwhile
		}
		if err != nil {
			return relay.Queued{}, err
		}
		e, err := parseEnvelope(string(data))
		if err != nil {
			return relay.Queued{}, err
		}
		q.Sender, q.Arrived, q.Reason = e.sender, e.arrived, e.reason
		if !slices.Contains(q.Recipients, e.recipient) {
			q.Recipients = append(q.Recipients, e.recipient)
		}
	}
	text, err := os.Open(filepath.Join(dir, "message"))
	if err != nil {
		return relay.Queued{}, err
	}
	defer text.Close()
	q.MessageID, err = headerID(text)
	return q, err
}

// envelope is what the queue must tell of one.
type envelope struct {
	sender, recipient, reason string
	arrived                   time.Time
}

// errEnvelope is what a file of no known form is.
var errEnvelope = errors.New("the envelope's file has no known form")

// parseEnvelope reads the lines "name: value" of an envelope. One of the type
// bounce stands for a DSN that is still to be made, to the sender of the
// message.
func parseEnvelope(text string) (envelope, error) {
	fields := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimRight(line, "\n"), ":")
		if !ok {
			return envelope{}, errEnvelope
		}
		fields[name] = strings.TrimSpace(value)
	}
	seconds, err := strconv.ParseInt(fields["ctime"], 10, 64)
	if err != nil || fields["dest"] == "" || fields["version"] == "" {
		return envelope{}, errEnvelope
	}
	e := envelope{sender: fields["sender"], recipient: fields["dest"],
		reason: fields["errorline"], arrived: time.Unix(seconds, 0).UTC()}
	if e.sender == "@" { // so the null sender is written
		e.sender = ""
	}
	if fields["type"] == "bounce" {
		e.sender, e.recipient = "", e.sender
	}
	return e, nil
}

// idHeader is the header by which the harness knows its messages.
const idHeader = "x-hansei-id:"

// headerID finds that header in a message's text; empty: it has none.
func headerID(text io.Reader) (string, error) {
	r := bufio.NewReader(text)
	for {
		line, err := r.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			return "", nil
		}
		if len(line) > len(idHeader) && strings.EqualFold(line[:len(idHeader)], idHeader) {
			return strings.TrimSpace(line[len(idHeader):]), nil
		}
	}
}
