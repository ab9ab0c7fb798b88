package harness

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/relay/reference"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// TestMemoryOfALargeRun holds the harness to at most 250 bytes a submission,
// the reference relay's own queue in memory included, at 200,000 submissions of
// which half wait at the end of the outage.
func TestMemoryOfALargeRun(t *testing.T) {
	if os.Getenv("HANSEI_SOAK") == "" {
		t.Skip("a run of 200,000 submissions takes minutes; set HANSEI_SOAK=1 (make soak)")
	}
	const submissions, limit = 200_000, 250
	s := read(t, "testdata/large.yaml")
	tl, err := timeline.Plan(s, timeline.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	var base, most uint64
	var last atomic.Int64 // submissions at the last look
	look := func(p Progress) {
		if p.Offered-last.Load() < submissions/20 && p.Offered > 0 {
			return
		}
		last.Store(p.Offered)
		heap := liveHeap()
		if base == 0 {
			base = heap
		}
		most = max(most, heap)
		t.Logf("%s: %d offered, %d waiting, %d bytes live, %.0f a submission", p.Now.Format(time.TimeOnly),
			p.Offered, p.Waiting, heap, float64(heap-min(heap, base))/math.Max(1, float64(p.Offered)))
	}
	r := &replayed{t: t, scenario: s, dir: filepath.Join(t.TempDir(), "run")}
	run, err := prepare(s, tl, reference.New(reference.Options{}), Config{
		Dir: r.dir, Speed: 60, Progress: look,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.play(t.Context()); err != nil {
		t.Fatal(err)
	}
	offered := run.tally.offered.Load()
	perSubmission := float64(most-base) / float64(offered)
	t.Logf("%d submissions in %s: %.0f bytes each at most", offered,
		time.Duration(run.manifest.WallSecs*float64(time.Second)).Round(time.Second), perSubmission)
	if offered < submissions*9/10 || perSubmission > limit {
		t.Errorf("%d submissions, %.0f bytes each; the limit is %d", offered, perSubmission, limit)
	}
	if j := r.judge(); j.Outcome != check.Pass {
		t.Errorf("the run is %s", j.Outcome)
		tell(t, j)
	}
}

func liveHeap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
