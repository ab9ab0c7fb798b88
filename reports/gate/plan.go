package gate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Plan is a gate.yaml: every scenario meets every relay with every seed.
type Plan struct {
	Scenarios []Row    `yaml:"scenarios"`
	Relays    []Relay  `yaml:"relays"`
	Seeds     []uint64 `yaml:"seeds"`
	// Scale multiplies the mail; 0 means 1.
	Scale float64 `yaml:"scale,omitempty"`
	// Compress leaves waiting out, as run --compress does; empty: none.
	Compress string `yaml:"compress,omitempty"`
	// Retries is how often an inconclusive run is made again; never another.
	Retries int `yaml:"retries,omitempty"`
	// Parallel is how many runs are made at once; 0 means one. Relays that need
	// the machine's port 25 do that in network namespaces of their own, and run
	// one at a time where there are none (not Linux, or no root).
	Parallel int `yaml:"parallel,omitempty"`
	// Within bounds the whole gate in wall time; runs not begun by then are
	// inconclusive. 0 means no bound.
	Within time.Duration `yaml:"within,omitempty"`
	// Limits say how much worse than the baseline a figure may be, by its name.
	Limits map[string]Limit `yaml:"limits,omitempty"`
}

// Relay is a relay under test, and its configuration if not its own.
type Relay struct {
	Name string `yaml:"name" json:"name"`
	// Config is the path of the user's own configuration (--relay-config).
	Config string `yaml:"config,omitempty" json:"config,omitempty"`
	// As is what this relay is called in reports and baselines, so that one
	// build can be told from another; empty means Name.
	As string `yaml:"as,omitempty" json:"as,omitempty"`
}

// Called is the relay's name in reports.
func (r Relay) Called() string {
	if r.As != "" {
		return r.As
	}
	return r.Name
}

// Limit is how much worse than the baseline's median a figure may be: both the
// ratio and the allowance have to be exceeded, by the median and by the middle
// between it and the best seed.
type Limit struct {
	// Ratio is of the baseline's median; 0 means DefaultRatio.
	Ratio float64 `yaml:"ratio,omitempty"`
	// Plus is an allowance on top: seconds for times, pairs for counts. It keeps
	// a ratio of next to nothing from meaning something.
	Plus float64 `yaml:"plus,omitempty"`
}

// largestPlan bounds how many runs a gate may ask for.
const largestPlan = 10_000

// Read reads a gate.yaml strictly: unknown words are errors.
func Read(text []byte) (*Plan, error) {
	var p Plan
	if err := yaml.UnmarshalWithOptions(text, &p, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("reading the gate: %s", yaml.FormatError(err, false, true))
	}
	if p.Scale == 0 {
		p.Scale = 1
	}
	if len(p.Seeds) == 0 {
		p.Seeds = []uint64{1}
	}
	p.Parallel = max(1, p.Parallel)
	return &p, p.valid()
}

func (p *Plan) valid() error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if len(p.Scenarios) == 0 {
		bad("scenarios: name one at least")
	}
	if len(p.Relays) == 0 {
		bad("relays: name one at least")
	}
	for i, s := range p.Scenarios {
		if s.Scenario == "" {
			bad("scenarios: entry %d has no scenario", i+1)
		}
		if s.Foreseen != "" && s.Foreseen != Allow {
			bad("scenarios: %s: foreseen is %q; write allow, or leave it out", s.Scenario, s.Foreseen)
		}
	}
	called := map[string]bool{}
	for i, r := range p.Relays {
		if r.Name == "" {
			bad("relays: entry %d has no name", i+1)
		}
		if called[r.Called()] {
			bad("relays: %q is there twice; tell them apart with as", r.Called())
		}
		called[r.Called()] = true
	}
	if len(slices.Compact(slices.Sorted(slices.Values(p.Seeds)))) < len(p.Seeds) {
		bad("seeds: one is there twice, which proves nothing new")
	}
	if n := len(p.Scenarios) * len(p.Relays) * len(p.Seeds); n > largestPlan {
		bad("that makes %d runs, more than %d", n, largestPlan)
	}
	if p.Retries < 0 || p.Within < 0 || !(p.Scale > 0) {
		bad("retries, within and scale must not be negative")
	}
	for name, l := range p.Limits {
		if _, ok := metricOf(name); !ok {
			bad("limits: there is no figure %q; there are %s", name, strings.Join(metricNames(), ", "))
		}
		if l.Plus < 0 || l.Ratio < 0 || l.Ratio > 0 && l.Ratio < 1 {
			bad("limits: %s: ratio must be 1 at least, plus not negative", name)
		}
	}
	return errors.Join(problems...)
}

// Cell is one run to be made.
type Cell struct {
	Scenario string `json:"scenario"`
	Relay    Relay  `json:"relay"`
	Seed     uint64 `json:"seed"`
	// Foreseen is that of the scenario's row.
	Foreseen string `json:"foreseen,omitempty"`
}

// Cells are all runs, seeds innermost.
func (p *Plan) Cells() []Cell {
	var cells []Cell
	for _, s := range p.Scenarios {
		for _, r := range p.Relays {
			for _, seed := range p.Seeds {
				cells = append(cells, Cell{
					Scenario: s.Scenario, Relay: r, Seed: seed, Foreseen: s.Foreseen,
				})
			}
		}
	}
	return cells
}
