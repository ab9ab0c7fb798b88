package smtpfake_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/fakes/certs"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// limit is how long a test waits for what should come at once.
const limit = 20 * time.Second

// serve runs a server on a loopback port until the test ends.
func serve(t testing.TB, srv *smtpfake.Server) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		if err := errors.Join(srv.Close(), <-done); err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// dial connects and gives up after the limit whatever happens.
func dial(t testing.TB, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(limit)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestResetIsRST looks at the error numbers: a reset is ECONNRESET and a close
// is an end of file, at each stage, also while bytes of the client's are unread.
func TestResetIsRST(t *testing.T) {
	script := map[smtpfake.Stage]string{
		smtpfake.StageConnect:   "",
		smtpfake.StageBanner:    "",
		smtpfake.StageEHLO:      "EHLO c.test\r\n",
		smtpfake.StageSTARTTLS:  "EHLO c.test\r\nSTARTTLS\r\n",
		smtpfake.StageHandshake: "EHLO c.test\r\nSTARTTLS\r\n",
		smtpfake.StageMail:      "EHLO c.test\r\nMAIL FROM:<>\r\n",
		smtpfake.StageRcpt:      "EHLO c.test\r\nMAIL FROM:<>\r\nRCPT TO:<b@x.test>\r\n",
		smtpfake.StageData:      "EHLO c.test\r\nMAIL FROM:<>\r\nRCPT TO:<b@x.test>\r\nDATA\r\n",
		smtpfake.StageBody:      whole("12345678901234567890\r\n"),
		smtpfake.StageEOD:       whole("1\r\n"),
		smtpfake.StageAccepted:  whole("1\r\n"),
		smtpfake.StageQuit:      "EHLO c.test\r\nQUIT\r\n",
		smtpfake.StageAuth:      "EHLO c.test\r\nAUTH PLAIN AHVzZXIAc2VjcmV0\r\n",
	}
	for _, stage := range smtpfake.Stages() { // secured is in TestEndsAtSecured
		if _, ok := script[stage]; !ok && stage != smtpfake.StageSecured {
			t.Errorf("stage %s is left out", stage)
		}
	}
	for stage, lines := range script {
		for _, do := range []smtpfake.Do{smtpfake.Reset, smtpfake.Close} {
			for name, more := range map[string]string{"": "", "-unread": strings.Repeat("x", 4<<10)} {
				t.Run(string(stage)+"-"+string(do)+name, func(t *testing.T) {
					err := ending(t, stage, do, lines+more)
					switch {
					case do == smtpfake.Reset && !errors.Is(err, syscall.ECONNRESET):
						t.Errorf("the client saw %v, want ECONNRESET", err)
					case do == smtpfake.Close && !errors.Is(err, io.EOF):
						t.Errorf("the client saw %v, want EOF", err)
					}
				})
			}
		}
	}
}

// ending sends lines at once and returns how the client's reading ended.
func ending(t *testing.T, stage smtpfake.Stage, do smtpfake.Do, lines string) error {
	authority, err := certs.New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	config, err := authority.Server("mx.test")
	if err != nil {
		t.Fatal(err)
	}
	sent := make(chan struct{})
	persona := brief{smtpfake.Plain{Name: "mx.test"}}
	address := serve(t, &smtpfake.Server{TLS: config, Persona: persona, Faults: func(p smtpfake.Point) *smtpfake.Act {
		if p.Stage != stage {
			return nil
		}
		<-sent // everything is on its way before the session is ended
		return &smtpfake.Act{Do: do, After: 5}
	}})
	conn := dial(t, address)
	_, err = conn.Write([]byte(lines))
	close(sent)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(io.Discard, conn)
	if err == nil {
		err = io.EOF // Copy hides it
	}
	return err
}

func whole(body string) string {
	return "EHLO c.test\r\nMAIL FROM:<>\r\nRCPT TO:<b@x.test>\r\nDATA\r\n" + body + ".\r\n"
}

// TestRefusalsArrive: the last reply of a session that the server ends is not
// lost where the client is still sending.
func TestRefusalsArrive(t *testing.T) {
	address := serve(t, &smtpfake.Server{Faults: func(p smtpfake.Point) *smtpfake.Act {
		if p.Stage != smtpfake.StageMail {
			return nil
		}
		return &smtpfake.Act{Do: smtpfake.Reply, Reply: "421 4.3.2 closing"}
	}})
	for range 50 {
		conn := dial(t, address)
		if _, err := conn.Write([]byte(whole(strings.Repeat("y", 8<<10)))); err != nil {
			t.Fatal(err)
		}
		all, err := io.ReadAll(conn)
		if err != nil || !strings.HasSuffix(string(all), "\r\n421 4.3.2 closing\r\n") {
			t.Fatalf("read %q, %v", all, err)
		}
		_ = conn.Close()
	}
}

// TestPipelinedRepliesComeTogether: a group of commands in one segment is
// answered in one (RFC 2920 section 3.2).
func TestPipelinedRepliesComeTogether(t *testing.T) {
	conn := dial(t, serve(t, &smtpfake.Server{}))
	in := bufio.NewReader(conn)
	read(t, in, "220")
	group := "EHLO c.test\r\nMAIL FROM:<a@c.test>\r\nRCPT TO:<b@x.test>\r\nRCPT TO:<c@x.test>\r\nDATA\r\n"
	if _, err := conn.Write([]byte(group)); err != nil {
		t.Fatal(err)
	}
	read(t, in, "250")
	together := in.Buffered()
	for _, want := range []string{"250", "250", "250", "354"} {
		read(t, in, want)
	}
	if in.Buffered() != 0 || together == 0 {
		t.Errorf("%d bytes came with the first reply, %d after the last", together, in.Buffered())
	}
}

// read takes one reply, which must have that code.
func read(t testing.TB, in *bufio.Reader, code string) (reply string) {
	t.Helper()
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(line, code) {
			t.Fatalf("the server said %q, want %s", line, code)
		}
		reply += line
		if len(line) > 3 && line[3] == ' ' {
			return reply
		}
	}
}
