package reference

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/hansei-mail/hansei/harness/relay"
)

// Resources samples what can be told apart from the harness's own use: disk,
// connections and, for memory, the messages that are in somebody's hand just
// now. Processor time and processes are the harness's, and stay zero. Pages of
// the queue file that are free again count as free: the file itself keeps them
// for the next backlog.
func (i *instance) Resources(context.Context) (relay.Resources, error) {
	e, err := i.running()
	if err != nil {
		return relay.Resources{}, err
	}
	// The queue file and the log are open all the time.
	used := relay.Resources{OpenFiles: int64(e.conns.count()) + 2, RSS: e.held.Load()}
	root := filepath.Dir(filepath.Join(i.world.Dir, filepath.FromSlash(queueName)))
	err = filepath.WalkDir(root, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		used.DiskBytes += info.Size()
		used.DiskFiles++
		return nil
	})
	if err != nil {
		return relay.Resources{}, fmt.Errorf("measuring the queue folder: %w", err)
	}
	stats := e.queue.db.Stats()
	free := int64(stats.FreePageN+stats.PendingPageN) * e.queue.pageSize
	used.DiskBytes = max(used.DiskBytes-free, 0)
	return used, nil
}
