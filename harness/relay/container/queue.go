package container

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

// parseQueue reads what a description's command printed; see Queue.List.
func parseQueue(text string) ([]relay.Queued, error) {
	var all []relay.Queued
	place := map[string]int{}
	number := 0
	for line := range strings.Lines(text) {
		number++
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		arrived, err := arrival(f)
		if err != nil || len(f) < 3 || len(f) > 5 || !strings.Contains(f[2], "@") {
			return nil, fmt.Errorf("line %d of the queue's listing is %q, want "+
				"QUEUEID SENDER RECIPIENT [MESSAGE-ID [ARRIVED]]", number, strings.TrimSpace(line))
		}
		i, known := place[f[0]]
		if !known {
			i = len(all)
			place[f[0]] = i
			all = append(all, relay.Queued{ID: f[0], Sender: bare(f[1]), Arrived: arrived})
		}
		all[i].Recipients = append(all[i].Recipients, bare(f[2]))
		if len(f) > 3 && f[3] != "-" {
			all[i].MessageID = f[3]
		}
	}
	return all, nil
}

// arrival is the time in a line's fifth field, in seconds since 1970, if it has one.
func arrival(fields []string) (time.Time, error) {
	if len(fields) < 5 {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseInt(fields[4], 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading when a message arrived: %w", err)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// bare is an address without its brackets; the null sender is empty.
func bare(address string) string {
	return strings.TrimSuffix(strings.TrimPrefix(address, "<"), ">")
}
