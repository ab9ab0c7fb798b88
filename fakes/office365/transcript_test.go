package office365_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hansei-mail/hansei/fakes/office365"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

const transcripts = "testdata/transcripts.txtar"

// oneConn is a listener that gives one connection in memory.
type oneConn struct {
	conn chan net.Conn
	done chan struct{}
}

func (l oneConn) Accept() (net.Conn, error) {
	select {
	case c := <-l.conn:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l oneConn) Close() error   { close(l.done); return nil }
func (l oneConn) Addr() net.Addr { return where("127.25.1.2:25") }

type where string

func (where) Network() string  { return "tcp" }
func (w where) String() string { return string(w) }

// placed is an end of a pipe with addresses.
type placed struct{ net.Conn }

func (placed) LocalAddr() net.Addr  { return where("127.25.1.2:25") }
func (placed) RemoteAddr() net.Addr { return where("127.0.0.1:4711") }

// plainSubmission lets users sign in without TLS, which would hide the words.
type plainSubmission struct{ office365.Submission }

func (plainSubmission) Mechanisms(*smtpfake.Session) []string { return []string{"LOGIN"} }

// refusedAt is a whole session in which the reply is given at that stage.
func refusedAt(t *testing.T, r office365.Listed, stage string) (text string) {
	synctest.Test(t, func(t *testing.T) {
		mx := office365.MX{Forest: "namprd03", Seed: 1}
		lines := []string{"EHLO c.test", "MAIL FROM:<a@c.test>", "RCPT TO:<b@kaede.example>", "DATA", "x\r\n.", "QUIT"}
		srv := &smtpfake.Server{Persona: mx, Faults: func(p smtpfake.Point) *smtpfake.Act {
			if string(p.Stage) != stage {
				return nil
			}
			return &smtpfake.Act{Do: smtpfake.Reply, Reply: r.Text}
		}}
		if stage == string(smtpfake.StageAuth) {
			srv.Persona = plainSubmission{office365.Submission{MX: mx}}
			lines = []string{"EHLO c.test", "AUTH LOGIN", "dXNlcg==", "c2VjcmV0", "QUIT"}
		}
		l := oneConn{make(chan net.Conn, 1), make(chan struct{})}
		done := make(chan error, 1)
		go func() { done <- srv.Serve(l) }()
		here, there := net.Pipe()
		l.conn <- placed{there}
		text = speak(here, lines)
		_ = here.Close()
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return text
}

// speak says the lines one by one, skips to QUIT after a refusal, and writes
// both sides down.
func speak(conn net.Conn, lines []string) string {
	var s strings.Builder
	in := bufio.NewReader(conn)
	for next := 0; ; next++ {
		refused := false
		for more := true; more; {
			line, err := in.ReadString('\n')
			if err != nil {
				return s.String() + "end\n"
			}
			more = len(line) > 3 && line[3] == '-'
			refused = line[0] >= '4'
			if !more {
				fmt.Fprintf(&s, "S: %s\n", strings.TrimRight(line, "\r\n"))
			}
		}
		if next >= len(lines) {
			return s.String()
		}
		if refused && next > 0 && lines[next-1] != "QUIT" || refused && next == 0 {
			next = len(lines) - 1
		}
		fmt.Fprintf(&s, "C: %s\n", strings.ReplaceAll(lines[next], "\r\n", "\\n"))
		if _, err := io.WriteString(conn, lines[next]+"\r\n"); err != nil {
			return s.String() + "end\n"
		}
	}
}

// TestTranscripts drives every refusal of the tables at each stage where it
// belongs, but for those that only a DSN shows, and holds each session against
// the golden ones. None may be left out.
func TestTranscripts(t *testing.T) {
	var got txtar.Archive
	for _, r := range office365.Replies() {
		for _, stage := range r.Stages {
			if stage == "ndr" {
				continue
			}
			text := refusedAt(t, r, stage)
			code := r.Text[:3]
			if !strings.Contains(text, "\nS: "+code) && !strings.HasPrefix(text, "S: "+code) {
				t.Errorf("%s at %s was not said:\n%s", r.Name, stage, text)
			}
			if said := strings.HasSuffix(text, "end\n"); code == "421" && !said {
				t.Errorf("%s at %s: a 421 does not end the session:\n%s", r.Name, stage, text)
			}
			got.Files = append(got.Files, txtar.File{Name: r.Name + "-" + stage, Data: []byte(text)})
		}
		if !slices.ContainsFunc(r.Stages, func(s string) bool { return s != "" }) {
			t.Errorf("%s has no stage", r.Name)
		}
	}
	if *update {
		if err := os.WriteFile(transcripts, txtar.Format(&got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(transcripts)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(txtar.Format(&got))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
