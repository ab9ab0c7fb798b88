package relaytest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

func delivers(t *testing.T, d relay.Driver, o Options) {
	w := newWorld(t, d)
	w.names("kaede.example", 1)
	w.names("momiji.example", 1)
	w.opens(1)
	given := w.given()
	r := w.starts(given)
	// RFC 5321 section 4.5.2: a leading dot is doubled on its way only.
	text := mail("m-1", "good day\r\n.\r\n.. dots\r\n\r\n"+strings.Repeat("x", 900))
	people := []string{"anna@kaede.example", "Ben+x@kaede.example"}
	if err := submit(r, text, people...); err != nil {
		t.Fatal(err)
	}
	for _, to := range people {
		from := sender
		if o.Sender != nil {
			from = o.Sender(sender, to)
		}
		if l := w.arrives(to); !strings.HasSuffix(l.text, text) || l.from != from {
			t.Errorf("%s got %+v, want %q", to, l, text)
		}
	}
	checkInfo(t, d, r.Info())
	checkSamples(t, d, r, given)
	until(t, "an empty queue", func() bool { return size(t, r) == 0 })
	for range 2 {
		if err := r.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if submit(r, text, people...) == nil {
		t.Error("it takes mail after its stop")
	}
	checkStopped(t, r, given)
}

func checkInfo(t *testing.T, d relay.Driver, info relay.Info) {
	t.Helper()
	if info.Name != d.Name() || info.Version == "" {
		t.Errorf("it is %q %q", info.Name, info.Version)
	}
	if len(info.Settings) == 0 {
		t.Error("it does not tell its retry settings")
	}
	all := strings.Join(info.Changes, "\n")
	if !d.Traits().InProcess && (!strings.Contains(all, "DNS") || !strings.Contains(all, "filter")) {
		t.Errorf("the changes speak neither of DNS nor of the filter:\n%s", all)
	}
}

// checkSamples reads what can be read from a running relay.
func checkSamples(t *testing.T, d relay.Driver, r relay.Relay, given relay.World) {
	t.Helper()
	if reader, ok := r.(relay.ResourceReader); ok {
		use, err := reader.Resources(t.Context())
		if err != nil || !d.Traits().InProcess &&
			(use.Processes < 1 || use.RSS < 1<<18 || use.OpenFiles < 1 || use.CPU < 0) {
			t.Errorf("it uses %+v, %v", use, err)
		}
	}
	if reader, ok := r.(relay.ClockReader); ok {
		before := given.Clock.Now().Add(-time.Second)
		at, err := reader.ReadClock(t.Context())
		if err != nil || at.Before(before) || at.After(given.Clock.Now().Add(time.Second)) {
			t.Errorf("its clock says %s, %v; ours %s", at, err, before)
		}
	}
}

// size is how many messages wait, by the cheap count if there is one.
func size(t *testing.T, r relay.Relay) int {
	t.Helper()
	if sizer, ok := r.(relay.QueueSizer); ok {
		n, err := sizer.QueueSize(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if reader, ok := r.(relay.QueueReader); ok {
		queue, err := reader.Queue(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(queue)
	}
	return 0
}

// checkStopped wants a relay that has been stopped to tell what was left, to
// have kept its log, and to do nothing any more.
func checkStopped(t *testing.T, r relay.Relay, given relay.World) {
	t.Helper()
	if reader, ok := r.(relay.QueueReader); ok {
		// It may refuse to answer then, but not answer wrongly.
		if left, err := reader.Queue(t.Context()); err == nil && len(left) != 0 {
			t.Errorf("after the stop the queue is %v", left)
		}
	}
	if _, ok := r.(relay.LogKeeper); ok {
		logs, err := filepath.Glob(filepath.Join(given.Dir, "log", "*"))
		if err != nil || len(logs) == 0 {
			t.Errorf("it kept no log: %v", err)
		}
		text := ""
		for _, name := range logs {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Error(err)
			}
			text += string(data)
		}
		if !strings.Contains(text, "anna@kaede.example") {
			t.Error("the log does not name a recipient")
		}
	}
	if killer, ok := r.(relay.Killer); ok {
		if err := killer.Restart(t.Context()); err == nil {
			t.Error("it could be started again after the stop")
		}
	}
}

func copies(t *testing.T, d relay.Driver, o Options) {
	if o.NoSpare {
		t.Skip("the relay has no means of copying mail")
	}
	w := newWorld(t, d)
	w.names("kaede.example", 1) // nobody listens: copies must not wait for that
	w.names("other.example", 2)
	w.names("spare.test", 3)
	w.opens(2)
	w.opens(3)
	given := w.given()
	w.hurry(&given, o)
	given.Spare = relay.Spare{Domains: []string{"kaede.example"}, Domain: "spare.test"}
	r := w.starts(given)
	text := mail("m-1", "good day")
	people := []string{"Anna@kaede.example", "ben+x@KAEDE.example", "carl@other.example"}
	if err := submit(r, text, people...); err != nil {
		t.Fatal(err)
	}
	for _, to := range people[:2] {
		spare := given.Spare.Address(to)
		l := w.arrivesFold(spare)
		if !strings.HasSuffix(l.text, text) || l.from != sender {
			t.Errorf("%s got %+v", spare, l)
		}
	}
	w.arrives("carl@other.example")
	checkLeft(t, r, people[:2], nil)
	w.opens(1)
	for _, to := range people[:2] {
		w.arrivesFold(to)
	}
	until(t, "an empty queue", func() bool { return size(t, r) == 0 })
	for _, to := range people {
		if n := len(w.gotFold(to)); n != 1 {
			t.Errorf("%s has %d letters", to, n)
		}
		spares := len(w.gotFold(given.Spare.Address(to)))
		if want := given.Spare.Covers(to); want != (spares == 1) || spares > 1 {
			t.Errorf("%s has %d spare copies", to, spares)
		}
	}
}

// copiesLater has the spare dead and the tenant alive: what is left is the copy.
func copiesLater(t *testing.T, d relay.Driver, o Options) {
	if o.NoSpare {
		t.Skip("the relay has no means of copying mail")
	}
	w := newWorld(t, d)
	w.names("kaede.example", 1)
	w.names("spare.test", 2) // nobody listens
	w.opens(1)
	given := w.given()
	w.hurry(&given, o)
	given.Spare = relay.Spare{Domains: []string{"kaede.example"}, Domain: "spare.test"}
	r := w.starts(given)
	people := []string{"Anna@kaede.example", "ben@kaede.example"}
	if err := submit(r, mail("m-1", "good day"), people...); err != nil {
		t.Fatal(err)
	}
	var spares []string
	for _, to := range people {
		spares = append(spares, given.Spare.Address(to))
	}
	if o.CopiesFirst {
		checkLeft(t, r, people, spares)
	} else {
		for _, to := range people {
			w.arrivesFold(to)
		}
		checkLeft(t, r, nil, spares)
	}
	w.opens(2)
	for _, to := range append(people, spares...) {
		w.arrivesFold(to)
	}
	until(t, "an empty queue", func() bool { return size(t, r) == 0 })
	for _, to := range append(people, spares...) {
		if n := len(w.gotFold(to)); n != 1 {
			t.Errorf("%s has %d letters", to, n)
		}
	}
}

// checkLeft waits until the queue has mail and names these recipients and no
// others: what has been served must not be listed. A copy that waits may be
// listed under its own address, or stay unnamed.
func checkLeft(t *testing.T, r relay.Relay, people, copies []string) {
	t.Helper()
	reader, ok := r.(relay.QueueReader)
	if !ok {
		return
	}
	seen := "nothing yet"
	until(t, "a queue of those that are not served", func() bool {
		queue, err := reader.Queue(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var listed []string
		for _, q := range queue {
			listed = append(listed, q.Recipients...)
		}
		if now := strings.Join(listed, " "); now != seen {
			seen = now
			t.Logf("the queue names [%s]", seen)
		}
		return len(queue) > 0 && (sameFold(listed, people) ||
			sameFold(listed, append(copies, people...)))
	})
}

func filters(t *testing.T, d relay.Driver, _ Options) {
	w := newWorld(t, d)
	w.names("kaede.example", 1)
	w.opens(1)
	r := w.starts(w.given())
	far := strings.Repeat(strings.Repeat("x", 70)+"\r\n", 2000)
	for name, text := range map[string]string{
		"spam":     mail("m-2", gtube),
		"virus":    mail("m-3", eicar),
		"far down": mail("m-4", far+"before "+gtube+" after"),
	} {
		err := submit(r, text, "anna@kaede.example")
		if err == nil || !strings.HasPrefix(err.Error(), "55") {
			t.Errorf("%s: %v, want it refused for good", name, err)
		}
	}
	similar := strings.ReplaceAll(gtube, "*", "**") + "\r\n" + strings.ToLower(gtube)
	if err := submit(r, mail("m-5", similar), "anna@kaede.example"); err != nil {
		t.Errorf("clean mail refused: %v", err)
	}
	w.arrives("anna@kaede.example")
	until(t, "an empty queue", func() bool { return size(t, r) == 0 })
	if n := len(w.got("anna@kaede.example")); n != 1 {
		t.Errorf("%d letters arrived, want the clean one", n)
	}
}

func evades(t *testing.T, d relay.Driver, o Options) {
	w := newWorld(t, d)
	w.names("kaede.example", 1, 2) // two addresses, one of them dead
	w.opens(2)
	w.zone.AddMX("momiji.example", "first.momiji.example", 10) // dead
	w.zone.AddMX("momiji.example", "second.momiji.example", 20)
	w.zone.AddHost("first.momiji.example", w.host(3))
	w.zone.AddHost("second.momiji.example", w.host(4))
	w.opens(4)
	given := w.given()
	w.hurry(&given, o)
	r := w.starts(given)
	for _, to := range []string{"anna@kaede.example", "ben@kaede.example", "anna@momiji.example"} {
		if err := submit(r, mail("m-"+to, "body"), to); err != nil {
			t.Fatal(err)
		}
		w.arrives(to)
	}
	if err := submit(r, mail("m-none", "body"), "anna@nowhere.example"); err != nil {
		t.Logf("a domain that does not exist is refused at once: %v", err)
	}
}
