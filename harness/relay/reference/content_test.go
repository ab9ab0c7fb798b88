package reference

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-smtp"
	"pgregory.net/rapid"

	"github.com/hansei-mail/hansei/harness/relay"
)

// sentAs gives a message to the relay byte for byte, and returns the reply to
// its end of data.
func (w *world) sentAs(content string) string {
	w.t.Helper()
	conn, err := w.Network.Dial(context.Background(), w.relay.Addr())
	w.must(err)
	defer conn.Close()
	in := textproto.NewReader(bufio.NewReader(conn))
	ask := func(line string) string {
		_, err := conn.Write([]byte(line))
		w.must(err)
		code, text, err := in.ReadResponse(0)
		w.must(err)
		return fmt.Sprintf("%d %s", code, text)
	}
	_, _, err = in.ReadResponse(220)
	w.must(err)
	ask("EHLO client.example\r\n")
	ask("MAIL FROM:<a@sender.example>\r\n")
	ask("RCPT TO:<b@kaede.example>\r\n")
	ask("DATA\r\n")
	stuffed := strings.ReplaceAll("\r\n"+content, "\r\n.", "\r\n..")[2:]
	reply := ask(stuffed + ".\r\n")
	ask("QUIT\r\n")
	return reply
}

// TestContentIsUnchanged: one header field more on top, and the rest byte for
// byte, at the tenant and in the spare.
func TestContentIsUnchanged(t *testing.T) {
	line := rapid.OneOf(
		rapid.StringMatching(`[ -~]{0,90}`),
		rapid.StringMatching(`\.{1,4}[a-z]{0,3}`),
		rapid.StringMatching(`[a-z]{0,5}[ \t]{1,4}`),
		rapid.Just(""),
		rapid.Just("Received: not a header here"),
		rapid.Custom(func(r *rapid.T) string {
			return strings.Repeat("long ", rapid.IntRange(200, 2000).Draw(r, "n"))
		}),
		rapid.Custom(func(r *rapid.T) string {
			text := rapid.SliceOfN(rapid.ByteRange(0x80, 0xff), 1, 40).Draw(r, "8-bit")
			return string(text)
		}),
	)
	body := rapid.SliceOfN(line, 0, 12)
	rapid.Check(t, func(r *rapid.T) {
		content := "X-Hansei-Id: m\r\nSubject: =?\xc3\xa9\r\n\r\n" +
			strings.Join(append(body.Draw(r, "lines"), ""), "\r\n")
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{})
			defer w.close()
			if reply := w.sentAs(content); !strings.HasPrefix(reply, "250 ") {
				t.Fatalf("got %q", reply)
			}
			w.after(time.Minute)
			for name, got := range map[string][]mailItem{"tenant": w.tenant.items(), "spare": w.spare.items()} {
				if len(got) != 1 {
					t.Fatalf("%s has %d messages", name, len(got))
				}
				header, rest, _ := strings.Cut(got[0].content, "X-Hansei-Id: ")
				if rest = "X-Hansei-Id: " + rest; rest != content {
					t.Errorf("%s got %q, sent %q", name, rest, content)
				}
				if strings.Count(header, "\r\n") != 3 || !strings.HasPrefix(header, "Received: from client.example ") {
					t.Errorf("%s has %q on top", name, header)
				}
			}
		})
	})
}

func TestBareLineEndsAreRefused(t *testing.T) {
	inBubble(t, Options{}, func(w *world) {
		for _, content := range []string{"a: b\r\n\r\nx\ny\r\n", "a: b\r\n\r\nx\ry\r\n", "a: b\r\n\r\nx\n.\r\n"} {
			if reply := w.sentAs(content); !strings.HasPrefix(reply, "550 5.6.11 ") {
				t.Errorf("%q: got %q", content, reply)
			}
		}
		if left := w.queued(); len(left) != 0 {
			t.Errorf("queue %v", left)
		}
	})
}

func TestInternationalMail(t *testing.T) {
	inBubble(t, Options{}, func(w *world) {
		conn, err := w.Network.Dial(context.Background(), w.relay.Addr())
		w.must(err)
		c := smtp.NewClient(conn)
		w.must(c.Mail("ä@sender.example", &smtp.MailOptions{UTF8: true}))
		w.must(c.Rcpt("楓@kaede.example", nil))
		w.must(c.Rcpt("無@nowhere.example", nil))
		data, err := c.Data()
		w.must(err)
		fmt.Fprint(data, "X-Hansei-Id: m1\r\nSubject: 楓\r\n\r\nhi\r\n")
		w.must(data.Close())
		w.must(c.Quit())
		w.after(time.Minute)
		if w.tenant.counts()["m1 楓@kaede.example"] != 1 {
			t.Errorf("tenant got %v", w.tenant.counts())
		}
		items := w.sender.items()
		if len(items) != 1 || !strings.Contains(items[0].content, "Final-Recipient: utf-8; 無@nowhere.example\r\n") {
			t.Errorf("DSN %v", items)
		}
	})
}

// TestSameSeedSameTimes: a run repeats. (With several messages at the very same
// instant, goroutines race for who comes first.)
func TestSameSeedSameTimes(t *testing.T) {
	var logs [2]string
	for i := range logs {
		inBubble(t, Options{}, func(w *world) {
			w.tenant.set(refuse(451, smtp.EnhancedCode{4, 3, 2}), nil, nil)
			w.many("m", 1)
			w.after(6 * time.Hour)
			text, err := os.ReadFile(filepath.Join(w.Dir, filepath.FromSlash(logName)))
			w.must(err)
			logs[i] = string(text)
		})
	}
	if logs[0] != logs[1] || strings.Count(logs[0], " deferred ") < 30 {
		t.Errorf("first:\n%s\nsecond:\n%s", logs[0], logs[1])
	}
}

func TestLogLinesParse(t *testing.T) {
	dir := t.TempDir()
	j, err := openJournal(dir, wallClock{})
	if err != nil {
		t.Fatal(err)
	}
	j.write("deferred", "to", "b@kaede.example", "result", `451 "say=what" \ä`, "none", "", "last", "x")
	j.close()
	j.write("lost after close")
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(logName)))
	if err != nil {
		t.Fatal(err)
	}
	event, fields := parseLine(string(bytes.TrimSuffix(text, []byte("\n"))))
	if event != "deferred" || len(fields) != 3 || fields["result"] != `451 "say=what" \ä` || fields["last"] != "x" {
		t.Errorf("%q: %v", event, fields)
	}
}

func TestRetriesSeesEarlyAndLateAttempts(t *testing.T) {
	line := func(event, why string, began, next int) string {
		at := time.Date(2019, 11, 19, 0, 0, 0, 0, time.UTC)
		s := fmt.Sprintf("x %s id=1-1 lane=d to=b@d.example why=%s rate=1 began=%s", event, why,
			stamp(at.Add(time.Duration(began)*time.Second)))
		if next > 0 {
			s += " next=" + stamp(at.Add(time.Duration(next)*time.Second))
		}
		return s
	}
	var found relay.Retries
	due := map[string]time.Time{}
	for _, l := range []string{
		line("deferred", "first", 0, 60),
		line("deferred", "schedule", 30, 90),   // 30 s early
		line("deferred", "release", 40, 100),   // early, for a reason
		line("deferred", "schedule", 400, 500), // 300 s late
		line("deferred", "backlog", 900, 960),  // late, for a reason
		line("delivered", "schedule", 961, 0),
		"x bounced id=1-1 lane=d result=old",
	} {
		readAttempt(l, due, &found)
	}
	want := relay.Retries{Intervals: 5, Early: 1, Late: 1, WorstEarly: 30 * time.Second, WorstLate: 300 * time.Second}
	if found != want {
		t.Errorf("got %+v, want %+v", found, want)
	}
}

// loopback is a network of real sockets: names and front ends are ports of
// 127.0.0.1.
type loopback struct {
	mu    sync.Mutex
	ports map[string]string
}

func (l *loopback) Listen(addr string) (net.Listener, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	real := l.ports[addr]
	if real == "" {
		real = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", real)
	if err != nil {
		return nil, err
	}
	l.ports[addr] = listener.Addr().String()
	l.ports[listener.Addr().String()] = listener.Addr().String()
	return listener, nil
}

func (l *loopback) Dial(ctx context.Context, addr string) (net.Conn, error) {
	l.mu.Lock()
	real := l.ports[addr]
	l.mu.Unlock()
	var d net.Dialer
	return d.DialContext(ctx, "tcp", real)
}

// TestOverLoopback has real sockets, real time and fsync.
func TestOverLoopback(t *testing.T) {
	network := &loopback{ports: map[string]string{}}
	tenant := newSink(t, network, "127.25.0.1:25")
	defer tenant.close()
	spare := newSink(t, network, "127.25.3.1:25")
	defer spare.close()
	w := &world{t: t, tenant: tenant, spare: spare}
	w.World = relay.World{
		Dir: t.TempDir(), Hostname: "relay.hansei.test", Clock: wallClock{}, Network: network,
		Resolver: &names{
			mx:    map[string][]*net.MX{"kaede.example": {{Host: "mx"}}, "spare.test": {{Host: "spare"}}},
			hosts: map[string][]string{"mx": {"127.25.0.1"}, "spare": {"127.25.3.1"}},
		},
		Spare: relay.Spare{Domains: []string{"kaede.example"}, Domain: "spare.test"},
	}
	w.options.Settings.Probe = []time.Duration{50 * time.Millisecond}
	w.options.Settings.Retry = []time.Duration{50 * time.Millisecond}
	w.start()
	tenant.set(nil, nil, func(c net.Conn) bool { reset(c); return false })
	const n = 100
	var wg sync.WaitGroup
	for k := range 4 {
		wg.Go(func() {
			for i := range n / 4 {
				if err := w.submit(fmt.Sprintf("m%d", k*n/4+i), "a@sender.example", "b@kaede.example"); err != nil {
					t.Errorf("submitting: %v", err)
				}
			}
		})
	}
	wg.Wait()
	killer := w.relay.(relay.Killer)
	w.must(killer.Kill(context.Background()))
	w.must(killer.Restart(context.Background()))
	tenant.set(nil, nil, nil)
	deadline := time.Now().Add(30 * time.Second)
	for len(tenant.counts()) < n && time.Now().Before(deadline) {
		w.after(20 * time.Millisecond)
	}
	for i := range n {
		id := fmt.Sprintf("m%d b@kaede.example", i)
		if tenant.counts()[id] != 1 {
			t.Errorf("%s was delivered %d times", id, tenant.counts()[id])
		}
	}
	w.must(w.relay.Stop(context.Background()))
}
