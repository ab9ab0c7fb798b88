package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios/catalog"
)

// cost is what something took: as long as it lasted, of all processors, and of
// memory at most.
type cost struct {
	wall, cpu time.Duration
	memory    int64
}

func (c cost) of(n int) string {
	return fmt.Sprintf("%7.1f %7.1f %8d %8d", c.wall.Seconds(), c.cpu.Seconds(), c.memory>>20,
		c.memory/int64(n))
}

// judging judges a run folder in this process. Its memory is what was in use at
// most beyond what was before.
func judging(t *testing.T, folder string, n int) cost {
	t.Helper()
	s, err := catalog.Load(scenario)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	before := inUse()
	ctx, stop := context.WithCancel(t.Context())
	most := make(chan int64)
	go func() { most <- watchMemory(ctx) }()
	began, cpu := time.Now(), processorTime(t)
	j := check.Judge(s, evidence.Read(filepath.Join(folder, evidence.File)))
	c := cost{wall: time.Since(began), cpu: processorTime(t) - cpu}
	stop()
	if i := slices.IndexFunc(j.Verdicts, func(v check.Verdict) bool {
		figure := strings.ReplaceAll(v.Figure, ",", "")
		return v.Promise == "no-loss" && strings.Contains(figure, strconv.Itoa(n))
	}); i < 0 {
		t.Fatalf("the judge did not see %d submissions: %+v", n, j.Verdicts[0])
	}
	c.memory = max(<-most, before) - before
	return c
}

func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// inUse is the memory of what was alive at the last collection.
func inUse() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

func watchMemory(ctx context.Context) (most int64) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		most = max(most, inUse())
		select {
		case <-ctx.Done():
			return most
		case <-tick.C:
		}
	}
}

// process is the cost of a command as a process of its own, whose verdicts may
// be any. Its memory is the most that it had resident.
func process(t *testing.T, name string, args ...string) cost {
	t.Helper()
	began := time.Now()
	c := exec.CommandContext(t.Context(), name, args...)
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1 && exit.ExitCode() != 3) {
		t.Fatalf("%s: %v\n%.2000s", args, err, out)
	}
	p := c.ProcessState
	return cost{wall: time.Since(began), cpu: p.UserTime() + p.SystemTime(), memory: resident(p)}
}

// TestBenchJudge shows that judging is linear in what there is to judge, and what
// a submission costs, in the ledger and as a process. Its largest size is
// 1,000,000 submissions; HANSEI_BENCH_SUBMISSIONS overrides it.
func TestBenchJudge(t *testing.T) {
	if os.Getenv("HANSEI_BENCH") == "" {
		t.Skip("a measurement takes a minute and the whole machine; set HANSEI_BENCH=1")
	}
	largest := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("HANSEI_BENCH_SUBMISSIONS")); err == nil {
		largest = n
	}
	hansei := filepath.Join(t.TempDir(), "hansei")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", hansei,
		"github.com/hansei-mail/hansei/cmd/hansei").CombinedOutput(); err != nil {
		t.Fatalf("building hansei: %v\n%s", err, out)
	}
	fmt.Println("what    submissions     events  wall s   CPU s      MiB  bytes each")
	first := map[string]float64{}
	tell := func(what string, r run, c cost) {
		each := c.cpu.Seconds() / float64(r.submissions)
		if first[what] == 0 {
			first[what] = each
		}
		fmt.Printf("%-7s %11d %10d %s   CPU each %.2f of that of the fewest\n", what, r.submissions,
			r.events, c.of(r.submissions), each/first[what])
	}
	var runs []run
	for n := largest / 100; n <= largest; n *= 10 {
		runs = append(runs, runFolder(t, n))
	}
	// The processes come first: Linux counts for a child what its parent had at
	// most until then.
	for _, r := range runs {
		tell("check", r, process(t, hansei, "check", r.folder))
		tell("report", r, process(t, hansei, "report", r.folder, "--format", "html"))
	}
	for _, r := range runs {
		tell("judge", r, judging(t, r.folder, r.submissions))
	}
}
