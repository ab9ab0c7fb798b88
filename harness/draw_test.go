package harness

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// frontDoors are the front ends of two forests with their faults, without a run
// around them.
type frontDoors struct {
	network *memory
	servers []*smtpfake.Server
	serving sync.WaitGroup
	taken   func(to string) // may be nil
}

// openFrontDoors serves four front ends of eurprd02, shared by two tenants.
func openFrontDoors(t *testing.T, faults ...timeline.Fault) *frontDoors {
	t.Helper()
	net, ok := Memory().(*memory)
	if !ok {
		t.Fatal("the memory network is another")
	}
	d := &frontDoors{network: net}
	domains := []string{"one.example", "two.example"}
	for i := range faults {
		faults[i].Sites = domains
		if faults[i].Heal == 0 {
			faults[i].Heal = -1
		}
		if len(faults[i].Share) == 0 {
			faults[i].Share = []timeline.Share{{Is: 1}}
		}
	}
	live := newFaults(clock.New(time.Now(), 1), timeline.Header{Start: time.Now(), Faults: faults})
	live.sessions = func(string) int {
		n := 0
		for _, srv := range d.servers {
			n += srv.Sessions()
		}
		return n
	}
	for n := range uint64(4) {
		address := fmt.Sprintf("127.25.1.%d", n+1)
		srv := &smtpfake.Server{
			Key: messageKey, Ended: d.ended, Faults: live.at(spot{
				endpoint: endpointOffice365, address: address, forest: "eurprd02",
				domains: domains, salt: n + 1,
			}),
		}
		l, err := d.network.Listen(address + ":25")
		if err != nil {
			t.Fatal(err)
		}
		d.servers = append(d.servers, srv)
		d.serving.Go(func() {
			if err := srv.Serve(l); err != nil {
				t.Error(err)
			}
		})
	}
	return d
}

func (d *frontDoors) ended(r smtpfake.Result) {
	if r.Taken && d.taken != nil {
		d.taken(strings.Join(r.Session.To, " "))
	}
}

func (d *frontDoors) close(t *testing.T) {
	for _, srv := range d.servers {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	}
	d.serving.Wait()
}

// attempt tries one message at one front end and returns the reply code that
// decided, with its stage.
func (d *frontDoors) attempt(front int, id, from, to string) (string, error) {
	conn, err := d.network.Dial(context.Background(), fmt.Sprintf("127.25.1.%d:25", front%4+1))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	code, err := replyCode(in)
	if err != nil || code != "220" {
		return "banner " + code, err
	}
	for _, c := range []struct{ stage, line string }{
		{"ehlo", "HELO c.test"}, {"mail", "MAIL FROM:<" + from + ">"}, {"rcpt", "RCPT TO:<" + to + ">"},
		{"data", "DATA"}, {"eod", "Received: x\r\nX-Hansei-Id: " + id + "\r\n\r\nx\r\n."},
	} {
		if _, err := io.WriteString(conn, c.line+"\r\n"); err != nil {
			return c.stage, err
		}
		if code, err = replyCode(in); err != nil || code[0] > '3' {
			return c.stage + " " + code, err
		}
	}
	return "taken", nil
}

func replyCode(in *bufio.Reader) (string, error) {
	line, err := in.ReadString('\n')
	if err != nil || len(line) < 3 {
		return "", err
	}
	return line[:3], nil
}

// TestDecisionsDoNotDependOnTiming: 20 runs in which everything happens in
// another order, at other front ends, give each attempt of each message the
// same fate.
func TestDecisionsDoNotDependOnTiming(t *testing.T) {
	const messages, attempts = 60, 5
	var first map[string]string
	for run := range uint64(20) {
		d := openFrontDoors(t,
			timeline.Fault{Name: "a", Seed: 1, Stage: scenarios.StageRcpt, Do: scenarios.Reply,
				Reply: "451 4.3.2 Later", Share: []timeline.Share{{Is: 0.3}}},
			timeline.Fault{Name: "b", Seed: 2, Stage: scenarios.StageEOD, Do: scenarios.Reply,
				Reply: "452 4.3.1 Later", Share: []timeline.Share{{Is: 0.4}}},
			timeline.Fault{Name: "c", Seed: 3, Stage: scenarios.StageMail, Do: scenarios.Reply,
				Reply: "450 4.7.1 Later", Attempts: 1})
		fates := map[string]string{}
		var mu sync.Mutex
		var all sync.WaitGroup
		for n := range messages {
			all.Go(func() {
				random := rand.New(rand.NewPCG(run, uint64(n)))
				for attempt := range attempts {
					for range random.IntN(200) {
						runtime.Gosched()
					}
					fate, err := d.attempt(random.IntN(4), fmt.Sprintf("m%d", n),
						fmt.Sprintf("s%d@c.test", n), fmt.Sprintf("b%d@one.example", n))
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					fates[fmt.Sprintf("m%d attempt %d", n, attempt)] = fate
					mu.Unlock()
				}
			})
		}
		all.Wait()
		d.close(t)
		if first == nil {
			first = fates
			kinds := map[string]int{}
			for fate := range maps.Values(fates) {
				kinds[fate]++
			}
			if kinds["mail 450"] != messages || kinds["rcpt 451"] < 40 || kinds["eod 452"] < 40 ||
				kinds["taken"] < 40 {
				t.Fatalf("the fates are %v", kinds)
			}
		}
		if diff := cmp.Diff(first, fates); diff != "" {
			t.Fatalf("run %d decided otherwise:\n%s", run, diff)
		}
	}
}

// sender delivers messages, each tried again after a pause that grows by a
// factor, until the deadline; it returns how many got in.
func sender(t *testing.T, d *frontDoors, from string, messages int, pause time.Duration, factor float64,
	limit time.Duration,
) int {
	var delivered int
	var mu sync.Mutex
	var all sync.WaitGroup
	end := time.Now().Add(limit)
	for n := range messages {
		all.Go(func() {
			wait := pause
			for k := 0; time.Now().Before(end); k++ {
				fate, err := d.attempt(n+k, fmt.Sprintf("m%d", n), from, fmt.Sprintf("b%d@one.example", n))
				if err != nil {
					t.Error(err)
				}
				if fate == "taken" {
					mu.Lock()
					delivered++
					mu.Unlock()
					return
				}
				time.Sleep(wait)
				wait = min(time.Duration(float64(wait)*factor), 4*time.Hour)
			}
		})
	}
	all.Wait()
	return delivered
}

// TestEagerSendersKeepThemselvesOut: with feedback, whoever tries again every
// twenty seconds raises the load that refuses it; who backs off gets in.
func TestEagerSendersKeepThemselvesOut(t *testing.T) {
	try := func(pause time.Duration, factor float64) (delivered int) {
		synctest.Test(t, func(t *testing.T) {
			d := openFrontDoors(t, timeline.Fault{
				Name: "storm", Seed: 1, Stage: scenarios.StageRcpt, Do: scenarios.Reply,
				Reply: "451 4.3.2 Temporary server error", Share: []timeline.Share{{Is: 0.3}},
				Feedback: &scenarios.Feedback{Normal: 150, Gain: 0.5, Max: 1},
			})
			delivered = sender(t, d, "s@c.test", 100, pause, factor, 6*time.Hour)
			d.close(t)
		})
		return delivered
	}
	eager, polite := try(20*time.Second, 1), try(10*time.Minute, 2)
	if polite < 97 || eager > 60 {
		t.Errorf("of 100 messages an eager sender delivered %d and a polite one %d", eager, polite)
	}
	t.Logf("of 100 messages an eager sender delivered %d and a polite one %d", eager, polite)
}

// TestCapIsSharedByTheForest: sessions at any of its front ends, for any of its
// tenants, count together; what is beyond the cap is refused.
func TestCapIsSharedByTheForest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openFrontDoors(t, timeline.Fault{
			Name: "full", Stage: scenarios.StageBanner, Do: scenarios.Reply,
			Reply: "421 4.3.2 The maximum number of concurrent connections per resource forest",
			Cap:   []timeline.Cap{{Is: 3}, {At: time.Hour, Is: 5}}, Steps: true,
		})
		defer d.close(t)
		var open []net.Conn
		fill := func(want int) {
			for front := 0; ; front++ {
				conn, err := d.network.Dial(t.Context(), fmt.Sprintf("127.25.1.%d:25", front%4+1))
				if err != nil {
					t.Fatal(err)
				}
				code, err := replyCode(bufio.NewReader(conn))
				if err != nil {
					t.Fatal(err)
				}
				if code != "220" {
					_ = conn.Close()
					synctest.Wait()
					break
				}
				open = append(open, conn)
			}
			if len(open) != want {
				t.Errorf("%d sessions were let in, want %d", len(open), want)
			}
		}
		fill(3)
		_ = open[0].Close()
		open = open[1:]
		synctest.Wait()
		fill(3)
		for range 13 { // their own idle limit is five minutes
			time.Sleep(4*time.Minute + 40*time.Second)
			for _, c := range open {
				if _, err := io.WriteString(c, "NOOP\r\n"); err != nil {
					t.Fatal(err)
				}
				if _, err := replyCode(bufio.NewReader(c)); err != nil {
					t.Fatal(err)
				}
			}
		}
		fill(5)
		for _, c := range open {
			_ = c.Close()
		}
	})
}

// TestHistory: a source that suddenly sends four times as much is throttled
// while it does and an hour longer; one that goes on as before is not.
func TestHistory(t *testing.T) {
	for _, c := range []struct {
		burst                    time.Duration // between messages, after two hours
		during, after, wayBehind bool          // accepted
	}{
		{time.Minute, true, true, true},
		{15 * time.Second, false, false, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := openFrontDoors(t, timeline.Fault{
				Name: "busy", Stage: scenarios.StageRcpt, Do: scenarios.Reply, From: 2 * time.Hour,
				Reply:   "452 4.5.3 Too many recipients (AS780090)",
				History: &timeline.History{Over: 2, Window: 10 * time.Minute, For: time.Hour},
			})
			defer d.close(t)
			n := 0
			run := func(lasting, pause time.Duration) (last string) {
				for end := time.Now().Add(lasting); time.Now().Before(end); time.Sleep(pause) {
					var err error
					n++
					last, err = d.attempt(n, fmt.Sprintf("m%d", n), "s@c.test", "b@one.example")
					if err != nil {
						t.Fatal(err)
					}
				}
				return last
			}
			want := map[bool]string{true: "taken", false: "rcpt 452"}
			if got := run(2*time.Hour, time.Minute); got != "taken" {
				t.Errorf("before: %s", got)
			}
			if got := run(30*time.Minute, c.burst); got != want[c.during] {
				t.Errorf("during a burst each %s: %s", c.burst, got)
			}
			if got := run(30*time.Minute, time.Minute); got != want[c.after] {
				t.Errorf("half an hour after a burst each %s: %s", c.burst, got)
			}
			if got := run(2*time.Hour, time.Minute); got != want[c.wayBehind] {
				t.Errorf("long after a burst each %s: %s", c.burst, got)
			}
		})
	}
}

// TestMeant: the selectors of clients, recipients and content.
func TestMeant(t *testing.T) {
	session := &smtpfake.Session{Peer: "127.0.0.1:99", To: []string{"A@one.example", "b@one.example"}}
	mixed := []byte("Subject: x\r\nContent-Type:\r\n MULTIPART/Mixed; boundary=b\r\n\r\nx")
	plain := []byte("Subject: x\r\n\r\nContent-Type: multipart/mixed\r\n\r\n")
	for _, c := range []struct {
		where scenarios.Where
		head  []byte
		want  bool
	}{
		{scenarios.Where{}, nil, true},
		{scenarios.Where{Sources: []string{"127.0.0.1"}}, nil, true},
		{scenarios.Where{Sources: []string{"127.1.0.0/16"}}, nil, false},
		{scenarios.Where{Recipients: []string{"*@one.example"}}, nil, true},
		{scenarios.Where{Recipients: []string{"a@one.example"}}, nil, true},
		{scenarios.Where{Recipients: []string{"*@two.example"}}, nil, false},
		{scenarios.Where{MaxBytes: 100}, nil, true},
		{scenarios.Where{MaxBytes: 99}, nil, false},
		{scenarios.Where{MinBytes: 101}, nil, false},
		{scenarios.Where{Attachment: true}, mixed, true},
		{scenarios.Where{Attachment: true}, plain, false},
	} {
		h := timeline.Header{Faults: []timeline.Fault{{Where: c.where, Sites: []string{"one.example"}}}}
		live := newFaults(clock.New(time.Now(), 1), h).all[0]
		p := smtpfake.Point{Stage: smtpfake.StageEOD, Session: session, Read: 100, Head: c.head}
		if got := live.meant(p); got != c.want {
			t.Errorf("%+v: %t, want %t", c.where, got, c.want)
		}
	}
	for head, want := range map[string]string{
		"Received: x\r\nx-hansei-id:  m7 \r\n\r\n": "m7", "Subject: x\r\n\r\nX-Hansei-Id: m7\r\n": "",
		"": "", strings.Repeat("x", 5000) + "\r\nX-Hansei-Id: m7\r\n": "m7",
	} {
		if got := messageKey(nil, []byte(head)); got != want {
			t.Errorf("the key of %.40q is %q, want %q", head, got, want)
		}
	}
}
