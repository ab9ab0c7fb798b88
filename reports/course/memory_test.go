package course_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/reports/course"
)

// busy yields n messages, each with its copy, two attempts that came to nothing
// and its delivery after the heal; and then has a look at the memory in use.
func busy(n int, look func()) func(func(evidence.Event, error) bool) {
	return func(yield func(evidence.Event, error) bool) {
		going := true
		put := func(e evidence.Event) { going = going && yield(e, nil) }
		for i := 1; i <= n && going; i++ {
			t := time.Duration(i) * time.Hour / time.Duration(n)
			msg, to := fmt.Sprint("m", i), fmt.Sprintf("u%d@hit.test", i%100)
			s := submitted(t, msg, to)
			s.Digest, s.Began, s.T = fmt.Sprint("digest", i), t+1, t+time.Second
			put(s)
			put(took(t+2*time.Second, msg, "spare", "127.27.0.1:25", fmt.Sprintf("u%d=hit.test@spare.test", i%100)))
			for range 2 {
				put(evidence.Event{T: t + 2, At: t + 2, Kind: evidence.KindAttempt, Fault: "reset",
					Endpoint: "office365", Address: "127.25.1.1:25", Session: fmt.Sprint("a", i),
					Outcome: evidence.Broken, Stage: "connect"})
			}
			put(took(t+time.Hour, msg, "office365", "127.25.1.1:25", to))
		}
		look()
	}
}

// TestAMessageCostsLittle keeps a report of a million messages within a gigabyte,
// and a judgement of ten million with it: what is held when all has been read is
// the ledger, and next to nothing beside it.
func TestAMessageCostsLittle(t *testing.T) {
	const n, most = 150_000, 100
	inUse := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before, each := inUse(), int64(0)
	p := plan()
	p.Stories = nil
	c := course.Look(p, busy(n, func() { each = (inUse() - before) / n }))
	sum := 0
	for _, taken := range c.Whole.Cohorts[0].Accepted {
		sum += taken
	}
	if sum != n {
		t.Fatalf("%d messages of %d", sum, n)
	}
	if each > most || each < 20 {
		t.Errorf("%d bytes a message are held, at most %d may be (and 20 must be)", each, most)
	}
	t.Logf("%d bytes a message", each)
}
