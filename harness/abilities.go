package harness

import (
	"fmt"

	"github.com/hansei-mail/hansei/scenarios"
)

// refuseSteps refuses a scenario that does to the relay what its driver cannot.
func (r *run) refuseSteps() error {
	t := r.traits
	can := map[scenarios.RelayDo]struct {
		able bool
		what string
	}{
		scenarios.Kill:      {t.Kills, "kills the relay"},
		scenarios.Pause:     {t.Pauses, "pauses the relay"},
		scenarios.Restart:   {t.Restarts, "restarts the relay"},
		scenarios.DiskFull:  {t.FillsDisk, "fills the relay's disk"},
		scenarios.SlowDisk:  {t.SlowsDisk, "slows the relay's disk down"},
		scenarios.ClockStep: {t.StepsClock, "steps the relay's clock"},
	}
	for _, step := range r.scenario.Relay {
		if c := can[step.Do]; !c.able {
			return fmt.Errorf("%s %s (%s), and the driver %s cannot do that; "+
				"choose another relay or a variant without it",
				r.header.Scenario, c.what, step.Name, r.driver.Name())
		}
	}
	if r.cfg.Speed == 1 && !r.traits.InProcess && r.needsShim() {
		return fmt.Errorf("%s slows the disk or steps the clock of %s, which needs the shared "+
			"clock; leave --speed 1 out", r.header.Scenario, r.driver.Name())
	}
	return nil
}

// needsShim says whether a step works only by the library that relays are given
// for the shared clock.
func (r *run) needsShim() bool {
	return r.scenario.Does(scenarios.SlowDisk) || r.scenario.Does(scenarios.ClockStep)
}
