package process

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// holding is the process that holds a volume. It waits for our end of its
// standard input to close, as a tree's first process does.
const holding = `set -e
mount -t tmpfs -o "size=$2,mode=0755" hansei-queue "$1"
echo ready
exec >/dev/null
exec cat
`

// hold is a volume on Linux.
type hold struct {
	process *exec.Cmd
	id      ID
	stdin   io.Closer
	done    chan struct{}
	path    string
}

// NewVolume mounts a volume at the folder path, for the trees that are made in
// it. It ends with Close, or with us.
func NewVolume(ctx context.Context, path string) (*Volume, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	cmd := exec.Command("/bin/sh", "-c", holding, "hansei-volume", path,
		strconv.FormatInt(volumeSize, 10))
	cmd.Dir = "/"
	cmd.Env = []string{plainPath, "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Unshareflags: syscall.CLONE_NEWNS}
	var words bytes.Buffer
	cmd.Stderr = &words
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("making a volume: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("making a volume: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("making a volume: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	v := &Volume{hold{process: cmd, stdin: stdin, done: make(chan struct{}), path: path}}
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	go func() {
		defer close(v.done)
		_ = cmd.Wait() // it is always killed or at its input's end
	}()
	if line != "ready\n" {
		err := v.Close(ctx)
		return nil, errors.Join(fmt.Errorf("mounting a volume: %s",
			strings.Join(strings.Fields(words.String()), " ")), ctx.Err(), err)
	}
	if v.id, err = Identify(cmd.Process.Pid); err != nil {
		return nil, errors.Join(err, v.Close(ctx))
	}
	return v, nil
}

// Root is the process that holds the volume.
func (v *Volume) Root() ID { return v.id }

// Seen is where we find a path that only those in the volume's namespace have.
func (v *Volume) Seen(path string) string {
	return filepath.Join("/proc", strconv.Itoa(v.id.PID), "root", path)
}

// Enter is a command line that runs in the volume's mount namespace.
func (v *Volume) Enter(line ...string) []string {
	return append([]string{"nsenter", "--mount=/proc/" + strconv.Itoa(v.id.PID) + "/ns/mnt", "--"},
		line...)
}

// fillTries bounds how often a volume is made smaller again because somebody
// wrote to it between the look at it and the change.
const fillTries = 50

// Fill leaves so many bytes free, and says how many are. The file system is
// made as small as what is in it: a full one, without the memory that a file as
// ballast would take.
func (v *Volume) Fill(ctx context.Context, left int64) (free int64, err error) {
	for range fillTries {
		var s syscall.Statfs_t
		if err := syscall.Statfs(v.Seen(v.path), &s); err != nil {
			return 0, fmt.Errorf("looking at the volume: %w", err)
		}
		used := int64(s.Blocks-s.Bfree) * s.Bsize
		// No size at all would mean no limit.
		if err = v.resize(ctx, max(used+left, s.Bsize)); err == nil {
			return v.free()
		}
		if ctx.Err() != nil {
			break
		}
	}
	return 0, fmt.Errorf("filling the volume: %w", err)
}

// Empty makes it as large as it was.
func (v *Volume) Empty(ctx context.Context) error {
	if err := v.resize(ctx, volumeSize); err != nil {
		return fmt.Errorf("giving space back to the volume: %w", err)
	}
	return nil
}

func (v *Volume) free() (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(v.Seen(v.path), &s); err != nil {
		return 0, fmt.Errorf("looking at the volume: %w", err)
	}
	return int64(s.Bavail) * s.Bsize, nil
}

func (v *Volume) resize(ctx context.Context, size int64) error {
	line := v.Enter("mount", "-o", "remount,size="+strconv.FormatInt(size, 10), v.path)
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	cmd.Dir, cmd.Env = "/", []string{plainPath, "LC_ALL=C"}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, strings.Join(strings.Fields(string(out)), " "))
	}
	return nil
}

// Close lets go of the volume: it is gone when the trees in it are. It may be
// called again.
func (v *Volume) Close(ctx context.Context) error {
	if err := v.process.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("letting go of a volume: %w", err)
	}
	select {
	case <-v.done:
	case <-ctx.Done():
		<-v.done // the kernel has the order: it does nothing but wait
	}
	_ = v.stdin.Close()
	return nil
}
