package exim

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

// messages are the paths of the spool's header files, by message. A message
// becomes Exim's duty when its header file gets its name, just before the
// sender has its 250, and stops being so when the file goes (specification,
// chapter 56, "Format of spool files").
func (in *instance) messages() (map[string]string, error) {
	found := map[string]string{}
	// Below input there may be folders of one letter (split_spool_directory).
	err := filepath.WalkDir(filepath.Join(in.Seen(), "input"),
		func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // gone meanwhile, or never made
			}
			if err != nil || d.IsDir() {
				return err
			}
			if id, ok := strings.CutSuffix(d.Name(), "-H"); ok {
				found[id] = path
			}
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("looking into the queue: %w", err)
	}
	return found, nil
}

// listing reads the spool as Exim itself does. Exim replaces a header file by
// renaming, so each is whole.
func (in *instance) listing(ctx context.Context) ([]relay.Queued, error) {
	paths, err := in.messages()
	if err != nil {
		return nil, err
	}
	var all []relay.Queued
	for id, path := range paths {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		q, err := in.read(id, path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it has left the queue meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("reading the queued message %s: %w", id, err)
		}
		all = append(all, q)
	}
	return all, nil
}

// read reads one message. The journal names addresses that have been served
// since the header file was written; it is read first, because Exim writes the
// header file anew before it removes the journal.
func (in *instance) read(id, path string) (relay.Queued, error) {
	served := map[string]bool{}
	journal, err := os.ReadFile(strings.TrimSuffix(path, "-H") + "-J")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return relay.Queued{}, err
	}
	for line := range strings.Lines(string(journal)) {
		served[canonical(line)] = true
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return relay.Queued{}, err
	}
	q, recipients, err := parseHeader(string(data), served)
	if err != nil {
		return relay.Queued{}, err
	}
	q.ID = id
	for _, r := range recipients {
		q.Recipients = append(q.Recipients, in.open(r, served)...)
	}
	q.Reason = in.reason(id)
	return q, nil
}

// open are the addresses that a recipient stands for and that are not served:
// itself, and its spare copy if it has one. Once all of them are served, Exim
// counts the recipient itself as served.
func (in *instance) open(recipient string, served map[string]bool) []string {
	if served[canonical(recipient)] {
		return nil
	}
	if !in.World.Spare.Covers(recipient) {
		return []string{recipient}
	}
	var left []string
	if !served[canonical(recipient+handedOn)] {
		left = append(left, recipient)
	}
	if spare := in.World.Spare.Address(recipient); !served[canonical(spare)] {
		left = append(left, spare)
	}
	return left
}

// handedOn marks an address that is its own child, as it is after a router with
// the option unseen: Exim notes it with the transport that served it.
const handedOn = "/" + transport

// transport is the name of the one that delivers.
const transport = "remote_smtp"

// canonical is an address as it stands among those that are served.
func canonical(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

// errSpool is what a spool file of no known form is.
var errSpool = errors.New("the spool file has no known form")

// parseHeader reads a header file: the message's name; login, uid and gid; the
// sender; time of arrival and warnings sent; variables, each beginning with
// "-"; the tree of served recipients; their number and the recipients; a blank
// line; the message's header.
func parseHeader(text string, served map[string]bool) (relay.Queued, []string, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 6 {
		return relay.Queued{}, nil, errSpool
	}
	q := relay.Queued{Sender: strings.Trim(lines[2], "<>")}
	seconds, _, _ := strings.Cut(lines[3], " ")
	arrived, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return relay.Queued{}, nil, errSpool
	}
	q.Arrived = time.Unix(arrived, 0).UTC()
	at := 4
	for at < len(lines) && strings.HasPrefix(lines[at], "-") {
		at++
	}
	at = parseTree(lines, at, served)
	if at >= len(lines) {
		return relay.Queued{}, nil, errSpool
	}
	n, err := strconv.Atoi(lines[at])
	if err != nil || n < 0 || at+1+n >= len(lines) || lines[at+1+n] != "" {
		return relay.Queued{}, nil, errSpool
	}
	var recipients []string
	for _, line := range lines[at+1 : at+1+n] {
		// More about a recipient may follow a blank.
		address, _, _ := strings.Cut(line, " ")
		recipients = append(recipients, address)
	}
	q.MessageID = headerID(lines[at+2+n:])
	return q, recipients, nil
}

// parseTree reads a tree of addresses: "XX" for none, or a line for each node,
// in which two letters (Y or N) say whether there are branches to the left and
// to the right, which follow in this order. It returns the line after it.
func parseTree(lines []string, at int, served map[string]bool) int {
	if at >= len(lines) || lines[at] == "XX" {
		return at + 1
	}
	line := lines[at]
	at++
	if len(line) < 4 || line[2] != ' ' {
		return len(lines)
	}
	served[canonical(line[3:])] = true
	for _, branch := range line[:2] {
		if branch == 'Y' {
			at = parseTree(lines, at, served)
		}
	}
	return at
}

// idHeader is the header by which the harness knows its messages.
const idHeader = "x-hansei-id:"

// headerID finds that header. Each header begins with its length and a letter
// for its kind ("*" for one that was removed); Debian's Exim has at least three
// digits there.
func headerID(lines []string) string {
	for _, line := range lines {
		digits := strings.TrimLeft(line, "0123456789")
		if len(line)-len(digits) < 3 || len(digits) < 2 || digits[0] == '*' {
			continue
		}
		text := strings.TrimLeft(digits[1:], " ")
		if len(text) > len(idHeader) && strings.EqualFold(text[:len(idHeader)], idHeader) {
			return strings.TrimSpace(text[len(idHeader):])
		}
	}
	return ""
}

// reason is the last line of the message's own log, without its time stamp. It
// is empty where there is none; no promise depends on it.
func (in *instance) reason(id string) string {
	data, err := os.ReadFile(filepath.Join(in.Seen(), "msglog", id))
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	last := lines[len(lines)-1]
	if len(last) > len(stampLayout) {
		last = last[len(stampLayout):]
	}
	return strings.TrimSpace(last)
}
