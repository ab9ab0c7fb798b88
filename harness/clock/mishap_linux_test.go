package clock_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
)

// asked is the time that a program under the clock shows, between two looks at
// the scenario's.
func asked(t *testing.T, f *clock.File) (before, shown, after time.Time) {
	t.Helper()
	before = f.Warp().Now()
	shown, err := f.Date(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return before, shown, f.Warp().Now()
}

// TestStepMovesTheWallClockAlone: programs see the step, scenario time does not.
func TestStepMovesTheWallClockAlone(t *testing.T) {
	f := share(t)
	for _, by := range []time.Duration{time.Hour, -90 * time.Minute, 0} {
		if err := f.Step(by); err != nil {
			t.Fatal(err)
		}
		before, shown, after := asked(t, f)
		if shown.Before(before.Add(by)) || shown.After(after.Add(by)) {
			t.Errorf("stepped by %s, date says %s, want between %s and %s", by, shown,
				before.Add(by), after.Add(by))
		}
	}
}

// TestStepLeavesWaitsAlone: a sleep that is under way is a length of time.
func TestStepLeavesWaitsAlone(t *testing.T) {
	f := share(t)
	f.Warp().SetRate(60)
	begun := f.Warp().Now()
	sleep := exec.CommandContext(t.Context(), "sleep", "120")
	sleep.Env = append(os.Environ(), f.Env()...)
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	if err := f.Step(24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := sleep.Wait(); err != nil {
		t.Fatal(err)
	}
	if slept := f.Warp().Now().Sub(begun); slept < 2*time.Minute || slept > time.Hour {
		t.Errorf("it slept %s", slept)
	}
}

// TestFilesAreStampedByTheSteppedClock: the kernel that a program believes in
// has the same wall clock as the program.
func TestFilesAreStampedByTheSteppedClock(t *testing.T) {
	f := share(t)
	if err := f.Step(time.Hour); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "new")
	before := f.Warp().Now()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ask := exec.CommandContext(t.Context(), "date", "-u", "-r", path, "+%Y-%m-%dT%H:%M:%SZ")
	ask.Env = append(os.Environ(), f.Env()...)
	out, err := ask.Output()
	if err != nil {
		t.Fatal(err)
	}
	shown, err := time.Parse("2006-01-02T15:04:05Z\n", string(out))
	if err != nil {
		t.Fatal(err)
	}
	// Stamps of the kernel's are as coarse as its tick; date cuts to the second.
	if off := shown.Sub(before.Add(time.Hour)); off < -2*time.Second || off > time.Minute {
		t.Errorf("the file's stamp is %s off the stepped clock", off)
	}
}

// TestSlowDiskDelaysWhatMakesDurable: fsync takes the delay in scenario time.
func TestSlowDiskDelaysWhatMakesDurable(t *testing.T) {
	f := share(t)
	f.Warp().SetRate(600)
	if err := f.SlowDisk(5 * time.Minute); err != nil {
		t.Fatal(err)
	}
	begun := f.Warp().Now()
	dd := exec.CommandContext(t.Context(), "dd", "if=/dev/zero", "bs=1", "count=1", "conv=fsync",
		"of="+filepath.Join(t.TempDir(), "file"))
	dd.Env = append(os.Environ(), f.Env()...)
	if out, err := dd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if took := f.Warp().Now().Sub(begun); took < 5*time.Minute {
		t.Errorf("fsync took %s of scenario time", took)
	}
	if err := f.SlowDisk(0); err != nil {
		t.Fatal(err)
	}
}

func TestClosedClockRefusesMishaps(t *testing.T) {
	f := share(t)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if f.Step(time.Hour) == nil || f.SlowDisk(time.Second) == nil {
		t.Error("a closed clock was changed")
	}
}
