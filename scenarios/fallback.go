package scenarios

// The preferences of MX records, lowest first (RFC 5321 section 5.1): every
// domain has one with the first; one with a fallback has a second.
const (
	FirstPreference    = 10
	FallbackPreference = 20
)

// fallbacks checks the second MX records. A fallback takes the mail of others as
// its own, so it must be no tenant's, and no way leads on from it.
func (v *validator) fallbacks() {
	for i, c := range v.s.Cohorts {
		if c.Fallback == "" {
			continue
		}
		path := join(item("cohorts", i), "fallback")
		if c.At != Office365 {
			v.say(path, "leave it out, or say at: office365",
				"internet cohort %q cannot have a fallback", c.Name)
			continue
		}
		if !v.oneOf(path, "cohort", c.Fallback, v.s.cohortNames()) {
			continue
		}
		if v.s.cohort(c.Fallback).At != Internet {
			v.say(path, "name a cohort at: internet, such as a gateway of the tenants' own",
				"the fallback of %q, cohort %q, is not on the internet", c.Name, c.Fallback)
		}
	}
}
