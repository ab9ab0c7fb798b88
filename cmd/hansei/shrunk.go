package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/shrink"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// player plays the candidates of a search, one after the other.
type player struct {
	driver  relay.Driver
	seed    uint64
	overlay string
	folder  string
	n       int
}

func newPlayer(d relay.Driver, f *shrinkFlags) (*player, error) {
	p := &player{driver: d, seed: f.seed}
	if f.overlay != "" {
		text, err := slurp(f.overlay, largestOverlay)
		if err != nil {
			return nil, err
		}
		p.overlay = string(text)
	}
	var err error
	if p.folder, err = os.MkdirTemp("", "hansei-shrink-"); err != nil {
		return nil, fmt.Errorf("making a folder for the runs: %w", err)
	}
	return p, nil
}

func (p *player) close() { _ = os.RemoveAll(p.folder) }

// play plays one candidate. The run before it has been judged, and goes.
func (p *player) play(ctx context.Context, s *scenarios.Scenario) (shrink.Judge, error) {
	_ = os.RemoveAll(p.dir())
	p.n++
	tl, err := timeline.Plan(s, timeline.Options{Seed: p.seed})
	if err != nil {
		return nil, err
	}
	cfg := harness.Config{Dir: p.dir(), Version: version(), Overlay: p.overlay}
	if livesInMemory(s, p.driver) {
		err = playInMemory(ctx, s, tl, p.driver, cfg)
	} else {
		err = harness.Run(ctx, s, tl, p.driver, cfg)
	}
	if err != nil {
		return nil, err
	}
	file := filepath.Join(p.dir(), evidence.File)
	return func(s *scenarios.Scenario) *check.Judgement {
		return check.Judge(s, evidence.Read(file))
	}, nil
}

func (p *player) dir() string { return filepath.Join(p.folder, strconv.Itoa(p.n)) }

// longestName is the longest name that a scenario may have.
const longestName = 40

// told is the scenario as it is written, with a name and an account of its own.
func (f *shrinkFlags) told(from *scenarios.Scenario, r *shrink.Result, path string) string {
	s := scenarios.Loose(r.Scenario)
	s.Name = strings.Trim((r.Promise + "-" + from.Name)[:min(longestName, len(r.Promise)+1+len(from.Name))], "-")
	s.Title = "What is left of " + scenarioName(from) + " with " + r.Promise + " still broken"
	s.About = fmt.Sprintf("From %s with seed %d: of %s, %s are left. %s: %s", scenarioName(from),
		f.seed, r.Before, r.After, r.Promise, r.Verdict.Figure)
	s.Tags = []string{"regression"}
	var b strings.Builder
	fmt.Fprintf(&b, "# Found by hansei shrink. Repeat it with\n#   %s\n", f.repeat(path))
	for _, w := range r.Verdict.Witnesses {
		fmt.Fprintf(&b, "# witness %s\n", strings.TrimSpace(
			strings.ReplaceAll(w.Msg+" "+w.Recipient+": "+w.What, "\n", " ")))
	}
	b.Write(scenarios.Format(s))
	return b.String()
}

// repeat is the command that plays what was found.
func (f *shrinkFlags) repeat(path string) string {
	run := runFlags{
		planFlags: planFlags{seed: f.seed, scale: 1}, relay: f.relay, flaw: f.flaw,
		overlay: f.overlay, speed: "auto",
	}
	return run.command(path)
}

// freeName is a file of that name that does not exist yet.
func freeName(name string) string {
	path := name + ".yaml"
	for n := 2; exists(path); n++ {
		path = name + "-" + strconv.Itoa(n) + ".yaml"
	}
	return path
}

func textOf(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}
