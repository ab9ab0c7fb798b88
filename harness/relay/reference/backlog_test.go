package reference

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

// backlogSize is how many messages TestBacklog queues; the environment may ask
// for more, e.g. HANSEI_BACKLOG=200000.
func backlogSize(t *testing.T) int {
	t.Helper()
	text := os.Getenv("HANSEI_BACKLOG")
	if text == "" {
		return 5000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestBacklog: a message that waits costs little memory, and every one of a
// large backlog comes out once.
func TestBacklog(t *testing.T) {
	inBubble(t, Options{Settings: Settings{DelayNotice: -1}}, func(w *world) {
		const senders = 10
		each := backlogSize(t) / senders
		n := each * senders
		w.tenant.set(nil, nil, dead)
		var all sync.WaitGroup
		for k := range senders {
			all.Go(func() {
				for i := range each {
					w.must(w.submit(fmt.Sprintf("m%d", k*each+i), "a@sender.example", "b@kaede.example"))
				}
			})
		}
		all.Wait()
		w.after(time.Hour)
		// What the relay itself holds is what a new life of it adds.
		killer := w.relay.(relay.Killer)
		w.must(killer.Kill(context.Background()))
		before := heapInUse()
		w.must(killer.Restart(context.Background()))
		if used := heapInUse() - before; used > int64(100*n)+1<<20 {
			t.Errorf("%d bytes for %d messages", used, n)
		} else {
			t.Logf("%d bytes for %d messages", used, n)
		}
		if got := len(w.queued()); got != n {
			t.Fatalf("queue holds %d of %d", got, n)
		}
		w.tenant.set(nil, nil, nil)
		w.after(time.Hour)
		got := w.tenant.counts()
		if len(got) != n || len(w.tenant.items()) != n {
			t.Errorf("%d messages came out in %d deliveries", len(got), len(w.tenant.items()))
		}
	})
}

func heapInUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
