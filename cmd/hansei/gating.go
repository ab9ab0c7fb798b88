package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/gate"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// gating is a gate being played.
type gating struct {
	plan   *gate.Plan
	folder string
	made   func(context.Context, gate.Cell) (string, *reports.Input, error)

	// port25 is held by the one run whose relay needs the machine's ports, where
	// runs cannot have network namespaces of their own.
	port25  sync.Mutex
	drivers map[string]relay.Driver

	mu     sync.Mutex
	errs   io.Writer
	inputs map[string]reports.Input
}

// newGating refuses what could not be played: nobody wants to learn of a typing
// error after the first hour.
func newGating(plan *gate.Plan, runs string, errs io.Writer) (*gating, error) {
	g := &gating{
		plan: plan, folder: gateFolder(runs, time.Now()), errs: errs,
		drivers: map[string]relay.Driver{}, inputs: map[string]reports.Input{},
	}
	g.made = g.make
	for _, r := range plan.Relays {
		driver, err := pickRelay(r.Name, "")
		if err != nil {
			return nil, err
		}
		if r.Config != "" {
			if _, err := slurp(r.Config, largestOverlay); err != nil {
				return nil, err
			}
		}
		g.drivers[r.Name] = driver
	}
	for _, row := range plan.Scenarios {
		p := planFlags{seed: plan.Seeds[0], scale: plan.Scale, compress: plan.Compress}
		if _, _, err := p.plan(row.Scenario); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// play makes every run, at most Parallel at once, and returns them in the order
// of the plan.
func (g *gating) play(ctx context.Context) []gate.Run {
	cells := g.plan.Cells()
	runs := make([]gate.Run, len(cells))
	slots := make(chan struct{}, g.plan.Parallel)
	var all sync.WaitGroup
	for i, cell := range cells {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			runs[i] = g.settle(ctx, cell)
		})
	}
	all.Wait()
	return runs
}

// settle makes a run, and again while it is inconclusive and retries are left.
func (g *gating) settle(ctx context.Context, cell gate.Cell) gate.Run {
	if g.needsPorts(cell) && !g.canApart(cell) {
		g.port25.Lock()
		defer g.port25.Unlock()
	}
	run := gate.Run{Cell: cell, State: gate.Inconclusive}
	for run.Tries <= g.plan.Retries && run.State == gate.Inconclusive {
		if ctx.Err() != nil {
			if run.Tries == 0 {
				run.Why = "not begun: " + whyOver(ctx)
			}
			break
		}
		run.Tries++
		g.once(ctx, &run)
		g.say(run)
	}
	return run
}

// canApart says whether a run can be made in a network of its own. A container has
// the network of its daemon.
func (g *gating) canApart(cell gate.Cell) bool {
	driver := g.drivers[cell.Relay.Name]
	return canApart() && (driver == nil || !isContainer(driver))
}

// needsPorts says whether a run needs the machine's own port 25.
func (g *gating) needsPorts(cell gate.Cell) bool {
	driver := g.drivers[cell.Relay.Name]
	return driver != nil && !driver.Traits().InProcess
}

// once makes a run one time; a crash of it is an error of this run alone.
func (g *gating) once(ctx context.Context, run *gate.Run) {
	defer func() {
		if crash := recover(); crash != nil {
			run.State, run.Why = gate.Errored, fmt.Sprintf("crashed: %v\n%s", crash, debug.Stack())
		}
	}()
	folder, in, err := g.made(ctx, run.Cell)
	run.Folder, run.Judgement, run.Why = folder, nil, ""
	if err != nil {
		run.State, run.Why = gate.Errored, err.Error()
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			run.State, run.Why = gate.Inconclusive, "ended: "+whyOver(ctx)
		}
		return
	}
	run.State, run.Judgement = run.StateOf(in.Judgement), in.Judgement
	in.Course = nil // the run's own report has told it
	g.mu.Lock()
	g.inputs[folder] = *in
	g.mu.Unlock()
}

// whyOver says why no more runs are made.
func whyOver(ctx context.Context) string {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return "the gate's time was up"
	}
	return "interrupted"
}

// make plays one run into the gate's folder and judges it.
func (g *gating) make(ctx context.Context, cell gate.Cell) (string, *reports.Input, error) {
	s, tl, cfg, err := g.prepare(cell)
	if err != nil {
		return "", nil, err
	}
	if g.plan.Parallel > 1 && g.needsPorts(cell) && g.canApart(cell) {
		return g.makeApart(ctx, cell)
	}
	driver := g.drivers[cell.Relay.Name]
	if err := driver.Ready(ctx); err != nil {
		return "", nil, fmt.Errorf("the relay %s cannot run here: %w", cell.Relay.Name, err)
	}
	err = harness.Run(ctx, s, tl, driver, cfg)
	// An interrupted run is judged, if it got that far: what it saw may be a
	// failure already.
	interrupted := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	if err != nil && (!interrupted || !exists(cfg.Dir)) {
		return "", nil, err
	}
	in, err := judge(cfg.Dir)
	if err != nil {
		return cfg.Dir, nil, err
	}
	return cfg.Dir, &in, nil
}

func (g *gating) prepare(
	cell gate.Cell,
) (*scenarios.Scenario, *timeline.Timeline, harness.Config, error) {
	flags := runFlags{
		planFlags: planFlags{seed: cell.Seed, scale: g.plan.Scale, compress: g.plan.Compress},
		relay:     cell.Relay.Name, overlay: cell.Relay.Config, speed: "auto",
	}
	s, tl, err := flags.plan(cell.Scenario)
	if err != nil {
		return nil, nil, harness.Config{}, err
	}
	cfg := harness.Config{Version: version(), Command: flags.command(cell.Scenario)}
	if flags.overlay != "" {
		text, err := slurp(flags.overlay, largestOverlay)
		if err != nil {
			return nil, nil, harness.Config{}, err
		}
		cfg.Overlay = string(text)
	}
	called := fmt.Sprintf("%s-seed%d", fileName(cell.Relay.Called()), cell.Seed)
	cfg.Dir = newFolder(g.folder, s, called, time.Now())
	return s, tl, cfg, nil
}

// fileName keeps of a name what any file system takes.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '_'
	}, strings.TrimLeft(name, "."))
}

// say writes a line when a run is over.
func (g *gating) say(run gate.Run) {
	g.mu.Lock()
	defer g.mu.Unlock()
	line := fmt.Sprintf("%-12s %s", run.State, run.Name())
	if run.Why != "" {
		why, _, _ := strings.Cut(run.Why, "\n")
		line += ": " + why
	}
	fmt.Fprintln(g.errs, reports.Escape(line))
}
