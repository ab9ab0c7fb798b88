package process

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
)

// newPrivate makes an instance that is cleared with the test.
func newPrivate(t *testing.T) *Private {
	t.Helper()
	needTrees(t)
	p, err := NewPrivate("trial")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Clear(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestAnInstanceSeesASystemOfItsOwn(t *testing.T) {
	p := newPrivate(t)
	s := System{DNS: "127.27.3.9:53", Package: Package{Root: "/"},
		Users: []User{{Name: "somebody", UID: 60999, GID: 60998}}}
	binds, changes, err := s.Lay(t.Context(), p.Base())
	if err != nil {
		t.Fatal(err)
	}
	tree, err := p.Grow(t.Context(), binds)
	if err != nil {
		t.Fatal(err)
	}
	if got := sh(t, tree, "cat /etc/resolv.conf; getent passwd somebody; getent group somebody; "+
		"cd /run && ls -d hansei"); got != "nameserver 127.27.3.9\nsomebody:x:60999:60998::/:/bin/false\n"+
		"somebody:x:60998:\nhansei" {
		t.Errorf("inside:\n%s", got)
	}
	if !strings.Contains(strings.Join(changes, "\n"), "127.27.3.9:53") {
		t.Errorf("the changes are %v", changes)
	}
	if data, err := os.ReadFile("/etc/resolv.conf"); err == nil &&
		strings.Contains(string(data), "127.27.3.9") {
		t.Error("the machine's own resolv.conf was changed")
	}
	if _, err := p.Grow(t.Context(), binds); err == nil {
		t.Error("a second tree was grown beside the first")
	}
}

func TestAnInstanceLivesOnTheSharedClock(t *testing.T) {
	if err := clock.Ready(); err != nil {
		t.Skip(err)
	}
	p := newPrivate(t)
	file, err := clock.Share(t.Context(), filepath.Join(t.TempDir(), "clock"),
		time.Date(2019, 11, 19, 2, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}()
	s := System{DNS: "127.27.3.9:53", Package: Package{Root: "/"}, Clock: file}
	binds, _, err := s.Lay(t.Context(), p.Base())
	if err != nil {
		t.Fatal(err)
	}
	tree, err := p.Grow(t.Context(), binds)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ProveClock(t.Context(), tree); err == nil {
		t.Error("the clock was proven by no process at all")
	}
	// With a clean environment, as daemons have.
	if got := sh(t, tree, "env -i /bin/date -u +%Y; setsid sleep 1000 >/dev/null 2>&1 &"); got != "2019" {
		t.Errorf("it lives in %s", got)
	}
	if err := s.ProveClock(t.Context(), tree); err != nil {
		t.Error(err)
	}
}

func TestAProcessInRealTimeIsFound(t *testing.T) {
	p := newPrivate(t)
	tree, err := p.Grow(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	sh(t, tree, "setsid sleep 1000 >/dev/null 2>&1 &")
	err = System{Clock: new(clock.File)}.ProveClock(t.Context(), tree)
	if err == nil || !strings.Contains(err.Error(), "does not run under the shared clock") {
		t.Errorf("got %v", err)
	}
}

func TestAnInstanceIsAccountedForAndGoes(t *testing.T) {
	p := newPrivate(t)
	dir, err := p.Folder("spool", 60999)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := os.Stat(dir); err != nil || s.Mode().Perm() != 0o755 {
		t.Errorf("the folder is %v, %v", s, err)
	}
	tree, err := p.Grow(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	sh(t, tree, "setsid sh -c 'while :; do :; done' >/dev/null 2>&1 &")
	until(t, "some use of the machine", func() bool {
		used, err := p.Usage()
		return err == nil && used.CPU > 0 && used.Processes == 1
	})
	for range 2 {
		if err := p.Kill(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	used, err := p.Usage()
	if err != nil || used.CPU <= 0 || used.Processes != 0 || p.Alive() {
		t.Errorf("dead, it uses %+v, %v", used, err)
	}
	for range 2 {
		if err := p.Clear(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(p.Base()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("its folder is left: %v", err)
	}
	if lines, err := Sweep(t.Context()); err != nil ||
		strings.Contains(strings.Join(lines, "\n"), p.Base()) {
		t.Errorf("the register still knew it: %v, %v", lines, err)
	}
}

func TestAnInstancesFolderIsNotLeftToASweepForNothing(t *testing.T) {
	if _, err := NewPrivate("no/such"); err == nil {
		t.Error("a name with a slash was taken")
	}
}
