package spare_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
	"github.com/hansei-mail/hansei/fakes/spare"
)

// copies is a sink that tells who a copy is for.
type copies struct {
	io.Writer
	to   []string
	told chan<- []string
}

func (c copies) Done() string { c.told <- c.to; return "" }
func (c copies) Abort()       {}

// Example keeps a copy of a message to b@kaede.example.
func Example() {
	srv := spare.New("spare.test").SMTP()
	told := make(chan []string, 1)
	srv.Open = func(m *smtpfake.Message) (smtpfake.Sink, error) {
		return copies{io.Discard, m.To, told}, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() { _ = srv.Serve(l) }()
	defer srv.Close()
	err = smtp.SendMail(l.Addr().String(), nil, "a@momiji.example",
		[]string{"b=kaede.example@spare.test"}, []byte("hello\r\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(<-told)
	// Output: [b=kaede.example@spare.test]
}

// TestFlavours: both take all of the domain and nothing else; LMTP answers once
// per recipient.
func TestFlavours(t *testing.T) {
	const envelope = "MAIL FROM:<>\r\nRCPT TO:<a=x.example@SPARE.test>\r\nRCPT TO:<b@spare.test>\r\n" +
		"RCPT TO:<c@else.test>\r\nRCPT TO:<postmaster>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n"
	for _, c := range []struct {
		srv         *smtpfake.Server
		hello, want string
	}{
		{spare.New("spare.test").SMTP(), "HELO", "220 250 250 250 250 550 550 354 250 221"},
		{spare.New("spare.test").LMTP(), "LHLO", "220 250 250 250 250 550 550 354 250 250 221"},
		{spare.New("spare.test").LMTP(), "EHLO", "220 500 503 503 503 503 503 503 500 500 221"},
	} {
		if got := codes(t, c.srv, c.hello+" relay.test\r\n"+envelope); got != c.want {
			t.Errorf("%s: %s, want %s", c.hello, got, c.want)
		}
	}
	if diff := cmp.Diff("220 spare.test LMTP", spare.New("spare.test").LMTP().Persona.Banner(nil)); diff != "" {
		t.Error(diff)
	}
}

// codes is the codes of all replies.
func codes(t *testing.T, srv *smtpfake.Server, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	var all []string
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		if line := lines.Text(); len(line) > 3 && line[3] == ' ' {
			all = append(all, line[:3])
		}
	}
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	return strings.Join(all, " ")
}
