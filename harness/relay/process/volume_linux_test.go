package process

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// bounded makes a volume that ends with the test.
func bounded(t *testing.T) (*Volume, string) {
	t.Helper()
	needTrees(t)
	dir := t.TempDir()
	v, err := NewVolume(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return v, dir
}

// TestAVolumeOutlivesItsTrees: a killed tree's files are there for the next one,
// and nobody else ever sees them.
func TestAVolumeOutlivesItsTrees(t *testing.T) {
	v, dir := bounded(t)
	first := grow(t, Options{In: v})
	sh(t, first, "echo kept >"+dir+"/file")
	if err := first.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := grow(t, Options{In: v})
	if got := sh(t, second, "cat "+dir+"/file; echo $$; readlink /proc/1/exe"); !strings.HasPrefix(got, "kept\n") {
		t.Errorf("the next tree sees %q", got)
	}
	if _, err := os.Stat(filepath.Join(dir, "file")); err == nil {
		t.Error("the file can be seen outside")
	}
	data, err := os.ReadFile(v.Seen(filepath.Join(dir, "file")))
	if err != nil || string(data) != "kept\n" {
		t.Errorf("from outside it reads %q, %v", data, err)
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil || strings.Contains(string(mounts), dir) {
		t.Errorf("the machine has a mount at %s, %v", dir, err)
	}
}

// TestAFullVolumeRefuses: no space means no space, also for root, and after it
// everything is as before.
func TestAFullVolumeRefuses(t *testing.T) {
	v, dir := bounded(t)
	tree := grow(t, Options{In: v})
	sh(t, tree, "head -c 100000 /dev/zero >"+dir+"/old")
	free, err := v.Fill(t.Context(), 0)
	if err != nil || free != 0 {
		t.Fatalf("%d bytes free, %v", free, err)
	}
	out, err := tree.Run(t.Context(), Command{Path: "/bin/sh",
		Args: []string{"-c", "echo new >" + dir + "/new"}})
	if err == nil {
		t.Fatalf("a full volume took a file: %s", out)
	}
	if got := sh(t, tree, "wc -c <"+dir+"/old"); got != "100000" {
		t.Errorf("what was there has %s bytes", got)
	}
	if free, err = v.Fill(t.Context(), 8192); err != nil || free != 8192 {
		t.Errorf("%d bytes free of 8192, %v", free, err)
	}
	if err := v.Empty(t.Context()); err != nil {
		t.Fatal(err)
	}
	sh(t, tree, "head -c 1000000 /dev/zero >"+dir+"/new")
}

// TestFrozenTreesStandStill: nothing runs until the thaw, and then it goes on.
func TestFrozenTreesStandStill(t *testing.T) {
	dir := t.TempDir()
	tree := grow(t, Options{})
	file := filepath.Join(dir, "count")
	sh(t, tree, "(while :; do echo >>"+file+"; sleep 0.01; done) >/dev/null 2>&1 &")
	size := func() int64 {
		info, err := os.Stat(file)
		if err != nil {
			return 0
		}
		return info.Size()
	}
	until(t, "it counts", func() bool { return size() > 3 })
	if err := tree.Freeze(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := tree.Processes()
	if err != nil || len(all) == 0 {
		t.Fatalf("%d processes, %v", len(all), err)
	}
	for _, p := range all {
		if s, err := readStat(p.PID); err == nil && s.state != 'T' && s.state != 'Z' {
			t.Errorf("process %d (%s) is in state %c", p.PID, p.Name, s.state)
		}
	}
	frozen := size()
	<-time.After(100 * time.Millisecond)
	if now := size(); now != frozen {
		t.Errorf("it counted on, from %d to %d", frozen, now)
	}
	if err := tree.Thaw(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, "it counts on", func() bool { return size() > frozen+3 })
}

// TestAFrozenTreeDies with its kill, and with its first process.
func TestAFrozenTreeDies(t *testing.T) {
	tree := grow(t, Options{})
	sh(t, tree, "sleep 1000 >/dev/null 2>&1 &")
	if err := tree.Freeze(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := tree.Processes()
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	_ = tree.stdin.Close() // as when we die
	until(t, "it is gone", func() bool { return !tree.Alive() })
	if syscall.Kill(all[0].PID, 0) == nil && all[0].Alive() {
		t.Error("a frozen process outlived its tree")
	}
}
