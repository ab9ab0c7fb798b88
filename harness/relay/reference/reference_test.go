package reference

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-smtp"
	"go.uber.org/goleak"

	"github.com/hansei-mail/hansei/harness/relay"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inBubble runs a test in scenario time.
func inBubble(t *testing.T, options Options, test func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, options)
		defer w.close()
		test(w)
	})
}

var (
	_ relay.Driver         = (*Driver)(nil)
	_ relay.Killer         = (*instance)(nil)
	_ relay.QueueReader    = (*instance)(nil)
	_ relay.QueueSizer     = (*instance)(nil)
	_ relay.LogKeeper      = (*instance)(nil)
	_ relay.ClockReader    = (*instance)(nil)
	_ relay.ResourceReader = (*instance)(nil)
)

func TestDeliversWithSpareCopyFirst(t *testing.T) {
	inBubble(t, Options{}, func(w *world) {
		w.must(w.submit("m1", "a@sender.example", "b@kaede.example", "c@kaede.example", "d@sender.example"))
		w.after(time.Minute)
		if got := w.tenant.counts(); got["m1 b@kaede.example"] != 1 || got["m1 c@kaede.example"] != 1 {
			t.Errorf("tenant got %v", got)
		}
		if got := w.sender.counts(); got["m1 d@sender.example"] != 1 || len(got) != 1 {
			t.Errorf("the domain without spare mail got %v", got)
		}
		spare := w.spare.items()
		if len(spare) != 1 || fmt.Sprint(spare[0].to) != "[b=kaede.example@spare.test c=kaede.example@spare.test]" {
			t.Fatalf("spare got %v", spare)
		}
		if tenant := w.tenant.items()[0]; tenant.at.Before(spare[0].finished) {
			t.Errorf("delivery began at %v, the copy ended at %v", tenant.at, spare[0].finished)
		} else if tenant.content != spare[0].content {
			t.Errorf("the copy differs: %q and %q", tenant.content, spare[0].content)
		}
		if left := w.queued(); len(left) != 0 {
			t.Errorf("queue holds %v", left)
		}
	})
}

func TestHoldsDeliveryUntilTheSpareHasTheCopy(t *testing.T) {
	inBubble(t, Options{}, func(w *world) {
		w.spare.set(nil, nil, dead)
		w.must(w.submit("m1", "a@sender.example", "b@kaede.example"))
		w.after(10 * time.Minute)
		if got := w.tenant.items(); len(got) != 0 {
			t.Fatalf("delivered without a copy: %v", got)
		}
		w.spare.set(nil, nil, nil)
		w.after(10 * time.Minute)
		if len(w.tenant.items()) != 1 || len(w.spare.items()) != 1 {
			t.Errorf("tenant has %d, spare %d", len(w.tenant.items()), len(w.spare.items()))
		}
	})
}

func TestReplyNamesTheQueueID(t *testing.T) {
	inBubble(t, Options{}, func(w *world) {
		w.tenant.set(nil, nil, dead)
		conn, err := w.Network.Dial(context.Background(), w.relay.Addr())
		w.must(err)
		c := smtp.NewClient(conn)
		w.must(c.Mail("a@sender.example", nil))
		w.must(c.Rcpt("b@kaede.example", nil))
		data, err := c.Data()
		w.must(err)
		fmt.Fprint(data, "X-Hansei-Id: m1\r\n\r\nhi\r\n")
		reply, err := data.CloseWithResponse()
		w.must(err)
		w.must(c.Quit())
		list := w.queued()
		if len(list) != 1 || !strings.HasSuffix(reply.StatusText, "queued as "+list[0].ID) {
			t.Errorf("reply %q, queue %v", reply.StatusText, list)
		}
		if list[0].MessageID != "m1" || list[0].Sender != "a@sender.example" {
			t.Errorf("listed as %+v", list[0])
		}
	})
}

func TestKillAndRestartLoseNothing(t *testing.T) {
	inBubble(t, Options{}, func(w *world) {
		w.tenant.set(nil, nil, dead)
		accepted := map[string]bool{}
		killer := w.relay.(relay.Killer)
		addr := w.relay.Addr()
		for i := range 200 {
			id := fmt.Sprintf("m%d", i)
			if err := w.submit(id, "a@sender.example", "b@kaede.example"); err == nil {
				accepted[id] = true
			}
			w.after(time.Second)
			if i%40 == 39 {
				w.must(killer.Kill(context.Background()))
				if _, err := w.relay.(relay.QueueReader).Queue(context.Background()); err == nil {
					t.Error("a dead relay listed its queue")
				}
				if w.submit("dead", "a@sender.example", "b@kaede.example") == nil {
					t.Error("a dead relay took a message")
				}
				w.after(time.Minute)
				w.must(killer.Restart(context.Background()))
			}
		}
		if len(accepted) != 200 || w.relay.Addr() != addr {
			t.Errorf("%d accepted at %s", len(accepted), w.relay.Addr())
		}
		if got := len(w.queued()); got != 200 {
			t.Errorf("queue holds %d", got)
		}
		ids := map[string]bool{}
		for _, q := range w.queued() {
			ids[q.ID] = true
		}
		if len(ids) != 200 {
			t.Errorf("only %d different queue ids", len(ids))
		}
		w.tenant.set(nil, nil, nil)
		w.after(time.Hour)
		got := w.tenant.counts()
		for id := range accepted {
			if got[id+" b@kaede.example"] != 1 {
				t.Errorf("%s was delivered %d times", id, got[id+" b@kaede.example"])
			}
		}
		w.keptItsTimes()
	})
}

func TestKillInMidTransaction(t *testing.T) {
	inBubble(t, Options{}, func(w *world) {
		conn, err := w.Network.Dial(context.Background(), w.relay.Addr())
		w.must(err)
		c := smtp.NewClient(conn)
		w.must(c.Mail("a@sender.example", nil))
		w.must(c.Rcpt("b@kaede.example", nil))
		data, err := c.Data()
		w.must(err)
		fmt.Fprint(data, "X-Hansei-Id: half\r\n\r\n")
		killer := w.relay.(relay.Killer)
		w.must(killer.Kill(context.Background()))
		if data.Close() == nil {
			t.Error("a killed relay answered")
		}
		_ = c.Close()
		w.must(killer.Restart(context.Background()))
		if err := killer.Restart(context.Background()); err == nil {
			t.Error("a running relay was started again")
		}
		if left := w.queued(); len(left) != 0 {
			t.Errorf("queue holds %v", left)
		}
	})
}

func TestPartialRecipients(t *testing.T) {
	inBubble(t, Options{}, func(w *world) {
		var later atomic.Bool
		w.tenant.set(func(to string) error {
			switch {
			case strings.HasPrefix(to, "gone"):
				return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
			case strings.HasPrefix(to, "full") && !later.Load():
				return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "mailbox full"}
			}
			return nil
		}, nil, nil)
		w.must(w.submit("m1", "a@sender.example", "ok@kaede.example", "full@kaede.example", "gone@kaede.example"))
		w.after(30 * time.Second)
		list := w.queued()
		if len(list) != 1 || fmt.Sprint(list[0].Recipients) != "[full@kaede.example]" {
			t.Fatalf("queue %v", list)
		}
		if !strings.Contains(list[0].Reason, "452 4.2.2 mailbox full") {
			t.Errorf("reason %q", list[0].Reason)
		}
		bounces := w.sender.items()
		if len(bounces) != 1 {
			t.Fatalf("%d DSNs", len(bounces))
		}
		for _, want := range []string{
			"Final-Recipient: rfc822; gone@kaede.example\r\nAction: failed\r\nStatus: 5.1.1\r\n" +
				"Diagnostic-Code: smtp; 550 5.1.1 no such mailbox\r\n",
			"X-Hansei-Id: m1\r\n", "report-type=delivery-status",
		} {
			if !strings.Contains(bounces[0].content, want) {
				t.Errorf("DSN lacks %q:\n%s", want, bounces[0].content)
			}
		}
		if bounces[0].from != "" || strings.Contains(bounces[0].content, "full@") {
			t.Errorf("DSN from %q:\n%s", bounces[0].from, bounces[0].content)
		}
		later.Store(true)
		w.after(20 * time.Minute)
		got := w.tenant.counts()
		if got["m1 ok@kaede.example"] != 1 || got["m1 full@kaede.example"] != 1 || len(got) != 2 {
			t.Errorf("tenant got %v", got)
		}
		if left := w.queued(); len(left) != 0 {
			t.Errorf("queue %v", left)
		}
	})
}

func TestBounceAtLifetimeAfterDelayNotice(t *testing.T) {
	inBubble(t, Options{}, func(w *world) {
		w.tenant.set(nil, nil, dead)
		began := time.Now()
		w.must(w.submit("m1", "a@sender.example", "b@kaede.example"))
		w.must(w.submit("m2", "", "b@kaede.example"))
		w.after(5*24*time.Hour + time.Hour)
		items := w.sender.items()
		if len(items) != 2 {
			t.Fatalf("%d DSNs", len(items))
		}
		notice, bounce := items[0], items[1]
		if age := notice.at.Sub(began); age < 4*time.Hour || age > 4*time.Hour+5*time.Minute {
			t.Errorf("the notice came after %v", age)
		}
		if !strings.Contains(notice.content, "Action: delayed\r\nStatus: 4.4.") ||
			!strings.Contains(notice.content, "Will-Retry-Until: ") {
			t.Errorf("notice:\n%s", notice.content)
		}
		if age := bounce.at.Sub(began); age < 5*24*time.Hour || age > 5*24*time.Hour+5*time.Minute {
			t.Errorf("the bounce came after %v", age)
		}
		if !strings.Contains(bounce.content, "Action: failed\r\nStatus: 4.4.7\r\n") {
			t.Errorf("bounce:\n%s", bounce.content)
		}
		if left := w.queued(); len(left) != 0 {
			t.Errorf("queue %v", left)
		}
	})
}

func TestDelayNoticeCanBeOff(t *testing.T) {
	inBubble(t, Options{Settings: Settings{DelayNotice: -1}}, func(w *world) {
		w.tenant.set(nil, nil, dead)
		w.must(w.submit("m1", "a@sender.example", "b@kaede.example"))
		w.after(24 * time.Hour)
		if got := w.sender.items(); len(got) != 0 {
			t.Errorf("a notice came: %v", got)
		}
	})
}

func TestNoDSNAgainstNotify(t *testing.T) {
	inBubble(t, Options{}, func(w *world) {
		w.tenant.set(refuse(550, smtp.EnhancedCode{5, 1, 1}), nil, nil)
		conn, err := w.Network.Dial(context.Background(), w.relay.Addr())
		w.must(err)
		c := smtp.NewClient(conn)
		w.must(c.Mail("a@sender.example", &smtp.MailOptions{EnvelopeID: "e1"}))
		w.must(c.Rcpt("b@kaede.example", &smtp.RcptOptions{Notify: []smtp.DSNNotify{smtp.DSNNotifyNever}}))
		w.must(c.Rcpt("c@kaede.example", &smtp.RcptOptions{
			Notify:                []smtp.DSNNotify{smtp.DSNNotifyFailure},
			OriginalRecipientType: smtp.DSNAddressTypeRFC822, OriginalRecipient: "first@kaede.example",
		}))
		data, err := c.Data()
		w.must(err)
		fmt.Fprint(data, "X-Hansei-Id: m1\r\n\r\nhi\r\n")
		w.must(data.Close())
		w.must(c.Quit())
		w.after(time.Minute)
		items := w.sender.items()
		if len(items) != 1 || strings.Contains(items[0].content, "b@kaede.example") {
			t.Fatalf("DSNs %v", items)
		}
		for _, want := range []string{
			"Original-Envelope-Id: e1\r\n", "Original-Recipient: rfc822; first@kaede.example\r\n",
		} {
			if !strings.Contains(items[0].content, want) {
				t.Errorf("DSN lacks %q:\n%s", want, items[0].content)
			}
		}
	})
}

func TestRoutes(t *testing.T) {
	inBubble(t, Options{}, func(w *world) {
		w.must(w.submit("none", "a@sender.example", "b@nowhere.example"))
		w.must(w.submit("null", "a@sender.example", "b@null.example"))
		w.after(time.Minute)
		var all strings.Builder
		for _, m := range w.sender.items() {
			all.WriteString(m.content)
		}
		if !strings.Contains(all.String(), "Status: 5.1.2") || !strings.Contains(all.String(), "Status: 5.1.10") {
			t.Errorf("DSNs:\n%s", all.String())
		}
		w.names.fail(&net.DNSError{Err: "server misbehaving", IsTemporary: true})
		w.must(w.submit("servfail", "a@sender.example", "b@sender.example"))
		w.after(time.Hour)
		if list := w.queued(); len(list) != 1 {
			t.Fatalf("queue %v", list)
		}
		w.names.fail(nil)
		w.after(15 * time.Minute)
		if w.sender.counts()["servfail b@sender.example"] != 1 {
			t.Error("not delivered after DNS came back")
		}
	})
}

func TestTriesEveryAddressInOneAttempt(t *testing.T) {
	inBubble(t, Options{}, func(w *world) {
		w.names.mx["sender.example"] = []*net.MX{
			{Host: "second.sender.example", Pref: 20}, {Host: "first.sender.example", Pref: 10},
		}
		w.names.hosts["first.sender.example"] = []string{"127.25.9.1", "127.25.9.2"}
		w.names.hosts["second.sender.example"] = []string{"127.25.2.1"}
		w.must(w.submit("m1", "a@kaede.example", "b@sender.example"))
		w.after(10 * time.Second)
		if w.sender.counts()["m1 b@sender.example"] != 1 {
			t.Error("the last address was not tried in the first attempt")
		}
	})
}

func TestFilter(t *testing.T) {
	const encodedGTUBE = "WEpTKkM0SkRCUUFETjEuTlNCTjMqMklETkVOKkdUVUJFLVNUQU5EQVJELUFOVEktVUJFLVRFU1Qt\r\n" +
		"RU1BSUwqQy4zNFg="
	dirty := map[string]string{
		"plain":  "Subject: x\r\n\r\n" + gtube + "\r\n",
		"base64": "MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encodedGTUBE + "\r\n",
		"part": "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b\r\n" +
			"Content-Transfer-Encoding: base64\r\n\r\n" + encodedGTUBE + "\r\n--b--\r\n",
	}
	inBubble(t, Options{}, func(w *world) {
		for name, text := range dirty {
			err := w.submitText("a@sender.example", text, "b@kaede.example")
			if refusal, ok := err.(*smtp.SMTPError); !ok || refusal.Code != 550 ||
				refusal.EnhancedCode != (smtp.EnhancedCode{5, 7, 1}) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		w.after(time.Minute)
		if len(w.spare.items())+len(w.tenant.items())+len(w.queued()) != 0 {
			t.Error("something of it was kept")
		}
	})
}

func TestSharedConnections(t *testing.T) {
	inBubble(t, Options{}, func(w *world) {
		w.tenant.set(nil, nil, dead)
		for i := range 500 {
			w.must(w.submit(fmt.Sprintf("m%d", i), "a@sender.example", "b@kaede.example"))
		}
		w.after(2 * time.Hour)
		w.tenant.set(nil, nil, nil)
		w.tenant.mu.Lock()
		before := len(w.tenant.sessions)
		w.tenant.mu.Unlock()
		w.after(30 * time.Minute)
		used := map[int]int{}
		for _, m := range w.tenant.items() {
			used[m.session]++
		}
		w.tenant.mu.Lock()
		after := len(w.tenant.sessions)
		w.tenant.mu.Unlock()
		if len(w.tenant.items()) != 500 {
			t.Fatalf("%d delivered", len(w.tenant.items()))
		}
		if n := after - before; n > 40 {
			t.Errorf("%d connections for 500 messages", n)
		}
		for session, n := range used {
			if n > 100 {
				t.Errorf("session %d carried %d messages", session, n)
			}
		}
	})
}

func TestStopWaitsForTheTransaction(t *testing.T) {
	inBubble(t, Options{}, func(w *world) {
		release := make(chan struct{})
		w.tenant.set(func(string) error { <-release; return nil }, nil, nil)
		w.must(w.submit("m1", "a@sender.example", "b@kaede.example"))
		synctest.Wait()
		go func() {
			w.after(5 * time.Second)
			close(release)
		}()
		w.must(w.relay.Stop(context.Background()))
		w.tenant.set(nil, nil, nil)
		w.start()
		w.after(time.Hour)
		if got := w.tenant.counts()["m1 b@kaede.example"]; got != 1 {
			t.Errorf("delivered %d times", got)
		}
	})
}

func TestUnknownFlawIsRefused(t *testing.T) {
	err := New(Options{Flaw: "nonsense"}).Ready(t.Context())
	if err == nil || !strings.Contains(err.Error(), "skip-spare") {
		t.Errorf("got %v", err)
	}
	seen := map[string]bool{}
	for _, f := range Flaws() {
		err := New(Options{Flaw: f.Name}).Ready(t.Context())
		_, shows := Situation(f.Shows)
		if err != nil || f.What == "" || !shows || seen[f.Name] || len(f.Breaks) == 0 ||
			(len(f.Breaks) > 1) != (f.Why != "") {
			t.Errorf("%v, %+v", err, f)
		}
		seen[f.Name] = true
	}
	if len(seen) < 30 {
		t.Errorf("only %d flaws", len(seen))
	}
}

func TestSituationsAreThere(t *testing.T) {
	for _, name := range Situations() {
		text, ok := Situation(name)
		if !ok || !strings.Contains(string(text), "name: flaws-"+name+"\n") {
			t.Errorf("situation %s has another name in its text", name)
		}
	}
	if _, ok := Situation("nonsense"); ok {
		t.Error("a situation that nobody wrote was found")
	}
}
