package reference

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/hansei-mail/hansei/harness/relay"
)

// TestOutage is the scenario the relay is for: nine hours without the tenant.
func TestOutage(t *testing.T) {
	faults := map[string]func(*sink){
		"closed":    func(s *sink) { s.set(nil, nil, dead) },
		"deferring": func(s *sink) { s.set(refuse(451, smtp.EnhancedCode{4, 3, 2}), nil, nil) },
		"at the end": func(s *sink) {
			s.set(nil, refuse(452, smtp.EnhancedCode{4, 3, 1}), nil)
		},
		"421": func(s *sink) { s.set(refuse(421, smtp.EnhancedCode{4, 3, 2}), nil, nil) },
		"stalled": func(s *sink) {
			s.set(nil, nil, func(c net.Conn) bool { return false }) // says nothing, ever
		},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			inBubble(t, Options{}, func(w *world) { outage(t, w, fault) })
		})
	}
}

func outage(t *testing.T, w *world, fault func(*sink)) {
	const hours, each = 9, 60
	fault(w.tenant)
	n := 0
	for range hours * each {
		w.must(w.submit(fmt.Sprintf("k%d", n), "a@sender.example", "b@kaede.example"))
		w.must(w.submit(fmt.Sprintf("s%d", n), "a@sender.example", "b@sakura.example"))
		n++
		w.after(time.Hour / each)
	}
	if got := len(w.other.items()); got < n-1 {
		t.Errorf("the other tenant got %d of %d during the outage", got, n)
	}
	if got := len(w.queued()); got != n {
		t.Errorf("queue holds %d of %d", got, n)
	}
	for _, m := range w.sender.items() {
		if !strings.Contains(m.content, "Action: delayed") {
			t.Fatalf("an early bounce:\n%s", m.content)
		}
	}
	w.tenant.mu.Lock()
	attempts := len(w.tenant.sessions)
	w.tenant.mu.Unlock()
	if perHour := attempts / hours; perHour > 120 {
		t.Errorf("%d connections an hour to a dead front end", perHour)
	}
	w.tenant.set(nil, nil, nil)
	healed := time.Now()
	w.after(40 * time.Minute)
	got := w.tenant.counts()
	for i := range n {
		if got[fmt.Sprintf("k%d b@kaede.example", i)] != 1 {
			t.Fatalf("message %d was delivered %d times", i, got[fmt.Sprintf("k%d b@kaede.example", i)])
		}
	}
	items := w.tenant.items()
	if drain := items[len(items)-1].finished.Sub(healed); drain > 15*time.Minute {
		t.Errorf("the drain took %v", drain)
	}
	w.keptItsTimes()
	if left := w.queued(); len(left) != 0 {
		t.Errorf("queue still holds %d", len(left))
	}
}

// keptItsTimes asks the relay's log about its retries.
func (w *world) keptItsTimes() {
	w.t.Helper()
	retries, err := w.relay.(relay.LogKeeper).Retries(context.Background())
	w.must(err)
	if retries.Intervals == 0 || retries.Early != 0 || retries.Late != 0 {
		w.t.Errorf("retries %+v", retries)
	}
}

// TestOneFrontEndOfTwo: mail flows by the other, and the dead one is left in
// peace.
func TestOneFrontEndOfTwo(t *testing.T) {
	inBubble(t, Options{}, func(w *world) {
		second := newSink(t, w.pipes, "127.25.0.2:25")
		defer second.close()
		w.names.hosts["mx.kaede.example"] = []string{"127.25.0.1", "127.25.0.2"}
		w.tenant.set(nil, nil, dead)
		const n = 600
		for i := range n {
			w.must(w.submit(fmt.Sprintf("m%d", i), "a@sender.example", "b@kaede.example"))
			w.after(10 * time.Second)
		}
		w.after(time.Minute)
		if got := len(second.counts()); got != n {
			t.Errorf("%d of %d came by the other front end", got, n)
		}
		for _, m := range second.items() {
			if late := m.finished.Sub(m.at); late > time.Second {
				t.Errorf("a delivery took %v", late)
			}
		}
		w.tenant.mu.Lock()
		defer w.tenant.mu.Unlock()
		if dials := len(w.tenant.sessions); dials > 60 {
			t.Errorf("%d connections to the dead front end", dials)
		}
	})
}

// TestSpareThatRefusesForGood: the copy is retried, with manners, and nothing
// is delivered or bounced meanwhile.
func TestSpareThatRefusesForGood(t *testing.T) {
	inBubble(t, Options{}, func(w *world) {
		w.spare.set(refuse(550, smtp.EnhancedCode{5, 1, 1}), nil, nil)
		for i := range 50 {
			w.must(w.submit(fmt.Sprintf("m%d", i), "a@sender.example", "b@kaede.example"))
		}
		w.after(2 * time.Hour)
		if len(w.tenant.items())+len(w.sender.items()) != 0 {
			t.Error("delivered or bounced without a copy")
		}
		w.spare.mu.Lock()
		if n := len(w.spare.rcpts); n > 200 {
			t.Errorf("the spare was asked %d times in two hours", n)
		}
		w.spare.mu.Unlock()
		w.spare.set(nil, nil, nil)
		w.after(10 * time.Minute)
		if got := len(w.tenant.counts()); got != 50 {
			t.Errorf("%d of 50 delivered", got)
		}
	})
}
