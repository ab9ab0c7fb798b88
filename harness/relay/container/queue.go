package container

import (
	"fmt"
	"strings"

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
		if len(f) < 3 || len(f) > 4 || !strings.Contains(f[2], "@") {
			return nil, fmt.Errorf("line %d of the queue's listing is %q, want "+
				"QUEUEID SENDER RECIPIENT [MESSAGE-ID]", number, strings.TrimSpace(line))
		}
		i, known := place[f[0]]
		if !known {
			i = len(all)
			place[f[0]] = i
			all = append(all, relay.Queued{ID: f[0], Sender: bare(f[1])})
		}
		all[i].Recipients = append(all[i].Recipients, bare(f[2]))
		if len(f) == 4 {
			all[i].MessageID = f[3]
		}
	}
	return all, nil
}

// bare is an address without its brackets; the null sender is empty.
func bare(address string) string {
	return strings.TrimSuffix(strings.TrimPrefix(address, "<"), ">")
}
