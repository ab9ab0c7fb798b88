package exim

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/daemon"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// spoolFile is a header file as Exim 4.96 wrote it, with two of three
// recipients served, one of them only as far as its own mailbox goes.
const spoolFile = `1xVSLP-00000F-0d-H
Debian-exim 60901 60901
<anna@momiji.example>
1795433783 1
-received_time_usec .196784
--helo_name localhost
-host_address [127.0.0.1]:38906
-smtputf8
NY Anna@kaede.example/remote_smtp
NN carl@other.example
3
Anna@kaede.example
ben@kaede.example
carl@other.example

187P Received: from [127.0.0.1] (helo=localhost)
	by relay.hansei.test with utf8esmtp (Exim 4.96)
	id 1xVSLP-00000F-0d;
028F From: <anna@momiji.example>
014  Subject: x-hansei-id: no
022* X-Hansei-Id: removed
020  X-Hansei-Id: m-1
`

func TestHeaderFile(t *testing.T) {
	served := map[string]bool{canonical("ben=kaede.example@spare.test\n"): true}
	q, recipients, err := parseHeader(spoolFile, served)
	if err != nil {
		t.Fatal(err)
	}
	if q.Sender != "anna@momiji.example" || q.MessageID != "m-1" ||
		!q.Arrived.Equal(time.Unix(1795433783, 0)) || len(recipients) != 3 {
		t.Errorf("read %+v, %v", q, recipients)
	}
	in := newInstance(relay.World{
		Spare: relay.Spare{Domains: []string{"kaede.example"}, Domain: "spare.test"},
	}, process.Package{})
	var left []string
	for _, r := range recipients {
		left = append(left, in.open(r, served)...)
	}
	want := []string{"Anna=kaede.example@spare.test", "ben@kaede.example"}
	if !slices.Equal(left, want) {
		t.Errorf("left are %v, want %v", left, want)
	}
	whole := strings.Replace(spoolFile, "NN carl@other.example", "NN ben@kaede.example", 1)
	served = map[string]bool{}
	if _, _, err := parseHeader(whole, served); err != nil ||
		in.open("ben@kaede.example", served) != nil {
		t.Errorf("one that is served with its copy is open: %v", err)
	}
}

func TestBrokenHeaderFilesAreErrors(t *testing.T) {
	lines := strings.Split(spoolFile, "\n")
	for n := range 14 { // cut anywhere before the blank line
		if _, _, err := parseHeader(strings.Join(lines[:n], "\n"), map[string]bool{}); err == nil {
			t.Errorf("the first %d lines were taken for a whole file", n)
		}
	}
	for _, change := range [][2]string{{"1795433783 1", "soon"}, {"\n3\n", "\n4\n"},
		{"\n3\n", "\n-3\n"}, {"NY Anna", "NYAnna"}} {
		text := strings.Replace(spoolFile, change[0], change[1], 1)
		if _, _, err := parseHeader(text, map[string]bool{}); err == nil {
			t.Errorf("%q for %q went unnoticed", change[1], change[0])
		}
	}
}

func FuzzHeaderFile(f *testing.F) {
	f.Add(spoolFile)
	f.Fuzz(func(_ *testing.T, text string) {
		_, _, _ = parseHeader(text, map[string]bool{})
	})
}

func TestOverlay(t *testing.T) {
	o, err := parseOverlay("# mine\nQUEUEINTERVAL = 5m\nqueue_run_max = \\\n  7\nno_prdr_enable\n" +
		"spool_directory = /var/spool/exim4\nhostlist relay_from_hosts = 10.0.0.0/8\n" +
		"smtp_accept_max=0\nbegin retry\n# often\n* * F,4d,5m\n")
	if err != nil {
		t.Fatal(err)
	}
	if o.interval() != "5m" || !slices.Equal(o.retryLines(), []string{"* * F,4d,5m"}) {
		t.Errorf("read %+v", o)
	}
	in := newInstance(relay.World{}, process.Package{})
	in.listen, in.Spool, in.logs = "127.28.0.1:2525", "/s", "/l"
	text, changes := in.compose(o)
	for _, line := range []string{"QUEUEINTERVAL = 5m", "queue_run_max = 7", "prdr_enable = false",
		"spool_directory = /s", "hostlist relay_from_hosts = 127.0.0.0/8", "smtp_accept_max = 0",
		"daemon_smtp_ports = 2525", "* * F,4d,5m"} {
		if strings.Count("\n"+text, "\n"+line+"\n") != 1 {
			t.Errorf("the configuration has not just one line %q:\n%s", line, text)
		}
	}
	all := strings.Join(changes, "\n")
	for _, part := range []string{`the user's "/var/spool/exim4" is set aside`,
		"smtp_accept_max = 0 (from the user's configuration)", "begin retry: * * F,4d,5m"} {
		if !strings.Contains(all, part) {
			t.Errorf("the changes do not say %q:\n%s", part, all)
		}
	}
	if strings.Contains(all, "ignore_bounce_errors_after") {
		t.Errorf("a stock setting is called a change:\n%s", all)
	}
}

func TestOverlaysThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"queue_run_max = 1\nqueue_run_max = 2": "line 2: queue_run_max is set for the second time",
		"\nbegin routers\n":                    `line 2: the section "routers" is the driver's own`,
		".ifdef X":                             "line 1: \".ifdef X\" is for a preprocessor",
		"two words = 1":                        "line 1: \"two words = 1\" is no",
		"= 1":                                  "line 1: \"= 1\" is no",
	} {
		if _, err := parseOverlay(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestQuotedStringsMatchThemselvesAlone(t *testing.T) {
	text := `X5O!P%@AP[4\PZX54(P^)7CC)7}$` + "EICAR*C"
	quoted := quote(text)
	if strings.ContainsAny(quoted, `{}$"N `) && strings.Contains(quoted, `\N`) {
		t.Errorf("%s means something to Exim", quoted)
	}
	re := regexp.MustCompile(quoted) // of this simple form PCRE thinks the same
	if !re.MatchString("before "+text+" after") || re.MatchString(strings.ToLower(text)) {
		t.Errorf("%s matches not, or too much", quoted)
	}
}

func TestRule(t *testing.T) {
	r, err := newRule([]string{stockRetry}, "30m")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2019, 11, 19, 2, 0, 0, 0, time.UTC)
	var rec record
	var waits []time.Duration
	at := start
	for range 15 { // always tried the moment it may be
		rec = r.failed(rec, at)
		waits = append(waits, rec.next.Sub(at))
		at = rec.next
	}
	const m = time.Minute
	want := []time.Duration{15 * m, 15 * m, 15 * m, 15 * m, 15 * m, 15 * m, 15 * m, 15 * m,
		60 * m, 90 * m, 135 * m, 202*m + 30*time.Second, 303*m + 45*time.Second,
		455*m + 37500*time.Millisecond, 6 * time.Hour}
	if !slices.Equal(waits, want) {
		t.Errorf("it waits %v, want %v", waits, want)
	}
	// Two processes at the same moment: the growing rule begins anew.
	rec = record{first: start, last: start.Add(5 * time.Hour), next: start.Add(7 * time.Hour)}
	rec = r.failed(r.failed(rec, start.Add(7*time.Hour)), start.Add(7*time.Hour+time.Second))
	if got := rec.next.Sub(rec.last); got != time.Hour {
		t.Errorf("after two at once it waits %s", got)
	}
	for _, lines := range [][]string{{"* * H,1h,5m,2"}, {"* * F,1h"}, {"* * F,1h,banana"},
		{"* * G,1h,5m"}} {
		if _, err := newRule(lines, "30m"); err == nil {
			t.Errorf("%v was taken", lines)
		}
	}
	for _, lines := range [][]string{{"a.test * F,1h,5m", "* * F,1h,5m"}, {"* timeout F,1h,5m"}} {
		if r, err := newRule(lines, "1h30m"); err != nil || r.steps != nil || r.scan != 90*m {
			t.Errorf("%v: %+v, %v", lines, r, err)
		}
	}
}

func TestRetriesFromALog(t *testing.T) {
	r, err := newRule([]string{stockRetry}, "30m")
	if err != nil {
		t.Fatal(err)
	}
	const dead = " 1xVSKC-00000E-2k H=mx.kaede.example [127.25.0.1] Connection refused"
	for name, c := range map[string]struct {
		lines                  []string
		intervals, early, late int
	}{
		"in time": {[]string{"02:00:00" + dead, "02:00:01" + dead, "02:30:00" + dead,
			"03:00:20" + dead}, 2, 0, 0},
		"early": {[]string{"02:00:00" + dead, "02:05:00" + dead}, 1, 1, 0},
		"late":  {[]string{"02:00:00" + dead, "03:05:00" + dead}, 1, 0, 1},
		"late after a kill": {[]string{"02:00:00" + dead,
			"02:30:00 exim 4.96 daemon started: pid=1", "03:05:00" + dead}, 1, 0, 0},
		"early after a kill": {[]string{"02:00:00" + dead,
			"02:03:00 exim 4.96 daemon started: pid=1", "02:05:00" + dead}, 1, 1, 0},
		"late after a pause": {[]string{"02:00:00" + dead,
			"02:30:00 " + mishapTag + " " + daemon.PauseOver, "03:05:00" + dead}, 1, 0, 0},
		"over a step of the clock": {[]string{"02:00:00" + dead,
			"02:20:00 " + mishapTag + " " + daemon.ClockSet + "1h0m0s", "02:21:00" + dead}, 0, 0, 0},
		"late after the clock was put back": {[]string{
			"02:00:00 " + mishapTag + " " + daemon.ClockSet + "-1h0m0s", "02:01:00" + dead,
			"03:10:00" + dead}, 1, 0, 0},
		"late long after it": {[]string{"02:00:00 " + mishapTag + " " + daemon.ClockSet + "-1h0m0s",
			"04:00:00" + dead, "05:05:00" + dead}, 1, 0, 1},
		"mail went elsewhere": {[]string{"02:00:00" + dead,
			"02:00:01 1xVSKC-00000E-2k => a@kaede.example R=dnslookup T=remote_smtp " +
				"H=mx.kaede.example [127.25.0.2] C=\"250 ok\"", "04:00:00" + dead}, 0, 0, 0},
		"the same address by another name": {[]string{"02:00:00" + dead,
			"02:05:00" + strings.Replace(dead, "kaede", "sugi", 1)}, 0, 0, 0},
		"taken along": {[]string{"02:00:00" + dead,
			"02:04:00 1xVSKC-00000E-2k => a@sugi.example R=dnslookup T=remote_smtp " +
				"H=mx.sugi.example [127.25.0.2]* C=\"250 ok\"", "02:05:00" + dead,
			"02:05:01 1xVSKC-00000E-2k Completed", "02:10:00" + dead}, 1, 1, 0},
		"about a message": {[]string{"02:00:00 1xVSKC-00000E-2k H=mx.kaede.example [127.25.0.1]: " +
			"SMTP error from remote mail server after RCPT TO:<a@kaede.example>: 451 later"}, 0, 0, 0},
	} {
		tally := tally{rule: r, slack: tolerance, hosts: map[string]*host{},
			carried: map[string]bool{}}
		for _, line := range c.lines {
			tally.line("2019-11-19 " + line)
		}
		if tally.Intervals != c.intervals || tally.Early != c.early || tally.Late != c.late {
			t.Errorf("%s: %+v", name, tally.Retries)
		}
	}
}
