package gate

import (
	"fmt"

	"github.com/hansei-mail/hansei/harness/check"
)

// Row is one scenario of a gate: its name alone, or
// {scenario: NAME, foreseen: allow}.
type Row struct {
	// Scenario is NAME, NAME/VARIANT or the path of a .yaml file.
	Scenario string `yaml:"scenario"`
	// Foreseen is Allow where a promise that the scenario foresees to break, and
	// that came out just so, does not fail the gate. Empty: it fails as any other.
	Foreseen string `yaml:"foreseen,omitempty"`
}

// Allow is the word of Row.Foreseen.
const Allow = "allow"

// UnmarshalYAML takes a plain name for a row, too.
func (r *Row) UnmarshalYAML(unmarshal func(any) error) error {
	var name string
	if err := unmarshal(&name); err == nil {
		*r = Row{Scenario: name}
		return nil
	}
	type plain Row
	if err := unmarshal((*plain)(r)); err != nil {
		return fmt.Errorf("reading a scenario of the gate: %w", err)
	}
	return nil
}

// StateOf is the state of a judged run of the cell: that of its judgement, but
// for what was foreseen where the gate allows that.
func (c Cell) StateOf(j *check.Judgement) State {
	if c.Foreseen != Allow {
		return StateOf(j.Outcome)
	}
	counted := make([]check.Verdict, len(j.Verdicts))
	for i, v := range j.Verdicts {
		if v.Foreseen != "" {
			v.Outcome = check.Pass
		}
		counted[i] = v
	}
	return StateOf(check.Overall(counted))
}
