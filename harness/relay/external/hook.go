package external

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Hooks are commands of the shell; an empty one is one that there is not. Each
// finds the relay's address in HANSEI_RELAY, and is done when it has ended.
type Hooks struct {
	// Kill ends every process of the relay at once, as a crash does. Start
	// starts it again on the same queue, after Kill or after Stop.
	Kill, Start string
	// Stop ends it in good order.
	Stop string
	// Pause stops its processes where they are (SIGSTOP), Resume lets them go on.
	Pause, Resume string
	// Queue prints what the relay holds: see ParseQueue.
	Queue string
	// Settings prints the retry settings in force, "name = value" a line, as
	// postconf does; they are noted and not used.
	Settings string
}

func (h Hooks) kills() bool  { return h.Kill != "" && h.Start != "" }
func (h Hooks) halts() bool  { return h.Stop != "" && h.Start != "" }
func (h Hooks) pauses() bool { return h.Pause != "" && h.Resume != "" }

// check refuses a hook that is of no use without another.
func (h Hooks) check() error {
	switch {
	case (h.Kill != "" || h.Stop != "") && h.Start == "":
		return errors.New("a hook ends the relay and none starts it again: give --hook-start")
	case h.Start != "" && h.Kill == "" && h.Stop == "":
		return errors.New("--hook-start is of no use without --hook-kill or --hook-stop")
	case (h.Pause == "") != (h.Resume == ""):
		return errors.New("--hook-pause and --hook-resume come together or not at all")
	}
	return nil
}

// runner runs hooks. None waits for another: the one that resumes a relay must
// not wait for one that asks it for its queue.
type runner struct {
	address string
	said    string // the file in which their words are kept
}

// waitAfter bounds the wait for a pipe that a hook's children keep open.
const waitAfter = time.Second

// run runs a hook, and keeps all that it says.
func (r *runner) run(ctx context.Context, name, command string) error {
	_, err := r.ask(ctx, name, command, nil)
	return err
}

// ask runs a hook and returns what it printed, where answer is not nil. A file
// takes what others print, not a pipe: a relay that a hook starts may keep it
// open for ever.
func (r *runner) ask(ctx context.Context, name, command string, answer *bytes.Buffer) (
	string, error,
) {
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("the hook %s: %w", name, err)
	}
	log, err := os.OpenFile(r.said, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return "", fmt.Errorf("keeping what the hook %s says: %w", name, err)
	}
	defer log.Close()
	fmt.Fprintf(log, "%s hook %s: %s\n", time.Now().UTC().Format(time.RFC3339Nano), name, command)
	from, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return "", fmt.Errorf("keeping what the hook %s says: %w", name, err)
	}
	c := exec.CommandContext(ctx, "/bin/sh", "-c", command)
	c.Env = append(os.Environ(), "HANSEI_RELAY="+r.address)
	c.Stdout, c.Stderr, c.WaitDelay = log, log, waitAfter
	if answer != nil {
		c.Stdout = answer
	}
	ownGroup(c)
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("the hook %s (%s): %w%s", name, command, err, r.words(log, from))
	}
	if answer != nil {
		return answer.String(), nil
	}
	return "", nil
}

// words are the last that a hook said, for an error of one line.
func (r *runner) words(log *os.File, from int64) string {
	const enough = 300
	end, err := log.Seek(0, io.SeekEnd)
	if err != nil || end <= from {
		return ""
	}
	text := make([]byte, min(end-from, enough))
	n, _ := log.ReadAt(text, max(from, end-enough))
	return ": " + strings.Join(strings.Fields(string(text[:n])), " ")
}
