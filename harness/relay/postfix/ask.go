package postfix

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// outputs is what a program printed.
type outputs struct{ stdout, stderr []byte }

// output runs one of Postfix's programs on this instance, outside its tree:
// those that only read the queue or the configuration work there too, also
// when the instance is dead.
func (in *instance) output(ctx context.Context, path string, args ...string) (outputs, error) {
	line := append([]string{path, "-c", in.place.config()}, args...)
	if in.house != nil {
		return in.ask(ctx, line...)
	}
	if in.volume != nil {
		line = in.volume.Enter(line...) // the queue is seen there alone
	}
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "TZ=UTC"}
	var out, bad bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &bad
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("running %s: %w: %s", path, err,
			strings.Join(strings.Fields(bad.String()), " "))
	}
	return outputs{out.Bytes(), bad.Bytes()}, err
}

// retryNames are the settings that decide when Postfix tries again and when it
// gives up.
var retryNames = []string{
	"minimal_backoff_time", "maximal_backoff_time", "queue_run_delay",
	"maximal_queue_lifetime", "bounce_queue_lifetime", "delay_warning_time",
	"default_destination_concurrency_limit", "initial_destination_concurrency",
	"default_destination_concurrency_failed_cohort_limit", "qmgr_message_active_limit",
	"smtp_connect_timeout", "smtp_helo_timeout", "smtp_data_done_timeout", "fast_flush_domains",
}

// retrySettings asks the instance for them.
func (in *instance) retrySettings(ctx context.Context) (map[string]string, error) {
	out, err := in.output(ctx, in.programs.postconf, append([]string{"-x"}, retryNames...)...)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for line := range strings.Lines(string(out.stdout)) {
		if key, value, ok := strings.Cut(line, "="); ok {
			found[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return found, nil
}

// warnings are postconf's own about the configuration, such as a parameter
// that nothing uses: Postfix runs with it all the same, and so do we, but
// whoever wrote it should learn of it.
func (in *instance) warnings(ctx context.Context) ([]string, error) {
	out, err := in.output(ctx, in.programs.postconf, "-n")
	if err != nil {
		return nil, err
	}
	var found []string
	seen := map[string]bool{}
	for line := range strings.Lines(string(out.stderr)) {
		if _, words, ok := strings.Cut(strings.TrimSpace(line), "warning: "); ok && !seen[words] {
			seen[words] = true
			found = append(found, "warning of postconf: "+
				strings.TrimPrefix(words, in.place.config()+"/"))
		}
	}
	return found, nil
}
