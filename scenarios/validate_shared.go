package scenarios

import "slices"

// shared refuses a fault that names some of those who share front ends, at a
// stage at which nobody can tell them apart: until a recipient is named, a
// session is anybody's, and all of them would feel it.
func (v *validator) shared(f Fault, path string) {
	stage := slices.Index(Stages, f.Stage)
	if stage <= slices.Index(Stages, StageLookup) || stage >= slices.Index(Stages, StageRcpt) ||
		f.Where.Place() == AtSpare || v.broken("cohorts", join(path, "where")) {
		return
	}
	for _, c := range v.s.Cohorts {
		if !f.Where.Selects(c) {
			continue
		}
		for _, other := range v.s.Cohorts {
			if spared := sparedBeside(f.Where, c, other); spared != "" {
				v.say(join(path, "where"), "use stage rcpt, or put those who are meant into a "+
					"forest or cohort of their own",
					"fault %q at stage %s would be felt by %s, too: it is reached at the same front ends, "+
						"and nobody is named yet", f.Name, f.Stage, clip(spared))
				return
			}
		}
	}
}

// sparedBeside is a domain of a cohort that a fault does not select although it
// shares its front ends with one that is selected: those of a forest or, on the
// internet, of a cohort.
func sparedBeside(w Where, selected, other Cohort) string {
	if selected.At != other.At || selected.Forest != other.Forest ||
		selected.Region != other.Region ||
		selected.At == Internet && selected.Name != other.Name {
		return ""
	}
	for _, domain := range other.Domains {
		if !w.Selects(other) || !w.SelectsTenant(domain) {
			return domain
		}
	}
	return ""
}
