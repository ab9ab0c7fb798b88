package opensmtpd

import (
	"context"
	_ "embed" // the filter's text
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// filterText is the filter's program. OpenSMTPD's own filters see envelopes
// only (smtpd.conf(5), "MAIL FILTERING"), so what looks into messages is always
// a program beside it.
//
//go:embed filter.pl
var filterText string

// filterPath is where the instance sees it.
const filterPath = "/etc/hansei-filter"

// clockName is who asks the filter for the server's time.
const clockName = "time.hansei.test"

// writeFilter puts the filter into the instance's /etc.
func writeFilter(etc string) error {
	return writeProgram(filepath.Join(etc, filepath.Base(filterPath)), filterText)
}

// filterCommand is the filter with the strings that it looks for, and with the
// folder for its notes if they are wanted.
func filterCommand(strs []string, written string) string {
	coded := make([]string, len(strs))
	for i, s := range strs {
		coded[i] = hex.EncodeToString([]byte(s))
	}
	list := strings.Join(coded, ",")
	if list == "" {
		list = "''"
	}
	return strings.TrimSpace(filterPath + " " + list + " " + written)
}

// ReadClock asks the server for its time, by way of the filter: the server
// stamps each question that it has for a filter.
func (in *instance) ReadClock(ctx context.Context) (time.Time, error) {
	if !in.Answers() {
		return time.Time{}, errors.New("reading opensmtpd's clock: it does not run")
	}
	at, err := askTime(ctx, in.listen)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading opensmtpd's clock: %w", err)
	}
	return at, nil
}

// askWait bounds on the wall how long the answer may take.
const askWait = 10 * time.Second

func askTime(ctx context.Context, addr string) (time.Time, error) {
	conn, err := (&net.Dialer{Timeout: askWait}).DialContext(ctx, "tcp4", addr)
	if err != nil {
		return time.Time{}, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if err := conn.SetDeadline(time.Now().Add(askWait)); err != nil {
		return time.Time{}, err
	}
	c := textproto.NewConn(conn)
	if _, _, err := c.ReadResponse(220); err != nil {
		return time.Time{}, err
	}
	if err := c.PrintfLine("HELO %s", clockName); err != nil {
		return time.Time{}, err
	}
	_, words, err := c.ReadResponse(550)
	if err != nil {
		return time.Time{}, err
	}
	at, err := parseStamp(words)
	if err != nil {
		return time.Time{}, err
	}
	if err := c.PrintfLine("QUIT"); err == nil {
		_, _, _ = c.ReadResponse(221) // goodbye is for the log's sake alone
	}
	return at, nil
}

// parseStamp reads seconds since 1970 with six digits after the point.
func parseStamp(text string) (time.Time, error) {
	whole, part, ok := strings.Cut(strings.TrimSpace(text), ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	micros, err2 := strconv.ParseInt(part, 10, 64)
	if !ok || err != nil || err2 != nil || len(part) != 6 {
		return time.Time{}, fmt.Errorf("%q is no time stamp of OpenSMTPD", text)
	}
	return time.Unix(seconds, micros*1000).UTC(), nil
}
