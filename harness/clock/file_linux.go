package clock

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The names that a process under the shared clock sees.
const (
	// pathName is the variable with the clock file's path; without it the shim
	// looks at DefaultDir.
	pathName    = "HANSEI_CLOCK"
	preloadName = "LD_PRELOAD"
	clockName   = "clock"
	shimName    = "hansei-clock.so"
)

// The clock file's constants; shim/shim.h has the same.
const (
	magic    = 0x31304b4c43534e48 // "HNSCLK01", little endian
	segments = 1 << 14

	// lead is how far ahead of the present a new rate begins: readers that
	// have not yet seen it are still right until then.
	lead = 2 * time.Millisecond
	// chunk bounds how long a process waits before it looks at the rate again.
	chunk = 20 * time.Millisecond
	// grace is the least wall time that a timed wait for one descriptor takes
	// before it times out (never more than the wait that was asked for).
	grace = 200 * time.Millisecond
	// apart is the least distance between scenario and wall time at which a
	// file's stamp can be told from any other by its year alone.
	apart = 60 * 24 * time.Hour
)

// layout is the clock file: a header of 64 bytes and a ring of segments, of
// which ring[seq % segments] is the newest.
type layout struct {
	magic      uint64
	seq        uint32
	count      uint32
	chunkMicro uint32
	graceMicro uint32
	// monoOffset is what scenario time is ahead of the monotonic clock that
	// the processes see.
	monoOffset int64
	// split: stamps of files after it are the kernel's.
	split int64
	// ahead is what the wall clock shown is before scenario time, aheadFrom the
	// real time since when, syncDelay what each fsync takes longer.
	ahead, aheadFrom, syncDelay int64
	ring                        [segments]segment
}

// File is the clock on disk that a harness shares with the unmodified programs
// of a relay. There is one writer: the Warp that it hands out.
type File struct {
	dir  string
	data []byte
	warp *Warp
}

// Ready says in one sentence, with its cure, why this machine cannot share a
// clock with other programs, or nil.
func Ready() error {
	if _, err := exec.LookPath("cc"); err != nil {
		return errors.New("a clock shared with other programs needs a C compiler " +
			"named cc: install gcc or clang, with the C library's headers")
	}
	return nil
}

// Share makes dir, lays the clock down in it, showing origin and running at
// rate 1, and puts the compiled shim beside it. Scenario time must not reach the
// wall time of the run (best it is months apart), so that stamps that programs
// set on files can be told from those of the kernel.
// dir and its parents must be readable for the users that the relay runs as.
func Share(ctx context.Context, dir string, origin time.Time) (*File, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("finding the clock's folder: %w", err)
	}
	if strings.ContainsAny(dir, " :\t\n") {
		return nil, fmt.Errorf("the clock's folder %q must not have a blank or a colon in its "+
			"name, because %s divides there", dir, preloadName)
	}
	if err := Ready(); err != nil {
		return nil, err
	}
	if err := folder(dir); err != nil {
		return nil, fmt.Errorf("making the clock's folder: %w", err)
	}
	if err := install(ctx, filepath.Join(dir, shimName)); err != nil {
		return nil, fmt.Errorf("compiling the clock's shim: %w", err)
	}
	data, err := create(filepath.Join(dir, clockName))
	if err != nil {
		return nil, fmt.Errorf("laying down the clock: %w", err)
	}
	f := &File{dir: dir, data: data}
	f.start(origin)
	if err := os.Rename(f.path()+".new", f.path()); err != nil {
		return nil, errors.Join(fmt.Errorf("laying down the clock: %w", err), f.Close())
	}
	return f, nil
}

// Warp is the clock itself; its SetRate holds for all processes. It must not
// be changed after Close.
func (f *File) Warp() *Warp { return f.warp }

// Dir is the folder with the clock file and the shim.
func (f *File) Dir() string { return f.dir }

// Shim is the path of the compiled library.
func (f *File) Shim() string { return filepath.Join(f.dir, shimName) }

// Env is what to add to a program's environment so that it, and all that it
// starts, reads this clock.
func (f *File) Env() []string {
	return []string{preloadName + "=" + f.Shim(), pathName + "=" + f.path()}
}

// EnvNames are the names in Env, for programs that have to be told what to
// keep when they clean their environment.
func (f *File) EnvNames() []string { return []string{preloadName, pathName} }

// Date asks a program that was started under the clock what time it is: a
// canary for whether the clock works at all.
func (f *File) Date(ctx context.Context) (time.Time, error) {
	cmd := exec.CommandContext(ctx, "date", "+%s.%N")
	cmd.Env = append(os.Environ(), append(f.Env(), "LC_ALL=C")...)
	out, err := cmd.Output()
	if err != nil {
		return time.Time{}, fmt.Errorf("asking date for the time: %w", err)
	}
	text := strings.TrimSpace(string(out))
	sec, nsec, _ := strings.Cut(text, ".")
	s, err := strconv.ParseInt(sec, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading what date answered, %q: %w", text, err)
	}
	n, err := strconv.ParseInt(nsec, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading what date answered, %q: %w", text, err)
	}
	return time.Unix(s, n).UTC(), nil
}

// Close lets go of the clock. Its files stay, and processes that still read
// them go on at the last rate.
func (f *File) Close() error {
	f.warp.mu.Lock()
	defer f.warp.mu.Unlock()
	if f.data == nil {
		return nil
	}
	data := f.data
	f.data = nil
	f.warp.publish = nil
	if err := unix.Munmap(data); err != nil {
		return fmt.Errorf("letting go of the clock file: %w", err)
	}
	return nil
}

// path is where the clock file is.
func (f *File) path() string { return filepath.Join(f.dir, clockName) }

// layout is the mapped file.
func (f *File) layout() *layout { return (*layout)(unsafe.Pointer(&f.data[0])) }

// start fills the file in and makes the Warp that goes on writing it.
func (f *File) start(origin time.Time) {
	mono, wall := monotonic(), time.Now()
	first := segment{
		mono: mono, fake: origin.UnixNano(), wall: wall.UnixNano(), rate: rateOne,
	}
	l := f.layout()
	l.count = segments
	l.chunkMicro = uint32(chunk.Microseconds())
	l.graceMicro = uint32(grace.Microseconds())
	l.monoOffset = first.fake - mono
	l.split = first.wall - int64(kernels(wall.Sub(origin)))
	l.ring[0] = first
	l.magic = magic
	f.warp = &Warp{
		mono:    monotonic,
		lead:    lead,
		publish: f.publish,
		history: []segment{first},
		changed: make(chan struct{}),
	}
}

// kernels is how long before the start the files' stamps begin that count as
// the kernel's, if the scenario lies gap in the past. Where the two times come
// near each other, only the folders made for this very run are worth it.
func kernels(gap time.Duration) time.Duration {
	switch {
	case gap >= apart:
		return gap / 2
	case gap > 0:
		return min(gap/2, time.Hour)
	}
	return time.Hour
}

// publish lays the next segment down. It is filled in before seq names it, so
// a writer that dies on the way cannot hold readers up. False: too much time
// has passed since now, the segment may begin too soon for the readers.
func (f *File) publish(next segment, now int64) bool {
	l := f.layout()
	seq := l.seq + 1
	l.ring[seq%segments] = next
	if monotonic() > now+int64(lead/2) {
		return false
	}
	atomic.StoreUint32(&l.seq, seq)
	return true
}

// folder makes dir, readable for everybody whatever the umask.
func folder(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.Chmod(dir, 0o755)
}

// create maps a new file of the clock's size, path.new. The caller renames it
// when it is filled in: a program must never see half a clock.
func create(path string) ([]byte, error) {
	file, err := os.OpenFile(path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := file.Chmod(0o644); err != nil {
		return nil, err
	}
	const size = int(unsafe.Sizeof(layout{}))
	if err := unix.Fallocate(int(file.Fd()), 0, 0, int64(size)); err != nil {
		if err := file.Truncate(int64(size)); err != nil {
			return nil, err
		}
	}
	return unix.Mmap(int(file.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
}

// monotonic reads the kernel's monotonic clock, the one that the shim reads.
func monotonic() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return math.MinInt64 // cannot be: every Linux has this clock
	}
	return ts.Nano()
}
