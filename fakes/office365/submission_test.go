package office365_test

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/fakes/certs"
	"github.com/hansei-mail/hansei/fakes/office365"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// patience is how long a test waits for what should come at once.
const patience = 20 * time.Second

// submitting is a server of port 587 and a client inside TLS.
func submitting(t *testing.T, sub office365.Submission) func(lines ...string) string {
	t.Helper()
	authority, err := certs.New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	config, err := authority.Server("smtp.office365.test")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &smtpfake.Server{Persona: sub, TLS: config}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return func(lines ...string) string {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(conn)
		said := read(t, in)
		for _, line := range []string{"EHLO c.test", "AUTH LOGIN", "STARTTLS"} {
			fmt.Fprintf(conn, "%s\r\n", line)
			said += read(t, in)
		}
		safe := tls.Client(conn, authority.Client("smtp.office365.test"))
		in = bufio.NewReader(safe)
		for _, line := range append([]string{"EHLO c.test"}, lines...) {
			fmt.Fprintf(safe, "%s\r\n", line)
			said += read(t, in)
		}
		return said
	}
}

func read(t *testing.T, in io.Reader) (reply string) {
	t.Helper()
	for {
		line, err := in.(*bufio.Reader).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		reply += strings.ReplaceAll(line, "\r", "")
		if line[3] == ' ' {
			return reply
		}
	}
}

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// TestSubmission holds a session on port 587 against a transcript of 2025-11-23.
func TestSubmission(t *testing.T) {
	talk := submitting(t, office365.Submission{
		MX: office365.MX{Forest: "ausp282", Started: began},
		Verify: func(c smtpfake.Credentials) string {
			if c.Mechanism == "XOAUTH2" && c.Secret == "token" {
				return ""
			}
			r, _ := office365.ReplyNamed("auth-basic-disabled")
			return r.Text
		},
	})
	got := talk("MAIL FROM:<a@wattle.example>", "AUTH LOGIN", b64("a@wattle.example"), b64("secret"),
		"AUTH XOAUTH2 "+b64("user=a\x01"), "AUTH XOAUTH2",
		b64("user=a@wattle.example\x01auth=Bearer token\x01\x01"),
		"MAIL FROM:<a@wattle.example>", "RCPT TO:<b@c.test>", "DATA", "Message-ID: <1@c.test>\r\n\r\nx\r\n.",
		"MAIL FROM:<b@wattle.example>", "RCPT TO:<b@c.test>", "DATA", "x\r\n.", "QUIT")
	const host = `(SY4|SY5|ME3)P282CA\d{4}`
	want := `220 ` + host + `\.outlook\.office365\.com Microsoft ESMTP MAIL Service ready at .* \[[0-9A-F]{16}\]
250-` + host + `\.outlook\.office365\.com Hello \[127\.0\.0\.1\]
250-SIZE 157286400
250-PIPELINING
250-DSN
250-ENHANCEDSTATUSCODES
250-STARTTLS
250-8BITMIME
250-BINARYMIME
250-CHUNKING
250 SMTPUTF8
504 5\.7\.4 Unrecognized authentication type
220 2\.0\.0 SMTP server ready
250-` + host + `\.outlook\.office365\.com Hello \[127\.0\.0\.1\]
250-SIZE 157286400
250-PIPELINING
250-DSN
250-ENHANCEDSTATUSCODES
250-AUTH LOGIN XOAUTH2
250-8BITMIME
250-BINARYMIME
250-CHUNKING
250 SMTPUTF8
530 5\.7\.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM
334 VXNlcm5hbWU6
334 UGFzc3dvcmQ6
535 5\.7\.139 Authentication unsuccessful, basic authentication is disabled\. ` +
		`\[` + host + `\.AUSP282\.PROD\.OUTLOOK\.COM\]
501 5\.5\.124 Invalid XOAUTH2 auth data
334 ` + `
235 2\.7\.0 Authentication successful
250 2\.1\.0 Sender OK
250 2\.1\.5 Recipient OK
354 Start mail input; end with <CRLF>\.<CRLF>
250 2\.0\.0 OK <1@c\.test> \[Hostname=(SY4|SY5|ME3)P282MB\d{4}\.AUSP282\.PROD\.OUTLOOK\.COM\]
250 2\.1\.0 Sender OK
250 2\.1\.5 Recipient OK
354 Start mail input; end with <CRLF>\.<CRLF>
554 5\.2\.252 SendAsDenied; a@wattle\.example not allowed to send as b@wattle\.example; STOREDRV\..*
221 2\.0\.0 Service closing transmission channel
`
	theirs, ours := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(theirs), len(ours)) {
		if i >= len(theirs) || i >= len(ours) || !regexp.MustCompile("^"+theirs[i]+"$").MatchString(ours[i]) {
			t.Fatalf("line %d of %q does not match", i+1, got)
		}
	}
}

// TestQuota: the 31st message of a minute waits, the fourth session's is
// answered 432, and the day ends at 10,000 recipients.
func TestQuota(t *testing.T) {
	var q office365.Quota
	session := func(id string, at time.Time, to int) *smtpfake.Session {
		return &smtpfake.Session{ID: id, User: "A@wattle.example", Began: at, To: make([]string, to)}
	}
	at := func(stage smtpfake.Stage, s *smtpfake.Session) *smtpfake.Act {
		return q.Faults(smtpfake.Point{Stage: stage, Session: s})
	}
	for n := range 33 {
		act := at(smtpfake.StageEOD, session("1", began, 1))
		switch wait := time.Duration(n-29) * 2 * time.Second; {
		case n < 30 && act != nil:
			t.Fatalf("message %d: %+v", n+1, act)
		case n >= 30 && (act == nil || act.Do != smtpfake.Slow || act.Delay != wait):
			t.Errorf("message %d: %+v, want a delay of %s", n+1, act, wait)
		}
	}
	for _, id := range []string{"2", "3", "4"} {
		if act := at(smtpfake.StageMail, session(id, began, 0)); act != nil {
			t.Errorf("MAIL of session %s: %+v", id, act)
		}
	}
	later := began.Add(time.Hour)
	if act := at(smtpfake.StageEOD, session("4", later, 1)); act == nil ||
		act.Reply != "432 4.3.2 Concurrent connections limit exceeded." {
		t.Errorf("the fourth session: %+v", act)
	}
	q.Left(*session("2", later, 0))
	if act := at(smtpfake.StageEOD, session("4", later, 9966)); act != nil {
		t.Errorf("once it is the third: %+v", act)
	}
	if act := at(smtpfake.StageEOD, session("4", later, 2)); act == nil || act.Reply[:9] != "554 5.2.0" {
		t.Errorf("recipient 10,001 of the day: %+v", act)
	}
	if act := at(smtpfake.StageEOD, session("4", began.Add(25*time.Hour), 2)); act != nil {
		t.Errorf("the next day: %+v", act)
	}
	if act := q.Faults(smtpfake.Point{Stage: smtpfake.StageEOD, Session: opened(office365.MX{})}); act != nil {
		t.Errorf("nobody signed in: %+v", act)
	}
}

// TestReceiving: message 3,601 of an hour is refused for good, and 1,201 of one
// sender; an hour later all is well.
func TestReceiving(t *testing.T) {
	mx := office365.MX{Receiving: &office365.Receiving{}}
	send := func(from string, at time.Time, to ...string) string {
		s := opened(mx)
		s.Began, s.From, s.To = at, from, to
		return mx.Taken(&smtpfake.Message{Session: s, Began: at}, 1)[:9]
	}
	const box = "b@kaede.example"
	for n := range office365.ReceivedPerHour {
		from := fmt.Sprintf("s%d@c.test", n/office365.ReceivedFromOne)
		if got := send(from, began, box); got != "250 2.6.0" {
			t.Fatalf("message %d is answered %q", n+1, got)
		}
		if n == office365.ReceivedFromOne-1 {
			if got := send(from, began, box); got != "554 5.2.1" {
				t.Errorf("one sender's message %d is answered %q", n+2, got)
			}
		}
	}
	if got := send("x@c.test", began, "B@Kaede.example"); got != "554 5.2.1" {
		t.Errorf("one too many is answered %q", got)
	}
	if got := send("x@c.test", began, box, "other@kaede.example"); got != "250 2.6.0" {
		t.Errorf("with another recipient it is answered %q", got)
	}
	if got := send("x@c.test", began.Add(time.Hour), box); got != "250 2.6.0" {
		t.Errorf("an hour later it is answered %q", got)
	}
}

// TestNamesOfTenants: the host in an MX record, with its suffix where two
// domains meet.
func TestNamesOfTenants(t *testing.T) {
	if got := office365.MXName("Kaede.example", nil); got != "kaede-example.mail.protection.outlook.test" {
		t.Error(got)
	}
	taken := map[string]bool{
		"a-b-test.mail.protection.outlook.test": true, "a-b-test01c.mail.protection.outlook.test": true,
	}
	got := office365.MXName("a-b.test", func(name string) bool { return taken[name] })
	if got != "a-b-test02c.mail.protection.outlook.test" {
		t.Error(got)
	}
	if got := office365.DANEName("kaede.example", 's'); got != "kaede-example.s-v1.mx.microsoft.test" {
		t.Error(got)
	}
	if office365.FrontEnds(office365.Era2019) != 2 || office365.FrontEnds(office365.Era2026) != 4 {
		t.Error("2019 had two addresses, 2026 has four")
	}
}

// TestLongSession: an MX ends a session after ten minutes, an idle one after
// five; a wrong region has its own words.
func TestLongSession(t *testing.T) {
	mx := office365.MX{
		Accepts:   func(string) bool { return false },
		Elsewhere: func(rcpt string) bool { return rcpt == "b@wattle.example" },
	}
	if got := mx.Rcpt(opened(mx), "b@wattle.example"); !strings.HasPrefix(got, "451 4.4.62 Mail sent to the wrong") {
		t.Error(got)
	}
	if got := mx.Rcpt(opened(mx), "b@nowhere.example"); !strings.HasPrefix(got, "550 5.4.1 ") {
		t.Error(got)
	}
	got := mx.Say(opened(mx), smtpfake.CueOver)
	if got != "421 4.4.1 Connection timed out. Total session duration: 00:00:00.0000000" {
		t.Error(got)
	}
}
