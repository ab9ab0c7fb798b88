package process

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit of CPU times in /proc: USER_HZ, 100 on every architecture
// that Go knows (proc(5), sysconf(3)).
const tick = 10 * time.Millisecond

// stat is the part of /proc/N/stat that we need.
type stat struct {
	name  string
	state byte // a letter, see proc(5)
	start uint64
	cpu   time.Duration // its own and that of children it has reaped
}

// readStat reads /proc/N/stat, see proc(5).
func readStat(pid int) (stat, error) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return stat{}, fmt.Errorf("looking at process %d: %w", pid, err)
	}
	// The name stands in brackets and may hold brackets itself.
	open, shut := bytes.IndexByte(data, '('), bytes.LastIndexByte(data, ')')
	if open < 0 || shut < open {
		return stat{}, fmt.Errorf("looking at process %d: its stat has no name", pid)
	}
	rest := strings.Fields(string(data[shut+1:]))
	const first = 3 // rest[0] is field 3 of proc(5)
	if len(rest) <= 22-first {
		return stat{}, fmt.Errorf("looking at process %d: its stat is short", pid)
	}
	s := stat{name: string(data[open+1 : shut]), state: rest[0][0]}
	for field := 14; field <= 17; field++ { // utime stime cutime cstime
		n, err := strconv.ParseInt(rest[field-first], 10, 64)
		if err != nil {
			return stat{}, fmt.Errorf("reading the CPU time of process %d: %w", pid, err)
		}
		s.cpu += time.Duration(n) * tick
	}
	if s.start, err = strconv.ParseUint(rest[22-first], 10, 64); err != nil {
		return stat{}, fmt.Errorf("reading the start of process %d: %w", pid, err)
	}
	return s, nil
}

// Identify says who has the number pid now.
func Identify(pid int) (ID, error) {
	s, err := readStat(pid)
	return ID{PID: pid, Start: s.start}, err
}

// Alive says whether that very process still runs; one that has ended and only
// waits for its parent to notice does not.
func (id ID) Alive() bool {
	s, err := readStat(id.PID)
	return err == nil && s.start == id.Start && s.state != 'Z' && s.state != 'X'
}

// Files are the targets of the open files of a process: paths, or the kernel's
// own words such as "socket:[123]".
func (id ID) Files() ([]string, error) {
	dir := "/proc/" + strconv.Itoa(id.PID) + "/fd"
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("listing open files: %w", err)
	}
	files := make([]string, 0, len(entries))
	for _, e := range entries {
		if to, err := os.Readlink(dir + "/" + e.Name()); err == nil {
			files = append(files, to)
		}
	}
	return files, nil
}

// Maps says whether a process has the file at path in its memory, as a program
// has its libraries.
func (id ID) Maps(path string) (bool, error) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(id.PID) + "/maps")
	if err != nil {
		return false, fmt.Errorf("reading what process %d has mapped: %w", id.PID, err)
	}
	for line := range strings.Lines(string(data)) {
		if strings.HasSuffix(strings.TrimSuffix(line, "\n"), " "+path) {
			return true, nil
		}
	}
	return false, nil
}

// Gone says whether err means that the process has ended meanwhile.
func Gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH)
}

// pids are the numbers of all processes.
func pids() ([]int, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	found := make([]int, 0, len(names))
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			found = append(found, pid)
		}
	}
	return found, nil
}

// bootID is different after each boot, see random(4).
func bootID() (string, error) {
	data, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("reading the boot's name: %w", err)
	}
	return strings.TrimSpace(string(data)), nil
}
