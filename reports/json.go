package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/hansei-mail/hansei/harness/check"
)

// Summary is report.json: the judgement and the facts of its run in one
// document, for programs. Fields are only ever added. Durations inside Figures
// are nanoseconds of scenario time.
type Summary struct {
	// Format is 1; it changes when a field changes its meaning.
	Format int `json:"format"`
	// Scenario is the name on the command line, Variant its variant or empty.
	Scenario string `json:"scenario"`
	Variant  string `json:"variant,omitempty"`
	Title    string `json:"title"`
	// Outcome is pass, fail or inconclusive; as the exit codes 0, 1 and 3.
	Outcome check.Outcome `json:"outcome"`

	Relay        string `json:"relay"`
	RelayVersion string `json:"relay_version"`
	// Version is hansei's.
	Version string  `json:"version"`
	Seed    uint64  `json:"seed"`
	Scale   float64 `json:"scale"`
	// LeftOut says which waiting was left out; empty where none was.
	LeftOut string `json:"left_out,omitempty"`
	// Started is wall time, UTC; WallSeconds how long the run took.
	Started     time.Time `json:"started"`
	WallSeconds float64   `json:"wall_seconds"`
	Clock       string    `json:"clock"`
	// Ended is settled, limit, interrupted or failed.
	Ended string `json:"ended"`
	// Command repeats the run.
	Command string `json:"command"`

	// Verdicts, Premises and Figures are those of verdicts.json.
	Verdicts []check.Verdict `json:"verdicts"`
	Premises []check.Premise `json:"premises"`
	Figures  check.Figures   `json:"figures"`
}

// JSON tells the judgement to a program, as a Summary.
func JSON(w io.Writer, in Input) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(Summary{
		Format:   1,
		Scenario: in.Scenario.Name, Variant: in.Scenario.Variant, Title: in.Scenario.Title,
		Outcome: in.Judgement.Outcome,
		Relay:   in.Run.Relay, RelayVersion: in.Run.RelayVersion, Version: in.Run.Version,
		Seed: in.Run.Seed, Scale: in.Run.Scale, LeftOut: in.Scenario.GapWords(),
		Started: in.Run.Started, WallSeconds: in.Run.Wall.Seconds(),
		Clock: in.Run.Clock, Ended: in.Run.Ended, Command: in.Run.Command,
		Verdicts: in.Judgement.Verdicts, Premises: in.Judgement.Premises,
		Figures: in.Judgement.Figures,
	})
	if err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	return nil
}
