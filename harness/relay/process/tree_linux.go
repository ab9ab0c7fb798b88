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
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// prologue is the first process (number 1) of a tree. It mounts what was asked
// for and then only waits for our end of its standard input to close, which
// the kernel does when we die, however we die. When number 1 of a PID
// namespace ends, the kernel kills every other process in it: no daemon gets
// away by forking twice, by a session of its own or by cleaning its
// environment, as it could from process groups and environment markers, and no
// cgroup has to be writable. While it waits, the shell reaps orphans.
const prologue = `set -e
mount -t proc proc /proc
while [ $# -gt 0 ]; do
	mount --bind -- "$1" "$2"
	shift 2
done
exec 3<&0
cat <&3 >/dev/null 2>&1 &
echo ready
exec >/dev/null
wait $!
`

// reapTime bounds how long the pipes of a command may stay open after its end:
// daemons that it started can hold them.
const reapTime = 2 * time.Second

// Tree is a group of processes in PID and mount namespaces of their own.
type Tree struct {
	root     *exec.Cmd
	id       ID
	stdin    io.Closer
	done     chan struct{} // closed when every process of the tree is gone
	scaffold []int         // our own processes in it
	space    string        // what /proc/N/ns/pid of its processes says
}

// Ready says in one sentence, with its cure, why this machine cannot have
// trees, or nil.
func Ready() error {
	if os.Geteuid() != 0 {
		return errors.New("private namespaces for a relay's processes need root: " +
			"run as root, or with sudo")
	}
	for _, name := range []string{"sh", "mount", "cat", "env", "nsenter", "unshare"} {
		if _, err := exec.LookPath(name); err != nil {
			return fmt.Errorf("the program %s is missing: install util-linux and coreutils", name)
		}
	}
	return nil
}

// New makes a tree with nothing in it yet. It ends with Kill, or with us.
func New(ctx context.Context, o Options) (*Tree, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	args := []string{"/bin/sh", "-c", prologue, "hansei-tree"}
	for _, b := range o.Binds {
		args = append(args, b.Source, b.Target)
	}
	// Not CommandContext: the tree outlives the call that makes it.
	if o.In != nil {
		// Both replace themselves by what they run, so that number 1 stays the
		// prologue.
		args = o.In.Enter(append([]string{"unshare", "--mount", "--propagation", "private", "--"},
			args...)...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = "/"
	cmd.Env = []string{plainPath, "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setsid:     true,
		Cloneflags: syscall.CLONE_NEWPID,
		// With this flag package syscall also makes every mount private.
		Unshareflags: syscall.CLONE_NEWNS,
	}
	var words bytes.Buffer
	cmd.Stderr = &words
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("making a tree: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("making a tree: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("making private namespaces (in a container, give it the "+
			"capability SYS_ADMIN): %w", err)
	}
	// A mount that hangs must not hang us.
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	t := &Tree{root: cmd, stdin: stdin, done: make(chan struct{})}
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	go func() {
		defer close(t.done)
		_ = cmd.Wait() // it is always killed or at its input's end
	}()
	if line != "ready\n" {
		err := t.Kill(ctx)
		text := strings.Join(strings.Fields(words.String()), " ")
		return nil, errors.Join(fmt.Errorf("mounting in a private namespace: %s", text),
			ctx.Err(), err)
	}
	if err := t.identify(); err != nil {
		return nil, errors.Join(err, t.Kill(ctx))
	}
	return t, nil
}

// identify notes by what the tree's processes are known.
func (t *Tree) identify() error {
	var err error
	if t.id, err = Identify(t.root.Process.Pid); err != nil {
		return err
	}
	if t.space, err = os.Readlink(namespace(t.id.PID)); err != nil {
		return fmt.Errorf("reading a tree's namespace: %w", err)
	}
	all, err := t.Processes()
	if err != nil {
		return err
	}
	for _, p := range all {
		t.scaffold = append(t.scaffold, p.PID)
	}
	return nil
}

// Root is the process with whose end the whole tree ends.
func (t *Tree) Root() ID { return t.id }

// Done is closed when every process of the tree is gone.
func (t *Tree) Done() <-chan struct{} { return t.done }

// Alive says whether the tree still stands.
func (t *Tree) Alive() bool {
	select {
	case <-t.done:
		return false
	default:
		return true
	}
}

// Run runs a command in the tree and returns what it printed, both streams
// together. Daemons that the command leaves behind stay in the tree.
func (t *Tree) Run(ctx context.Context, c Command) (string, error) {
	var out bytes.Buffer
	err := t.Stream(ctx, c, &out)
	return out.String(), err
}

// Stream is Run for a command that goes on for long: what it prints goes to out
// while it runs.
func (t *Tree) Stream(ctx context.Context, c Command, out io.Writer) error {
	if !t.Alive() {
		return ErrGone
	}
	// The environment goes through env, so that nsenter itself, which stands
	// outside, is not preloaded with anything.
	args := []string{"--target", strconv.Itoa(t.id.PID), "--mount", "--pid", "--", "env", "-i"}
	args = append(args, c.environment()...)
	args = append(append(args, c.Path), c.Args...)
	cmd := exec.CommandContext(ctx, "nsenter", args...)
	cmd.Dir = "/"
	cmd.Env = []string{plainPath}
	cmd.Stdin = strings.NewReader(c.Stdin)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = reapTime
	cmd.Stdout, cmd.Stderr = out, out
	err := cmd.Run()
	if errors.Is(err, exec.ErrWaitDelay) && ctx.Err() == nil {
		err = nil // it ended well; a daemon holds its output open
	}
	if err != nil {
		return fmt.Errorf("running %s: %w", c.Path, errors.Join(err, ctx.Err()))
	}
	return nil
}

// Kill ends every process of the tree at once with SIGKILL and returns when
// they are gone. It may be called again.
func (t *Tree) Kill(ctx context.Context) error {
	err := t.root.Process.Kill()
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("killing a tree: %w", err)
	}
	select {
	case <-t.done:
	case <-ctx.Done():
		// The kernel has the order already; give it a moment all the same.
		select {
		case <-t.done:
		case <-time.After(reapTime):
			return fmt.Errorf("waiting for killed processes to go: %w", ctx.Err())
		}
	}
	_ = t.stdin.Close()
	return nil
}

// Processes lists what runs in the tree, without what hansei itself put there.
func (t *Tree) Processes() ([]Process, error) {
	all, err := t.members()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(p Process) bool {
		return slices.Contains(t.scaffold, p.PID)
	}), nil
}

// members lists everything in the tree's namespace.
func (t *Tree) members() ([]Process, error) {
	if !t.Alive() {
		return nil, nil
	}
	return sharing(t.space)
}

// Sharing lists every process in the same PID namespace as pid, which is that of
// a container's first process. Gone, it has none.
func Sharing(pid int) ([]Process, error) {
	space, err := os.Readlink(namespace(pid))
	if err != nil {
		return nil, nil
	}
	return sharing(space)
}

// sharing lists everything in a PID namespace.
func sharing(space string) ([]Process, error) {
	names, err := pids()
	if err != nil {
		return nil, err
	}
	var found []Process
	for _, pid := range names {
		its, err := os.Readlink(namespace(pid))
		if err != nil || its != space {
			continue // gone, a kernel thread, or somebody else's
		}
		s, err := readStat(pid)
		if err != nil {
			continue // gone since
		}
		found = append(found, Process{ID: ID{PID: pid, Start: s.start}, Name: s.name})
	}
	return found, nil
}

// namespace is where the kernel names the PID namespace of a process.
func namespace(pid int) string { return "/proc/" + strconv.Itoa(pid) + "/ns/pid" }
