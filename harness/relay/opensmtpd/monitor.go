package opensmtpd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

var _ relay.MonitorHost = (*instance)(nil)

// StartMonitor runs a monitor of the operator's beside the instance, where
// smtpctl speaks with the instance's own server: smtpctl show queue.
func (in *instance) StartMonitor(ctx context.Context, p relay.Program) (relay.Monitor, error) {
	bin, err := in.controls()
	if err != nil {
		return nil, err
	}
	env := append([]string{"TZ=UTC", "LC_ALL=C", "HANSEI_QUEUE=" + spoolPath + "/smtpd",
		"PATH=" + bin + ":/usr/sbin:/usr/bin:/sbin:/bin"}, p.Env...)
	return process.StartBeside(ctx, in.binds, process.Shell(p.Dir, p.Command, env), p.Output)
}

// controls is a folder with smtpctl as an installation leaves it: it runs only
// with the group of the queue, which unpacked files do not have.
func (in *instance) controls() (string, error) {
	bin, err := in.Private.Folder("bin", 0)
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(in.pack.Path(control))
	path := filepath.Join(bin, filepath.Base(control))
	if err == nil {
		err = os.WriteFile(path, data, 0o755)
	}
	if err == nil {
		err = os.Chown(path, 0, in.queuer.GID)
	}
	if err == nil {
		err = os.Chmod(path, 0o755|os.ModeSetgid)
	}
	if err != nil {
		return "", fmt.Errorf("laying out smtpctl: %w", err)
	}
	return bin, nil
}
