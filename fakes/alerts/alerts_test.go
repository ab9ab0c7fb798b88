package alerts_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/hansei-mail/hansei/fakes/alerts"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var night = time.Date(2019, 11, 19, 1, 52, 0, 0, time.UTC)

// stopped is a clock that stands.
type stopped time.Time

func (s stopped) Now() time.Time { return time.Time(s) }

// post sends a body and returns the alarms and the answer.
func post(kind, body string) ([]alerts.Alarm, *httptest.ResponseRecorder) {
	var all []alerts.Alarm
	h := &alerts.Webhook{
		Clock: stopped(night), Raised: func(a alerts.Alarm) { all = append(all, a) },
	}
	r := httptest.NewRequest(http.MethodPost, "/hook", strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return all, w
}

// form is what curl calls everything.
const form = "application/x-www-form-urlencoded"

// two is a message with all fields that Alertmanager sends.
const two = `{"receiver":"hansei","status":"firing","alerts":[
{"status":"firing","labels":{"alertname":"QueueGrows","severity":"page"},
 "annotations":{"summary":"the queue grows"},"startsAt":"2019-11-19T01:45:00.5Z",
 "endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://prometheus.test/graph","fingerprint":"1a30ba71cca2921f"},
{"status":"resolved","labels":{"alertname":"DiskFull"},"annotations":{},
 "startsAt":"2019-11-19T00:00:00Z","endsAt":"2019-11-19T01:00:00+01:00","fingerprint":"c6eadffa33fcdf37"}],
"groupLabels":{"site":"a"},"commonLabels":{},"commonAnnotations":{},
"externalURL":"http://alertmanager.test","version":"4","groupKey":"{}:{site=\"a\"}","truncatedAlerts":0}`

// TestAlertmanager: each alert of a message is an alarm with all that it says.
func TestAlertmanager(t *testing.T) {
	for _, kind := range []string{"application/json", "application/json; charset=utf-8", form, ""} {
		got, w := post(kind, two)
		came := alerts.Alarm{
			At: night, Form: alerts.Alertmanager, Receiver: "hansei", Group: map[string]string{"site": "a"},
			Path: "/hook", Peer: "192.0.2.1:1234", Raw: []byte(two),
		}
		queue, disk := came, came
		queue.Status, queue.Name, queue.Fingerprint = alerts.Firing, "QueueGrows", "1a30ba71cca2921f"
		queue.Labels = map[string]string{"alertname": "QueueGrows", "severity": "page"}
		queue.Annotations = map[string]string{"summary": "the queue grows"}
		queue.StartsAt = time.Date(2019, 11, 19, 1, 45, 0, 5e8, time.UTC)
		disk.Status, disk.Name, disk.Fingerprint = alerts.Resolved, "DiskFull", "c6eadffa33fcdf37"
		disk.Labels = map[string]string{"alertname": "DiskFull"}
		disk.StartsAt = time.Date(2019, 11, 19, 0, 0, 0, 0, time.UTC)
		disk.EndsAt = disk.StartsAt
		diff := cmp.Diff([]alerts.Alarm{queue, disk}, got, cmpopts.EquateEmpty())
		if diff != "" || w.Code != 200 || w.Body.Len() != 0 {
			t.Errorf("%q: %d %s %s", kind, w.Code, w.Body, diff)
		}
	}
}

// TestForms: what else comes, and what is made of it.
func TestForms(t *testing.T) {
	const js = "application/json"
	for _, c := range []struct {
		kind, body string
		code       int
		want       alerts.Form
		status     alerts.Status
		name, why  string
	}{
		{"text/plain", "\n the queue grows \r\nand grows", 200, alerts.Plain, alerts.Firing, "the queue grows", ""},
		{form, "text=hello", 200, alerts.Plain, alerts.Firing, "text=hello", ""},
		{"", "", 200, alerts.Plain, alerts.Firing, "", ""},
		{"", "[PROBLEM] queue", 200, alerts.Plain, alerts.Firing, "[PROBLEM] queue", ""},
		{"", "\xff\xfe", 200, alerts.Plain, alerts.Firing, "\uFFFD", ""},
		{"", strings.Repeat("é", 101), 200, alerts.Plain, alerts.Firing, strings.Repeat("é", 100), ""},
		{"", strings.Repeat("x", 199) + "éé", 200, alerts.Plain, alerts.Firing, strings.Repeat("x", 199), ""},
		{js, `{"text":"queue\nx","title":7}`, 200, alerts.Plain, alerts.Firing, "queue", ""},
		{js, `{"title":"q","status":"RESOLVED"}`, 200, alerts.Plain, alerts.Resolved, "q", ""},
		{js, `{}`, 200, alerts.Plain, alerts.Firing, "", ""},
		{js, ``, 400, alerts.Unreadable, "", "", "the body is not a JSON object: unexpected end"},
		{js, `["x"]`, 400, alerts.Unreadable, "", "", "the body is not a JSON object: "},
		{"", `{"alerts":[`, 400, alerts.Unreadable, "", "", "the body is not a JSON object: "},
		{"", two + "x", 400, alerts.Unreadable, "", "", "not a JSON object: invalid char"},
		{"application/x+json", "7", 400, alerts.Unreadable, "", "", "not a JSON object: json: cannot"},
		{js, `{"alerts":[]}`, 400, alerts.Unreadable, "", "", "has no alerts"},
		{js, `{"alerts":null}`, 400, alerts.Unreadable, "", "", "has no alerts"},
		{js, `{"alerts":{}}`, 400, alerts.Unreadable, "", "", "not a message of Alertmanager: "},
		{js, `{"alerts":[{"labels":{"a":1}}]}`, 400, alerts.Unreadable, "", "", "message of Alertmanager: "},
		{js, `{"alerts":[{}]}`, 400, alerts.Unreadable, "", "", `the status of alert 1 is "", neither`},
		{
			js, `{"status":"resolved","alerts":[{"labels":{"alertname":"a"}}]}`, 200,
			alerts.Alertmanager, alerts.Resolved, "a", "",
		},
	} {
		got, w := post(c.kind, c.body)
		if len(got) != 1 {
			t.Errorf("%q: %d alarms", c.body, len(got))
			continue
		}
		a := got[0]
		if w.Code != c.code || a.Form != c.want || a.Status != c.status || a.Name != c.name ||
			!strings.Contains(a.Why, c.why) || (a.Why == "") != (c.why == "") ||
			!bytes.Equal(a.Raw, []byte(c.body)) || !a.At.Equal(night) {
			t.Errorf("%q: %d %+v", c.body, w.Code, a)
		}
		if said := strings.TrimSuffix(w.Body.String(), "\n"); said != a.Why {
			t.Errorf("%q: the sender was told %q", c.body, said)
		}
	}
}

// TestLong: a body is taken up to the limit, and not one byte beyond.
func TestLong(t *testing.T) {
	got, w := post("text/plain", strings.Repeat("x", alerts.MaxBody))
	if w.Code != 200 || got[0].Form != alerts.Plain || len(got[0].Raw) != alerts.MaxBody {
		t.Error(w.Code, got[0].Form, len(got[0].Raw))
	}
	got, w = post("text/plain", strings.Repeat("x", alerts.MaxBody+1))
	if w.Code != 413 || len(got) != 1 || got[0].Form != alerts.Unreadable ||
		len(got[0].Raw) != alerts.MaxBody || got[0].Why != "the body is longer than 1048576 bytes" {
		t.Error(w.Code, len(got), got[0].Form, len(got[0].Raw), got[0].Why)
	}
}

// TestGet: who only looks raises no alarm.
func TestGet(t *testing.T) {
	h := &alerts.Webhook{Raised: func(a alerts.Alarm) { t.Errorf("%+v", a) }}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != 405 || w.Header().Get("Allow") != "POST" {
		t.Error(w.Code, w.Header())
	}
}

// serve serves on loopback.
func serve(t *testing.T) (address string, raised <-chan alerts.Alarm) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	all := make(chan alerts.Alarm, 8)
	h := &alerts.Webhook{Clock: stopped(night), Raised: func(a alerts.Alarm) { all <- a }}
	done := make(chan error, 1)
	go func() { done <- h.Serve(l) }()
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String(), all
}

// TestHalf: a sender that dies in the middle is recorded, with what it said.
func TestHalf(t *testing.T) {
	address, raised := serve(t)
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{\"al"); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if a := <-raised; a.Form != alerts.Unreadable || string(a.Raw) != `{"al` || a.Why != "unexpected EOF" {
		t.Errorf("%+v", a)
	}
}

// TestCurl: a real client over a socket.
func TestCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	address, raised := serve(t)
	for _, body := range []string{
		"the queue grows", `{"status":"firing","alerts":[{"labels":{"alertname":"the queue grows"}}]}`,
	} {
		out, err := exec.Command(curl, "-sS", "--fail", "--max-time", "20", "-d", body, "http://"+address+"/x").
			CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if a := <-raised; a.Name != "the queue grows" || a.Status != alerts.Firing || a.Path != "/x" {
			t.Errorf("%+v", a)
		}
	}
}

// FuzzPost: whatever is sent, at least one alarm is raised, it holds the body,
// and a sender is refused exactly where its alarm is unreadable.
func FuzzPost(f *testing.F) {
	f.Add("application/json", two)
	f.Add("", `{"alerts":[{"status":"firing","startsAt":"x"}]}`)
	f.Add("text/plain; charset=\"", "a\xffb\n")
	f.Add(form, `{"text":"\ud800"}`)
	f.Fuzz(func(t *testing.T, kind, body string) {
		got, w := post(kind, body)
		if len(got) == 0 {
			t.Fatal("no alarm was raised")
		}
		for _, a := range got {
			if string(a.Raw) != body || (a.Form == alerts.Unreadable) != (w.Code != 200) ||
				(a.Why != "") != (w.Code != 200) || len(a.Name) > 200 && a.Form == alerts.Plain {
				t.Errorf("%d %+v", w.Code, a)
			}
			if _, err := json.Marshal(a.Name); err != nil {
				t.Error(err)
			}
		}
	})
}
