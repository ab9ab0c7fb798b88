package smtpfake_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// converse sends text at once to a server and returns all it said.
func converse(t *testing.T, srv *smtpfake.Server, text string) string {
	t.Helper()
	conn := dial(t, serve(t, srv))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("after %q: %v", all, err)
	}
	return strings.ReplaceAll(string(all), "\r\n", "\n")
}

const start = "EHLO c.test\r\n"

// answers drops banner, greeting and farewell.
func answers(t *testing.T, srv *smtpfake.Server, lines ...string) []string {
	t.Helper()
	srv.Persona = brief{smtpfake.Plain{Name: "mx.test"}}
	text := strings.Join(lines, "\r\n") + "\r\nQUIT\r\n"
	all := strings.Split(strings.TrimSpace(converse(t, srv, start+text)), "\n")
	if len(all) < 3 {
		t.Fatalf("only %q", all)
	}
	return all[2 : len(all)-1]
}

// TestReplies holds single commands against their replies.
func TestReplies(t *testing.T) {
	const mail, rcpt = "MAIL FROM:<a@c.test>", "RCPT TO:<b@mx.test>"
	for _, c := range []struct {
		name, lines, want string
	}{
		{"small", "noop\nVRFY x\nHELP\nRSET\nEXPN x\n", "250 252 214 250 500"},
		{"order", rcpt + "\nDATA\nBDAT 0 LAST\n" + mail + "\nDATA\n" + mail, "503 503 503 250 503 503"},
		{"null sender", "MAIL FROM:<>", "250"},
		{"blank after colon", "MAIL FROM: <a@c.test>\nRCPT TO: <b@mx.test>", "250 250"},
		{"no brackets", "MAIL FROM:a@c.test", "501"},
		{"open bracket", "MAIL FROM:<a@c.test", "501"},
		{"no domain", "MAIL FROM:<a@>", "501"},
		{"route", "MAIL FROM:<@x.test,@y.test:a@c.test>", "250"},
		{"quoted", `MAIL FROM:<"a b>\"c"@c.test>`, "250"},
		{"postmaster", mail + "\nRCPT TO:<Postmaster>", "250 250"},
		{"empty recipient", mail + "\nRCPT TO:<>", "250 501"},
		{"parameters", mail + " SIZE=100 BODY=8BITMIME RET=HDRS ENVID=x AUTH=<>\n" + rcpt +
			" NOTIFY=FAILURE,DELAY ORCPT=rfc822;b@mx.test", "250 250"},
		{"bad size", mail + " SIZE=x", "501"},
		{"negative size", mail + " SIZE=-1", "501"},
		{"bad body", mail + " BODY=9BIT", "501"},
		{"unknown parameter", mail + " X=1\n" + mail + "\n" + rcpt + " X=1", "555 250 555"},
		{"bad notify", mail + "\n" + rcpt + " NOTIFY=MAYBE", "250 501"},
		{"too big", mail + " SIZE=157286401", "552"},
		{"utf8 undeclared", "MAIL FROM:<ä@c.test>\n" + mail + "\nRCPT TO:<ö@mx.test>", "553 250 553"},
		{"utf8", "MAIL FROM:<ä@c.test> SMTPUTF8\nRCPT TO:<山@mx.test>", "250 250"},
		{"bad utf8", "MAIL FROM:<\xff@c.test> SMTPUTF8", "501"},
		{"control", "MAIL FROM:<a\x01@c.test>", "501"},
		{"no tls", "STARTTLS", "502"},
		{"data argument", mail + "\n" + rcpt + "\nDATA x", "250 250 501"},
		{"lhlo", "LHLO c.test", "500"},
		{"empty hello", "EHLO", "501"},
		{"long line", "NOOP " + strings.Repeat("x", 3000) + "\nNOOP", "500 250"},
		{"very long line", "NOOP " + strings.Repeat("x", 100_000) + "\nNOOP", "500 250"},
		{"hello resets", mail + "\nHELO again.test\n" + rcpt, "250 250 503"},
		{"rset", mail + "\nRSET\n" + rcpt, "250 250 503"},
		{"refused chunk is skipped", "BDAT 6\nNOOP\nNOOP", "503 250"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var codes []string
			for _, line := range answers(t, &smtpfake.Server{}, strings.Split(strings.TrimSpace(c.lines), "\n")...) {
				codes = append(codes, line[:3])
			}
			if got := strings.Join(codes, " "); got != c.want {
				t.Errorf("answered %s, want %s", got, c.want)
			}
		})
	}
}

// TestHelloFirst: nothing of a transaction is taken before a greeting.
func TestHelloFirst(t *testing.T) {
	got := converse(t, &smtpfake.Server{},
		"MAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nDATA\r\nBDAT 1\r\nxQUIT\r\n")
	if strings.Count(got, "503 5.5.1 Send hello first") != 4 {
		t.Errorf("said %q", got)
	}
}

// TestBodies: what a sink gets is what was meant, however it is cut up.
func TestBodies(t *testing.T) {
	for _, c := range []struct{ name, sent, want string }{
		{"empty", ".\r\n", ""},
		{"dots", "..\r\n...x\r\n.\r\n", ".\r\n..x\r\n"},
		{"inner dots", "a.\r\nb..c\r\n.\r\n", "a.\r\nb..c\r\n"},
		{"bare LF ends nothing", "a\n.\nb\r\n.\n\r\n.\r\n", "a\n.\nb\r\n\n\r\n"},
		{"bare LF dot CRLF ends nothing", "a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n"},
		{"bare CR", "a\r.\rb\r\r\n.\r\n", "a\r.\rb\r\r\n"},
		{"blank lines", "\r\n\r\n\r\n.\r\n", "\r\n\r\n\r\n"},
		{"8 bit", "\xff\x00\xfe\r\n.\r\n", "\xff\x00\xfe\r\n"},
		{"long line", strings.Repeat("z", 70_000) + "\r\n.\r\n", strings.Repeat("z", 70_000) + "\r\n"},
		{"many lines", strings.Repeat("..q\r\nw\r\n", 9000) + ".\r\n", strings.Repeat(".q\r\nw\r\n", 9000)},
	} {
		for _, step := range []int{1, 2, 3, 7, 1 << 20} {
			if step < 3 && len(c.sent) > 1000 {
				continue
			}
			t.Run(fmt.Sprintf("%s by %d", c.name, step), func(t *testing.T) {
				if got := body(t, c.sent, step); got != c.want {
					t.Errorf("got %.60q, want %.60q (%d and %d bytes)", got, c.want, len(got), len(c.want))
				}
			})
		}
	}
}

// body sends a message in pieces of step bytes through a pipe, which keeps the
// pieces apart, and returns what arrived.
func body(t *testing.T, sent string, step int) (got string) {
	synctest.Test(t, func(t *testing.T) {
		var b box
		l := newPipes()
		srv := &smtpfake.Server{Open: b.Open}
		go func() { _ = srv.Serve(l) }()
		defer srv.Close()
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = io.Copy(io.Discard, conn) }()
		text := start + "MAIL FROM:<>\r\nRCPT TO:<b@mx.test>\r\nDATA\r\n" + sent
		for len(text) > 0 {
			n := min(step, len(text))
			if _, err := io.WriteString(conn, text[:n]); err != nil {
				t.Fatal(err)
			}
			text = text[n:]
		}
		synctest.Wait()
		messages, _, _ := b.take()
		if len(messages) != 1 {
			t.Fatalf("%d messages arrived", len(messages))
		}
		got = messages[0].body
		_ = conn.Close()
	})
	return got
}

// TestChunks: BDAT takes bytes as they are and mixes with no DATA.
func TestChunks(t *testing.T) {
	var b box
	got := answers(t, &smtpfake.Server{Open: b.Open},
		"MAIL FROM:<>", "RCPT TO:<b@mx.test>", "BDAT 4", "..\r\nBDAT 0", "DATA", "RCPT TO:<c@mx.test>",
		"BDAT 3 LAST", ".\r\nBDAT 2 LAST", "xxNOOP")
	want := []string{
		"250 2.1.0 Ok", "250 2.1.5 Ok", "250 2.0.0 Ok", "250 2.0.0 Ok",
		"503 5.5.1 Bad sequence of commands", "503 5.5.1 Bad sequence of commands",
		"250 2.0.0 Ok: queued as 000001.1", "503 5.5.1 Need MAIL command", "250 2.0.0 Ok",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	messages, _, _ := b.take()
	if len(messages) != 1 || messages[0].body != "..\r\n.\r\n" {
		t.Errorf("arrived: %+v", messages)
	}
	if got := converse(t, &smtpfake.Server{}, start+"BDAT x\r\nNOOP\r\n"); !strings.HasSuffix(got, "arguments\n") {
		t.Errorf("after an unreadable size the server said %q", got)
	}
}

// TestFaultsInChunks: a fault in a chunk acts at its byte, and a reply stands in
// for the chunk's own.
func TestFaultsInChunks(t *testing.T) {
	var b box
	srv := &smtpfake.Server{Open: b.Open, Ended: b.Ended, Faults: func(p smtpfake.Point) *smtpfake.Act {
		if p.Stage != smtpfake.StageBody {
			return nil
		}
		return &smtpfake.Act{Do: smtpfake.Reply, Fault: "full", Reply: "452 4.3.1 full", After: 6}
	}}
	got := answers(t, srv, "MAIL FROM:<>", "RCPT TO:<b@mx.test>",
		"BDAT 4", "abcdBDAT 4", "abcdBDAT 1 LAST", "xNOOP")
	want := []string{"250 2.1.0 Ok", "250 2.1.5 Ok", "250 2.0.0 Ok", "452 4.3.1 full",
		"503 5.5.1 Need MAIL command", "250 2.0.0 Ok"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	_, results, aborted := b.take()
	if aborted != 1 || len(results) != 1 || results[0].Taken || results[0].Fault != "full" || results[0].Code != 452 {
		t.Errorf("%d aborted, results %+v", aborted, results)
	}
}

// TestWhoWasRefusedIsTold: of each transaction, and of that alone; who was only put
// off is not among them.
func TestWhoWasRefusedIsTold(t *testing.T) {
	var b box
	srv := &smtpfake.Server{Open: b.Open, Ended: b.Ended, Faults: func(p smtpfake.Point) *smtpfake.Act {
		if p.Stage != smtpfake.StageRcpt || strings.HasPrefix(p.Rcpt, "good") {
			return nil
		}
		return &smtpfake.Act{Do: smtpfake.Reply, Reply: p.Rcpt[:3] + " no"}
	}}
	answers(t, srv, "MAIL FROM:<>", "RCPT TO:<550@mx.test>", "RCPT TO:<good@mx.test>",
		"RCPT TO:<450@mx.test>", "RCPT TO:<551@mx.test>", "RSET",
		"MAIL FROM:<a@c.test>", "RCPT TO:<451@mx.test>", "QUIT")
	_, results, _ := b.take()
	var refused, taken [][]string
	for _, r := range results {
		refused, taken = append(refused, r.Session.Refused), append(taken, r.Session.To)
	}
	if diff := cmp.Diff([][]string{{"550@mx.test", "551@mx.test"}, nil}, refused); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][]string{{"good@mx.test"}, nil}, taken); diff != "" {
		t.Error(diff)
	}
}

// TestLimits: too many recipients, too large a message, too many sessions, and a
// sink that fails.
func TestLimits(t *testing.T) {
	var b box
	got := answers(t, &smtpfake.Server{MaxRecipients: 1, MaxMessage: 10, Open: b.Open},
		"MAIL FROM:<>", "RCPT TO:<b@mx.test>", "RCPT TO:<c@mx.test>", "DATA", "12345678901", ".")
	want := []string{"250 2.1.0 Ok", "250 2.1.5 Ok", "452 4.5.3 Too many recipients",
		"354 End data with <CR><LF>.<CR><LF>", "552 5.3.4 Message too big"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, _, aborted := b.take(); aborted != 1 {
		t.Errorf("%d aborted", aborted)
	}

	var troubles []string
	failing := box{failAt: 5}
	got = answers(t, &smtpfake.Server{Open: failing.Open, Trouble: func(err error) {
		troubles = append(troubles, err.Error())
	}}, "MAIL FROM:<>", "RCPT TO:<b@mx.test>", "DATA", "1234567890", ".")
	if got[3] != "451 4.3.0 Local error in processing" ||
		cmp.Diff([]string{"writing a message: no room"}, troubles) != "" {
		t.Errorf("a failing sink: %q, %q", got, troubles)
	}

	address := serve(t, &smtpfake.Server{MaxSessions: 1})
	first := bufio.NewReader(dial(t, address))
	read(t, first, "220")
	read(t, bufio.NewReader(dial(t, address)), "421")
}

// TestResults: one for each transaction, one for a session without any.
func TestResults(t *testing.T) {
	var b box
	srv := &smtpfake.Server{Open: b.Open, Ended: b.Ended, Persona: smtpfake.Plain{
		Accepts: func(rcpt string) bool { return strings.HasPrefix(rcpt, "b@") },
	}}
	address := serve(t, srv)
	for _, text := range []string{
		"QUIT\r\n",
		whole("one\r\n") + "MAIL FROM:<>\r\nRCPT TO:<x@x.test>\r\nRSET\r\n" +
			"MAIL FROM:<>\r\nRCPT TO:<b@x.test>\r\nQUIT\r\n",
	} {
		conn := dial(t, address)
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, conn); err != nil {
			t.Fatal(err)
		}
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	want := `message 2.1 "one\r\n"
result 0 stage=quit taken=false told=false code=0 fault="" reply="" to=[]
result 1 stage=accepted taken=true told=true code=250 fault="" reply="250 2.0.0 Ok: queued as 000002.1" to=[b@x.test]
result 2 stage=rcpt taken=false told=false code=550 fault="" reply="550 5.1.1 no" to=[]
result 3 stage=rcpt taken=false told=false code=0 fault="" reply="" to=[b@x.test]
`
	got := strings.ReplaceAll(describe(&b), "<x@x.test>: Recipient address rejected: User unknown", "no")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestIdle: a silent client is told and left, a busy one is not; the time is the
// server's clock's.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b box
		l := newPipes()
		srv := &smtpfake.Server{IdleTimeout: time.Minute, Ended: b.Ended}
		go func() { _ = srv.Serve(l) }()
		defer srv.Close()
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		in := bufio.NewReader(conn)
		read(t, in, "220")
		for range 3 {
			<-time.After(59 * time.Second)
			if _, err := io.WriteString(conn, "NOOP\r\n"); err != nil {
				t.Fatal(err)
			}
			read(t, in, "250")
		}
		began := time.Now()
		read(t, in, "421")
		if waited := time.Since(began); waited != time.Minute {
			t.Errorf("left after %s", waited)
		}
		if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
			t.Errorf("then %v", err)
		}
	})
}

// TestLeavingWhileStalled: a client that gives up ends the session, and what it
// sent before it waits is not lost when it stays.
func TestLeavingWhileStalled(t *testing.T) {
	for _, stays := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var b box
			until := make(chan struct{})
			l := newPipes()
			srv := &smtpfake.Server{Open: b.Open, Ended: b.Ended, Faults: func(p smtpfake.Point) *smtpfake.Act {
				if p.Stage != smtpfake.StageMail {
					return nil
				}
				return &smtpfake.Act{Do: smtpfake.Stall, Fault: "stall", Until: until}
			}}
			go func() { _ = srv.Serve(l) }()
			defer srv.Close()
			conn, err := l.Dial()
			if err != nil {
				t.Fatal(err)
			}
			go func() { _, _ = io.Copy(io.Discard, conn) }()
			for _, text := range []string{start, "MAIL FROM:<>\r\nRCPT TO:<b@mx.test>\r\n", "DATA\r\n", "x\r\n.\r\n"} {
				if _, err := io.WriteString(conn, text); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait()
			if stays {
				<-time.After(13 * time.Hour)
				close(until)
				synctest.Wait()
			}
			_ = conn.Close()
			synctest.Wait()
			messages, results, _ := b.take()
			if got := len(messages) == 1; got != stays || len(results) != 1 || results[0].Taken != stays {
				t.Errorf("stays %t: %d messages, results %+v", stays, len(messages), results)
			}
			if n := srv.Sessions(); n != 0 {
				t.Errorf("%d sessions are left", n)
			}
		})
	}
}

// TestCloseEndsSessions: also those that stall for ever.
func TestCloseEndsSessions(t *testing.T) {
	var b box
	stalled := make(chan struct{})
	srv := &smtpfake.Server{Ended: b.Ended, Faults: func(p smtpfake.Point) *smtpfake.Act {
		if p.Stage != smtpfake.StageConnect || p.Session.Ordinal == 2 {
			return nil
		}
		close(stalled)
		return &smtpfake.Act{Do: smtpfake.Stall, Fault: "stall"}
	}}
	address := serve(t, srv)
	one := dial(t, address)
	<-stalled
	read(t, bufio.NewReader(dial(t, address)), "220")
	if n := srv.Sessions(); n != 2 {
		t.Errorf("%d sessions, want 2", n)
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := one.Read(make([]byte, 1)); err == nil {
		t.Error("the stalled client was told something")
	}
	if _, results, _ := b.take(); len(results) != 2 || srv.Sessions() != 0 {
		t.Errorf("%d results, %d sessions", len(results), srv.Sessions())
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Serve(l); err != nil {
		t.Errorf("serving after Close: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener was left open: %v", err)
	}
}

// TestPath: a session can be led another way; its addresses stay.
func TestPath(t *testing.T) {
	var b box
	var troubles []error
	lead := func(near net.Conn) (net.Conn, error) {
		inner, far := net.Pipe()
		go func() { _, _ = io.Copy(inner, near); _ = inner.Close() }()
		go func() { _, _ = io.Copy(near, inner); _ = near.Close() }()
		return far, nil
	}
	srv := &smtpfake.Server{Open: b.Open, Ended: b.Ended, Path: lead,
		Trouble: func(err error) { troubles = append(troubles, err) }}
	if got := converse(t, srv, whole("one\r\n")+"QUIT\r\n"); !strings.HasSuffix(got, "Bye\n") {
		t.Errorf("said %q", got)
	}
	messages, _, _ := b.take()
	if len(messages) != 1 || !strings.HasPrefix(messages[0].Local, "127.0.0.1:") {
		t.Errorf("arrived: %+v", messages)
	}
	nowhere := func(net.Conn) (net.Conn, error) { return nil, errFull }
	failing := &smtpfake.Server{Ended: b.Ended, Path: nowhere, Trouble: srv.Trouble}
	if got := converse(t, failing, ""); got != "" {
		t.Errorf("said %q", got)
	}
	if err := failing.Close(); err != nil {
		t.Fatal(err)
	}
	if _, results, _ := b.take(); len(results) != 2 || len(troubles) != 1 || !errors.Is(troubles[0], errFull) {
		t.Errorf("%d results, troubles %v", len(results), troubles)
	}
}
