package postfix

import (
	"context"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

var _ relay.MonitorHost = (*instance)(nil)

// StartMonitor runs a monitor of the operator's beside the instance. It is told
// where the queue and the configuration are: postqueue -c "$HANSEI_CONFIG" -j.
func (in *instance) StartMonitor(ctx context.Context, p relay.Program) (relay.Monitor, error) {
	env := append(in.command("").Env, p.Env...)
	env = append(env, "HANSEI_CONFIG="+in.place.config(), "HANSEI_QUEUE="+in.place.spool())
	return process.StartBeside(ctx, in.binds, process.Shell(p.Dir, p.Command, env), p.Output)
}
