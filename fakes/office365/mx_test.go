package office365_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/fakes/office365"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

var began = time.Date(2026, 3, 7, 9, 8, 50, 123e6, time.UTC)

func session(n uint64) *smtpfake.Session {
	return &smtpfake.Session{
		Ordinal: n, Local: "127.25.1.2:25", Peer: "127.0.0.1:4711", Began: began,
	}
}

func opened(mx office365.MX) *smtpfake.Session {
	s := session(1)
	s.ID = mx.ID(s)
	return s
}

func matches(t *testing.T, text, pattern string) {
	t.Helper()
	if !regexp.MustCompile("^" + pattern + "$").MatchString(text) {
		t.Errorf("%q does not match %q", text, pattern)
	}
}

// TestEras holds banner and trailer against the shapes of real ones.
func TestEras(t *testing.T) {
	const date = `Sat, 7 Mar 2026 09:08:50 \+0000`
	for _, c := range []struct {
		mx              office365.MX
		banner, refusal string
	}{
		{
			office365.MX{Era: office365.Era2019, Forest: "eurprd02"},
			`220 [A-Z0-9]{3}EUR01FT\d{3}\.mail\.protection\.outlook\.com Microsoft ESMTP MAIL ` +
				`Service ready at ` + date,
			`550 5\.4\.1 Recipient address rejected: Access denied\. AS\(201806281\) ` +
				`\[[A-Z0-9]{3}EUR01FT\d{3}\.eop-eur01\.prod\.protection\.outlook\.com\]`,
		},
		{
			office365.MX{Era: office365.Era2023, Forest: "namprd12"},
			`220 [A-Z0-9]{3}NAM11FT\d{3}\.mail\.protection\.outlook\.com Microsoft ESMTP MAIL ` +
				`Service ready at ` + date,
			`550 5\.4\.1 Recipient address rejected: Access denied\. AS\(201806281\) ` +
				`\[[A-Z0-9]{3}NAM11FT\d{3}\.eop-nam11\.prod\.protection\.outlook\.com ` +
				`2026-03-07T09:08:50\.123Z 08DE[0-9A-F]{12}\]`,
		},
		{
			office365.MX{Forest: "jpnp286"},
			`220 (TY1|OS3|TYC)PEPF000[0-9A-F]{5}\.mail\.protection\.outlook\.com Microsoft ESMTP ` +
				`MAIL Service ready at ` + date + ` \[08DE[0-9A-F]{12}\]`,
			`550 5\.4\.1 Recipient address rejected: Access denied\. For more information see ` +
				`https://aka\.ms/EXOSmtpErrors \[[A-Z0-9]{3}PEPF000[0-9A-F]{5}\.JPNP286\.PROD\.OUTLOOK\.COM ` +
				`2026-03-07T09:08:50\.123Z 08DE[0-9A-F]{12}\]`,
		},
	} {
		c.mx.Started = began
		c.mx.Accepts = func(rcpt string) bool { return strings.HasSuffix(rcpt, "@kaede.example") }
		s := opened(c.mx)
		matches(t, c.mx.Banner(s), c.banner)
		matches(t, c.mx.Rcpt(s, "x@else.example"), c.refusal)
		if got := c.mx.Rcpt(s, "x@kaede.example"); got != "250 2.1.5 Recipient OK" {
			t.Errorf("a tenant's recipient was answered %q", got)
		}
	}
}

func TestEHLO(t *testing.T) {
	mx := office365.MX{}
	lines := mx.EHLO(opened(mx))
	matches(t, lines[0], `[A-Z0-9]{3}PEPF000[0-9A-F]{5}\.mail\.protection\.outlook\.com Hello \[127\.0\.0\.1\]`)
	want := []string{
		"SIZE 157286400", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES", "STARTTLS", "8BITMIME",
		"BINARYMIME", "CHUNKING", "SMTPUTF8",
	}
	if diff := cmp.Diff(want, lines[1:]); diff != "" {
		t.Error(diff)
	}
}

// TestTaken holds the reply to the end of data against the real shape.
func TestTaken(t *testing.T) {
	mx := office365.MX{Forest: "namprd12", Seed: 7}
	s := opened(mx)
	m := &smtpfake.Message{Session: s, Began: began.Add(-155 * time.Millisecond)}
	const shape = ` \[InternalId=\d{13,14}, Hostname=[A-Z0-9]{3}PR12MB\d{4}\.namprd12\.prod\.outlook\.com\] ` +
		`8\d{3} bytes in 0\.155, 5\d\.\d{3} KB/sec Queued mail for delivery`
	m.Head = []byte("Received: x\r\nmessage-id:\r\n <abc@d.example>\r\n\r\nMessage-ID: <no>\r\n")
	matches(t, mx.Taken(m, 539), `250 2\.6\.0 <abc@d\.example>`+shape)
	m.Head = []byte("Subject: x\r\n\r\nMessage-ID: <no>\r\n")
	const guid = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}`
	matches(t, mx.Taken(m, 539), `250 2\.6\.0 <`+guid+`@[A-Z0-9]{3}PR12MB\d{4}\.namprd12\.prod\.outlook\.com>`+shape)
	m.Head = []byte("Message-ID: <a\n250 b>\r\n\r\n")
	matches(t, mx.Taken(m, 539), `250 2\.6\.0 <`+guid+`@.*`)
}

// TestNamesAreStable: what a server is called follows from seed, forest and
// address alone; ids count on.
func TestNamesAreStable(t *testing.T) {
	mx := office365.MX{Forest: "apcprd03", Seed: 1, Started: began}
	one, two := session(1), session(2)
	if a, b := mx.ID(one), mx.ID(two); len(a) != 16 || a >= b || a[:14] != b[:14] {
		t.Errorf("ids %s and %s do not count on", a, b)
	}
	if mx.Banner(one)[:30] != mx.Banner(two)[:30] {
		t.Error("one address has two names")
	}
	other := session(3)
	other.Local = "127.25.1.3:25"
	if mx.Banner(one)[:30] == mx.Banner(other)[:30] {
		t.Error("two addresses have one name")
	}
	again := mx
	again.Seed = 2
	if mx.Banner(one)[:30] == again.Banner(one)[:30] {
		t.Error("the seed changes nothing")
	}
}

// TestLimits: the 201st recipient of a domain, and the first of another tenant,
// must be sent again.
func TestLimits(t *testing.T) {
	mx := office365.MX{Tenant: func(domain string) string { return domain }}
	s := opened(mx)
	for range office365.RecipientsPerDomain {
		if got := mx.Rcpt(s, "a@kaede.example"); got != "250 2.1.5 Recipient OK" {
			t.Fatalf("answered %q", got)
		}
		s.To = append(s.To, "a@Kaede.example")
	}
	const want = "452 4.5.3 Too many recipients"
	if got := mx.Rcpt(s, "a@kaede.example"); got != want {
		t.Errorf("recipient 201 was answered %q", got)
	}
	s.To = s.To[:1]
	if got := mx.Rcpt(s, "a@momiji.example"); got != want {
		t.Errorf("another tenant's was answered %q", got)
	}
}

// TestEveryCueIsAnswered: no cue is left without words, and each is a reply.
func TestEveryCueIsAnswered(t *testing.T) {
	for _, cue := range smtpfake.Cues() {
		if got := (office365.MX{}).Say(nil, cue); len(got) < 5 || got[3] != ' ' && got[3] != '-' {
			t.Errorf("%s is answered %q", cue, got)
		}
	}
}

func TestRefusal(t *testing.T) {
	mx := office365.MX{Era: office365.Era2019, Forest: "jpnprd01"}
	got := mx.Refusal(opened(mx), "x@y.example", office365.ServerBusy)
	matches(t, got, `451 4\.7\.500 Server busy\. Please try again later from \[127\.0\.0\.1\]\. `+
		`\(S77714\) \[(TY1|OS3|TYC)JPN01FT\d{3}\.eop-jpn01\.prod\.protection\.outlook\.com\]`)
}
