package health_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/fakes/health"
)

var update = flag.Bool("update", false, "write the golden bodies anew")

// dial is a clock that stands where it was set.
type dial struct {
	mu  sync.Mutex
	now time.Time
}

func (d *dial) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *dial) Sleep(ctx context.Context, by time.Duration) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
	return ctx.Err()
}

const top = "/v1.0/admin/serviceAnnouncement/"

// began is when the incident of 2026-06-02 started; it was acknowledged 90
// minutes later and widened at 18:24.
var began = time.Date(2026, 6, 2, 13, 3, 0, 0, time.UTC)

func incident() health.Incident {
	return health.Incident{
		ID: "EX1331830", Title: "Users' email may be delayed", Impact: "Email may be delayed <1 hour.",
		Feature: "Mailflow - delayed delivery from Internet", Group: "E-Mail timely delivery",
		Start: began, Lag: 90 * time.Minute, End: began.Add(36 * time.Hour),
		Updates: []health.Update{
			{
				At: began.Add(20 * time.Minute), Status: health.Investigating,
				Current: "We're investigating.", Scope: "North America and Germany.",
				Next: began.Add(3 * time.Hour),
			},
			{
				At: began.Add(5*time.Hour + 21*time.Minute), Status: health.Degradation,
				Current: "We've found a cause.", Scope: "North America, Europe and Asia Pacific.",
				Cause: "A configuration issue.", Title: "Users' email may be delayed or not delivered",
			},
			{At: began.Add(24*time.Hour + 767*time.Millisecond), Status: health.ExtendedRecovery},
			{
				At: began.Add(37 * time.Hour), Status: health.Restored,
				Current: "We've restored a legacy mechanism.",
			},
		},
		Review: health.Review{
			At: began.Add(120 * time.Hour), Type: "application/pdf", Document: []byte("%PDF-"),
		},
	}
}

func fake() (*health.Server, *dial) {
	clock := &dial{now: began}
	return &health.Server{
		Seed: 3, Clock: clock, Base: "https://graph.microsoft.com", Incidents: []health.Incident{incident()},
	}, clock
}

// get asks the handler, with a token.
func get(s *health.Server, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Authorization", "Bearer t")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// collection is what a monitor reads of one.
type collection struct {
	Next  string `json:"@odata.nextLink"`
	Value []struct {
		ID       string
		Status   string
		Start    string `json:"startDateTime"`
		End      string `json:"endDateTime"`
		Modified string `json:"lastModifiedDateTime"`
		Resolved bool   `json:"isResolved"`
		Posts    []struct {
			Created     string `json:"createdDateTime"`
			Description struct{ Content string }
		}
	}
}

func read(t *testing.T, w *httptest.ResponseRecorder) (c collection) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &c); err != nil || w.Code != 200 {
		t.Fatalf("%d, %v: %s", w.Code, err, w.Body)
	}
	return c
}

// TestGolden: bodies to the byte, at moments of the incident's course.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		name, path string
		after      time.Duration
	}{
		{"before", top + "issues", 89 * time.Minute},
		{"first", top + "issues", 90 * time.Minute},
		{"wider", top + "issues/EX1331830", 6 * time.Hour},
		{"over", top + "issues/ex1331830", 38 * time.Hour},
		{"well", top + "healthOverviews", 0},
		{"ill", top + "healthOverviews?$expand=issues", 25 * time.Hour},
		{"one", top + "healthOverviews/Exchange", 25 * time.Hour},
		{"unknown", top + "messages", 0},
		{"option", top + "issues?$filter=isResolved", 0},
	} {
		s, clock := fake()
		clock.now = began.Add(c.after)
		got := get(s, c.path).Body.Bytes()
		file := filepath.Join("testdata", c.name+".json")
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// TestCourse: what is told is late and dated back; it widens, ends, and stays.
func TestCourse(t *testing.T) {
	s, clock := fake()
	for _, c := range []struct {
		after             time.Duration
		status, end, last string
		posts             int
		says, not         string
	}{
		{90 * time.Minute, "investigating", "", "2026-06-02T14:33:00Z", 1, "Germany", "Asia"},
		{
			6 * time.Hour, "serviceDegradation", "", "2026-06-02T18:24:00Z", 2, "Asia Pacific",
			"Next update",
		},
		{25 * time.Hour, "extendedRecovery", "", "2026-06-03T13:03:00.767Z", 2, "Asia", "Final"},
		{36 * time.Hour, "extendedRecovery", "", "2026-06-03T13:03:00.767Z", 2, "Asia", "Final"},
		{
			37 * time.Hour, "serviceRestored", "2026-06-04T01:03:00Z", "2026-06-04T02:03:00Z", 3,
			"End time: Thursday, June 4, 2026, at 1:03 AM UTC", "Current status",
		},
		{
			120 * time.Hour, "postIncidentReviewPublished", "2026-06-04T01:03:00Z",
			"2026-06-07T13:03:00Z", 3, "This is the final update for the event.", "Current status",
		},
	} {
		clock.now = began.Add(c.after)
		is := read(t, get(s, top+"issues")).Value[0]
		if is.Start != "2026-06-02T13:03:00Z" || is.Status != c.status || is.End != c.end ||
			is.Modified != c.last || is.Resolved != (c.end != "") || len(is.Posts) != c.posts {
			t.Errorf("after %v: %+v", c.after, is)
			continue
		}
		latest := is.Posts[len(is.Posts)-1].Description.Content
		if !strings.Contains(latest, c.says) || strings.Contains(latest, c.not) {
			t.Errorf("after %v: %s", c.after, latest)
		}
		if is.Posts[0].Created != "2026-06-02T14:33:00Z" {
			t.Errorf("after %v: the first post is of %s", c.after, is.Posts[0].Created)
		}
	}
}

// TestBare: an incident without updates is there, and is over at its end; one
// without an end stays.
func TestBare(t *testing.T) {
	s, clock := fake()
	s.Incidents = []health.Incident{
		{ID: "A", Start: began, Lag: time.Hour, End: began.Add(2 * time.Hour)},
		{ID: "B", Start: began, Lag: 3 * time.Hour, End: began.Add(2 * time.Hour)},
		{ID: "C", Start: began, Advisory: true, Service: "Teams and more"},
	}
	for after, want := range map[time.Duration]string{
		0:               "C serviceDegradation;",
		time.Hour:       "A serviceDegradation;C serviceDegradation;",
		2 * time.Hour:   "A serviceRestored;C serviceDegradation;",
		3 * time.Hour:   "A serviceRestored;B serviceRestored;C serviceDegradation;",
		999 * time.Hour: "A serviceRestored;B serviceRestored;C serviceDegradation;",
	} {
		clock.now = began.Add(after)
		var got strings.Builder
		for _, i := range read(t, get(s, top+"issues")).Value {
			fmt.Fprintf(&got, "%s %s;", i.ID, i.Status)
		}
		if got.String() != want {
			t.Errorf("after %v: %s", after, got.String())
		}
	}
	if body := get(s, top+"healthOverviews").Body.String(); !strings.Contains(body,
		`{"service":"Teams and more","status":"serviceDegradation","id":"Teamsandmore"}`) {
		t.Error(body)
	}
}

// TestRelapse: what was over and is not loses its end.
func TestRelapse(t *testing.T) {
	s, clock := fake()
	s.Incidents = []health.Incident{{ID: "A", Start: began, Updates: []health.Update{
		{At: began.Add(2 * time.Hour), Status: health.Interruption, Current: "It is back."},
		{At: began.Add(time.Hour), Status: health.Restored, Current: "It is over."},
	}}}
	for after, want := range map[time.Duration]string{
		time.Hour:     "serviceRestored true 2026-06-02T14:03:00Z",
		2 * time.Hour: "serviceInterruption false ",
	} {
		clock.now = began.Add(after)
		is := read(t, get(s, top+"issues")).Value[0]
		if got := fmt.Sprint(is.Status, " ", is.Resolved, " ", is.End); got != want {
			t.Errorf("after %v: %s", after, got)
		}
	}
}

// TestWorst: a service has the status of its worst open issue.
func TestWorst(t *testing.T) {
	s, clock := fake()
	s.Incidents = nil
	statuses := []health.Status{health.Interruption, health.Investigating, health.FalsePositive}
	for n, status := range statuses {
		s.Incidents = append(s.Incidents, health.Incident{
			ID: fmt.Sprint(n), Start: began.Add(-time.Duration(n) * time.Hour),
			Updates: []health.Update{
				{At: began, Status: status}, {At: began.Add(time.Duration(3-n) * time.Hour), Status: health.Restored},
			},
		})
	}
	for after, want := range []string{
		"serviceInterruption", "serviceInterruption", "serviceInterruption", "serviceOperational",
	} {
		clock.now = began.Add(time.Duration(after) * time.Hour)
		if is := read(t, get(s, top+"healthOverviews")).Value[0]; is.Status != want {
			t.Errorf("after %d h: %s", after, is.Status)
		}
	}
}

// TestReport: there is none before it is published.
func TestReport(t *testing.T) {
	s, clock := fake()
	const path = top + "issues/EX1331830/incidentReport"
	clock.now = began.Add(120*time.Hour - 1)
	if w := get(s, path); w.Code != 404 {
		t.Error(w.Code, w.Body)
	}
	clock.now = began.Add(120 * time.Hour)
	if w := get(s, path); w.Code != 200 || w.Body.String() != "%PDF-" ||
		w.Header().Get("Content-Type") != "application/pdf" {
		t.Error(w.Code, w.Header(), w.Body)
	}
	s.Incidents[0].Review.At = began.Add(time.Minute) // no review before there is an issue
	for after, want := range map[time.Duration]int{90*time.Minute - 1: 404, 90 * time.Minute: 200} {
		clock.now = began.Add(after)
		if w := get(s, path); w.Code != want {
			t.Error(after, w.Code)
		}
	}
	for _, p := range []string{"issues/EX1/incidentReport", "issues/EX1331830/incidentReport/x"} {
		if w := get(s, top+p); w.Code != 404 {
			t.Error(p, w.Code)
		}
	}
}

// TestPages: every issue is on one page, whatever the sizes, and the links lead
// through all of them.
func TestPages(t *testing.T) {
	s, clock := fake()
	s.Incidents, clock.now = nil, began.Add(time.Hour)
	const total = 2345
	for n := range total {
		s.Incidents = append(s.Incidents, health.Incident{ID: fmt.Sprintf("EX%04d", n), Start: began})
	}
	for _, c := range []struct {
		prefer, query string
		sizes         []int
	}{
		{"", "", append(slices.Repeat([]int{100}, 23), 45)},
		{"odata.maxpagesize=1000", "", []int{1000, 1000, 345}},
		{"respond-async, odata.maxpagesize=5000", "", []int{1000, 1000, 345}},
		{"maxpagesize=\"1000\"; x=y", "?$skip=345", []int{1000, 1000}},
		{"odata.maxpagesize=0", "?$top=150", []int{100, 50}},
		{"", "?$top=0", []int{0}},
		{"", "?$skip=3000", []int{0}},
	} {
		var sizes []int
		seen := map[string]bool{}
		for path := top + "issues" + c.query; path != ""; {
			body := read(t, get(s, path, "Prefer: "+c.prefer))
			sizes = append(sizes, len(body.Value))
			for _, i := range body.Value {
				if seen[i.ID] {
					t.Fatalf("%s was listed twice", i.ID)
				}
				seen[i.ID] = true
			}
			path = strings.TrimPrefix(body.Next, s.Base)
		}
		if diff := cmp.Diff(c.sizes, sizes); diff != "" {
			t.Errorf("%q %q: %s", c.prefer, c.query, diff)
		}
	}
	for _, bad := range []string{"?$skip=-1", "?$top=x", "?$skip=", "?%zz"} {
		if w := get(s, top+"issues"+bad); w.Code != 400 || !strings.Contains(w.Body.String(), "BadRequest") {
			t.Error(bad, w.Code, w.Body)
		}
	}
	if w := get(s, top+"healthOverviews?$expand=posts"); w.Code != 400 {
		t.Error(w.Code, w.Body)
	}
}

// TestDoor: who may come in.
func TestDoor(t *testing.T) {
	s, _ := fake()
	s.Check = func(token string) error {
		if token != "good" {
			return errors.New("no")
		}
		return nil
	}
	for _, c := range []struct {
		header string
		status int
		says   string
	}{
		{"Bearer good", 200, ""},
		{"bearer  good ", 200, ""},
		{"Bearer bad", 401, `"Access token validation failure."`},
		{"Bearer ", 401, `"Access token is empty."`},
		{"", 401, `{"error":{"code":"InvalidAuthenticationToken","message":"Access token is empty.",` +
			`"innerError":{"date":"2026-06-02T13:03:00","request-id":"`},
		{"Basic good", 401, "is empty"},
	} {
		w := get(s, top+"issues", "Authorization: "+c.header, "client-request-id: mine")
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) ||
			w.Header().Get("client-request-id") != "mine" {
			t.Errorf("%q: %d %s", c.header, w.Code, w.Body)
		}
	}
	r := httptest.NewRequest(http.MethodPost, top+"issues", strings.NewReader("x"))
	r.Header.Set("Authorization", "Bearer good")
	w := httptest.NewRecorder()
	if s.ServeHTTP(w, r); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Error(w.Code, w.Header())
	}
}

// TestEnded: the record says what was shown to whom.
func TestEnded(t *testing.T) {
	s, clock := fake()
	var got []health.Result
	s.Ended = func(r health.Result) { got = append(got, r) }
	clock.now = began.Add(2 * time.Hour)
	get(s, top+"issues?$top=1")
	s.Faults = func(health.Request) *health.Act {
		return &health.Act{Do: health.InternalError, Fault: "identity", Delay: time.Second}
	}
	get(s, top+"healthOverviews")
	asked := health.Request{Ordinal: 1, At: clock.now.Add(-time.Second), Method: "GET",
		Path: top + "issues", Query: "$top=1", Peer: "192.0.2.1:1234"}
	want := []health.Result{
		{Request: asked, Status: 200, Shown: []string{"EX1331830"}, Ended: asked.At},
		{Request: asked, Status: 500, Fault: "identity", Ended: clock.now},
	}
	want[1].Ordinal, want[1].Path, want[1].Query = 2, top+"healthOverviews", ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestCurl: a real client over a socket, with links that lead back to it.
func TestCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	s, clock := fake()
	s.Base, clock.now = "", began.Add(2*time.Hour)
	web := httptest.NewServer(s)
	defer web.Close()
	out, err := exec.Command(curl, "-sS", "--fail", "--globoff", "--max-time", "20", "-H", "Authorization: Bearer t",
		web.URL+top+"healthOverviews?$expand=issues").Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"@odata.context":"` + web.URL + `/v1.0/$metadata#admin/serviceAnnouncement/` +
		`healthOverviews(issues())","value":[{"service":"Exchange Online","status":"investigating",`; !strings.
		HasPrefix(string(out), want) {
		t.Errorf("%s", out)
	}
}
