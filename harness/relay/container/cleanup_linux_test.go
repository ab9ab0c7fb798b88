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

// remains is all that runs could leave on this machine, in a form that compares.
func remains(t *testing.T) string {
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
		if err == nil && bytes.Contains(line, []byte("/"+process.Prefix+namePrefix)) {
			found = append(found, "process "+string(line))
		}
	}
	for _, parent := range []string{"/var/tmp", os.TempDir()} {
		folders, err := filepath.Glob(filepath.Join(parent, process.Prefix+namePrefix+"*"))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, folders...)
	}
	slices.Sort(found)
	return strings.Join(found, "\n")
}

// TestRunsLeaveNothingBehind plays runs of the command, kills every other one at a
// moment drawn from a seed, and sweeps as the next start does. The rest is ended
// in good order, likewise at any moment, and must leave nothing to sweep.
func TestRunsLeaveNothingBehind(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	shippedDriver(t, "postfix")
	runs := 4
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
	before := remains(t)
	random := rand.New(rand.NewPCG(1, 7))
	swept := 0
	for i := range runs {
		end := os.Signal(syscall.SIGINT)
		if i%2 == 0 {
			end = syscall.SIGKILL
		}
		// A start takes some seconds; the scenario lasts longer than any draw.
		moment := time.Duration(random.Int64N(int64(14 * time.Second)))
		t.Logf("run %d: %v after %s", i, end, moment.Round(time.Millisecond))
		cut(t, osexec.CommandContext(t.Context(), hansei, "run",
			"../../acceptance/testdata/minute.yaml", "--relay", "container-postfix", "--seed",
			fmt.Sprint(i+1), "--runs", filepath.Join(dir, "runs")), moment, end)
		if end == syscall.SIGKILL {
			lines, err := Sweep(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := process.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			swept += len(lines)
		}
		if after := remains(t); after != before {
			t.Fatalf("run %d, ended by %v after %s, left\n%s\nwhere there was\n%s", i, end, moment,
				after, before)
		}
	}
	if swept == 0 {
		t.Error("no killed run had a container: the moments were drawn too early")
	}
}

// cut ends a command at a moment of its life and waits for it.
func cut(t *testing.T, c *osexec.Cmd, moment time.Duration, end os.Signal) {
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
		t.Fatalf("it ended by itself: %v: %s", err, said.String())
	case <-ctx.Done():
	}
	if err := c.Process.Signal(end); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatalf("it does not end: %s", said.String())
	}
}
