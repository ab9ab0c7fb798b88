package reference

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/hansei-mail/hansei/harness/relay"
)

// TestFlaws sees flaws at work from close by, and the honest relay without them.
// The matrix of the harness sees every flaw, in whole runs.
func TestFlaws(t *testing.T) {
	tests := map[flaw]func(*world) string{
		flawAckEarly:       losesOnKill,
		flawLoseDeferred:   losesDeferred,
		flawSkipSpare:      skipsSpare,
		flawSpareAfter:     copiesLate,
		flawRewriteBody:    rewritesBody,
		flawBounceEarly:    bouncesEarly,
		flawDeliverTwice:   deliversTwice,
		flawStrayCopy:      strays,
		flawPassDirt:       passesDirt,
		flawRefuseWhenDown: refusesWhenDown,
		flawOneForAll:      holdsAll,
		flawHoldOwnSenders: holdsOwnSenders,
		flawNoBackoff:      hammers,
		flawSlowDrain:      drainsSlowly,
		flawKeepBodies:     keepsBodies,
	}
	for f, look := range tests {
		name := string(f)
		t.Run(name, func(t *testing.T) {
			inBubble(t, Options{Flaw: name}, func(w *world) {
				if look(w) == "" {
					t.Error("the flaw does not show")
				}
				if changes := w.relay.Info().Changes; len(changes) != 1 || !strings.Contains(changes[0], name) {
					t.Errorf("the relay does not own up to its flaw: %q", changes)
				}
			})
			inBubble(t, Options{}, func(w *world) {
				if seen := look(w); seen != "" {
					t.Errorf("the honest relay %s", seen)
				}
			})
		})
	}
}

// many submits n messages to b@kaede.example.
func (w *world) many(prefix string, n int) {
	w.t.Helper()
	for i := range n {
		w.must(w.submit(fmt.Sprintf("%s%d", prefix, i), "a@sender.example", "b@kaede.example"))
	}
}

func losesOnKill(w *world) string {
	w.many("m", 10)
	killer := w.relay.(relay.Killer)
	w.must(killer.Kill(context.Background()))
	w.must(killer.Restart(context.Background()))
	w.after(time.Minute)
	if got := len(w.tenant.counts()); got != 10 {
		return fmt.Sprintf("delivered %d of 10", got)
	}
	return ""
}

func losesDeferred(w *world) string {
	w.tenant.set(nil, nil, dead)
	w.many("m", 60)
	w.after(12 * time.Hour)
	if got := len(w.queued()); got != 60 {
		return fmt.Sprintf("holds %d of 60", got)
	}
	return ""
}

func skipsSpare(w *world) string {
	w.many("m", 120)
	w.after(time.Minute)
	if got, want := len(w.spare.items()), len(w.tenant.items()); got != want {
		return fmt.Sprintf("copied %d of %d", got, want)
	}
	return ""
}

func copiesLate(w *world) string {
	w.tenant.set(nil, nil, dead)
	w.many("m", 5)
	w.after(time.Hour)
	early := len(w.spare.items())
	w.tenant.set(nil, nil, nil)
	w.after(time.Hour)
	if all := len(w.spare.items()); all != 5 {
		return fmt.Sprintf("made %d copies of 5 at all", all)
	}
	if early != 5 {
		return fmt.Sprintf("made %d copies of 5 before the delivery", early)
	}
	return ""
}

func rewritesBody(w *world) string {
	w.many("m", 1)
	w.after(time.Minute)
	if w.tenant.items()[0].content != w.spare.items()[0].content {
		return "altered the content"
	}
	return ""
}

func bouncesEarly(w *world) string {
	w.tenant.set(nil, nil, dead)
	w.many("m", 1)
	w.after(3 * time.Hour)
	if len(w.sender.items()) > 0 {
		return "bounced after three hours"
	}
	return ""
}

func deliversTwice(w *world) string {
	w.many("m", 100)
	w.after(time.Minute)
	for pair, n := range w.tenant.counts() {
		if n != 1 {
			return fmt.Sprintf("delivered %s %d times", pair, n)
		}
	}
	return ""
}

func strays(w *world) string {
	w.many("m", 60)
	w.after(time.Minute)
	for pair := range w.tenant.counts() {
		if !strings.HasSuffix(pair, " b@kaede.example") {
			return "delivered " + pair
		}
	}
	return ""
}

func passesDirt(w *world) string {
	err := w.submitText("a@sender.example", "Subject: x\r\n\r\n"+gtube+"\r\n", "b@kaede.example")
	w.after(time.Minute)
	if err == nil || len(w.spare.items()) > 0 {
		return "passed on what it had to filter"
	}
	return ""
}

func refusesWhenDown(w *world) string {
	w.tenant.set(nil, nil, dead)
	w.many("m", 1)
	w.after(10 * time.Minute)
	if err := w.submit("late", "a@sender.example", "b@kaede.example"); err != nil {
		return "refused: " + err.Error()
	}
	return ""
}

func holdsAll(w *world) string {
	w.tenant.set(refuse(451, smtp.EnhancedCode{4, 3, 2}), nil, nil)
	w.many("m", 30)
	w.after(10 * time.Minute)
	w.must(w.submit("other", "a@sender.example", "b@sakura.example"))
	w.after(20 * time.Second)
	if len(w.other.items()) == 0 {
		return "held mail of an unaffected destination"
	}
	return ""
}

func holdsOwnSenders(w *world) string {
	w.tenant.set(nil, nil, dead)
	w.many("m", 5)
	w.after(10 * time.Minute)
	w.must(w.submit("own", "b@kaede.example", "x@sender.example"))
	w.after(5 * time.Minute)
	if w.sender.counts()["own x@sender.example"] == 0 {
		return "held the mail of the tenant's own senders"
	}
	return ""
}

func hammers(w *world) string {
	w.tenant.set(nil, nil, dead)
	w.many("m", 50)
	w.after(time.Hour)
	w.tenant.mu.Lock()
	defer w.tenant.mu.Unlock()
	if n := len(w.tenant.sessions); n > 200 {
		return fmt.Sprintf("connected %d times in an hour", n)
	}
	return ""
}

func drainsSlowly(w *world) string {
	w.tenant.set(nil, nil, dead)
	w.many("m", 50)
	w.after(9 * time.Hour)
	w.tenant.set(nil, nil, nil)
	w.after(20 * time.Minute)
	if n := len(w.tenant.items()); n != 50 {
		return fmt.Sprintf("drained only %d of 50", n)
	}
	return ""
}

func keepsBodies(w *world) string {
	text := "X-Hansei-Id: big\r\n\r\n" + strings.Repeat(strings.Repeat("x", 70)+"\r\n", 2000)
	for range 10 {
		w.must(w.submitText("a@sender.example", text, "b@kaede.example"))
	}
	w.after(time.Minute)
	used, err := w.relay.(relay.ResourceReader).Resources(context.Background())
	w.must(err)
	if used.DiskBytes > 500<<10 {
		return fmt.Sprintf("holds %d bytes with an empty queue", used.DiskBytes)
	}
	return ""
}
