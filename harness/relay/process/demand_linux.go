package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Demand tells from look to look how much a tree's busiest process wanted a
// processor. Its zero value is ready. It is not for two callers at a time.
type Demand struct {
	tree *Tree
	seen map[int]time.Duration // by the PID within the tree
	at   time.Time
}

// Look is the share of the wall time since the last look in which the tree's
// busiest process ran or waited for a processor, 0 to 1: near 1, that process
// is what everything else waits for, on this machine or on a faster one. It is
// cheap: the tree's own /proc lists nobody else. The first look at a tree, and
// one at a tree that is gone, sees 0.
func (d *Demand) Look(t *Tree) (float64, error) {
	now := time.Now()
	if t == nil || !t.Alive() {
		*d = Demand{}
		return 0, nil
	}
	proc := filepath.Join("/proc", strconv.Itoa(t.id.PID), "root", "proc")
	names, err := os.ReadDir(proc)
	if err != nil {
		if !t.Alive() || Gone(err) {
			*d = Demand{}
			return 0, nil
		}
		return 0, fmt.Errorf("looking at a relay's processes: %w", err)
	}
	seen := make(map[int]time.Duration, len(d.seen))
	var most time.Duration
	for _, name := range names {
		pid, err := strconv.Atoi(name.Name())
		if err != nil {
			continue
		}
		wanted, err := wantedTime(filepath.Join(proc, name.Name(), "schedstat"))
		if Gone(err) {
			continue
		}
		if err != nil {
			return 0, err
		}
		seen[pid] = wanted
		if was, known := d.seen[pid]; known {
			most = max(most, wanted-was)
		}
	}
	since := now.Sub(d.at)
	first := d.tree != t
	d.tree, d.seen, d.at = t, seen, now
	if first || since <= 0 {
		return 0, nil
	}
	return min(1, float64(most)/float64(since)), nil
}

// wantedTime reads the time on a processor and the time waiting for one, in
// nanoseconds, the first two numbers of a schedstat
// (docs.kernel.org/scheduler/sched-stats.html).
func wantedTime(path string) (time.Duration, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("reading how busy a process is: %w", err)
	}
	f := strings.Fields(string(data))
	if len(f) < 2 {
		return 0, fmt.Errorf("reading how busy a process is: %s is short", path)
	}
	var sum time.Duration
	for _, word := range f[:2] {
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("reading how busy a process is: %w", err)
		}
		sum += time.Duration(n)
	}
	return sum, nil
}
