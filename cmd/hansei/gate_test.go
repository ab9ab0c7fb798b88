package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/gate"
)

func gatingOf(t *testing.T, plan string) *gating {
	t.Helper()
	p, err := gate.Read([]byte(plan))
	if err != nil {
		t.Fatal(err)
	}
	return &gating{plan: p, errs: io.Discard, inputs: map[string]reports.Input{}}
}

func judged(o check.Outcome) *reports.Input {
	return &reports.Input{Judgement: &check.Judgement{Outcome: o}}
}

// Only inconclusive runs are made again, as often as allowed, and what they come
// to in the end is what counts.
func TestOnlyInconclusiveRunsAreMadeAgain(t *testing.T) {
	g := gatingOf(t, "{scenarios: [s], relays: [{name: r}], seeds: [1, 2, 3, 4, 5], retries: 2}")
	var mu sync.Mutex
	tries := map[uint64]int{}
	g.made = func(_ context.Context, c gate.Cell) (string, *reports.Input, error) {
		mu.Lock()
		defer mu.Unlock()
		tries[c.Seed]++
		switch {
		case c.Seed == 1:
			return "a", judged(check.Pass), nil
		case c.Seed == 2:
			return "b", judged(check.Fail), nil
		case c.Seed == 3 && tries[3] == 2:
			return "c", judged(check.Pass), nil
		case c.Seed == 4:
			return "", nil, errors.New("port 25 is taken")
		}
		return "d", judged(check.Inconclusive), nil
	}
	runs := g.play(t.Context())
	want := []struct {
		state gate.State
		tries int
	}{{gate.Passed, 1}, {gate.Failed, 1}, {gate.Passed, 2}, {gate.Errored, 1}, {gate.Inconclusive, 3}}
	for i, w := range want {
		if runs[i].State != w.state || runs[i].Tries != w.tries || tries[uint64(i+1)] != w.tries {
			t.Errorf("seed %d: %s after %d tries, want %s after %d", i+1, runs[i].State, runs[i].Tries,
				w.state, w.tries)
		}
	}
}

func TestACrashIsAnErrorOfItsRunAlone(t *testing.T) {
	g := gatingOf(t, "{scenarios: [s], relays: [{name: r}], seeds: [1, 2], parallel: 2}")
	g.made = func(_ context.Context, c gate.Cell) (string, *reports.Input, error) {
		if c.Seed == 1 {
			panic("the sky is falling")
		}
		return "a", judged(check.Pass), nil
	}
	runs := g.play(t.Context())
	if runs[0].State != gate.Errored || !strings.Contains(runs[0].Why, "the sky is falling") ||
		runs[1].State != gate.Passed {
		t.Errorf("%+v", runs)
	}
}

func TestNoMoreRunsAtOnceThanAllowed(t *testing.T) {
	g := gatingOf(t, "{scenarios: [s], relays: [{name: r}], seeds: [1, 2, 3, 4, 5, 6], parallel: 2}")
	var now, most, met atomic.Int32
	both := make(chan struct{})
	g.made = func(ctx context.Context, _ gate.Cell) (string, *reports.Input, error) {
		n := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		if met.Add(1) == 2 {
			close(both)
		}
		select { // the first two wait for each other: they are made at once
		case <-both:
		case <-ctx.Done():
		}
		return "a", judged(check.Pass), nil
	}
	g.play(t.Context())
	if most.Load() != 2 {
		t.Errorf("%d runs at once, want 2", most.Load())
	}
}

func TestRunsNotBegunAreInconclusive(t *testing.T) {
	g := gatingOf(t, "{scenarios: [s], relays: [{name: r}], seeds: [1, 2]}")
	ctx, stop := context.WithCancel(t.Context())
	g.made = func(context.Context, gate.Cell) (string, *reports.Input, error) {
		stop()
		return "", nil, context.Canceled
	}
	for i, run := range g.play(ctx) {
		if run.State != gate.Inconclusive || !strings.Contains(run.Why, "interrupted") || run.Tries != 1-i {
			t.Errorf("run %d: %s (%s) after %d tries", i+1, run.State, run.Why, run.Tries)
		}
	}
}

// What a run apart is told is what a run in this process would be: the same plan.
func TestARunApartIsTheSameRun(t *testing.T) {
	g := gatingOf(t, "{scenarios: [s], relays: [{name: r, config: main.cf}], seeds: [7], "+
		"scale: 0.25, compress: 12m}")
	c := newRun()
	if err := c.ParseFlags(g.apartArgs(g.plan.Cells()[0], "there")); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.Flags().Args(), " "); got != "run s" {
		t.Errorf("it plays %q", got)
	}
	for name, want := range map[string]string{
		"seed": "7", "scale": "0.25", "compress": "12m", "relay": "r", "relay-config": "main.cf",
		"apart": "true", "folder": "there",
	} {
		if got := c.Flags().Lookup(name).Value.String(); got != want {
			t.Errorf("--%s is %q, want %q", name, got, want)
		}
	}
}

// Each state of a gate has its exit code.
func TestGateExitCodes(t *testing.T) {
	for state, want := range map[gate.State]int{
		gate.Passed: 0, gate.Failed: 1, gate.Inconclusive: 3, gate.Errored: 70,
	} {
		if got := tell(io.Discard, gateError(state)); got != want {
			t.Errorf("%s: exit code %d, want %d", state, got, want)
		}
	}
}

// A job's page shows what is not kept, and no relay can write commands to it.
func TestAnnotations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "summary.md")
	t.Setenv("GITHUB_STEP_SUMMARY", path)
	t.Setenv("GITHUB_ACTIONS", "true")
	for range 2 {
		if err := summarize(func(w io.Writer) error { _, err := io.WriteString(w, "x\n"); return err }); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "x\nx\n" {
		t.Errorf("the summary is %q, %v; want it appended to", text, err)
	}
	var b strings.Builder
	command(&b, true, "a,b: c", "1 lost\r\n::set-env name=PATH::evil 100%")
	want := `::error title=a%2Cb%3A c::1 lost\x0d\x0a::set-env name=PATH::evil 100%25` + "\n"
	if b.String() != want {
		t.Errorf("got  %q\nwant %q", b.String(), want)
	}
}
