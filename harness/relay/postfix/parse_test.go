package postfix

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/harness/relay"
)

var stock = map[string]string{"minimal_backoff_time": "300s", "maximal_backoff_time": "4000s",
	"queue_run_delay": "5m"}

func TestRetriesOfALog(t *testing.T) {
	r, err := newRule(stock)
	if err != nil {
		t.Fatal(err)
	}
	in := &instance{rule: r, began: time.Date(2019, 12, 31, 21, 0, 0, 0, time.UTC),
		place: place{log: filepath.Join("testdata", "maillog")}}
	got, err := in.Retries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := relay.Retries{
		// anna's passes: the first ends at 22:00:40 with ben's time-out; 22:09:00
		// is within the rule. It ends at 22:09:30, at an age of 560 s, so that
		// 22:15:00 is early: due was 22:18:50. It ends at once, at 890 s, so that
		// 00:20:00 is late: 7500 s instead of 890 and a scan. Then a new start,
		// whose interval does not count, and after it one within the rule.
		// ben: from 22:00:40 to 22:09:00, within the rule.
		Intervals: 5, Early: 1, Late: 1, WorstEarly: 230 * time.Second,
		WorstLate: (7500 - 890 - 300) * time.Second, Rule: r.String(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	in.place.log = filepath.Join("testdata", "no such log")
	if _, err := in.Retries(t.Context()); err == nil {
		t.Error("a log that is not there was read")
	}
}

func TestPostfixTime(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"300s": 300 * time.Second, "5m": 5 * time.Minute, "4000": 4000 * time.Second,
		"5d": 120 * time.Hour, "1w": 168 * time.Hour, "2h": 2 * time.Hour,
	} {
		if got, err := postfixTime(text); err != nil || got != want {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "s", "5x", "5ms", "banana", "-"} {
		if got, err := postfixTime(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
	if _, err := newRule(map[string]string{}); err == nil {
		t.Error("a rule of nothing")
	}
}

func TestParseLineFindsTheYear(t *testing.T) {
	for _, c := range []struct{ line, near, want string }{
		{"Jan  1 00:00:01 r postfix/smtp[1]: x", "2019-12-31T23:59:59Z", "2020-01-01T00:00:01Z"},
		{"Dec 31 23:59:59 r postfix/smtp[1]: x", "2020-01-01T00:00:01Z", "2019-12-31T23:59:59Z"},
		{"Feb 29 12:00:00 r postfix/smtp[1]: x", "2020-02-28T12:00:00Z", "2020-02-29T12:00:00Z"},
		{"Nov 19 11:00:00 r postfix/relay/smtp[1]: x", "2019-11-19T00:00:00Z",
			"2019-11-19T11:00:00Z"},
	} {
		near, err := time.Parse(time.RFC3339, c.near)
		if err != nil {
			t.Fatal(err)
		}
		l, ok := parseLine(c.line, near)
		if got := l.at.Format(time.RFC3339); !ok || got != c.want {
			t.Errorf("%s near %s is %s", c.line, c.near, got)
		}
		if l.program != "smtp" || l.text != "x" {
			t.Errorf("%s is of %q: %q", c.line, l.program, l.text)
		}
	}
	for _, line := range []string{"", "Nov 19", "Nov 19 11:00:00", "Feb 30 11:00:00 r p[1]: x",
		"Nov 19 11:00:00 r", "half a line of something else entirely"} {
		if _, ok := parseLine(line, time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)); ok {
			t.Errorf("%q was taken for a line", line)
		}
	}
}

func TestFatalWords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	text := "Nov 19 11:00:00 r postfix/qmgr[1]: fatal: old\n" +
		"Nov 19 11:00:00 r postfix/smtpd[1]: warning: nothing is fatal here\n"
	if err := os.WriteFile(path, []byte(text+
		"Nov 19 11:00:01 r postfix/smtp[2]: fatal: new: words\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := int64(strings.Index(text, "\n") + 1)
	if got := fatalWords(path, old); got != "smtp says: new: words" {
		t.Errorf("got %q", got)
	}
	if got := fatalWords(path, 0); got != "qmgr says: old" {
		t.Errorf("got %q", got)
	}
	if got := fatalWords(path+"no", 0); got != "" {
		t.Errorf("no log says %q", got)
	}
}

func TestParseQueue(t *testing.T) {
	const text = `{"queue_name": "deferred", "queue_id": "AA1", "arrival_time": 1574128800, ` +
		`"message_size": 300, "forced_expire": false, "sender": "a@momiji.example", ` +
		`"recipients": [{"address": "x@kaede.example"}, {"address": "y@kaede.example", ` +
		`"delay_reason": "connect to \"mx\": refused"}]}
{"queue_name": "active", "queue_id": "AA2", "arrival_time": 1574128801, "message_size": 1, ` +
		`"forced_expire": false, "sender": "MAILER-DAEMON", "recipients": []}
{"queue_name": "deferred", "queue_id": "AA2", "arrival_time": 1574128801, "message_size": 1, ` +
		`"forced_expire": false, "sender": "MAILER-DAEMON", ` +
		`"recipients": [{"address": "a@momiji.example", "delay_reason": "later"}]}
`
	got, err := parseQueue([]byte(text))
	at := time.Date(2019, 11, 19, 2, 0, 0, 0, time.UTC)
	want := []relay.Queued{
		{ID: "AA1", Sender: "a@momiji.example", Arrived: at, Reason: `connect to "mx": refused`,
			Recipients: []string{"x@kaede.example", "y@kaede.example"}},
		{ID: "AA2", Arrived: at.Add(time.Second), Reason: "later",
			Recipients: []string{"a@momiji.example"}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for _, bad := range []string{text + "{", "postqueue: fatal: no", `{"queue_name": "active"}`} {
		if got, err := parseQueue([]byte(bad)); err == nil {
			t.Errorf("%q was read as %v", bad, got)
		}
	}
	if got, err := parseQueue(nil); err != nil || len(got) != 0 {
		t.Errorf("an empty queue is %v, %v", got, err)
	}
}

func TestMissed(t *testing.T) {
	a, ab := map[string]bool{"A": true}, map[string]bool{"A": true, "B": true}
	listed := []relay.Queued{{ID: "A"}}
	if missed(ab, a, listed) || missed(a, ab, listed) {
		t.Error("a message that came or went counts as missed")
	}
	if !missed(ab, ab, listed) {
		t.Error("a message that was there all the time does not count as missed")
	}
}

func TestParseHeaders(t *testing.T) {
	const text = "*** ENVELOPE RECORDS deferred/A/AA1 ***\nmessage_size: 1\nX-Hansei-Id: no\n" +
		"*** MESSAGE CONTENTS deferred/A/AA1 ***\nReceived: from x\nx-hansei-ID:  m-1 \n" +
		"X-Hansei-Id: m-9\n*** HEADER EXTRACTED deferred/A/AA1 ***\n" +
		"*** MESSAGE FILE END deferred/A/AA1 ***\n" +
		"*** ENVELOPE RECORDS active/AA2 ***\n*** MESSAGE CONTENTS active/AA2 ***\n" +
		"Subject: none\n*** HEADER EXTRACTED active/AA2 ***\nX-Hansei-Id: no\n" +
		"*** MESSAGE FILE END active/AA2 ***\n" +
		"*** ENVELOPE RECORDS active/AA3 ***\n*** MESSAGE CONTENTS active/AA3 ***\nX-Hansei-Id: cut\n"
	ids := map[string]string{}
	parseHeaders(text, ids)
	if diff := cmp.Diff(map[string]string{"AA1": "m-1", "AA2": ""}, ids); diff != "" {
		t.Error(diff)
	}
}

func TestParseMain(t *testing.T) {
	got, err := parseMain("# c\n\na = 1\n  # c\n\n\t2\n  3 \nb=\nc = x = y\r\nb =\n z\n")
	want := []entry{{"a", "1 2 3", 3}, {"b", "", 8}, {"c", "x = y", 9}, {"b", "z", 10}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(entry{})); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for text, want := range map[string]string{
		" a = 1": "line 1: continues", "a = 1\nb\n": "line 2: ", "a b = 1": "line 1: ",
		"= 1": "line 1: ", "a = \x00": "line 1: ",
	} {
		if _, err := parseMain(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestComposeKeepsPlacesAndLayersLists(t *testing.T) {
	user, err := parseMain("a = mine\nb = mine\nc = mine\nmulti_instance_enable = yes\nd = 1\nd = 2\n")
	if err != nil {
		t.Fatal(err)
	}
	text, changes := compose([]setting{{"a", "x", "why", theirs}, {"b", "x", "why", both},
		{"c", "x", "why", ours}, {"e", "x", "why", theirs}}, user)
	again, err := parseMain(text)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range again {
		if _, twice := got[e.key]; twice {
			t.Errorf("%s stands there twice", e.key)
		}
		got[e.key] = e.value
	}
	want := map[string]string{"a": "mine", "b": "mine, x", "c": "x", "d": "2", "e": "x"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(changes) != 6 || !slices.ContainsFunc(changes, func(s string) bool {
		return strings.Contains(s, "multi_instance_enable = yes is set aside")
	}) {
		t.Errorf("changes %q", changes)
	}
}

func TestMaster(t *testing.T) {
	const given = `# comment
smtp      inet  n       -       y       -       -       smtpd
submission inet n       -       y       -       -       smtpd
  -o syslog_name=postfix/submission
qmgr      unix  n       -       n       300     1       qmgr
smtp      unix  -       -       y       -       -       smtp
relay     unix  -       -       -       -       -       smtp
  -o syslog_name=postfix/relay
`
	text, changes, err := master(given, "127.28.0.1:2525")
	const want = `127.28.0.1:2525 inet n - n - - smtpd
qmgr unix n - n 300 1 qmgr
smtp unix - - n - - smtp
relay unix - - n - - smtp
  -o syslog_name=postfix/relay
postlog unix-dgram n - n - 1 postlogd
`
	if diff := cmp.Diff(want, text); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if len(changes) != 4 {
		t.Errorf("changes %q", changes)
	}
	for _, bad := range []string{"", "smtp inet n", "smtp unix - - n - - smtp\n"} {
		if _, _, err := master(bad, "x"); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestLevel(t *testing.T) {
	for version, want := range map[string]string{"3.4.13": "2", "3.5.6": "2", "3.6.4": "3.6",
		"3.7.11": "3.6", "3.10.1": "3.6", "2.11.1": "3.6", "4.0": "3.6"} {
		if got := level(version); got != want {
			t.Errorf("%s has level %s", version, got)
		}
	}
}

func FuzzParseLine(f *testing.F) {
	log, err := os.ReadFile(filepath.Join("testdata", "maillog"))
	if err != nil {
		f.Fatal(err)
	}
	for line := range bytes.Lines(log) {
		f.Add(string(line))
	}
	near := time.Date(2019, 12, 31, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		l, ok := parseLine(text, near)
		if !ok {
			return
		}
		if l.at.Sub(near).Abs() > 366*24*time.Hour {
			t.Errorf("%q is at %s", text, l.at)
		}
		if a, err := parseAttempt(l); err == nil &&
			(a.age < 0 || a.entered.After(a.ended) || a.id == "") {
			t.Errorf("%q is %+v", text, a)
		}
	})
}

func FuzzParseMain(f *testing.F) {
	f.Add("a = 1\n  2\n#\n\nb=\n")
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := parseMain(text)
		if err != nil {
			return
		}
		// Whatever was understood survives being written and read again.
		written, _ := compose(nil, entries)
		again, err := parseMain(written)
		if err != nil {
			t.Fatalf("%q became %q: %v", text, written, err)
		}
		last := map[string]string{}
		for _, e := range entries {
			if !slices.Contains(setAside, e.key) {
				last[e.key] = e.value
			}
		}
		for _, e := range again {
			if last[e.key] != e.value {
				t.Errorf("%q: %s became %q", text, e.key, e.value)
			}
			delete(last, e.key)
		}
		if len(last) > 0 {
			t.Errorf("%q lost %v", text, last)
		}
	})
}

func FuzzParseQueue(f *testing.F) {
	f.Add([]byte(`{"queue_id":"A","sender":"","recipients":[{"address":"x"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		found, err := parseQueue(text)
		if err != nil && found != nil {
			t.Error("an error and a list")
		}
		seen := map[string]bool{}
		for _, q := range found {
			if q.ID == "" || seen[q.ID] {
				t.Errorf("%q twice or nameless", q.ID)
			}
			seen[q.ID] = true
		}
	})
}
