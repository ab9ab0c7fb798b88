package reference

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// lookEvery is how often the watch looks at the queue.
	lookEvery = time.Minute
	// patience is how long a message may wait without being late: a first retry
	// comes after a minute, a second one after two more.
	patience = 3 * time.Minute
	// memory is for how many looks arrivals are counted; lateShare of what
	// arrived since then, and at least fewLate messages, make trouble.
	memory    = 10
	lateShare = 0.05
	fewLate   = 2
	// calmLooks is how many looks without trouble are a recovery.
	calmLooks = 5
	// askLimit bounds a request of the watch, in scenario time.
	askLimit = 30 * time.Second
)

// watch is the operator's own look at the relay: it raises an alarm when mail
// waits, and takes it back when that is over. It outlives the relay's deaths.
type watch struct {
	*instance
	client *http.Client
	end    context.CancelFunc
	loops  sync.WaitGroup
	page   page

	// Of the loop that looks at the queue alone.
	arrivals []uint64
	life     uint64
	calm     int
	firing   bool
	since    time.Time
}

// newWatch starts the watch, where the world has a webhook for it.
func newWatch(i *instance) *watch {
	if i.world.Services.AlertsURL == "" {
		return nil
	}
	ctx, end := context.WithCancel(context.Background())
	w := &watch{instance: i, end: end, client: &http.Client{Transport: &http.Transport{
		// A request that is given up leaves its dialling to itself: it ends with the
		// watch, not when it likes.
		DialContext: func(_ context.Context, _, addr string) (net.Conn, error) {
			return i.world.Network.Dial(ctx, addr)
		},
		DisableKeepAlives: true, // a request every minute is worth no connection
	}}}
	w.page.watch = w
	w.loops.Go(func() { w.every(ctx, lookEvery, w.look) })
	w.loops.Go(func() { w.every(ctx, readEvery, w.page.read) })
	return w
}

// stop ends the watch; there may be none.
func (w *watch) stop() {
	if w == nil {
		return
	}
	w.end()
	w.loops.Wait()
}

// every does something at once and then again and again, until ctx ends or it
// has had enough.
func (w *watch) every(ctx context.Context, pause time.Duration, do func(context.Context) bool) {
	for do(ctx) {
		if w.world.Clock.Sleep(ctx, pause) != nil {
			return
		}
	}
}

// look compares what waits with what came, and tells of a change. Whether the
// provider says anything does not matter to it.
func (w *watch) look(ctx context.Context) (goOn bool) {
	if w.flaw.is(flawWatchNeedsToken) && !w.page.signsIn(ctx) {
		return false
	}
	e, err := w.running()
	if err != nil {
		return true // who was killed will be back; senders come again meanwhile
	}
	late, oldest := e.sched.delayed(patience)
	trouble, why := w.judge(e.queue.life, e.queue.number.Load(), late, oldest)
	switch w.flaw {
	case flawNeverAlarms:
		return true
	case flawAlarmAfterPage:
		trouble, why = w.page.tellsTrouble()
	case flawCryWolf:
		if w.page.failed() {
			trouble, why = true, "the provider's health page cannot be read"
		}
	}
	w.calm++
	if trouble {
		w.calm = 0
	}
	switch {
	case trouble && !w.firing:
		since := w.world.Clock.Now()
		if w.post(ctx, "firing", why, since) {
			w.firing, w.since = true, since
		}
	case w.firing && w.calm >= calmLooks:
		w.firing = !w.post(ctx, "resolved", why, w.since)
	}
	return true
}

// judge says whether too much is late, for what came since memory looks ago.
func (w *watch) judge(life, accepted uint64, late int, oldest time.Duration) (bool, string) {
	if life != w.life {
		w.life, w.arrivals = life, nil
	}
	w.arrivals = append(w.arrivals, accepted)
	if len(w.arrivals) > memory+1 {
		w.arrivals = w.arrivals[1:]
	}
	came := float64(accepted - w.arrivals[0])
	why := fmt.Sprintf("%d messages have waited for more than %s, the oldest for %s", late, patience,
		oldest.Round(time.Second))
	return late >= fewLate && float64(late) >= lateShare*came, why
}

// delayed is how many entries have waited for longer than that, and how long the
// oldest has. Those that workers have in hand wait as well: where nobody answers a
// SYN, that is all of them.
func (s *scheduler) delayed(patience time.Duration) (late int, oldest time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	count := func(e entry) {
		if age := time.Duration(now - e.born); age > patience {
			late++
			oldest = max(oldest, age)
		}
	}
	for _, l := range s.order {
		for _, list := range [][]entry{l.ready.list, l.later.list} {
			for _, e := range list {
				if _, inHand := l.busy[e.id]; !inHand { // else it is counted below
					count(e)
				}
			}
		}
		for _, e := range l.busy {
			count(e)
		}
	}
	return late, oldest
}

// alertmanager is a message in the form of Prometheus's Alertmanager, version 4
// of its webhook.
type alertmanager struct {
	Version string  `json:"version"`
	Status  string  `json:"status"`
	Alerts  []alert `json:"alerts"`
}

type alert struct {
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
}

// post tells the operator; what was not taken is tried again at the next look.
func (w *watch) post(ctx context.Context, status, why string, since time.Time) bool {
	text, err := json.Marshal(alertmanager{
		Version: "4", Status: status, Alerts: []alert{{
			Status: status, Labels: map[string]string{"alertname": "MailWaits"},
			Annotations: map[string]string{"summary": why}, StartsAt: since,
		}},
	})
	if err != nil {
		return false // cannot be: the type is our own
	}
	ctx, cancel := context.WithDeadline(ctx, w.world.Clock.Deadline(askLimit))
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.world.Services.AlertsURL,
		bytes.NewReader(text))
	if err != nil {
		w.note("alarm", "status", status, "note", err.Error())
		return false
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := w.client.Do(r)
	if err != nil {
		w.note("alarm", "status", status, "note", err.Error())
		return false
	}
	_ = answer.Body.Close() // nothing in it is of interest
	w.note("alarm", "status", status, "why", why, "answer", answer.Status)
	return answer.StatusCode == http.StatusOK
}

// note logs in the log of the relay that runs, if one does.
func (w *watch) note(event string, pairs ...string) {
	if e, err := w.running(); err == nil {
		e.log.write("watch", append([]string{"event", event}, pairs...)...)
	}
}
