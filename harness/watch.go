package harness

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

const (
	// beat is the wall time between two looks at the run.
	beat = 250 * time.Millisecond
	// looks is about how many samples a run has, however long it lasts.
	looks = 500
	// almostNone is a backlog that is only the mail under way.
	almostNone = 5
)

// watch looks at the run while it goes on: samples, canaries and progress.
type watch struct {
	*run
	every time.Duration // between samples, wall

	mu       sync.Mutex
	phase    string
	calm     int
	sampled  time.Time
	lastFree time.Duration // of the last heal of any fault or link

	canaries atomic.Int64 // times that the relay told its time
	silent   int          // times in a row that the DNS did not answer
	full     bool         // the run folder's disk was seen to be
	// measure is when the relay's use of the machine may be looked at again.
	measure time.Time
	// today is dated, once it was needed.
	today time.Duration
}

func newWatch(r *run) *watch {
	w := &watch{run: r, phase: "before"}
	wall := time.Duration(float64(r.header.Length) / r.pace.idle.slow)
	w.every = max(beat, wall/looks)
	for _, f := range r.header.Faults {
		w.lastFree = max(w.lastFree, f.Heal)
	}
	for _, l := range r.header.Links {
		w.lastFree = max(w.lastFree, l.Heal)
	}
	return w
}

func (w *watch) enter(phase string) {
	w.mu.Lock()
	w.phase = phase
	w.mu.Unlock()
}

// note tells of a step worth a line of its own.
func (w *watch) note(step timeline.Step) {
	if w.cfg.Progress == nil {
		return
	}
	p := w.progress()
	p.Note = fmt.Sprintf("%s %s", step.Verb, step.Name)
	w.cfg.Progress(p)
}

// keep looks until ctx ends.
func (w *watch) keep(ctx context.Context) {
	pause := w.every
	if w.cfg.Progress != nil {
		pause = beat
	}
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		w.look(ctx)
		select {
		case <-ctx.Done():
			w.measure = time.Time{} // what it uses at last belongs to the record
			w.sample(context.WithoutCancel(ctx))
			return
		case <-tick.C:
		}
	}
}

func (w *watch) look(ctx context.Context) {
	if w.cfg.Progress != nil {
		w.cfg.Progress(w.progress())
	}
	w.speedUp()
	for _, l := range w.world.links {
		if err := l.path.Retune(); err != nil {
			w.trouble("link "+l.Name, err.Error())
		}
	}
	if time.Since(w.sampled) >= w.every {
		w.sampled = time.Now()
		w.sample(ctx)
		w.canary(ctx)
		w.ownHealth(ctx)
	}
}

// speedUp ends the slow pace of the drain once nothing but mail under way is
// left and every fault is over.
func (w *watch) speedUp() {
	if !w.pace.isDraining() || w.tally.Waiting() > almostNone || w.now() < w.lastFree {
		w.calm = 0
		return
	}
	if w.calm++; w.calm >= 4 {
		w.pace.drained()
	}
}

const (
	// restful is how many times as long as a look at what the relay uses took
	// nobody looks again. To ask a relay of 200 processes for its memory takes
	// tenths of a second, the relay's own and ours, which mail would have had.
	restful = 20
	// longestRest is the most of that, lest a slow machine is not looked at.
	longestRest = 2 * time.Second
)

// rested is when a look may follow one that took from began to ended.
func rested(began, ended time.Time) time.Time {
	return ended.Add(min(restful*ended.Sub(began), longestRest))
}

// sample measures the backlog, the harness and the relay.
func (w *watch) sample(ctx context.Context) {
	values := map[string]float64{
		"waiting": float64(w.tally.Waiting()), "accepted": float64(w.tally.accepted.Load()),
		"done": float64(w.tally.done.Load()), "spare": float64(w.tally.spare.Load()),
	}
	if sizer, ok := w.relay.(relay.QueueSizer); ok {
		if n, err := sizer.QueueSize(ctx); err == nil {
			values["queue"] = float64(n)
		}
	}
	w.log.Append(sampleEvent("backlog", values))
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	w.log.Append(sampleEvent("harness", map[string]float64{
		"heap": float64(m.HeapAlloc), "goroutines": float64(runtime.NumGoroutine()),
	}))
	reader, ok := w.relay.(relay.ResourceReader)
	if !ok || time.Now().Before(w.measure) {
		return
	}
	began := time.Now()
	res, err := reader.Resources(ctx)
	w.measure = rested(began, time.Now())
	if err != nil {
		return // between its death and its restart a relay has none
	}
	w.log.Append(sampleEvent("relay", map[string]float64{
		"cpu_s": res.CPU.Seconds(), "rss": float64(res.RSS), "disk_bytes": float64(res.DiskBytes),
		"disk_files": float64(res.DiskFiles), "open_files": float64(res.OpenFiles),
		"processes": float64(res.Processes),
	}))
}

func sampleEvent(name string, values map[string]float64) evidence.Event {
	return evidence.Event{
		Kind: evidence.KindSample, Actor: evidence.Harness, Name: name, Values: values,
	}
}

// canary compares what a process of the relay believes the time is with what
// the harness believes. Asking takes real time, during which the scenario goes
// on: the limit allows for it.
func (w *watch) canary(ctx context.Context) {
	reader, ok := w.relay.(relay.ClockReader)
	if !ok {
		return
	}
	by, jumps, known := w.stepped.look()
	if !known {
		return // the clock is being put off just now
	}
	before := w.warp.Now()
	theirs, err := reader.ReadClock(ctx)
	after := w.warp.Now()
	if err != nil {
		return // the relay may be down, as planned; a clock that is off is not
	}
	if _, now, _ := w.stepped.look(); now != jumps {
		return
	}
	theirs = theirs.Add(w.dated() - by) // as planned; whatever else it is off is not
	w.canaries.Add(1)
	off := 0.0
	switch {
	case theirs.Before(before):
		off = theirs.Sub(before).Seconds()
	case theirs.After(after):
		off = theirs.Sub(after).Seconds()
	}
	w.log.Append(evidence.Event{
		Kind: evidence.KindCanary, Actor: evidence.Relay, Name: w.driver.Name(),
		Value: off, Limit: canaryLimit(w.warp.Rate()),
	})
}

// dated is how far the scenario's date is from that of a relay which lives in real
// time, without the shared clock: it has today's. What can be seen of its clock is
// that it runs as the scenario's does.
func (w *watch) dated() time.Duration {
	if w.traits.InProcess || w.file != nil {
		return 0
	}
	if w.today == 0 {
		w.today = time.Until(w.warp.Now())
	}
	return w.today
}

// canaryLimit is 2 s for stamps cut to whole seconds, and what passes in 20 ms:
// a relay's stamp may be that much older than its writing.
func canaryLimit(rate float64) float64 { return 2 + 0.02*math.Max(rate, 1) }

func (w *watch) progress() Progress {
	w.mu.Lock()
	phase := w.phase
	w.mu.Unlock()
	end := w.header.Start.Add(w.header.Length)
	now := w.warp.Now()
	return Progress{
		Elapsed: time.Since(w.began), Now: now, Start: w.header.Start, End: end,
		Phase: phase, Rate: w.warp.Rate(),
		Offered: w.tally.offered.Load(), Accepted: w.tally.accepted.Load(),
		Waiting: w.tally.Waiting(), Done: w.tally.done.Load(),
		Spare: w.tally.spare.Load(), Faults: w.tally.faults.Load(), Left: w.left(now),
	}
}

// left estimates the wall time to the scenario's end: the drain at its rate,
// everything else at the idle one.
func (w *watch) left(now time.Time) time.Duration {
	at := now.Sub(w.header.Start)
	rest := max(0, w.header.Length-at)
	slow := time.Duration(0)
	if at < w.header.Heal {
		slow = w.lastFree - w.header.Heal
	}
	slow = max(0, min(slow, rest))
	return time.Duration(float64(rest-slow)/w.pace.idle.slow + float64(slow)/w.pace.drain.slow)
}
