package scenarios

import "slices"

func (v *validator) links() {
	for i, l := range v.s.Links {
		path := item("links", i)
		v.word(join(path, "name"), "a link", l.Name)
		v.where(join(path, "where"), l.Where, "link", l.Name)
		if l.Where.MinBytes != 0 {
			v.say(join(path, "where"), "leave min_bytes out", "link %q cannot know sizes of messages", l.Name)
		}
		if w := l.Where; w.MaxBytes != 0 || w.Attachment || w.FrontEnds != 0 ||
			len(w.Sources)+len(w.Recipients) > 0 {
			v.say(join(path, "where"), "select by regions, forests, cohorts or tenants",
				"link %q is of all connections, whoever sends what", l.Name)
		}
		v.linkWindow(l, path)
		if l.Latency <= 0 && l.Bandwidth <= 0 && l.CutAfter <= 0 && l.Slice <= 0 && !l.Silent &&
			l.SlowClose <= 0 {
			v.say(path, "add latency, bandwidth, cut_after, slice, silent or slow_close",
				"link %q impairs nothing", l.Name)
		}
		if l.Latency < 0 || l.Bandwidth < 0 || l.CutAfter < 0 || l.Slice < 0 || l.SlowClose < 0 {
			v.say(path, "leave out what is not meant", "link %q has a negative number", l.Name)
		}
		v.crossing(l, path)
		for _, other := range v.s.Links[:i] {
			v.twice(l, other, path)
		}
	}
}

func (v *validator) linkWindow(l Link, path string) {
	if v.broken("from", "until") {
		return
	}
	switch {
	case l.From.Time.Before(v.s.From.Time) || !l.From.Time.Before(v.s.Until.Time):
		v.say(join(path, "from"), "let it begin within the scenario",
			"link %q begins outside of the scenario", l.Name)
	case !l.Heal.Time.After(l.From.Time):
		v.say(join(path, "heal"), "heal it after it begins", "link %q heals before it begins", l.Name)
	case l.Heal.Time.After(v.s.Until.Time):
		v.say(join(path, "heal"), "heal it before until", "link %q heals after the scenario's end", l.Name)
	}
}

// crossing refuses a reset in mid-session on a path that is impaired at the
// same time. A reset discards what the path still holds, so a relay would see
// it before replies that the far end gave earlier; a proxy's plain close would
// come after them but is no reset. At connect there is nothing to overtake.
func (v *validator) crossing(l Link, path string) {
	for _, f := range v.s.Faults {
		if f.Do != Reset || f.Stage == StageConnect || !f.during(l.From, l.Heal) || !v.meet(f.Where, l.Where) {
			continue
		}
		v.say(path, "use stage connect, or let them not overlap in time",
			"link %q impairs the path on which fault %q resets sessions at stage %s",
			l.Name, f.Name, f.Stage)
	}
}

// twice refuses two impairments of one path at once: which would hold?
func (v *validator) twice(l, other Link, path string) {
	if l.From.Time.Before(other.Heal.Time) && other.From.Time.Before(l.Heal.Time) &&
		v.meet(l.Where, other.Where) {
		v.say(path, "put both into one link, or let them not overlap in time",
			"links %q and %q impair the same path at once", other.Name, l.Name)
	}
}

// meet says whether two selections have an endpoint in common. Cohorts of one
// forest share their front ends, so they meet there too.
func (v *validator) meet(a, b Where) bool {
	if a.Place() != b.Place() {
		return false
	}
	if a.Place() == AtSpare {
		return true
	}
	return slices.ContainsFunc(v.s.Cohorts, func(c Cohort) bool {
		return a.Selects(c) && slices.ContainsFunc(v.s.Cohorts, func(d Cohort) bool {
			return b.Selects(d) && (c.Name == d.Name || c.Forest != "" && c.Forest == d.Forest)
		})
	})
}
