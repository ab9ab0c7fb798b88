package harness

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/reference"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/catalog"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// replayed is one run in memory and what is to be judged.
type replayed struct {
	t        *testing.T
	scenario *scenarios.Scenario
	driver   relay.Driver
	seed     uint64
	scale    float64
	// meddle is called inside the bubble before the run starts to play.
	meddle func(*run)
	// network is nil for Memory().
	network relay.Network
	// within is where the run folder is made; empty: a temporary folder.
	within string
	// asked, if not nil, changes what is asked of the run before it is judged.
	asked func(*scenarios.Expect)

	dir string
	err error
}

// honest and flawed are reference relays that leave fsync out: a power cut is
// played, not real.
func honest() relay.Driver { return flawed("") }

func flawed(flaw string) relay.Driver {
	return reference.New(reference.Options{Flaw: flaw, Settings: reference.Settings{NoSync: true}})
}

func load(t *testing.T, name string) *scenarios.Scenario {
	t.Helper()
	s, err := catalog.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// read is a scenario of the tests' own.
func read(t *testing.T, file string) *scenarios.Scenario {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Read(file, text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// inMemory plays the scenario in a bubble: its hours cost only their CPU.
func (r *replayed) inMemory() *check.Judgement {
	r.t.Helper()
	if r.within == "" {
		r.within = r.t.TempDir()
	}
	r.dir = filepath.Join(r.within, "run")
	if r.scale == 0 {
		r.scale = 0.5
	}
	if r.seed == 0 {
		r.seed = 1
	}
	tl, err := timeline.Plan(r.scenario, timeline.Options{Seed: r.seed, Scale: r.scale})
	if err != nil {
		r.t.Fatal(err)
	}
	if r.network == nil {
		r.network = Memory()
	}
	synctest.Test(r.t, func(t *testing.T) {
		run, err := prepare(r.scenario, tl, r.driver, Config{
			Dir: r.dir, Speed: 1, Network: r.network, Version: "test",
		})
		if err != nil {
			t.Fatal(err)
		}
		if r.meddle != nil {
			r.meddle(run)
		}
		r.err = run.play(t.Context())
	})
	return r.judge()
}

func (r *replayed) judge() *check.Judgement {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, "scenario.yaml"))
	if err != nil {
		r.t.Fatal(err)
	}
	s, err := scenarios.Read("scenario.yaml", text)
	if err != nil {
		r.t.Fatal(err)
	}
	if r.asked != nil {
		r.asked(&s.Expect)
	}
	return check.Judge(s, evidence.Read(filepath.Join(r.dir, evidence.File)))
}

// broken are the promises that failed.
func broken(j *check.Judgement) []string {
	var names []string
	for _, v := range j.Verdicts {
		if v.Outcome == check.Fail {
			names = append(names, v.Promise)
		}
	}
	return names
}

// tell logs what is needed to understand a wrong verdict.
func tell(t *testing.T, j *check.Judgement) {
	t.Helper()
	for _, v := range j.Verdicts {
		if v.Asked && v.Outcome != check.Pass {
			t.Logf("%s: %s: %s; %s %+v", v.Promise, v.Outcome, v.Figure, v.Reason, v.Witnesses)
		}
	}
	for _, p := range j.Premises {
		if !p.Held {
			t.Logf("premise %s: %s", p.Name, p.Reason)
		}
	}
}

// TestHonestRelayKeepsEveryPromise also shows that a run leaves no goroutine:
// the bubble would not end.
func TestHonestRelayKeepsEveryPromise(t *testing.T) {
	for _, name := range []string{"ex196121", "ex196121/kill"} {
		r := &replayed{t: t, scenario: load(t, name), driver: honest()}
		j := r.inMemory()
		if r.err != nil || j.Outcome != check.Pass {
			t.Errorf("%s: %s, %v", name, j.Outcome, r.err)
			tell(t, j)
		}
	}
}

// TestEachFlawBreaksItsPromiseAlone: what is broken on purpose is caught by the
// promise named for it, and by no other.
func TestEachFlawBreaksItsPromiseAlone(t *testing.T) {
	for _, c := range []struct{ flaw, scenario, promise string }{
		{"ack-before-durable", "ex196121/kill", "no-loss"},
		{"skip-spare", "ex196121", "spare-complete"},
		{"spare-after-delivery", "ex196121", "spare-timely"},
		{"rewrite-body", "ex196121", "integrity"},
		{"bounce-after-2h", "ex196121", "no-early-bounce"},
	} {
		t.Run(c.flaw, func(t *testing.T) {
			r := &replayed{
				t: t, scenario: load(t, c.scenario), scale: 1,
				driver: flawed(c.flaw),
			}
			j := r.inMemory()
			if got := strings.Join(broken(j), " "); r.err != nil || got != c.promise {
				t.Errorf("broken: %q, want %q alone; %v", got, c.promise, r.err)
				tell(t, j)
			}
		})
	}
}

// TestSameSeedSameTimelineAndFates: a run can be repeated.
func TestSameSeedSameTimelineAndFates(t *testing.T) {
	var plans, fates [2]string
	for i := range 2 {
		r := &replayed{t: t, scenario: load(t, "ex196121"), driver: honest(), seed: 7}
		j := r.inMemory()
		plan, err := os.ReadFile(filepath.Join(r.dir, "timeline.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		plans[i], fates[i] = string(plan), fateOfAll(t, r.dir)
		if j.Outcome != check.Pass {
			tell(t, j)
		}
	}
	if plans[0] != plans[1] {
		t.Error("the same seed gave two timelines")
	}
	if fates[0] != fates[1] || len(fates[0]) < 1000 {
		t.Errorf("the same seed gave two sets of fates (%d and %d bytes)", len(fates[0]), len(fates[1]))
	}
}

// TestDoubtIsInconclusive: where the run cannot prove what it should, or the
// harness itself is in doubt, the outcome is inconclusive, and says why.
func TestDoubtIsInconclusive(t *testing.T) {
	for _, c := range []struct {
		name    string
		because string
		file    string
		driver  relay.Driver
		meddle  func(*run)
	}{
		{name: "a fault that nobody felt", because: "faults-felt", file: "testdata/unfelt.yaml"},
		{name: "a fake is killed in mid-run", because: "stopped in mid-run", meddle: killAFake},
		{name: "a clock that is off", because: "clock", driver: liar{honest()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &replayed{t: t, driver: c.driver, meddle: c.meddle}
			if r.driver == nil {
				r.driver = honest()
			}
			if c.file == "" {
				r.scenario = load(t, "ex196121")
			} else {
				r.scenario = read(t, c.file)
			}
			j := r.inMemory()
			if j.Outcome != check.Inconclusive || !because(j, c.because) {
				t.Errorf("%s, want inconclusive because of %q; %v", j.Outcome, c.because, r.err)
				tell(t, j)
			}
		})
	}
}

func because(j *check.Judgement, what string) bool {
	for _, p := range j.Premises {
		if !p.Held && strings.Contains(p.Name+" "+p.Reason, what) {
			return true
		}
	}
	return false
}

// killAFake closes the spare store from outside, in the outage.
func killAFake(r *run) {
	r.cfg.Progress = func(p Progress) {
		if p.Phase == "outage" && r.world != nil {
			last := r.world.servers[len(r.world.servers)-1]
			r.cfg.Progress = nil
			go last.Close()
		}
	}
}

func TestInterruptedRunIsInconclusive(t *testing.T) {
	r := &replayed{t: t, scenario: load(t, "ex196121"), driver: honest()}
	r.dir = filepath.Join(t.TempDir(), "run")
	tl, err := timeline.Plan(r.scenario, timeline.Options{Seed: 1, Scale: 0.25})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		run, err := prepare(r.scenario, tl, r.driver, Config{
			Dir: r.dir, Speed: 1, Network: Memory(),
			Progress: func(p Progress) {
				if p.Phase == "outage" {
					cancel()
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := run.play(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("the run ended with %v", err)
		}
	})
	if j := r.judge(); j.Outcome != check.Inconclusive {
		t.Errorf("an interrupted run is %s", j.Outcome)
		tell(t, j)
	}
}
