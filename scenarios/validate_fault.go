package scenarios

import (
	"slices"
	"strings"
)

// Stages are all stages, in the order of a session.
var Stages = []Stage{
	StageRequest, StageLookup, StageConnect, StageBanner, StageEHLO, StageSTARTTLS, StageHandshake,
	StageSecured, StageAuth, StageMail, StageRcpt, StageData, StageBody, StageEOD,
	StageAccepted, StageQuit,
}

// Actions are all actions.
var Actions = slices.Concat(
	[]Action{Reset, Close, Reply, Slow, Stall}, toDoors, toReplies, toMail, toLookups,
	[]Action{Withdraw},
)

func (v *validator) faults() {
	names := map[string]bool{}
	for i, f := range v.s.Faults {
		path := item("faults", i)
		v.word(join(path, "name"), "a fault", f.Name)
		v.fresh(join(path, "name"), "faults or links", f.Name, names)
		v.where(join(path, "where"), f.Where, "fault", f.Name)
		v.faultWindow(f, path)
		v.shares(f, path)
		v.when(f, path)
		v.shared(f, path)
		known := v.oneOf(join(path, "stage"), "stage", string(f.Stage), texts(Stages))
		if v.oneOf(join(path, "do"), "action", string(f.Do), texts(Actions)) && known &&
			!v.atService(f, path) {
			v.action(f, path)
		}
	}
	// Links share the names: inject and impair speak of the same list.
	for i, l := range v.s.Links {
		v.fresh(join(item("links", i), "name"), "faults or links", l.Name, names)
	}
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

func (v *validator) where(path string, w Where, what, name string) {
	if !v.oneOf(join(path, "at"), "the place", w.Place(), wheres) {
		return
	}
	if w.Web() || w.At == AtSubmission {
		v.serviceWhere(path, w, what, name)
		return
	}
	if w.MinBytes < 0 {
		v.say(join(path, "min_bytes"), "write a number of bytes", "min_bytes is %d", w.MinBytes)
	}
	v.whom(path, w, what, name)
	if w.Place() == AtSpare {
		if len(w.Regions)+len(w.Forests)+len(w.Cohorts)+len(w.Tenants)+len(w.Recipients) > 0 ||
			w.FrontEnds > 0 {
			v.say(path, "leave regions, forests and cohorts out",
				"the spare store is one place, so %s %q cannot select parts of it", what, name)
		}
		if !slices.ContainsFunc(v.s.Cohorts, func(c Cohort) bool { return c.Spare }) {
			v.say(path, `add "spare: true" to a cohort`,
				"%s %q is at the spare store, but no cohort has spare copies", what, name)
		}
		return
	}
	if v.broken("cohorts") {
		return
	}
	known := func(field string, got []string, of func(Cohort) string) bool {
		var all []string
		for _, c := range v.s.Cohorts {
			if s := of(c); s != "" && !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
		ok := true
		for i, g := range got {
			ok = v.oneOf(item(join(path, field), i), strings.TrimSuffix(field, "s"), g, all) && ok
		}
		return ok
	}
	ok := known("regions", w.Regions, func(c Cohort) string { return c.Region })
	ok = known("forests", w.Forests, func(c Cohort) string { return c.Forest }) && ok
	ok = known("cohorts", w.Cohorts, func(c Cohort) string { return c.Name }) && ok
	if ok && !slices.ContainsFunc(v.s.Cohorts, w.Selects) {
		v.say(path, "every field that is set must match; loosen one",
			"%s %q selects no cohort", what, name)
		return
	}
	if ok && !v.broken("routes") && !slices.ContainsFunc(v.s.Routes, func(r Route) bool {
		return w.Selects(v.s.cohort(r.To)) || w.Selects(v.s.cohort(r.From))
	}) {
		v.say(path, "add a route to what it selects", "%s %q selects cohorts without any mail", what, name)
	}
}

func (v *validator) faultWindow(f Fault, path string) {
	s := v.s
	if v.broken("from", "until", join(path, "from")) {
		return
	}
	found := len(v.problems)
	if f.From.Time.Before(s.From.Time) || !f.From.Time.Before(s.Until.Time) {
		v.say(join(path, "from"), "let it begin within the scenario",
			"fault %q begins outside of the scenario", f.Name)
	}
	switch {
	case f.Permanent && f.Heal.IsSet():
		v.say(join(path, "heal"), "drop one of the two", "fault %q is permanent and heals", f.Name)
	case f.Permanent:
	case !f.Heal.IsSet():
		v.say(path, `add "heal: ...", or say "permanent: true"`, "fault %q never heals", f.Name)
	case !f.Heal.Time.After(f.From.Time):
		v.say(join(path, "heal"), "heal it after it begins", "fault %q heals before it begins", f.Name)
	case f.Heal.Time.After(s.Until.Time):
		v.say(join(path, "heal"), `heal it before until, or say "permanent: true"`,
			"fault %q heals after the scenario's end", f.Name)
	}
	if len(v.problems) > found {
		v.spoilt(join(path, "heal"))
	}
}

func (v *validator) shares(f Fault, path string) {
	top := 0.0
	for i, p := range f.Share {
		at := item(join(path, "share"), i)
		v.share(join(at, "is"), "share", p.Is)
		top = max(top, p.Is)
		if v.broken(join(path, "from"), join(path, "heal")) {
			continue
		}
		if p.At.Time.Before(f.From.Time) || f.Heal.IsSet() && p.At.Time.After(f.Heal.Time) {
			v.say(join(at, "at"), "keep the points between from and heal",
				"a share point of fault %q lies outside of its window", f.Name)
		}
		if i > 0 && !p.At.Time.After(f.Share[i-1].At.Time) {
			v.say(join(at, "at"), "sort the points by time, each at its own",
				"a share point of fault %q does not come after the one before", f.Name)
		}
	}
	if len(f.Share) > 0 && top == 0 {
		v.say(join(path, "share"), "raise a point", "fault %q is felt by nobody: its share is 0", f.Name)
	}
}
