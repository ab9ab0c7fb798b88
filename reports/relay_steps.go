package reports

import (
	"github.com/hansei-mail/hansei/scenarios"
)

// StepWords tells in a few words what was done to the relay, and when.
func StepWords(s *scenarios.Scenario, r scenarios.RelayStep) string {
	clock := func(m scenarios.Moment) string {
		return scenarios.TimeOfDay(m.Time, s.From.Time)
	}
	words, heal := string(r.Do), clock(r.Heal)
	if r.Do == scenarios.SlowDisk {
		return words + ", " + r.Delay.String() + " more a write, from " + clock(r.At) + " to " + heal
	}
	if r.Do == scenarios.ClockStep {
		words += " by " + r.By.String()
	}
	if r.When == scenarios.InData {
		return words + " with the first message handed over and not yet answered after " +
			clock(r.At) + ", restarted at " + heal
	}
	words += " at " + clock(r.At)
	switch {
	case r.Permanent:
		return words + ", for good"
	case r.Do == scenarios.Pause:
		return words + ", goes on at " + heal
	case r.Do == scenarios.DiskFull && r.Bytes > 0:
		return words + " but for " + Bytes(r.Bytes) + ", space again at " + heal
	case r.Do == scenarios.DiskFull:
		return words + ", space again at " + heal
	case r.Do == scenarios.ClockStep:
		return words + ", put right at " + heal
	}
	return words + ", restarted at " + heal
}

// steps tells what was done to the relay itself: without it, what the phases
// and promises say of those minutes is not to be understood.
func (p *page) steps() {
	if len(p.in.Scenario.Relay) == 0 {
		return
	}
	p.section("Done to the relay")
	for _, r := range p.in.Scenario.Relay {
		p.para(2, r.Name+": "+StepWords(p.in.Scenario, r))
	}
}
