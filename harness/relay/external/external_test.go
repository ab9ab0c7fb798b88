package external

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/harness/relay"
)

func TestQueueIsReadInBothForms(t *testing.T) {
	arrived := time.Unix(1574128800, 0).UTC()
	for name, c := range map[string]struct {
		text string
		want []relay.Queued
		bad  string
	}{
		"empty": {"\n", nil, ""},
		"lines": {
			"# waiting\nA1 a@x.test b@y.test\nA1 a@x.test c@y.test\n\nB2 <> <d@z.test>\n",
			[]relay.Queued{
				{ID: "A1", Sender: "a@x.test", Recipients: []string{"b@y.test", "c@y.test"}},
				{ID: "B2", Recipients: []string{"d@z.test"}},
			}, "",
		},
		"too few": {"A1 a@x.test b@y.test\nA2 b@y.test\n", nil, "line 2"},
		"words":   {"Mail queue is empty\n", nil, "line 1"},
		"postqueue": {
			`{"queue_name":"active","queue_id":"A1","arrival_time":1,"sender":"a@x.test",` +
				`"recipients":[{"address":"c@y.test"}]}` + "\n" +
				`{"queue_name":"deferred","queue_id":"A1","arrival_time":1574128800,` +
				`"sender":"MAILER-DAEMON","recipients":[{"address":"b@y.test","delay_reason":"shut"}]}`,
			[]relay.Queued{{ID: "A1", Arrived: arrived, Recipients: []string{"b@y.test"},
				Reason: "shut"}}, "",
		},
		"cut":   {`{"queue_id":"A1"`, nil, "unexpected EOF"},
		"no id": {`{"sender":"a@x.test"}`, nil, "queue_id"},
	} {
		got, err := ParseQueue(c.text)
		if c.bad != "" && (err == nil || !strings.Contains(err.Error(), c.bad)) ||
			c.bad == "" && err != nil {
			t.Errorf("%s: %v, want %q", name, err, c.bad)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestOnlyLoopbackIsLoaded(t *testing.T) {
	for _, address := range []string{
		"", "localhost:25", "192.0.2.1:25", "10.0.0.1:2525", "[::1]:25", "127.0.0.1", "0.0.0.0:25",
	} {
		if err := New(Options{Address: address}).Ready(t.Context()); err == nil {
			t.Errorf("%q was taken", address)
		} else {
			t.Log(err)
		}
	}
}

// greets is a relay that greets and no more.
func greets(t *testing.T) string {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("220-relay.test ESMTP Other 1.2\r\n220 ready\r\n"))
			c.Close()
		}
	}()
	return l.Addr().String()
}

func given(t *testing.T) relay.World {
	return relay.World{Dir: filepath.Join(t.TempDir(), "relay"), DNS: "127.25.0.53:53",
		Clock: clock.New(time.Now(), 1)}
}

// TestHooksAreCapabilities: the relay is what its hooks let it be, in each of
// their combinations, and the traits say the same.
func TestHooksAreCapabilities(t *testing.T) {
	address := greets(t)
	for n := range 8 {
		h := Hooks{Queue: "echo 'A" + strconv.Itoa(n) + " root@localhost admin@localhost'"}
		if n&1 != 0 {
			h.Kill, h.Start = "true", "true"
		}
		if n&2 != 0 {
			h.Stop, h.Start = "true", "true"
		}
		if n&4 != 0 {
			h.Pause, h.Resume = "true", "true"
		}
		d := New(Options{Address: address, Hooks: h})
		r, err := d.Start(t.Context(), given(t))
		if err != nil {
			t.Fatal(err)
		}
		_, kills := r.(relay.Killer)
		_, restarts := r.(relay.Restarter)
		_, pauses := r.(relay.Pauser)
		if kills != (n&1 != 0) || restarts != (n&2 != 0) || pauses != (n&4 != 0) {
			t.Errorf("hooks %s: kills %v, restarts %v, pauses %v", h.list(), kills, restarts, pauses)
		}
		if traits := d.Traits(); traits.Kills != kills || traits.Restarts != restarts ||
			traits.Pauses != pauses || traits.SharesClock {
			t.Errorf("hooks %s: traits %+v", h.list(), traits)
		}
		queue, err := r.(relay.QueueReader).Queue(t.Context())
		if err != nil || len(queue) != 0 || !strings.Contains(strings.Join(r.Info().Changes, "\n"),
			"queue: 1 messages that were there before") {
			t.Errorf("hooks %s: queue %v, %v", h.list(), queue, err)
		}
		if v := r.Info().Version; !strings.Contains(v, "relay.test ESMTP Other 1.2") {
			t.Errorf("its version is %q", v)
		}
	}
}

func TestHooksThatMakeNoSenseAreRefused(t *testing.T) {
	address := greets(t)
	for _, h := range []Hooks{
		{Kill: "true"}, {Stop: "true"}, {Start: "true"}, {Pause: "true"}, {Resume: "true"},
		{Settings: "false"}, {Settings: "echo nothing"}, {Queue: "false"}, {Queue: "echo empty"},
		{Queue: "echo A1 anna@momiji.example ben@kaede.example"}, // of an earlier run
	} {
		if _, err := New(Options{Address: address, Hooks: h}).Start(t.Context(), given(t)); err == nil {
			t.Errorf("%+v was taken", h)
		} else {
			t.Log(err)
		}
	}
}

// TestWorldsForRelaysOfOursAreRefused: nothing of an external relay is hansei's to
// set up.
func TestWorldsForRelaysOfOursAreRefused(t *testing.T) {
	d := New(Options{Address: greets(t)})
	for name, change := range map[string]func(*relay.World){
		"DNS elsewhere":   func(w *relay.World) { w.DNS = "192.0.2.1:53" },
		"a configuration": func(w *relay.World) { w.Overlay = "queue_run_delay = 1s\n" },
		"a bounded queue": func(w *relay.World) { w.BoundedQueue = true },
		"a shared clock":  func(w *relay.World) { w.ClockFile = new(clock.File) },
	} {
		w := given(t)
		change(&w)
		if _, err := d.Start(t.Context(), w); err == nil {
			t.Errorf("%s was taken", name)
		} else {
			t.Log(err)
		}
	}
}

// TestWhatHooksSayIsTold: in the error, and in a file of the run folder.
func TestWhatHooksSayIsTold(t *testing.T) {
	w := given(t)
	closed := filepath.Join(t.TempDir(), "closed")
	d := New(Options{Address: greets(t), Hooks: Hooks{
		Queue: "test ! -e " + closed + " || { echo no queue today >&2; exit 3; }",
		Pause: "sleep 600 & wait", Resume: "true",
	}})
	r, err := d.Start(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(closed, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := r.(relay.QueueReader).Queue(t.Context()); err == nil ||
		!strings.Contains(err.Error(), "no queue today") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := r.(relay.Pauser).Pause(ctx); err == nil {
		t.Error("a hook outlived its time")
	}
	// Whoever counts the queue of a paused relay must not wait for it.
	if _, err := r.(relay.QueueSizer).QueueSize(t.Context()); !errors.Is(err, errPaused) {
		t.Errorf("a paused relay told the size of its queue: %v", err)
	}
	if err := r.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := r.(relay.QueueReader).Queue(t.Context()); err == nil {
		t.Error("it told of its queue after the run")
	}
}
