package live_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/browsertest"
	"github.com/hansei-mail/hansei/reports/live"
	"github.com/hansei-mail/hansei/scenarios/catalog"
)

// input is what is known of a run before it begins.
func input(t *testing.T) reports.Input {
	t.Helper()
	s, err := catalog.Load("ex196121")
	if err != nil {
		t.Fatal(err)
	}
	return reports.Input{
		Run:      reports.Run{Relay: "reference", Seed: 1, Scale: 1, Command: "hansei run ex196121"},
		Scenario: s,
		Judgement: &check.Judgement{Figures: check.Figures{
			Start: s.From.Time.UTC(), Zone: s.Zone, Length: 13 * time.Hour, Outage: time.Hour,
			Heal: 9*time.Hour + 30*time.Minute,
		}},
	}
}

func moment(hours int) reports.Moment {
	n := int64(hours)
	return reports.Moment{
		Now: time.Duration(hours) * time.Hour, Phase: "outage", Rate: 600, Offered: 210 * n,
		Accepted: 200 * n, Waiting: 120 * n, Done: 80 * n, Spare: 50 * n, Faults: 700 * n,
	}
}

func open(t *testing.T, opts live.Options) (s *live.Server, base, token string) {
	t.Helper()
	opts.Input = input(t)
	s, err := live.Listen("127.0.0.1:0", opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(nil) })
	base, token, _ = strings.Cut(s.URL(), "#token=")
	return s, base, token
}

func get(t *testing.T, url, host string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		r.Host = host
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func TestOnlyLoopback(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:8025", "example.test:1", "8025"} {
		if s, err := live.Listen(addr, live.Options{Input: input(t)}); err == nil {
			s.Close(nil)
			t.Errorf("%q was taken as loopback", addr)
		}
	}
	_, base, _ := open(t, live.Options{})
	if code, _ := get(t, base, "evil.example"); code != http.StatusMisdirectedRequest {
		t.Errorf("a page of another name gets %d, want 421", code)
	}
	if code, _ := get(t, base, "localhost:8025"); code != http.StatusOK {
		t.Errorf("localhost gets %d, want 200", code)
	}
}

func TestOrdersNeedTheToken(t *testing.T) {
	var stops int
	var pauses []bool
	_, base, token := open(t, live.Options{
		Stop: func() { stops++ }, Pause: func(p bool) { pauses = append(pauses, p) },
	})
	order := func(what, token string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+what, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Hansei-Token", token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	for _, what := range []string{"stop", "pause", "go-on"} {
		for _, wrong := range []string{"", "wrong", token + "x", token[1:]} {
			if code := order(what, wrong); code != http.StatusForbidden {
				t.Errorf("%s with token %q: %d, want 403", what, wrong, code)
			}
		}
	}
	if code, _ := get(t, base+"stop", ""); code != http.StatusMethodNotAllowed {
		t.Errorf("GET /stop: %d, want 405", code)
	}
	if stops != 0 || len(pauses) != 0 {
		t.Fatalf("%d stops and %d pauses without the token", stops, len(pauses))
	}
	order("pause", token)
	order("go-on", token)
	order("stop", token)
	if stops != 1 || len(pauses) != 2 || !pauses[0] || pauses[1] {
		t.Errorf("%d stops, pauses %v; want 1, [true false]", stops, pauses)
	}
}

func TestEventsTellWhereTheRunIs(t *testing.T) {
	s, base, _ := open(t, live.Options{})
	s.Tell(moment(3))
	answer, err := http.Get(base + "events")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewReader(answer.Body)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var u struct {
		Numbers map[string]string
		Along   int
		Picture string
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(line, "data: ")), &u); err != nil {
		t.Fatalf("%v in %.100q", err, line)
	}
	if u.Numbers["waiting"] != "360" || u.Numbers["scenario clock"] != "13:00:00" || u.Along != 230 ||
		!strings.Contains(u.Picture, `id="pbacklog"`) {
		t.Errorf("numbers %v, along %d", u.Numbers, u.Along)
	}
}

// Each query of the dashboard asks for a metric that there is, and what there is
// has the run's values.
func TestMetricsAndDashboardAgree(t *testing.T) {
	s, base, _ := open(t, live.Options{})
	s.Tell(moment(3))
	_, metrics := get(t, base+"metrics", "")
	for _, want := range []string{
		`hansei_backlog_pairs{relay="reference",scenario="ex196121"} 360`,
		`hansei_pairs_accepted_total{relay="reference",scenario="ex196121"} 600`,
		`hansei_scenario_time_seconds{relay="reference",scenario="ex196121"} 10800`,
		"# TYPE hansei_faults_felt_total counter", "# HELP hansei_clock_rate ",
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %q", want)
		}
	}
	_, dashboard := get(t, base+"grafana.json", "")
	var any map[string]any
	if err := json.Unmarshal([]byte(dashboard), &any); err != nil {
		t.Fatal(err)
	}
	asked := regexp.MustCompile(`hansei_[a-z_]+`).FindAllString(dashboard, -1)
	if len(asked) < 8 {
		t.Errorf("the dashboard asks for %v only", asked)
	}
	for _, name := range asked {
		if !strings.Contains(metrics, "\n"+name+"{") {
			t.Errorf("the dashboard asks for %s, which there is not", name)
		}
	}
}

func TestThereIsNoReportBeforeTheEnd(t *testing.T) {
	_, base, _ := open(t, live.Options{})
	if code, _ := get(t, base+"report", ""); code != http.StatusNotFound {
		t.Errorf("%d, want 404", code)
	}
}

// The page moves, obeys, and turns into the report, in a real browser.
func TestTheLiveViewInABrowser(t *testing.T) {
	tab := browsertest.Open(t)
	stopped := make(chan struct{})
	s, base, _ := open(t, live.Options{Stop: func() { close(stopped) }})
	s.Tell(moment(1))
	tab.Window(1600, 1000, "light")

	// Without the token there are no buttons; with a wrong one they are refused.
	tab.Do(chromedp.Navigate(base))
	hidden := chromedp.Evaluate[bool](`document.getElementById("stop").hidden`)
	if !browsertest.Value(tab, hidden) {
		t.Error("whoever has no token has a stop button")
	}
	tab.Do(chromedp.Navigate(base+"?#token=wrong"), chromedp.Click("#stop"),
		chromedp.WaitVisible("#answer:not(:empty)"))
	if said := browsertest.Value(tab, chromedp.Text("#answer")); !strings.Contains(said, "token is wrong") {
		t.Errorf("the answer to a wrong token is %q", said)
	}
	select {
	case <-stopped:
		t.Fatal("a wrong token stopped the run")
	default:
	}
	refused := len(tab.Complaints()) // the browser tells of the 403

	tab.Do(chromedp.Navigate(strings.Replace(s.URL(), "/#", "/?2#", 1)))
	wait := func(name, value string) {
		t.Helper()
		_ = browsertest.Value(tab, chromedp.Poll[bool](
			`document.querySelector("b[data-name='`+name+`']").textContent === "`+value+`"`))
	}
	wait("waiting", "120")
	picture := chromedp.Evaluate[string](`document.getElementById("live").innerHTML`)
	before := browsertest.Value(tab, picture)
	for h := 2; h <= 8; h++ {
		m := moment(h)
		m.Over = h == 8 // is told at once
		s.Tell(m)
	}
	wait("waiting", "960")
	wait("scenario clock", "18:00:00")
	if before == browsertest.Value(tab, picture) {
		t.Error("the picture did not move")
	}
	seen := tab.Look()
	if seen.Charts < 3 || seen.Clipped > 0 || seen.Contrast > 0 || seen.Overflow > 0 {
		t.Errorf("the live page: %+v", seen)
	}
	tab.Screenshot("live")
	tab.Do(chromedp.Click("#pause"))
	wait("rate", "paused")
	tab.Do(chromedp.Click("#stop"))
	<-stopped
	closed := make(chan error, 1)
	report := []byte("<!DOCTYPE html><title>told</title><link rel=icon href=data:,><p id=end>The end")
	go func() { closed <- s.Close(report) }()
	tab.Do(chromedp.WaitVisible("#end"))
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if all := tab.Complaints()[refused:]; len(all) > 0 {
		t.Errorf("the console says: %q", all)
	}
}
