package postfix

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// leftovers are folders of instances of this test program.
func leftovers(t *testing.T) []string {
	t.Helper()
	me, err := process.Identify(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob("/var/tmp/hansei-postfix-*")
	if err != nil {
		t.Fatal(err)
	}
	mine := "-" + strconv.Itoa(me.PID) + "-"
	return slices.DeleteFunc(found, func(s string) bool { return !strings.Contains(s, mine) })
}

func TestDeliversCopiesAndFilters(t *testing.T) {
	o := newOutside(t)
	o.names("kaede.example", 1)
	o.names("spare.test", 2)
	o.opens(1)
	o.opens(2)
	w := o.world()
	in := o.starts(w)
	tree := in.running()

	err := submit(in.Addr(), mail("m-1", "good day"), "anna@kaede.example", "Ben+x@KAEDE.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"anna@kaede.example", "Ben+x@KAEDE.example"} {
		for _, to := range []string{to, w.Spare.Address(to)} {
			until(t, "mail to "+to, func() bool { return len(o.got(to)) == 1 })
			if l := o.got(to)[0]; !strings.HasSuffix(l.text, mail("m-1", "good day")) ||
				l.from != "anna@momiji.example" {
				t.Errorf("%s got %+v", to, l)
			}
		}
	}
	far := strings.Repeat(strings.Repeat("x", 70)+"\r\n", 2000)
	for name, text := range map[string]string{
		"spam":      mail("m-2", gtube),
		"virus":     mail("m-3", eicar),
		"far down":  mail("m-4", far+"before "+gtube+" after"),
		"in header": "Subject: " + gtube + "\r\n\r\nbody\r\n",
	} {
		err := submit(in.Addr(), text, "anna@kaede.example")
		if err == nil || !strings.HasPrefix(err.Error(), "550 ") ||
			!strings.Contains(err.Error(), "5.7.1 message refused by the filter") {
			t.Errorf("%s: %v, want 550 5.7.1", name, err)
		}
	}
	similar := strings.ReplaceAll(gtube, "*", "**") + "\r\n" + strings.ToLower(gtube)
	if err := submit(in.Addr(), mail("m-5", similar), "anna@kaede.example"); err != nil {
		t.Errorf("clean mail refused: %v", err)
	}
	until(t, "clean mail", func() bool { return len(o.got("anna@kaede.example")) == 2 })
	checkInfo(t, in.Info())
	checkSamples(t, in, w)
	checkStop(t, in, tree.(*process.Tree))
}

func checkInfo(t *testing.T, info relay.Info) {
	t.Helper()
	if info.Name != "postfix" || !strings.HasPrefix(info.Version, "3.") {
		t.Errorf("it is %s %s", info.Name, info.Version)
	}
	if info.Settings["minimal_backoff_time"] != "300s" ||
		info.Settings["maximal_queue_lifetime"] != "5d" {
		t.Errorf("settings are %v", info.Settings)
	}
	all := strings.Join(info.Changes, "\n")
	for _, part := range []string{"queue_directory", "/etc/resolv.conf", "chroot off",
		"recipient_bcc_maps", "body_checks", "smtp listens on 127.28.0.1:"} {
		if !strings.Contains(all, part) {
			t.Errorf("the changes do not speak of %s:\n%s", part, all)
		}
	}
	if strings.Contains(all, "warning") {
		t.Errorf("postconf warns:\n%s", all)
	}
}

func checkSamples(t *testing.T, in *instance, w relay.World) {
	t.Helper()
	use, err := in.Resources(t.Context())
	if err != nil || use.Processes < 5 || use.RSS < 1<<20 || use.OpenFiles < 20 {
		t.Errorf("it uses %+v, %v", use, err)
	}
	before := w.Clock.Now().Add(-time.Second)
	at, err := in.ReadClock(t.Context())
	if err != nil || at.Before(before) || at.After(w.Clock.Now().Add(time.Second)) {
		t.Errorf("its clock says %s, %v; ours %s", at, err, before)
	}
}

func checkStop(t *testing.T, in *instance, tree *process.Tree) {
	t.Helper()
	if n := len(leftovers(t)); n != 1 {
		t.Errorf("%d folders of instances while one runs", n)
	}
	for range 2 {
		if err := in.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if tree.Alive() || tree.Root().Alive() {
		t.Error("processes are left")
	}
	if left := leftovers(t); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if lines, err := process.Sweep(t.Context()); err != nil ||
		strings.Contains(strings.Join(lines, "\n"), in.place.base) {
		t.Errorf("the register still knew it: %v, %v", lines, err)
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil || strings.Contains(string(mounts), in.place.base) {
		t.Errorf("a mount is left: %v", err)
	}
	for _, name := range []string{"log/maillog", "config/main.cf", "config/master.cf",
		"queue.jsonl"} {
		if _, err := os.Stat(filepath.Join(in.world.Dir, name)); err != nil {
			t.Errorf("not kept: %v", err)
		}
	}
	if left, err := in.Queue(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("after the stop the queue is %v, %v", left, err)
	}
	if err := in.Restart(t.Context()); err == nil {
		t.Error("it could be started again after the stop")
	}
}

// quick is an overlay that retries within seconds, and that shows what becomes
// of continuation lines and of places that are the instance's own. Its first
// retry is two seconds away: file times are whole seconds, and a retry in the
// moment of the deferral finds the queue file still locked by its delivery agent,
// upon which qmgr leaves it alone for a minute ("skipped, still being delivered").
const quick = `# somebody's own
minimal_backoff_time = 2s
maximal_backoff_time =
    4s
queue_run_delay = 1s
transport_retry_time = 1s
queue_directory = /var/spool/postfix
mynetworks = 10.0.0.0/8
no_such_setting = 1
`

func TestKillAndRestartKeepTheQueue(t *testing.T) {
	o := newOutside(t)
	o.names("kaede.example", 1) // nobody listens yet
	w := o.world()
	w.Overlay, w.Spare = quick, relay.Spare{}
	in := o.starts(w)
	checkOverlay(t, in)
	ids := []string{"m-1", "m-2", "m-3"}
	for _, id := range ids {
		if err := submit(in.Addr(), mail(id, "body"), "anna@kaede.example"); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "deferred mail", func() bool {
		q, err := in.Queue(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(q) == 3 && !slices.ContainsFunc(q, func(q relay.Queued) bool {
			return q.Reason == ""
		})
	})
	checkQueue(t, in, ids)
	before, err := in.Resources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tree := in.running()
	if err := in.Restart(t.Context()); err == nil {
		t.Error("a living instance was started again")
	}
	if err := in.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if tree.(*process.Tree).Root().Alive() || submit(in.Addr(), mail("m-4", ""), "anna@kaede.example") == nil {
		t.Error("it lives on")
	}
	checkQueue(t, in, ids)
	if dead, err := in.Resources(t.Context()); err != nil || dead.Processes != 0 ||
		dead.CPU < before.CPU || dead.DiskFiles < 3 {
		t.Errorf("dead, it uses %+v, %v", dead, err)
	}
	if _, err := in.ReadClock(t.Context()); err == nil {
		t.Error("a dead relay told the time")
	}
	if err := in.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	// An interval needs two attempts of one life: the kill ends the first life
	// whenever the queue has been read, perhaps before its second attempt.
	until(t, "retries", func() bool {
		r, err := in.Retries(t.Context())
		return err == nil && r.Intervals > 0
	})
	o.opens(1)
	until(t, "the queue drains", func() bool { return len(o.got("anna@kaede.example")) == 3 })
	until(t, "the queue is empty", func() bool {
		n, err := in.QueueSize(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n == 0
	})
	r, err := in.Retries(t.Context())
	if err != nil || r.Intervals == 0 || r.Early > 0 {
		t.Errorf("retries %+v, %v", r, err)
	}
}

func checkOverlay(t *testing.T, in *instance) {
	t.Helper()
	info := in.Info()
	if s := info.Settings; s["minimal_backoff_time"] != "2s" || s["maximal_backoff_time"] != "4s" {
		t.Errorf("settings are %v", s)
	}
	all := strings.Join(info.Changes, "\n")
	for _, part := range []string{
		`the user's "/var/spool/postfix" is set aside`,
		"mynetworks = 10.0.0.0/8, 127.0.0.0/8 (the user's own, and ",
		"warning of postconf: main.cf: unused parameter: no_such_setting=1",
	} {
		if !strings.Contains(all, part) {
			t.Errorf("the changes do not say %q:\n%s", part, all)
		}
	}
}

// checkQueue wants exactly these messages, with all that is known of them.
func checkQueue(t *testing.T, in *instance, ids []string) {
	t.Helper()
	queue, err := in.Queue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, q := range queue {
		got = append(got, q.MessageID)
		if q.Sender != "anna@momiji.example" || len(q.Recipients) != 1 ||
			q.Recipients[0] != "anna@kaede.example" || time.Since(q.Arrived) > time.Hour {
			t.Errorf("queued: %+v", q)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, ids) {
		t.Errorf("the queue holds %v, want %v", got, ids)
	}
	if n, err := in.QueueSize(t.Context()); err != nil || n != len(ids) {
		t.Errorf("the queue's size is %d, %v", n, err)
	}
}

func TestAFaultyConfigurationIsOneSentenceInPostfixsWords(t *testing.T) {
	o := newOutside(t)
	for overlay, want := range map[string]string{
		"minimal_backoff_time = banana": "starting postfix: qmgr says: parameter " +
			"minimal_backoff_time: bad time value or unit: banana",
		"smtp_connect_timeout = 3y": "starting postfix: smtp says: parameter " +
			"smtp_connect_timeout: bad time value or unit: 3y",
		"myorigin = $mydomain\n= x": "preparing postfix: the user's main.cf, line 2: " +
			`"= x" is no "name = value"`,
		"mail_name = $foo ${": "", // as long as it is refused with a reason
	} {
		w := o.world()
		w.Overlay = overlay
		r, err := Driver{}.Start(t.Context(), w)
		if err == nil {
			t.Errorf("%s was taken", overlay)
			_ = r.Stop(context.Background())
			continue
		}
		if got := err.Error(); want != "" && got != want {
			t.Errorf("%s:\n got %s\nwant %s", overlay, got, want)
		}
		if strings.ContainsAny(err.Error(), "\n") {
			t.Errorf("not one sentence: %v", err)
		}
		t.Log(err)
	}
	if left := leftovers(t); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestStartRefusesWorldsThatResolvConfCannotName(t *testing.T) {
	o := newOutside(t)
	for _, dns := range []string{"", "127.0.0.1:5353", "192.0.2.1:53"} {
		w := o.world()
		w.DNS = dns
		if _, err := (Driver{}).Start(t.Context(), w); err == nil ||
			!strings.Contains(err.Error(), "DNS") {
			t.Errorf("%q: %v", dns, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Driver{}).Start(ctx, o.world()); err == nil {
		t.Error("it started although its context was over")
	}
	if left := leftovers(t); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
