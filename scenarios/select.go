package scenarios

import "slices"

// The values of Where.At. Empty means AtOffice365.
const (
	AtOffice365 = "office365"
	AtInternet  = "internet"
	AtSpare     = "spare"
)

// Place is At, with its default.
func (w Where) Place() string {
	if w.At == "" {
		return AtOffice365
	}
	return w.At
}

// Selects says whether the endpoints of a cohort are meant. The spare store is
// no cohort's: a Where at the spare selects none.
func (w Where) Selects(c Cohort) bool {
	return w.Place() == string(c.At) &&
		(len(w.Regions) == 0 || slices.Contains(w.Regions, c.Region)) &&
		(len(w.Forests) == 0 || slices.Contains(w.Forests, c.Forest)) &&
		(len(w.Cohorts) == 0 || slices.Contains(w.Cohorts, c.Name)) &&
		(len(w.Tenants) == 0 || slices.ContainsFunc(c.Domains, w.SelectsTenant))
}

// SelectsTenant says whether a domain of a selected cohort is meant.
func (w Where) SelectsTenant(domain string) bool {
	return len(w.Tenants) == 0 || slices.Contains(w.Tenants, domain)
}

// cohort is the cohort of that name; the zero cohort if there is none.
func (s *Scenario) cohort(name string) Cohort {
	for _, c := range s.Cohorts {
		if c.Name == name {
			return c
		}
	}
	return Cohort{}
}

func (s *Scenario) cohortNames() []string {
	names := make([]string, len(s.Cohorts))
	for i, c := range s.Cohorts {
		names[i] = c.Name
	}
	return names
}

// hit says whether a fault during the outage selects the cohort.
func (s *Scenario) hit(c Cohort) bool {
	return slices.ContainsFunc(s.Faults, func(f Fault) bool {
		return f.Where.Selects(c) && f.during(s.Outage.From, s.Outage.Heal)
	})
}

// during says whether the fault is there at some moment of a window. Without a
// heal it is there for ever.
func (f Fault) during(from, heal Moment) bool {
	return f.From.Time.Before(heal.Time) && (!f.Heal.IsSet() || from.Time.Before(f.Heal.Time))
}
