package process

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Usage samples the tree.
func (t *Tree) Usage() (Usage, error) {
	all, err := t.members()
	if err != nil {
		return Usage{}, err
	}
	if !t.Alive() {
		return Usage{}, ErrGone
	}
	return usageOf(all, t.scaffold)
}

// UsageOf samples these processes.
func UsageOf(all []Process) (Usage, error) { return usageOf(all, nil) }

// usageOf leaves all but the time of our own processes out.
func usageOf(all []Process, ours []int) (Usage, error) {
	var u Usage
	for _, p := range all {
		s, err := readStat(p.PID)
		if err != nil {
			continue // gone; its time is with whoever reaped it
		}
		u.CPU += s.cpu
		if slices.Contains(ours, p.PID) {
			continue
		}
		files, err := openFiles(p.PID)
		if err != nil && !Gone(err) {
			return Usage{}, err
		}
		memory, err := memory(p.PID)
		if err != nil && !Gone(err) {
			return Usage{}, err
		}
		u.OpenFiles += files
		u.Memory += memory
		u.Processes++
	}
	return u, nil
}

// openFiles counts them. The folder's size is their number since Linux 6.2
// (proc_pid_fd(5)); before, it is 0.
func openFiles(pid int) (int64, error) {
	dir, err := os.Open("/proc/" + strconv.Itoa(pid) + "/fd")
	if err != nil {
		return 0, fmt.Errorf("counting open files: %w", err)
	}
	defer dir.Close()
	if info, err := dir.Stat(); err == nil && info.Size() > 0 {
		return info.Size(), nil
	}
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return 0, fmt.Errorf("counting open files: %w", err)
	}
	return int64(len(names)), nil
}

// memory is the proportional set size, or the resident one.
func memory(pid int) (int64, error) {
	dir := "/proc/" + strconv.Itoa(pid)
	if data, err := os.ReadFile(dir + "/smaps_rollup"); err == nil {
		for line := range strings.Lines(string(data)) {
			f := strings.Fields(line)
			if len(f) == 3 && f[0] == "Pss:" {
				kB, err := strconv.ParseInt(f[1], 10, 64)
				if err != nil {
					return 0, fmt.Errorf("reading the memory of process %d: %w", pid, err)
				}
				return kB << 10, nil
			}
		}
	}
	data, err := os.ReadFile(dir + "/statm")
	if err != nil {
		return 0, fmt.Errorf("reading the memory of process %d: %w", pid, err)
	}
	f := strings.Fields(string(data))
	if len(f) < 2 {
		return 0, fmt.Errorf("reading the memory of process %d: its statm is short", pid)
	}
	pages, err := strconv.ParseInt(f[1], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("reading the memory of process %d: %w", pid, err)
	}
	return pages * int64(os.Getpagesize()), nil
}
