package postfix

import (
	"context"
	"errors"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// Resources samples what the instance uses. RSS is the proportional share of
// memory, because Postfix's many processes share most of theirs.
func (in *instance) Resources(context.Context) (relay.Resources, error) {
	if in.isStopped() {
		return relay.Resources{}, errors.New("measuring postfix: it has been stopped")
	}
	bytes, files, err := process.Disk(in.spool())
	if err != nil {
		return relay.Resources{}, err
	}
	// While it is killed, it uses nothing but its disk.
	u, err := in.running().Usage()
	if err != nil && !errors.Is(err, process.ErrGone) {
		return relay.Resources{}, err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	return relay.Resources{
		CPU: in.cpu + u.CPU, RSS: u.Memory, OpenFiles: u.OpenFiles, Processes: u.Processes,
		DiskBytes: bytes, DiskFiles: files,
	}, nil
}
