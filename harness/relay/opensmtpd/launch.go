package opensmtpd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/hansei-mail/hansei/harness/relay/process"
)

// fifoPath is where the server's words go, as the instance sees it.
const fifoPath = "/run/hansei-log"

// The two halves of a start: a fifo for the server's words, and the server
// (smtpd -d) in the background, with its number in a file. What started it has
// gone then, so that nobody waits for it who would stop with it when it is
// paused.
const (
	fifoLine   = `rm -f "$1" && mkfifo -m 600 "$1"`
	launchLine = `exec >"$1" 2>&1 </dev/null; "$3" -d -f "$4" & echo $! >"$2"`
)

// launch starts the server. The channel is closed when all of its processes
// have ended and their last words are in the log.
func (in *instance) launch(ctx context.Context) (ended <-chan struct{}, err error) {
	if _, err := in.shell(ctx, fifoLine, fifoPath); err != nil {
		return nil, fmt.Errorf("making a fifo for its log: %w", err)
	}
	path := filepath.Join(in.Private.Base(), fifoPath)
	// As long as somebody may write, it can be opened without waiting.
	hold, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("opening its log: %w", err)
	}
	words, err := os.Open(path)
	if err == nil {
		_, err = in.shell(ctx, launchLine, fifoPath, pidFile, in.pack.Path(program), confPath)
	}
	if err := errors.Join(err, hold.Close()); err != nil {
		if words != nil {
			err = errors.Join(err, words.Close())
		}
		return nil, err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer words.Close()
		_, _ = io.Copy(in.log, words) // a log that cannot be written shows in its reading
	}()
	return done, nil
}

// shell runs a line of the shell in the instance, with these arguments.
func (in *instance) shell(ctx context.Context, line string, args ...string) (string, error) {
	return in.Private.Tree().Run(ctx, process.Command{Path: "/bin/sh", Env: plainEnv,
		Args: append([]string{"-c", line, "sh"}, args...)})
}
