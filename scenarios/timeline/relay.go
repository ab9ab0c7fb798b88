package timeline

import (
	"time"

	"github.com/hansei-mail/hansei/scenarios"
)

// RelayStep is a scenario's relay step with its times as offsets.
type RelayStep struct {
	Name string            `json:"name"`
	Do   scenarios.RelayDo `json:"do"`
	At   time.Duration     `json:"at"`
	// When is what a kill waits for from At on.
	When scenarios.RelayWhen `json:"when,omitempty"`
	// Heal is the offset of the heal; -1 when permanent.
	Heal  time.Duration `json:"heal"`
	Bytes int64         `json:"bytes,omitempty"`
	Delay time.Duration `json:"delay,omitempty"`
	By    time.Duration `json:"by,omitempty"`
}

// The verbs of relay steps, besides Kill and Restart: each begins or ends one,
// and names it.
const (
	Pause     Verb = "pause"
	Resume    Verb = "resume"
	Stop      Verb = "stop"
	Start     Verb = "start"
	FillDisk  Verb = "fill-disk"
	FreeDisk  Verb = "free-disk"
	SlowDisk  Verb = "slow-disk"
	QuickDisk Verb = "quick-disk"
	StepClock Verb = "step-clock"
	StepBack  Verb = "step-back"
)

// RelayVerbs are the verbs that begin and that heal what is done to a relay.
func RelayVerbs(do scenarios.RelayDo) (begin, heal Verb) {
	switch do {
	case scenarios.Pause:
		return Pause, Resume
	case scenarios.Restart:
		return Stop, Start
	case scenarios.DiskFull:
		return FillDisk, FreeDisk
	case scenarios.SlowDisk:
		return SlowDisk, QuickDisk
	case scenarios.ClockStep:
		return StepClock, StepBack
	}
	return Kill, Restart
}

func relayStep(s *scenarios.Scenario, r scenarios.RelayStep) RelayStep {
	step := RelayStep{
		Name: r.Name, Do: r.Do, At: s.Offset(r.At), When: r.When, Heal: -1,
		Bytes: r.Bytes, Delay: r.Delay.Duration(), By: r.By.Duration(),
	}
	if !r.Permanent {
		step.Heal = s.Offset(r.Heal)
	}
	return step
}

// relaySteps are the beginnings and heals of all relay steps.
func relaySteps(h Header) []Step {
	var steps []Step
	for _, r := range h.Relay {
		begin, heal := RelayVerbs(r.Do)
		steps = append(steps, Step{At: r.At, Verb: begin, Name: r.Name})
		if r.Heal >= 0 {
			steps = append(steps, Step{At: r.Heal, Verb: heal, Name: r.Name})
		}
	}
	return steps
}
