package suitetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/bubbletest"
	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/matchers"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/drivers"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/catalog"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// replay is a scenario, a relay and how the one meets the other.
type replay struct {
	arg      string
	scenario *scenarios.Scenario
	relay    string
	driver   relay.Driver
	overlay  string
	seeds    []uint64
	scale    float64
	runs     string
	tries    int
	inMemory bool
	mustTell bool
}

// Option says how a scenario is replayed.
type Option func(*replay)

// Relay is the relay under test, by the name that --relay takes; without it the
// reference relay is.
func Relay(name string) Option { return func(p *replay) { p.relay = name } }

// Driver is the relay under test where it has a driver of one's own.
func Driver(d relay.Driver) Option { return func(p *replay) { p.driver = d } }

// Config is a configuration of one's own, laid over the relay's.
func Config(text string) Option { return func(p *replay) { p.overlay = text } }

// Seeds are the seeds to play with; without them it is 1.
func Seeds(seeds ...uint64) Option { return func(p *replay) { p.seeds = seeds } }

// Scale multiplies the amount of mail.
func Scale(factor float64) Option { return func(p *replay) { p.scale = factor } }

// InMemory plays a relay in process within the test's own memory: hours cost
// only their CPU, and a busy machine leaves nothing in doubt.
func InMemory() Option { return func(p *replay) { p.inMemory = true } }

// Tries is how often a run that the machine put in doubt is played at most.
func Tries(n int) Option { return func(p *replay) { p.tries = n } }

// Runs is the folder in which run folders are kept; without it they go.
func Runs(dir string) Option { return func(p *replay) { p.runs = dir } }

// MustTell lets a promise of which a run proves nothing fail, as well as a relay
// that cannot run on this machine; without it both are skipped, with the reason.
func MustTell() Option { return func(p *replay) { p.mustTell = true } }

func newReplay(scenario string, options []Option) (*replay, error) {
	p := &replay{arg: scenario, relay: "reference", scale: 1, tries: 1}
	for _, option := range options {
		option(p)
	}
	if len(p.seeds) == 0 {
		p.seeds = []uint64{1}
	}
	if p.driver == nil {
		var ok bool
		if p.driver, ok = drivers.All()[p.relay]; !ok {
			return nil, fmt.Errorf("there is no relay %q; there are %s", p.relay,
				strings.Join(slices.Sorted(maps.Keys(drivers.All())), ", "))
		}
	}
	p.relay = p.driver.Name()
	var err error
	if p.scenario, err = find(scenario); err != nil {
		return nil, fmt.Errorf("finding the scenario: %w", err)
	}
	if p.inMemory && (!p.driver.Traits().InProcess || len(p.scenario.Links) > 0) {
		return nil, fmt.Errorf("%s cannot be played in memory: that takes a relay in process "+
			"and a scenario without links", p.name())
	}
	return p, nil
}

func find(scenario string) (*scenarios.Scenario, error) {
	if ext := filepath.Ext(scenario); ext == ".yaml" || ext == ".yml" {
		text, err := os.ReadFile(scenario)
		if err != nil {
			return nil, err
		}
		return scenarios.Read(scenario, text)
	}
	name, variant, _ := strings.Cut(scenario, "/")
	s, err := catalog.Load(name)
	if err != nil || variant == "" {
		return s, err
	}
	return s.With(variant)
}

func (p *replay) name() string { return p.arg + " against " + p.relay }

func (p *replay) labels() []string {
	return slices.Concat([]string{p.relay, p.scenario.Name}, p.scenario.Tags)
}

// promises are those that the scenario makes, in their order.
func (p *replay) promises() []string {
	nothing := check.Judge(p.scenario, func(func(evidence.Event, error) bool) {})
	var names []string
	for _, v := range nothing.Verdicts {
		if v.Asked {
			names = append(names, v.Promise)
		}
	}
	return names
}

// play plays the scenario and, where the machine put the run in doubt, does so
// again, and judges it.
func (p *replay) play(ctx context.Context, seed uint64, dir string) (*matchers.Run, error) {
	tl, err := timeline.Plan(p.scenario, timeline.Options{Seed: seed, Scale: p.scale})
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of the runs: %w", err)
	}
	run := &matchers.Run{Name: p.name(), Seed: seed, Command: p.command(seed)}
	for range max(1, p.tries) {
		run.Folder = fresh(filepath.Join(dir, fmt.Sprintf("%s-%s-seed%d",
			strings.Trim(p.scenario.Name+"-"+p.scenario.Variant, "-"), p.relay, seed)))
		cfg := harness.Config{Dir: run.Folder, Overlay: p.overlay, Command: run.Command}
		if err := p.once(ctx, tl, cfg); err != nil {
			return nil, fmt.Errorf("replaying %s with seed %d: %w", p.name(), seed, err)
		}
		run.Judgement = check.Judge(p.scenario, evidence.Read(filepath.Join(run.Folder, evidence.File)))
		if run.Outcome != check.Inconclusive {
			break
		}
	}
	if run.Judgement == nil {
		return nil, errors.New("nothing was played")
	}
	return run, nil
}

func (p *replay) once(ctx context.Context, tl *timeline.Timeline, cfg harness.Config) error {
	if !p.inMemory {
		return harness.Run(ctx, p.scenario, tl, p.driver, cfg)
	}
	cfg.Speed = 1 // of the bubble's time
	return bubbletest.Run(ctx, func(ctx context.Context) error {
		cfg.Network = harness.Memory()
		return harness.Run(ctx, p.scenario, tl, p.driver, cfg)
	})
}

// fresh is a folder's name that is not taken yet.
func fresh(path string) string {
	name := path
	for n := 2; ; n++ {
		if _, err := os.Lstat(name); err != nil {
			return name
		}
		name = path + "-" + strconv.Itoa(n)
	}
}

// command repeats the run from a shell. A driver or a configuration of one's own
// is not known there.
func (p *replay) command(seed uint64) string {
	text := fmt.Sprintf("hansei run %s --relay %s --seed %d", p.arg, p.relay, seed)
	if p.scale != 1 {
		text += fmt.Sprintf(" --scale %g", p.scale)
	}
	if p.overlay != "" {
		text += " --relay-config FILE"
	}
	return text
}
