package trackrecord

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/hansei-mail/hansei/scenarios"
)

// Plan is a track-record.yaml.
type Plan struct {
	Title string `yaml:"title"`
	About string `yaml:"about,omitempty"`
	// Retries is how often an inconclusive run is made again.
	Retries  int       `yaml:"retries,omitempty"`
	Tables   []Table   `yaml:"tables"`
	Findings []Finding `yaml:"findings,omitempty"`
}

// Table is one table of the record: every scenario meets every relay, as it is
// shipped.
type Table struct {
	Title     string   `yaml:"title"`
	About     string   `yaml:"about,omitempty"`
	Scenarios []string `yaml:"scenarios"`
	Relays    []string `yaml:"relays"`
	// Seed is from where everything random is drawn, Scale what the mail is
	// multiplied by; 0 means 1 for both.
	Seed  uint64  `yaml:"seed,omitempty"`
	Scale float64 `yaml:"scale,omitempty"`
	// Compress leaves waiting out, as run --compress does; empty: none.
	Compress string `yaml:"compress,omitempty"`
}

// Finding explains promises that a stock relay breaks.
type Finding struct {
	Relay    string   `yaml:"relay"`
	Promises []string `yaml:"promises"`
	// Scenarios are those that it is about; none: all.
	Scenarios []string `yaml:"scenarios,omitempty"`
	// Setting is the line of the relay's configuration that decides it, as
	// shipped; Because says how.
	Setting string `yaml:"setting"`
	Because string `yaml:"because"`
	// Mend is what to set instead; without it, Never says why nothing can be.
	Mend  *Mend  `yaml:"mend,omitempty"`
	Never string `yaml:"never,omitempty"`
}

// Mend is a configuration with which the relay keeps the promises, and where
// that is shown: in a second run of a scenario of the record.
type Mend struct {
	Config string `yaml:"config"`
	On     string `yaml:"on"`
}

// largestRecord bounds how many runs a record may ask for.
const largestRecord = 1000

// Read reads a track-record.yaml strictly: unknown words are errors.
func Read(text []byte) (*Plan, error) {
	var p Plan
	if err := yaml.UnmarshalWithOptions(text, &p, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("reading the record: %s", yaml.FormatError(err, false, true))
	}
	for i := range p.Tables {
		t := &p.Tables[i]
		if t.Seed == 0 {
			t.Seed = 1
		}
		if t.Scale == 0 {
			t.Scale = 1
		}
	}
	return &p, p.valid()
}

func (p *Plan) valid() error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if p.Title == "" {
		bad("title: give it one")
	}
	if len(p.Tables) == 0 {
		bad("tables: there must be one at least")
	}
	runs := 0
	for i, t := range p.Tables {
		if t.Title == "" || len(t.Scenarios) == 0 || len(t.Relays) == 0 {
			bad("tables: entry %d needs a title, scenarios and relays", i+1)
		}
		if !(t.Scale > 0) || math.IsInf(t.Scale, 0) {
			bad("tables: %s: scale must be a number above 0", t.Title)
		}
		runs += len(t.Scenarios) * len(t.Relays)
	}
	if runs > largestRecord {
		bad("tables: %d runs; more than %d are no table that anybody reads", runs, largestRecord)
	}
	if p.Retries < 0 {
		bad("retries: must not be negative")
	}
	for i, f := range p.Findings {
		if err := p.finding(f); err != nil {
			bad("findings: entry %d: %w", i+1, err)
		}
	}
	return errors.Join(problems...)
}

// finding is about a relay, promises and scenarios of the record.
func (p *Plan) finding(f Finding) error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if len(f.Promises) == 0 || f.Setting == "" || f.Because == "" {
		bad("it needs promises, the setting that decides, and because")
	}
	for _, name := range f.Promises {
		if !slices.Contains(scenarios.PromiseNames, name) {
			bad("there is no promise %q", name)
		}
	}
	for _, name := range f.Scenarios {
		if _, ok := p.row(name, f.Relay); !ok {
			bad("no table has %s against %s", name, f.Relay)
		}
	}
	if (f.Mend == nil) == (f.Never == "") {
		bad("it needs either mend or never")
	}
	if f.Mend != nil {
		if strings.TrimSpace(f.Mend.Config) == "" {
			bad("mend: there is no config")
		}
		if _, ok := p.row(f.Mend.On, f.Relay); !ok {
			bad("mend: no table has %q against %q, with which to compare it", f.Mend.On, f.Relay)
		}
	}
	return errors.Join(problems...)
}
