package harness

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/hansei-mail/hansei/harness/relay"
)

// writeListing keeps the relay's queue listing, an entry a line.
func writeListing(path string, entries []relay.Queued) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("writing the queue listing: %w", err)
	}
	out := json.NewEncoder(f)
	for _, q := range entries {
		if err = out.Encode(q); err != nil {
			break
		}
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the queue listing: %w", err)
	}
	return nil
}
