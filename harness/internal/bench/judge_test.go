package bench

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios/catalog"
)

// longDay is evidence of n submissions, five events each: the submission, its
// spare copy, two attempts that were reset before any command, and the delivery.
func longDay(n int) iter.Seq2[evidence.Event, error] {
	const day = 13 * time.Hour
	return func(yield func(evidence.Event, error) bool) {
		ok := true
		put := func(e evidence.Event) { ok = ok && yield(e, nil) }
		put(evidence.Event{Kind: evidence.KindBegin})
		for i := 1; i <= n && ok; i++ {
			t := time.Duration(float64(day) * float64(i) / float64(n))
			at := t / 600
			msg := "m" + strconv.Itoa(i)
			to := []string{fmt.Sprintf("u%d.desk@sakura.example", i%1000)}
			digest := strconv.FormatInt(int64(i)*7919, 16) + "-0123456789abcdef0123"
			put(evidence.Event{Kind: evidence.KindSubmission, At: at, T: t, Msg: msg, Attempt: 1,
				Route: "to-japan", Goes: "inbound", From: fmt.Sprintf("u%d@harbour.example", i%1000),
				To: to, Size: 8000, Digest: digest, Due: t - 1, Began: t - 1, Code: 250,
				Outcome: evidence.Accepted, Reply: "2.0.0 Ok: queued as " + strconv.Itoa(i*17)})
			put(evidence.Event{Kind: evidence.KindDelivery, At: at + 1, T: t + 600, Msg: msg,
				To:   []string{fmt.Sprintf("u%d.desk=sakura.example@spare.test", i%1000)},
				Size: 8000, Digest: digest, Endpoint: "spare", Code: 250})
			for a := range time.Duration(2) {
				put(evidence.Event{Kind: evidence.KindAttempt, At: at + 2 + a, T: t + 1200 + a,
					Began: t + 1100, Endpoint: "office365", Address: "127.25.1.1:25",
					Session: strconv.Itoa(i), Stage: "connect", Outcome: evidence.Broken, Fault: "reset"})
			}
			put(evidence.Event{Kind: evidence.KindDelivery, At: at + 9, T: t + 6000, Msg: msg, To: to,
				Began: t + 5000, Size: 8000, Digest: digest, Endpoint: "office365",
				Site: "sakura.example", Address: "127.25.1.1:25", Session: "d" + strconv.Itoa(i),
				Outcome: evidence.Accepted, Code: 250, Reply: "250 2.6.0 queued"})
		}
		put(evidence.Event{Kind: evidence.KindListing, T: day})
		put(evidence.Event{Kind: evidence.KindEnd, T: day, Outcome: evidence.Settled})
	}
}

// judging writes evidence of n submissions and judges it, and says how long that
// took and how much memory was in use at most.
func judging(t *testing.T, n int) (events int, took time.Duration, memory uint64) {
	t.Helper()
	s, err := catalog.Load("ex196121")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), evidence.File)
	log, err := evidence.Create(path, func() (at, t time.Duration) { return 1, 1 })
	if err != nil {
		t.Fatal(err)
	}
	for e := range longDay(n) {
		log.Append(e)
		events++
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	before := inUse()
	ctx, stop := context.WithCancel(t.Context())
	most := make(chan uint64)
	go func() { most <- watchMemory(ctx) }()
	began := time.Now()
	j := check.Judge(s, evidence.Read(path))
	took = time.Since(began)
	stop()
	if i := slices.IndexFunc(j.Verdicts, func(v check.Verdict) bool {
		figure := strings.ReplaceAll(v.Figure, ",", "")
		return v.Promise == "no-loss" && strings.Contains(figure, strconv.Itoa(n))
	}); i < 0 {
		t.Fatalf("the judge did not see %d submissions: %+v", n, j.Verdicts[0])
	}
	return events, took, max(<-most, before) - before
}

// inUse is the memory of what was alive at the last collection.
func inUse() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func watchMemory(ctx context.Context) (most uint64) {
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

// TestBenchJudge shows that judging is linear in what there is to judge. Its
// largest size is 1,000,000 submissions; HANSEI_BENCH_SUBMISSIONS overrides it.
func TestBenchJudge(t *testing.T) {
	if os.Getenv("HANSEI_BENCH") == "" {
		t.Skip("a measurement takes a minute and the whole machine; set HANSEI_BENCH=1")
	}
	largest := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("HANSEI_BENCH_SUBMISSIONS")); err == nil {
		largest = n
	}
	fmt.Println("judge: submissions, events, seconds, events/s, bytes per submission")
	for n := largest / 100; n <= largest; n *= 10 {
		events, took, memory := judging(t, n)
		fmt.Printf("judge %10d %10d %7.2f %10.0f %6d\n", n, events, took.Seconds(),
			float64(events)/took.Seconds(), memory/uint64(n))
	}
}
