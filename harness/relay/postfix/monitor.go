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
	c := in.command("/bin/sh")
	c.Args = []string{"-c", p.Command}
	c.Env = append(c.Env, p.Env...)
	c.Env = append(c.Env, "HANSEI_CONFIG="+in.place.config(), "HANSEI_QUEUE="+in.place.spool())
	return process.StartBeside(ctx, in.binds, c, p.Output)
}
