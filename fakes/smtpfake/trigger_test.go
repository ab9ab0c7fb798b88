package smtpfake_test

import (
	"io"
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// TestTriggers: recipients ask for faults, from any client.
func TestTriggers(t *testing.T) {
	srv := &smtpfake.Server{Triggers: true}
	for _, c := range []struct {
		rcpt string
		want string // the last reply
		at   int    // its place among the answers
	}{
		{"rcpt-451-4.7.500@mx.test", "451 4.7.500 As the recipient asked", 1},
		{"RCPT-550@mx.test", "550 As the recipient asked", 1},
		{"data-452-4.3.1@mx.test", "452 4.3.1 As the recipient asked", 2},
		{"eod-554-5.7.1@mx.test", "554 5.7.1 As the recipient asked", 3},
		{"accepted-451-4.3.0@mx.test", "451 4.3.0 As the recipient asked", 3},
		{"eod-rest@mx.test", "250 2.0.0 Ok: queued as ", 3},
		{"box-451-4.7.500@mx.test", "250 2.1.5 Ok", 1},
		{"rcpt-lose@mx.test", "250 2.1.5 Ok", 1},
	} {
		got := answers(t, srv, "MAIL FROM:<>", "RCPT TO:<"+c.rcpt+">", "DATA", "x", ".")
		if len(got) <= c.at || !strings.HasPrefix(got[c.at], c.want) {
			t.Errorf("%s: answers %q, want %q", c.rcpt, got, c.want)
		}
		srv = &smtpfake.Server{Triggers: true}
	}
}

// TestTriggersOfTheNextSession: what comes before RCPT happens to the client's
// next session, once.
func TestTriggersOfTheNextSession(t *testing.T) {
	address := serve(t, &smtpfake.Server{Triggers: true})
	first := exchange(t, address, "HELO c.test\r\nMAIL FROM:<>\r\n"+
		"RCPT TO:<banner-554-5.3.2@mx.test>\r\nRCPT TO:<quit-421@mx.test>\r\nQUIT\r\n")
	if !strings.HasSuffix(first, "421 As the recipient asked\r\n") {
		t.Errorf("the first session read %q", first)
	}
	if got := exchange(t, address, "QUIT\r\n"); !strings.HasPrefix(got, "554 5.3.2 As the recipient") {
		t.Errorf("the second session read %q", got)
	}
	if got := exchange(t, address, "QUIT\r\n"); !strings.HasPrefix(got, "220 ") {
		t.Errorf("the third session read %q", got)
	}
}

// exchange sends all at once and reads to the end.
func exchange(t *testing.T, address, text string) string {
	t.Helper()
	conn := dial(t, address)
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}
