package clock_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
)

// requireVar names what must not be skipped, comma separated: "cc".
const requireVar = "HANSEI_REQUIRE"

// limit is the wall time after which something that should follow the clock
// evidently does not.
const limit = time.Minute

// share makes a clock and the test program beside it, in a folder that every
// user may read (as that of testing is not).
func share(t *testing.T) *clock.File {
	t.Helper()
	return shareAt(t, origin)
}

// shareAt is share with a given beginning of the scenario.
func shareAt(t *testing.T, origin time.Time) *clock.File {
	t.Helper()
	if err := clock.Ready(); err != nil {
		if slices.Contains(strings.Split(os.Getenv(requireVar), ","), "cc") {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("", "hansei-clock-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := clock.Share(t.Context(), filepath.Join(dir, "shared"), origin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// program compiles the test program into the clock's folder.
func program(t *testing.T, f *clock.File) string {
	t.Helper()
	path := filepath.Join(f.Dir(), "shimtest")
	out, err := exec.CommandContext(t.Context(), "cc", "-std=gnu11", "-O1", "-o", path,
		"testdata/shimtest.c", "-lpthread").CombinedOutput()
	if err != nil {
		t.Fatalf("compiling the test program: %v\n%s", err, out)
	}
	return path
}

// command is a program under the clock that is killed after the limit.
func command(t *testing.T, f *clock.File, name string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), f.Env()...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}

// ok runs the test program and wants its "ok".
func ok(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "ok" {
		t.Errorf("%v: %v\n%s", cmd.Args[1:], err, out)
	}
}

// TestShim does everything that programs wait by at 600 times the wall's pace:
// it must follow the clock and not be early.
func TestShim(t *testing.T) {
	f := share(t)
	path := program(t, f)
	f.Warp().SetRate(600)
	t.Run("group", func(t *testing.T) {
		for _, name := range []string{
			"clocks", "nanosleep", "clock_nanosleep", "sleep", "poll", "grace", "select",
			"epoll", "data", "cond", "cond_signal", "sem", "sigtimedwait", "alarm",
			"unseen", "cancel", "interval", "guard", "timerfd",
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				ok(t, command(t, f, path, name))
			})
		}
		t.Run("stamps", func(t *testing.T) {
			t.Parallel()
			ok(t, command(t, f, path, "stamps", filepath.Join(t.TempDir(), "file")))
		})
	})
}

// TestStampsNearby: last night's scenario, and next week's.
func TestStampsNearby(t *testing.T) {
	for name, ahead := range map[string]time.Duration{
		"last night": -20 * time.Hour, "next week": 7 * 24 * time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			f := shareAt(t, time.Now().Add(ahead))
			path := program(t, f)
			f.Warp().SetRate(600)
			ok(t, command(t, f, path, "stamps", filepath.Join(t.TempDir(), "file")))
		})
	}
}

// TestSleepSeesTheNextRate: who sleeps in this process when the rate changes
// wakes by the new one, although it is not in force at once.
func TestSleepSeesTheNextRate(t *testing.T) {
	w := share(t).Warp()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	due := w.Now().Add(24 * time.Hour)
	begun, ended := make(chan struct{}), make(chan error)
	go func() {
		close(begun)
		ended <- w.SleepUntil(ctx, due)
	}()
	<-begun
	runtime.Gosched() // mostly lets it fall asleep; the test holds in any case
	w.SetRate(24 * 60 * 60)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if now := w.Now(); now.Before(due) {
		t.Errorf("due at %v, woken at %v", due, now)
	}
}

// TestSleepersFollow changes the rate under a program that sleeps.
func TestSleepersFollow(t *testing.T) {
	f := share(t)
	w := f.Warp()
	cmd := command(t, f, program(t, f), "told", "3600")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	begun := w.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, len("begun\n"))); err != nil {
		t.Fatal(err)
	}
	w.SetRate(600)
	if err := w.Sleep(t.Context(), 1000*time.Second); err != nil {
		t.Fatal(err)
	}
	w.SetRate(0)
	if first, second := date(t, f), date(t, f); !first.Equal(second) {
		t.Errorf("the clock is frozen at %v, then at %v", first, second)
	}
	w.SetRate(60)
	if err := w.Sleep(t.Context(), 10*time.Second); err != nil {
		t.Fatal(err)
	}
	w.SetRate(2400)
	said, err := io.ReadAll(out)
	if err := errors.Join(err, cmd.Wait()); err != nil || string(said) != "ok\n" {
		t.Errorf("the sleeper said %q, %v", said, err)
	}
	if slept := w.Now().Sub(begun); slept < time.Hour {
		t.Errorf("an hour's sleep took %v", slept)
	}
}

// date asks the canary.
func date(t *testing.T, f *clock.File) time.Time {
	t.Helper()
	now, err := f.Date(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// TestOneClock: this process and others agree at every moment, and no change of
// the rate lets time step back anywhere.
func TestOneClock(t *testing.T) {
	f := share(t)
	w := f.Warp()
	cmd := command(t, f, program(t, f), "backward")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	rates := []float64{0, 1, 30, 600, 2400, 0.1}
	for range 60 {
		var changes sync.WaitGroup // at once, so that several are under way
		for range random.IntN(8) {
			rate := rates[random.IntN(len(rates))]
			changes.Go(func() { w.SetRate(rate) })
		}
		changes.Wait()
		before := w.Now()
		between := date(t, f)
		after := w.Now()
		if between.Before(before) || after.Before(between) {
			t.Errorf("time stepped back: here %v, there %v, here %v", before, between, after)
		}
	}
	if err := errors.Join(in.Close(), cmd.Wait()); err != nil {
		t.Errorf("the readers: %v\n%s", err, out.String())
	}
}

// TestScripts: ordinary programs, children and all.
func TestScripts(t *testing.T) {
	f := share(t)
	w := f.Warp()
	w.SetRate(600)
	before := w.Now()
	out, err := command(t, f, "sh", "-c", "for i in 1 2 3; do (sleep 300; date +%s) & done; wait").Output()
	if err != nil {
		t.Fatal(err)
	}
	after := w.Now()
	lines := strings.Fields(string(out))
	if len(lines) != 3 {
		t.Fatalf("three children said %q", out)
	}
	for _, line := range lines {
		var sec int64
		if _, err := fmt.Sscan(line, &sec); err != nil {
			t.Fatal(err)
		}
		at := time.Unix(sec+1, 0) // date cuts the fraction off
		if at.Before(before.Add(5*time.Minute)) || time.Unix(sec, 0).After(after) {
			t.Errorf("begun %v, a child woke at %v, all over %v", before, at, after)
		}
	}
}

// TestWithoutClock: where there is none, programs keep real time.
func TestWithoutClock(t *testing.T) {
	f := share(t)
	path := program(t, f)
	junk := filepath.Join(t.TempDir(), "junk")
	if err := os.WriteFile(junk, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, clockPath := range map[string]string{
		"missing": "/nonexistent/clock", "empty": "/dev/null", "junk": junk, "folder": "/",
	} {
		t.Run(name, func(t *testing.T) {
			cmd := command(t, f, path, "real")
			cmd.Env = append(cmd.Env, "HANSEI_CLOCK="+clockPath)
			ok(t, cmd)
		})
	}
}

// TestOtherUsers: a program of another user reads the clock, one that gives up
// its rights keeps it, and one that is setuid keeps real time.
func TestOtherUsers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	f := share(t)
	path := program(t, f)
	f.Warp().SetRate(600)
	nobody := &syscall.Credential{Uid: 65534, Gid: 65534}

	other := command(t, f, path, "clocks")
	other.SysProcAttr.Credential = nobody
	ok(t, other)

	ok(t, command(t, f, path, "drop"))

	if err := os.Chmod(path, 0o755|os.ModeSetuid); err != nil {
		t.Fatal(err)
	}
	setuid := command(t, f, path, "real")
	setuid.SysProcAttr.Credential = nobody
	ok(t, setuid)
}

// TestShareRefuses what LD_PRELOAD cannot name.
func TestShareRefuses(t *testing.T) {
	_, err := clock.Share(t.Context(), filepath.Join(t.TempDir(), "a b"), origin)
	if err == nil || !strings.Contains(err.Error(), "blank") {
		t.Errorf("a folder with a blank in its name: %v", err)
	}
}

// TestShareAgain: a new clock in the folder of an old one begins anew, and the
// old one may be closed twice.
func TestShareAgain(t *testing.T) {
	f := share(t)
	f.Warp().SetRate(1e6)
	again, err := clock.Share(t.Context(), f.Dir(), origin)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := date(t, again); got.Before(origin) || got.Sub(origin) > time.Hour {
		t.Errorf("the new clock shows %v", got)
	}
	if err := errors.Join(f.Close(), f.Close()); err != nil {
		t.Error(err)
	}
	if strings.Join(again.EnvNames(), " ") != "LD_PRELOAD HANSEI_CLOCK" {
		t.Errorf("the names to import are %v", again.EnvNames())
	}
	entries, err := os.ReadDir(f.Dir())
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o444 != 0o444 {
			t.Errorf("%s has mode %v: not everybody can read it", entry.Name(), info.Mode())
		}
	}
	if len(entries) != 2 {
		t.Errorf("the folder has %v; want the clock and the shim", entries)
	}
}
