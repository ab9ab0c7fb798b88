package process

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// victimEnv makes the test program play a run that will be killed.
const victimEnv = "HANSEI_TEST_VICTIM_FOLDER"

// victim is what the killed run tells the test.
type victim struct {
	Root, Daemon, Stray ID
}

// TestVictim is no test of its own: it is the run that TestSweep kills.
func TestVictim(t *testing.T) {
	folder := os.Getenv(victimEnv)
	if folder == "" {
		t.Skip("played only for TestSweepAfterKill")
	}
	tree := grow(t, Options{})
	sh(t, tree, "(setsid sleep 1000 >/dev/null 2>&1 &) & sleep 0.05")
	found, err := tree.Processes()
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	// Somebody outside the tree, whom only the register knows.
	stray := exec.Command("sleep", "1000")
	stray.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := stray.Start(); err != nil {
		t.Fatal(err)
	}
	id, err := Identify(stray.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Register(Held{What: "victim", Processes: []ID{tree.Root(), id},
		Folders: []string{folder}, Mounts: []string{folder + "/mount"}})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(victim{Root: tree.Root(), Daemon: found[0].ID, Stray: id})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("\nvictim %s\n", data)
	select {}
}

// private gives the test a register of its own.
func private(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	}
}

func TestSweepAfterKill(t *testing.T) {
	needTrees(t)
	private(t)
	folder := filepath.Join(t.TempDir(), "hansei-victim")
	if err := os.MkdirAll(folder+"/mount", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", folder+"/mount", "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	run := exec.Command(os.Args[0], "-test.run=^TestVictim$", "-test.v")
	run.Env = append(os.Environ(), victimEnv+"="+folder)
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	var v victim
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "victim "); ok {
			if err := json.Unmarshal([]byte(text), &v); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	// While it lives, nothing of it may be swept.
	if lines, err := Sweep(t.Context()); err != nil || mentions(lines, folder) {
		t.Errorf("swept a living run: %v, %v", lines, err)
	}
	if !v.Stray.Alive() || !v.Daemon.Alive() {
		t.Fatalf("the victim is not what it says: %+v", v)
	}
	if err := run.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = run.Wait()
	until(t, "the tree dies with its run", func() bool {
		return !v.Root.Alive() && !v.Daemon.Alive()
	})
	if !v.Stray.Alive() {
		t.Fatal("the stray process is gone before the sweep")
	}
	lines, err := Sweep(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !mentions(lines, folder) || v.Stray.Alive() {
		t.Errorf("swept %v; the stray lives: %t", lines, v.Stray.Alive())
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
	if lines, err := Sweep(t.Context()); err != nil || mentions(lines, folder) {
		t.Errorf("a second sweep found %v, %v", lines, err)
	}
}

func TestSweepSparesLivingOwnersAndForeignNumbers(t *testing.T) {
	private(t)
	folder := filepath.Join(t.TempDir(), "hansei-mine")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	me, err := Identify(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	lease, err := Register(Held{What: "living", Processes: []ID{me}, Folders: []string{folder}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(folder); err != nil {
		t.Error("a living owner's folder was swept")
	}
	// Somebody else has our number now: same number, another start.
	lease.rec.Owner.Start++
	err = lease.Update(Held{What: "reborn", Folders: []string{folder},
		Processes: []ID{{PID: me.PID, Start: me.Start + 1}}})
	if err != nil {
		t.Fatal(err)
	}
	lines, err := Sweep(t.Context())
	if err != nil || !slices.Contains(lines, "removed "+folder+" (reborn)") {
		t.Errorf("swept %v, %v", lines, err)
	}
	if mentions(lines, "killed") {
		t.Errorf("killed by number alone: %v", lines)
	}
	if err := lease.Release(); err != nil {
		t.Errorf("releasing what was swept: %v", err)
	}
}

func TestRegisterRefusesFoldersThatAreNotOurs(t *testing.T) {
	private(t)
	for _, dir := range []string{"/", "/home", "hansei-x", "/tmp/hansei-x/..", "/tmp/hansei-x/"} {
		if _, err := Register(Held{What: "test", Folders: []string{dir}}); err == nil {
			t.Errorf("%q was taken", dir)
		}
	}
	if _, err := removeFolder("/etc"); err == nil {
		t.Error("/etc would have been removed")
	}
}

// mentions says whether any line holds text.
func mentions(lines []string, text string) bool {
	return strings.Contains(strings.Join(lines, "\n"), text)
}

func TestDisk(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b"} {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, 10000), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bytes, files, err := Disk(dir)
	if err != nil || files != 2 || bytes < 20000 || bytes > 200000 {
		t.Errorf("%d bytes in %d files, %v", bytes, files, err)
	}
	if _, _, err := Disk(dir + "/no"); err == nil {
		t.Error("a folder that is not there has a size")
	}
}
