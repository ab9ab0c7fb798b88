package opensmtpd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/daemon"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// envelopeFile is an envelope as OpenSMTPD 6.8.0p2 wrote it.
const envelopeFile = `version: 3
dispatcher: relay
type: mta
smtpname: relay.hansei.test
helo: localhost
hostname: localhost
errorline: Network error on destination MXs
sockaddr: 127.0.0.1
sender: anna@momiji.example
rcpt: ben@kaede.example
dest: Ben+x@kaede.example
ctime: 1574128803
last-try: 1574129203
ttl: 345600
retry: 2
flags: authenticated
dsn-notify: 0
`

func TestMessageFolder(t *testing.T) {
	dir := t.TempDir()
	second := strings.Replace(envelopeFile, "Ben+x@", "carl@", 1)
	for name, text := range map[string]string{
		"13af0912b000c0e7": envelopeFile, "13af0912b000c0e8": second,
		"13af0912b000c0e9.x": "half a file", "message": "Received: from localhost\n" +
			"\tby relay; x\nSubject: x-hansei-id: no\nX-Hansei-Id: m-1\n\nX-Hansei-Id: m-2\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	q, err := read("13af0912", dir)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(q.Recipients)
	if q.ID != "13af0912" || q.MessageID != "m-1" || q.Sender != "anna@momiji.example" ||
		!slices.Equal(q.Recipients, []string{"Ben+x@kaede.example", "carl@kaede.example"}) ||
		!q.Arrived.Equal(time.Unix(1574128803, 0)) || !strings.HasPrefix(q.Reason, "Network") {
		t.Errorf("read %+v", q)
	}
}

func TestEnvelopes(t *testing.T) {
	bounce := strings.Replace(envelopeFile, "type: mta", "type: bounce", 1)
	e, err := parseEnvelope(bounce)
	if err != nil || e.sender != "" || e.recipient != "anna@momiji.example" {
		t.Errorf("a bounce is %+v, %v", e, err)
	}
	null := strings.Replace(envelopeFile, "sender: anna@momiji.example", "sender: @", 1)
	if e, err := parseEnvelope(null); err != nil || e.sender != "" {
		t.Errorf("from the null sender: %+v, %v", e, err)
	}
	for _, change := range [][2]string{{"ctime: 1574128803", "ctime: soon"}, {"dest: Ben+x@kaede.example\n", ""},
		{"version: 3\n", ""}, {"flags: authenticated", "flags"}} {
		text := strings.Replace(envelopeFile, change[0], change[1], 1)
		if _, err := parseEnvelope(text); err == nil {
			t.Errorf("%q for %q went unnoticed", change[1], change[0])
		}
	}
}

func FuzzEnvelope(f *testing.F) {
	f.Add(envelopeFile)
	f.Fuzz(func(_ *testing.T, text string) { _, _ = parseEnvelope(text) })
}

func TestOverlay(t *testing.T) {
	o, err := parseOverlay("# mine\nqueue ttl 2d # short\nlisten on all\nbounce warn-interval \\\n 1h, 2h\n" +
		"action \"out\" relay host smtp://[192.0.2.1]\nsmtp limit max-rcpt 10\n")
	if err != nil {
		t.Fatal(err)
	}
	in := newInstance(relay.World{Filter: []string{"X5O!"}}, process.Package{})
	in.listen = "127.28.0.1:2525"
	text, changes := in.compose(o)
	for _, line := range []string{"queue ttl 2d", "bounce warn-interval 1h, 2h",
		"smtp limit max-rcpt 10", "smtp max-message-size 157286400",
		"filter \"content\" proc-exec \"/etc/hansei-filter 58354f21\""} {
		if strings.Count("\n"+text, "\n"+line+"\n") != 1 {
			t.Errorf("the configuration has not just one line %q:\n%s", line, text)
		}
	}
	if strings.Contains(text, "192.0.2.1") || strings.Contains(text, "on all") {
		t.Errorf("mail could leave this machine:\n%s", text)
	}
	all := strings.Join(changes, "\n")
	for _, part := range []string{"the user's listen on all is set aside",
		"queue ttl 2d (from the user's configuration)", "filter refuses the test strings"} {
		if !strings.Contains(all, part) {
			t.Errorf("the changes do not say %q:\n%s", part, all)
		}
	}
	want := map[string]string{"queue ttl": "2d", "bounce warn-interval": "1h, 2h",
		"mta max-deferred": "100"}
	for key, value := range want {
		if got := o.settings()[key]; got != value {
			t.Errorf("%s is %q, want %q", key, got, value)
		}
	}
}

func TestOverlaysThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"\nqueue compression":      `line 2: "queue compression" would keep the queue from`,
		"include \"/etc/more\"":    `line 1: "include \"/etc/more\"" is no directive`,
		"queue ttl 1d\nbanana = 1": `line 2: "banana = 1" is no directive`,
	} {
		if _, err := parseOverlay(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestStamps(t *testing.T) {
	at, err := parseStamp("1574137801.610541")
	if want := time.Date(2019, 11, 19, 4, 30, 1, 610541000, time.UTC); err != nil || !at.Equal(want) {
		t.Errorf("read %s, %v", at, err)
	}
	for _, text := range []string{"", "1574137801", "1574137801.61", "soon.610541"} {
		if _, err := parseStamp(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestRetriesFromALog(t *testing.T) {
	line := func(id, delay, result string) string {
		return "0000000000000000 mta delivery evpid=" + id + " from=<anna@momiji.example> " +
			"to=<anna@kaede.example> rcpt=<-> source=\"-\" relay=\"kaede.example\" delay=" + delay +
			" result=\"" + result + "\" stat=\"Network error on destination MXs\""
	}
	const fail = "TempFail"
	for name, c := range map[string]struct {
		lines                  []string
		intervals, early, late int
	}{
		"in time": {[]string{line("a", "4s", fail), line("a", "6m52s", fail),
			line("a", "26m41s", fail)}, 2, 0, 0},
		"early": {[]string{line("a", "4s", fail), line("a", "5m", fail)}, 1, 1, 0},
		"late":  {[]string{line("a", "4s", fail), line("a", "1h7m", fail)}, 1, 0, 1},
		"late after a kill": {[]string{line("a", "4s", fail), mishapTag + " " + bootOver,
			line("a", "3h", fail)}, 1, 0, 0},
		"over a step of the clock": {[]string{line("a", "4s", fail), mishapTag + " " + daemon.ClockSet + "1h0m0s",
			line("a", "1h1m", fail)}, 0, 0, 0},
		"after a success": {[]string{line("a", "4s", fail), line("b", "4s", "Ok"),
			line("a", "20s", fail)}, 0, 0, 0},
		"of several": {[]string{line("a", "4s", fail), line("b", "1s", fail),
			line("b", "6m41s", fail)}, 1, 0, 0},
	} {
		tally := newTally(tolerance)
		for _, text := range c.lines {
			tally.line(text)
		}
		if tally.Intervals != c.intervals || tally.Early != c.early || tally.Late != c.late {
			t.Errorf("%s: %+v", name, tally.Retries)
		}
	}
	if age, err := parseAge("1d2h3m4s"); err != nil || age != 26*time.Hour+184*time.Second {
		t.Errorf("read %s, %v", age, err)
	}
	for _, text := range []string{"", "4", "s", "-4s", "4y"} {
		if _, err := parseAge(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
