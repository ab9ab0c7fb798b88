package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// heard is what a command says, readable while it goes on.
type heard struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.Write(p)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.String()
}

// until looks again and again, at most a minute.
func until(t *testing.T, what string, look func() bool) {
	t.Helper()
	over := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !look() {
		select {
		case <-tick.C:
		case <-over:
			t.Fatalf("waited a minute for this: %s", what)
		}
	}
}

// metricOf is the present value of a metric, or what is in its way.
func metricOf(base, name string) string {
	answer, err := http.Get(base + "metrics")
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err.Error()
	}
	m := regexp.MustCompile(`(?m)^` + name + `\{.*\} (\S+)$`).FindSubmatch(text)
	if m == nil {
		return ""
	}
	return string(m[1])
}

// ordered gives an order that must be obeyed.
func ordered(t *testing.T, url, token string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Hansei-Token", token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent {
		t.Fatalf("%s: %s", url, answer.Status)
	}
}

// A run that is shown live stands still when it is told to, goes on, ends when it
// is told to, and is judged.
func TestALiveRunObeys(t *testing.T) {
	if testing.Short() {
		t.Skip("plays a run")
	}
	runs := t.TempDir()
	var out, errs heard
	code := make(chan int, 1)
	go func() {
		code <- Main([]string{"run", "ex196121", "--speed", "30", "--runs", runs,
			"--live", "127.0.0.1:0"}, &out, &errs)
	}()
	var url []string
	until(t, "the address", func() bool {
		url = regexp.MustCompile(`live at (\S+/)#token=(\S+)`).FindStringSubmatch(errs.String())
		return url != nil
	})
	metric := func(name string) string { return metricOf(url[1], name) }
	order := func(what string) { ordered(t, url[1]+what, url[2]) }
	until(t, "the clock runs", func() bool { return metric("hansei_clock_rate") == "30" })
	order("pause")
	until(t, "the clock stands", func() bool { return metric("hansei_clock_rate") == "0" })
	stood := metric("hansei_scenario_time_seconds")
	order("go-on")
	until(t, "the clock goes on", func() bool {
		return metric("hansei_clock_rate") == "30" && metric("hansei_scenario_time_seconds") != stood
	})
	order("pause") // a run that stands must end all the same
	until(t, "the clock stands again", func() bool { return metric("hansei_clock_rate") == "0" })
	order("stop")
	if got := <-code; got != exitInconclusive {
		t.Errorf("exit code %d, want %d\n%s", got, exitInconclusive, errs.String())
	}
	folders, err := filepath.Glob(filepath.Join(runs, "ex196121", "*", "report.html"))
	if err != nil || len(folders) != 1 {
		t.Fatalf("reports %v, %v", folders, err)
	}
	var last evidence.Event
	for e, err := range evidence.Read(filepath.Join(filepath.Dir(folders[0]), evidence.File)) {
		if err != nil {
			t.Fatal(err)
		}
		last = e
	}
	page, err := os.ReadFile(folders[0])
	if err != nil || last.Outcome != evidence.Cut || !strings.Contains(string(page), "INCONCLUSIVE") {
		t.Errorf("the run ended as %q, %v", last.Outcome, err)
	}
}

func TestALiveViewBeyondLoopbackIsRefused(t *testing.T) {
	var out, errs heard
	code := Main([]string{"run", "ex196121", "--runs", t.TempDir(), "--live", "0.0.0.0:8025"}, &out, &errs)
	if code != exitUsage || !strings.Contains(errs.String(), "not of loopback") {
		t.Errorf("exit code %d, want %d: %s", code, exitUsage, errs.String())
	}
}
