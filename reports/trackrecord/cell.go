package trackrecord

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// Cell is one run of a record.
type Cell struct {
	Scenario string
	Relay    string
	Seed     uint64
	Scale    float64
	Compress string
	// Config is laid over the relay's own configuration; empty: it is as shipped.
	Config string
}

// Key names the run among those of any record, and its folder: the same words
// for the same run, today and in a year.
func (c Cell) Key() string {
	key := fmt.Sprintf("%s-%s-seed%d-scale%g", c.Scenario, c.Relay, c.Seed, c.Scale)
	if c.Compress != "" {
		key += "-compress" + c.Compress
	}
	if c.Config != "" {
		h := fnv.New32a()
		h.Write([]byte(c.Config)) // never fails (hash.Hash)
		key += fmt.Sprintf("-config%08x", h.Sum32())
	}
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '_'
	}, strings.TrimLeft(key, "."))
}

// Name is what the run is called in words.
func (c Cell) Name() string {
	name := c.Scenario + " × " + c.Relay
	if c.Config != "" {
		name += ", mended"
	}
	return name
}

// Rescale has every table played with so much of its scenarios' mail.
func (p *Plan) Rescale(scale float64) {
	for i := range p.Tables {
		p.Tables[i].Scale = scale
	}
}

// Cells are the runs of one table, scenario by scenario.
func (t Table) Cells() []Cell {
	var cells []Cell
	for _, s := range t.Scenarios {
		for _, r := range t.Relays {
			cells = append(cells, Cell{
				Scenario: s, Relay: r, Seed: t.Seed, Scale: t.Scale, Compress: t.Compress,
			})
		}
	}
	return cells
}

// Cells are all runs of the record, each once: those of the tables and then the
// mended ones.
func (p *Plan) Cells() []Cell {
	var cells []Cell
	for _, t := range p.Tables {
		cells = append(cells, t.Cells()...)
	}
	for _, f := range p.Findings {
		if cell, ok := p.Mended(f); ok {
			cells = append(cells, cell)
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(cells, func(c Cell) bool {
		before := seen[c.Key()]
		seen[c.Key()] = true
		return before
	})
}

// Mended is the second run that shows a finding's mend, and whether there is one:
// the same as that of the table but for the configuration.
func (p *Plan) Mended(f Finding) (Cell, bool) {
	if f.Mend == nil {
		return Cell{}, false
	}
	cell, ok := p.row(f.Mend.On, f.Relay)
	cell.Config = f.Mend.Config
	return cell, ok
}

// Stock is the run of the tables that a finding's mend is compared with.
func (p *Plan) Stock(f Finding) (Cell, bool) {
	if f.Mend == nil {
		return Cell{}, false
	}
	return p.row(f.Mend.On, f.Relay)
}

// row is the first run of the tables that pairs the two.
func (p *Plan) row(scenario, relay string) (Cell, bool) {
	for _, t := range p.Tables {
		for _, c := range t.Cells() {
			if c.Scenario == scenario && c.Relay == relay {
				return c, true
			}
		}
	}
	return Cell{}, false
}

// Explains says whether the finding is about a promise broken in that run. A
// mended run is nobody's stock relay.
func (f Finding) Explains(c Cell, promise string) bool {
	return c.Config == "" && f.Relay == c.Relay && slices.Contains(f.Promises, promise) &&
		(len(f.Scenarios) == 0 || slices.Contains(f.Scenarios, c.Scenario))
}
