package process

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// needTrees skips where the machine cannot make private namespaces.
func needTrees(t *testing.T) {
	t.Helper()
	if err := Ready(); err != nil {
		if strings.Contains(os.Getenv("HANSEI_REQUIRE"), "postfix") {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// grow makes a tree that ends with the test.
func grow(t *testing.T, o Options) *Tree {
	t.Helper()
	needTrees(t)
	tree, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tree.Kill(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return tree
}

// sh runs a shell script in the tree.
func sh(t *testing.T, tree *Tree, script string) string {
	t.Helper()
	out, err := tree.Run(t.Context(), Command{Path: "/bin/sh", Args: []string{"-c", script}})
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.TrimSpace(out)
}

// until polls, with a deadline on the wall.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

func TestBindsAreSeenInsideOnly(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "resolv.conf")
	if err := os.WriteFile(mine, []byte("nameserver 127.27.0.9\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile("/etc/resolv.conf")
	if err != nil {
		t.Skip("this machine has no /etc/resolv.conf")
	}
	tree := grow(t, Options{Binds: []Bind{{Source: mine, Target: "/etc/resolv.conf"}}})
	if got := sh(t, tree, "cat /etc/resolv.conf"); got != "nameserver 127.27.0.9" {
		t.Errorf("inside, resolv.conf says %q", got)
	}
	after, err := os.ReadFile("/etc/resolv.conf")
	if err != nil || string(after) != string(before) {
		t.Errorf("outside, resolv.conf now says %q, %v", after, err)
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil || strings.Contains(string(mounts), dir) {
		t.Errorf("the bind shows outside: %s, %v", mounts, err)
	}
}

func TestABindThatCannotBeIsAnErrorInMountsWords(t *testing.T) {
	needTrees(t)
	_, err := New(t.Context(), Options{Binds: []Bind{{Source: "/no/such", Target: "/etc/hosts"}}})
	if err == nil || !strings.Contains(err.Error(), "/no/such") ||
		!strings.Contains(err.Error(), "mount:") {
		t.Errorf("got %v", err)
	}
}

func TestNoDaemonGetsAway(t *testing.T) {
	tree := grow(t, Options{})
	// A daemon as daemons are: forked twice, a session of its own, no
	// environment, no open files in common.
	sh(t, tree, `(setsid env -i /bin/sleep 1000 </dev/null >/dev/null 2>&1 &) &
		until pgrep sleep >/dev/null 2>&1 || ls /proc/*/comm | xargs grep -qs sleep; do :; done`)
	found, err := tree.Processes()
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || found[0].Name != "sleep" {
		t.Fatalf("the tree holds %v, want one sleep", found)
	}
	if !found[0].Alive() {
		t.Error("the daemon does not live")
	}
	usage, err := tree.Usage()
	if err != nil || usage.Processes != 1 || usage.Memory <= 0 || usage.OpenFiles < 3 {
		t.Errorf("usage is %+v, %v", usage, err)
	}
	if err := tree.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found[0].Alive() || tree.Alive() || tree.Root().Alive() {
		t.Error("something lives on")
	}
	if _, err := tree.Run(t.Context(), Command{Path: "/bin/true"}); err != ErrGone {
		t.Errorf("running in a dead tree: %v", err)
	}
	if _, err := tree.Usage(); err != ErrGone {
		t.Errorf("measuring a dead tree: %v", err)
	}
}

func TestRunCarriesEnvironmentInputAndExitStatus(t *testing.T) {
	tree := grow(t, Options{})
	out, err := tree.Run(t.Context(), Command{
		Path: "/bin/sh", Args: []string{"-c", `echo "$A $PPID"; cat; echo no >&2; exit 3`},
		Env: []string{"A=b c"}, Stdin: "in\n",
	})
	if err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("the exit status is %v", err)
	}
	if out != "b c 0\nin\nno\n" {
		t.Errorf("the output is %q", out)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	tree := grow(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := tree.Run(ctx, Command{Path: "/bin/sleep", Args: []string{"1000"}})
		ended <- err
	}()
	until(t, "a sleep", func() bool {
		found, _ := tree.Processes()
		return len(found) == 1 && found[0].Name == "sleep"
	})
	cancel()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("got %v", err)
	}
}

func TestCPUOfTheDeadCounts(t *testing.T) {
	tree := grow(t, Options{})
	before, err := tree.Usage()
	if err != nil {
		t.Fatal(err)
	}
	// The shell that burns has lost its parent: the tree's root reaps it.
	sh(t, tree, `(setsid sh -c 'i=0; while [ $i -lt 500000 ]; do i=$((i+1)); done' &) &`)
	until(t, "CPU time of the ended loop", func() bool {
		found, err := tree.Processes()
		if err != nil {
			t.Fatal(err)
		}
		usage, err := tree.Usage()
		if err != nil {
			t.Fatal(err)
		}
		return len(found) == 0 && usage.CPU >= before.CPU+50*time.Millisecond
	})
}

func TestMapsAndFiles(t *testing.T) {
	me, err := Identify(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if has, err := me.Maps(exe); err != nil || !has {
		t.Errorf("our own program is not mapped: %v", err)
	}
	if has, err := me.Maps("/no/such.so"); err != nil || has {
		t.Errorf("a library nobody has is mapped: %v", err)
	}
	open, err := os.Open(exe)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	files, err := me.Files()
	if err != nil || !strings.Contains(strings.Join(files, "\n"), exe) {
		t.Errorf("open files are %v, %v", files, err)
	}
	if _, err := (ID{PID: 1 << 30}).Files(); !Gone(err) {
		t.Errorf("nobody's files: %v", err)
	}
}
