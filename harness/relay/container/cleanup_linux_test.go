package container

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/hansei-mail/hansei/harness/relay/process"
)

// remains is all that runs could leave on this machine, in a form that compares:
// those of the processes given, whose files all lie below dir but for what is named
// after them.
func remains(t *testing.T, dir string, pids []int) string {
	t.Helper()
	d, err := connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	var found []string
	ours := make(client.Filters).Add("label", ownerLabel)
	boxes, err := d.api.ContainerList(t.Context(), client.ContainerListOptions{All: true, Filters: ours})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range boxes.Items {
		found = append(found, "container "+c.ID)
	}
	networks, err := d.api.NetworkList(t.Context(), client.NetworkListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range networks.Items {
		found = append(found, "network "+n.Name)
	}
	volumes, err := d.api.VolumeList(t.Context(), client.VolumeListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range volumes.Items {
		found = append(found, "volume "+v.Name)
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if strings.Contains(line, process.Prefix+namePrefix) {
			found = append(found, "mount "+line)
		}
	}
	programs, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range programs {
		line, err := os.ReadFile(path)
		if err == nil && (bytes.Contains(line, []byte("/"+process.Prefix+namePrefix)) ||
			bytes.Contains(line, []byte(dir))) {
			found = append(found, "process "+string(line))
		}
	}
	patterns := []string{"/var/tmp/" + process.Prefix + namePrefix + "*",
		filepath.Join(os.TempDir(), process.Prefix+namePrefix+"*")}
	for _, pid := range pids {
		patterns = append(patterns, fmt.Sprintf("/run/hansei-held/%d-*", pid),
			fmt.Sprintf("/dev/shm/hansei*%d*", pid), fmt.Sprintf("/tmp/hansei-*-%d-*", pid),
			fmt.Sprintf("/var/tmp/hansei-*-%d-*", pid))
	}
	for _, pattern := range patterns {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, names...)
	}
	slices.Sort(found)
	return strings.Join(found, "\n")
}

// life is one run of the command: of which relay, and its end.
type life struct {
	scenario, relay string
	end             os.Signal // nil: it ends by itself
}

// lives are run in turns: every other one is killed, and what it left is swept by
// the next. Not before the last of them has ended by itself must nothing be left: a
// run that is interrupted at its very start may not have swept yet.
var lives = []life{
	{"minute", "container-postfix", syscall.SIGKILL},
	{"nospare", "container-chasquid", syscall.SIGINT},
	{"nospare", "container-chasquid", syscall.SIGKILL},
	{"minute", "container-postfix", nil},
}

// TestRunsLeaveNothingBehind plays runs of the command, kills every other one at a
// moment drawn from a seed, and has the next runs sweep up.
func TestRunsLeaveNothingBehind(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	shippedDriver(t, "postfix")
	shippedDriver(t, "chasquid")
	runs, began := 4, time.Now()
	if os.Getenv("HANSEI_SOAK") != "" {
		runs = 50
	}
	dir := t.TempDir()
	hansei := filepath.Join(dir, "hansei")
	out, err := osexec.CommandContext(t.Context(), "go", "build", "-o", hansei,
		"../../../cmd/hansei").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 25*time.Minute)
	defer cancel()
	random := rand.New(rand.NewPCG(1, 7))
	before := remains(t, dir, nil)
	var pids []int
	killed, swept := 0, 0
	for i := 0; i < runs || i%len(lives) != 0; i++ {
		l := lives[i%len(lives)]
		if i >= runs {
			l = lives[len(lives)-1] // one more, to sweep up after the last
		}
		// A start takes some seconds; at real time the scenario lasts longer than any draw.
		moment, speed := time.Duration(random.Int64N(int64(14*time.Second))), "1"
		if l.end == nil {
			moment, speed = 5*time.Minute, "60"
		}
		c := osexec.CommandContext(ctx, hansei, "run", "../../acceptance/testdata/"+l.scenario+".yaml",
			"--relay", l.relay, "--seed", fmt.Sprint(i+1), "--speed", speed, "--runs",
			filepath.Join(dir, "runs"))
		said := cut(t, c, moment, l.end)
		n := strings.Count(said, "now gone: removed container")
		t.Logf("run %d, %s: ended by %v after %s, swept %d containers", i+1, l.relay, l.end,
			moment.Round(time.Millisecond), n)
		swept += n
		pids = append(pids, c.Process.Pid)
		if l.end == syscall.SIGKILL {
			killed++
		}
		if l.end == nil {
			checkRemains(t, dir, pids, before)
			if i >= runs {
				break
			}
		}
	}
	t.Logf("%d of %d runs were killed, %d containers swept, in %s", killed, runs, swept,
		time.Since(began).Round(time.Second))
	if swept == 0 {
		t.Error("no killed run had a container: the moments were drawn too early")
	}
}

// checkRemains wants nothing more than there was; Docker may take a moment.
func checkRemains(t *testing.T, dir string, pids []int, before string) {
	t.Helper()
	after := remains(t, dir, pids)
	for end := time.Now().Add(30 * time.Second); after != before && time.Now().Before(end); {
		<-time.After(100 * time.Millisecond)
		after = remains(t, dir, pids)
	}
	if after != before {
		t.Fatalf("there is left\n%s\nwhere there was\n%s", after, before)
	}
}

// cut ends a command at a moment of its life, or lets it end by itself before that,
// and returns what it said.
func cut(t *testing.T, c *osexec.Cmd, moment time.Duration, end os.Signal) string {
	t.Helper()
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	ctx, cancel := context.WithTimeout(t.Context(), moment)
	defer cancel()
	select {
	case err := <-ended:
		// What becomes of the mail is not asked here: fail and inconclusive will do.
		if code := c.ProcessState.ExitCode(); end != nil || code != 0 && code != 1 && code != 3 {
			t.Fatalf("it ended by itself: %v: %s", err, said.String())
		}
		return said.String()
	case <-ctx.Done():
	}
	if end == nil {
		end = syscall.SIGKILL
		t.Errorf("it did not end by itself within %s", moment)
	}
	if err := c.Process.Signal(end); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatalf("it does not end: %s", said.String())
	}
	return said.String()
}
