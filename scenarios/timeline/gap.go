package timeline

import "github.com/hansei-mail/hansei/scenarios"

// gapsOf are a scenario's gaps as the header tells them.
func gapsOf(s *scenarios.Scenario) []Gap {
	var all []Gap
	for _, c := range s.Gaps {
		all = append(all, Gap{
			At: s.Offset(c.From), Length: c.Until.Time.Sub(c.From.Time),
			From: c.From.Time.UTC(), Until: c.Until.Time.UTC(),
		})
	}
	return all
}

// stretch is a gap in full offsets.
func stretch(s *scenarios.Scenario, c scenarios.Gap) scenarios.Stretch {
	return scenarios.Stretch{
		From: c.From.Time.Sub(s.From.Time), Until: c.Until.Time.Sub(s.From.Time),
	}
}
