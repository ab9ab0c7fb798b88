package internet_test

import (
	"errors"
	"io"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/fakes/internet"
)

// postfixDSN is a bounce as Postfix writes it.
const postfixDSN = `Return-Path: <>
From: MAILER-DAEMON@relay.example (Mail Delivery System)
To: a@momiji.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="1A2B.1574164800/relay.example"
Content-Transfer-Encoding: 8bit

This is a MIME-encapsulated message.

--1A2B.1574164800/relay.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you ...

--1A2B.1574164800/relay.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
Original-Envelope-Id: env1
X-Postfix-Queue-ID: 1A2B
Arrival-Date: Tue, 19 Nov 2019 11:00:00 +0900 (JST)

Final-Recipient: rfc822; b@kaede.example
Original-Recipient: rfc822;b.long@kaede.example
Action: failed
Status: 5.4.1
Remote-MTA: dns; kaede-example.mail.protection.outlook.test
Diagnostic-Code: smtp; 550 5.4.1 Recipient address rejected: Access denied.
    AS(201806281) (in reply to RCPT TO command)

Final-Recipient: rfc822; c@kaede.example
Action: Delayed
Status: 4.4.1

--1A2B.1574164800/relay.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Received: from x
	by y
Received: from w
X-Load-Id: m42
Subject: hello

--1A2B.1574164800/relay.example--
`

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func parse(t *testing.T, text string) (*internet.DSN, bool, error) {
	t.Helper()
	return internet.ParseDSN(strings.NewReader(crlf(text)))
}

func TestParseDSN(t *testing.T) {
	got, is, err := parse(t, postfixDSN)
	if !is || err != nil {
		t.Fatalf("a dsn: %t, %v", is, err)
	}
	want := &internet.DSN{
		Reporter: "relay.example", Envelope: "env1",
		Recipients: []internet.Recipient{
			{
				Action: "failed", Final: "b@kaede.example", Original: "b.long@kaede.example",
				Status: "5.4.1", Diagnostic: "550 5.4.1 Recipient address rejected: Access denied. " +
					"AS(201806281) (in reply to RCPT TO command)",
			},
			{Action: "delayed", Final: "c@kaede.example", Status: "4.4.1"},
		},
		Original: textproto.MIMEHeader{
			"Received": {"from x by y", "from w"}, "X-Load-Id": {"m42"}, "Subject": {"hello"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestReturnedMessage: the whole message may come back, in another encoding and
// with a header that ends the part.
func TestReturnedMessage(t *testing.T) {
	whole := strings.Replace(postfixDSN, "text/rfc822-headers\n", "message/rfc822\n", 1)
	whole = strings.Replace(whole, "Subject: hello\n", "Subject: hello\n\nX-Load-Id: in the body\n", 1)
	got, is, err := parse(t, whole)
	if !is || err != nil || cmp.Diff([]string{"m42"}, got.Original["X-Load-Id"]) != "" {
		t.Errorf("%t, %v, %v", is, err, got)
	}
	coded := strings.Replace(postfixDSN,
		"Content-Type: text/rfc822-headers\n\nReceived: from x\n\tby y\nReceived: from w\n"+
			"X-Load-Id: m42\nSubject: hello\n",
		"Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: base64\n\nWC1Mb2FkLUlkOiBtNDINCg==\n", 1)
	got, is, err = parse(t, coded)
	if !is || err != nil || got.Original.Get("X-Load-Id") != "m42" {
		t.Errorf("base64: %t, %v, %v", is, err, got)
	}
}

// TestUTF8: a DSN about addresses beyond ASCII (RFC 6533).
func TestUTF8(t *testing.T) {
	text := strings.Replace(postfixDSN, "message/delivery-status", "message/global-delivery-status", 1)
	text = strings.Replace(text, "rfc822; b@kaede.example", `utf-8; \x{5C71}\x{e4}@kaede.example`, 1)
	text = strings.Replace(text, "rfc822; c@kaede.example", "utf-8; 山@kaede.example", 1)
	got, is, err := parse(t, text)
	if !is || err != nil {
		t.Fatalf("%t, %v", is, err)
	}
	if got.Recipients[0].Final != "山ä@kaede.example" || got.Recipients[1].Final != "山@kaede.example" {
		t.Errorf("recipients %+v", got.Recipients)
	}
}

func TestOtherMail(t *testing.T) {
	for name, text := range map[string]string{
		"plain":        "Subject: x\n\nFinal-Recipient: rfc822; b@kaede.example\n",
		"read receipt": strings.Replace(postfixDSN, "delivery-status;", "disposition-notification;", 1),
		"mixed":        strings.Replace(postfixDSN, "multipart/report", "multipart/mixed", 1),
		"empty":        "\n",
	} {
		if got, is, err := parse(t, text); is || err != nil || got != nil {
			t.Errorf("%s: %v, %t, %v", name, got, is, err)
		}
	}
}

// TestBroken: what can be read is told together with what is wrong.
func TestBroken(t *testing.T) {
	cut := postfixDSN[:strings.Index(postfixDSN, "Final-Recipient: rfc822; c@")]
	got, is, err := parse(t, cut)
	if !is || err == nil || got == nil || len(got.Recipients) != 1 {
		t.Errorf("cut: %v, %t, %v", got, is, err)
	}
	none := strings.ReplaceAll(postfixDSN, "message/delivery-status", "text/plain")
	if _, is, err = parse(t, none); !is || err == nil {
		t.Errorf("without a status: %t, %v", is, err)
	}
}

// TestBounded: a returned message of any size costs no more than MaxDSN.
func TestBounded(t *testing.T) {
	head, tail, _ := strings.Cut(crlf(strings.Replace(postfixDSN, "text/rfc822-headers", "message/rfc822", 1)),
		"Subject: hello\r\n")
	var counted counter
	counted.Reader = io.MultiReader(strings.NewReader(head+"Subject: hello\r\n\r\n"),
		io.LimitReader(forever{}, 50<<20), strings.NewReader("\r\n"+tail))
	got, is, err := internet.ParseDSN(&counted)
	if !is || len(got.Recipients) != 2 || got.Original.Get("X-Load-Id") != "m42" {
		t.Errorf("%v, %t, %v", got, is, err)
	}
	if counted.n > internet.MaxDSN {
		t.Errorf("%d bytes were read", counted.n)
	}
}

type counter struct {
	io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

type forever struct{}

func (forever) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// TestMTA knows its domains' mailboxes and its postmaster.
func TestMTA(t *testing.T) {
	mta := internet.New("mx.momiji.example", func(rcpt string) bool { return !strings.HasPrefix(rcpt, "no") },
		"momiji.example", "sakura.example")
	for rcpt, code := range map[string]string{
		"a@Momiji.example": "250", "a@sakura.example": "250", "postmaster": "250",
		"no@momiji.example": "550", "a@kaede.example": "550", "a@x.momiji.example": "550",
	} {
		if got := mta.Rcpt(nil, rcpt); got[:3] != code {
			t.Errorf("%s: %s, want %s", rcpt, got, code)
		}
	}
	if got := mta.Banner(nil); got != "220 mx.momiji.example ESMTP" {
		t.Errorf("banner %q", got)
	}
}

// FuzzParseDSN: nothing makes it panic, and what it returns is consistent.
func FuzzParseDSN(f *testing.F) {
	f.Add([]byte(crlf(postfixDSN)))
	f.Add([]byte(postfixDSN))
	f.Add([]byte("Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: message/global-delivery-status\r\n\r\n\r\n\r\nFinal-Recipient: utf-8;\\x{\r\n--b--"))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, is, err := internet.ParseDSN(strings.NewReader(string(text)))
		switch {
		case is != (d != nil):
			t.Errorf("%v, %t", d, is)
		case is && err == nil && len(d.Recipients) == 0:
			t.Error("no recipient and no error")
		case errors.Is(err, io.EOF) && is:
			t.Errorf("a bare end of file: %v", err)
		}
	})
}
