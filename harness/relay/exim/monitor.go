package exim

import (
	"context"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

var _ relay.MonitorHost = (*instance)(nil)

// StartMonitor runs a monitor of the operator's beside the instance, where exim
// is the instance's own and finds its configuration by itself: exim -bp.
func (in *instance) StartMonitor(ctx context.Context, p relay.Program) (relay.Monitor, error) {
	env := append([]string{"TZ=UTC", "LC_ALL=C", "HANSEI_QUEUE=" + in.Spool}, p.Env...)
	return process.StartBeside(ctx, in.binds, process.Shell(p.Dir, p.Command, env), p.Output)
}
