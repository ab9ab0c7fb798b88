package smtpfake_test

import (
	"net"
	"strings"
	"testing"
	"time"

	smtpclient "github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/hansei-mail/hansei/fakes/certs"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestIndependentClient sends through STARTTLS with a client that is not ours.
func TestIndependentClient(t *testing.T) {
	authority, err := certs.New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	config, err := authority.Server("mx.test")
	if err != nil {
		t.Fatal(err)
	}
	var b box
	address := serve(t, &smtpfake.Server{Open: b.Open, Ended: b.Ended, TLS: config})
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	c, err := smtpclient.NewClientStartTLS(conn, authority.Client("mx.test"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Hello("c.test"); err != nil {
		t.Fatal(err)
	}
	if again, _ := c.Extension("STARTTLS"); again {
		t.Error("STARTTLS is offered inside TLS")
	}
	from := &smtpclient.MailOptions{Size: 9, Body: smtpclient.Body8BitMIME, UTF8: true, EnvelopeID: "e1"}
	if err := c.Mail("ä@c.test", from); err != nil {
		t.Fatal(err)
	}
	to := &smtpclient.RcptOptions{Notify: []smtpclient.DSNNotify{smtpclient.DSNNotifyFailure}}
	if err := c.Rcpt("山@mx.test", to); err != nil {
		t.Fatal(err)
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("Subject: x\r\n\r\n.\r\n..\r\nbye\r\n")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Quit(); err != nil {
		t.Error(err)
	}
	messages, _, _ := b.take()
	if len(messages) != 1 {
		t.Fatalf("%d messages", len(messages))
	}
	m := messages[0]
	if m.body != "Subject: x\r\n\r\n.\r\n..\r\nbye\r\n" || m.From != "ä@c.test" || m.Size != 9 ||
		cmp.Diff([]string{"山@mx.test"}, m.To) != "" || !m.TLS || m.Hello != "c.test" {
		t.Errorf("arrived %+v %q", *m.Session, m.body)
	}
}

// TestPlainTextBehindSTARTTLS: what was smuggled in before the handshake is not
// taken for a command inside TLS (RFC 3207 section 5).
func TestPlainTextBehindSTARTTLS(t *testing.T) {
	authority, err := certs.New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	config, err := authority.Server("mx.test")
	if err != nil {
		t.Fatal(err)
	}
	conn := dial(t, serve(t, &smtpfake.Server{TLS: config}))
	if _, err := conn.Write([]byte(start + "STARTTLS\r\nNOOP\r\n")); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 4096)
	var all strings.Builder
	for !strings.Contains(all.String(), "Ready to start TLS\r\n") {
		n, err := conn.Read(said)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(said[:n])
	}
	if !strings.HasSuffix(all.String(), "220 2.0.0 Ready to start TLS\r\n") {
		t.Errorf("the server said %q", all.String())
	}
}

// TestLMTP: a reply for each recipient, from an independent client's view.
func TestLMTP(t *testing.T) {
	b := box{reply: ""}
	address := serve(t, &smtpfake.Server{
		LMTP: true, Open: b.Open, Ended: b.Ended, Persona: smtpfake.Plain{
			Lmtp: true, Accepts: func(rcpt string) bool { return rcpt != "no@mx.test" },
		},
	})
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	c := smtpclient.NewClientLMTP(conn)
	if err := c.Mail("a@c.test", nil); err != nil {
		t.Fatal(err)
	}
	for _, rcpt := range []string{"b@mx.test", "no@mx.test", "c@mx.test"} {
		if err := c.Rcpt(rcpt, nil); (err != nil) != (rcpt == "no@mx.test") {
			t.Fatalf("%s: %v", rcpt, err)
		}
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("x\r\n")); err != nil {
		t.Fatal(err)
	}
	told, err := w.CloseWithLMTPResponse()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Quit(); err != nil {
		t.Fatal(err)
	}
	if len(told) != 2 || told["b@mx.test"] == nil || told["c@mx.test"] == nil {
		t.Errorf("told %v", told)
	}
	if messages, results, _ := b.take(); len(messages) != 1 || len(results) != 1 || !results[0].Told {
		t.Errorf("messages %+v, results %+v", messages, results)
	}
}

// TestSinkReplies: a sink's own reply stands for the persona's.
func TestSinkReplies(t *testing.T) {
	b := box{reply: "550 5.7.1 spam"}
	srv := &smtpfake.Server{Open: b.Open, Ended: b.Ended}
	got := answers(t, srv, "MAIL FROM:<>", "RCPT TO:<b@mx.test>", "DATA", "x", ".")
	if got[3] != b.reply {
		t.Errorf("said %q", got)
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	if _, results, aborted := b.take(); aborted != 0 || results[0].Taken || !results[0].Told || results[0].Code != 550 {
		t.Errorf("%d aborted, results %+v", aborted, results)
	}
}
