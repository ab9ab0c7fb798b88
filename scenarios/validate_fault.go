package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Stages are all stages, in the order of a session.
var Stages = []Stage{
	StageConnect, StageBanner, StageEHLO, StageSTARTTLS, StageMail, StageRcpt,
	StageData, StageBody, StageEOD, StageAccepted, StageQuit,
}

// Actions are all actions.
var Actions = []Action{Reset, Close, Reply, Slow, Stall}

func (v *validator) faults() {
	names := map[string]bool{}
	for i, f := range v.s.Faults {
		path := item("faults", i)
		v.word(join(path, "name"), "a fault", f.Name)
		v.fresh(join(path, "name"), "faults or links", f.Name, names)
		v.where(join(path, "where"), f.Where, "fault", f.Name)
		v.faultWindow(f, path)
		v.shares(f, path)
		known := v.oneOf(join(path, "stage"), "stage", string(f.Stage), texts(Stages))
		if v.oneOf(join(path, "do"), "action", string(f.Do), texts(Actions)) && known {
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
	if !v.oneOf(join(path, "at"), "the place", w.Place(),
		[]string{AtOffice365, AtInternet, AtSpare}) {
		return
	}
	if w.MinBytes < 0 {
		v.say(join(path, "min_bytes"), "write a number of bytes", "min_bytes is %d", w.MinBytes)
	}
	if w.Place() == AtSpare {
		if len(w.Regions)+len(w.Forests)+len(w.Cohorts) > 0 {
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

// action checks that stage and action make sense together. Each rule is about
// what SMTP lets a server do there (RFC 5321 sections 3.1 to 3.8).
func (v *validator) action(f Fault, path string) {
	bad := func(field, cure, format string, args ...any) {
		v.say(join(path, field), cure, "fault %q: %s", f.Name, fmt.Sprintf(format, args...))
	}
	if f.Do == Reply {
		v.reply(f, path)
	} else if f.Reply != "" {
		bad("reply", `use "do: reply", or leave the reply out`, "do: %s gives no reply", f.Do)
	}
	if f.Do == Reply && f.Stage == StageConnect {
		bad("stage", "use stage banner", "there is nothing to reply to at connect")
	}
	if f.Do == Slow && f.Delay <= 0 {
		bad("do", `add "delay: 30s"`, "slow needs a delay")
	}
	if f.Do != Slow && f.Delay != 0 {
		bad("delay", `use "do: slow", or leave the delay out`, "do: %s takes no delay", f.Do)
	}
	if f.Stage == StageBody && (f.Do == Reply) {
		bad("do", "use stage data or eod", "a server cannot reply in the middle of a body")
	}
	if f.Stage == StageBody && f.After <= 0 {
		bad("stage", `add "after: 20000" (bytes of the body)`, "stage body needs after")
	}
	if f.Stage != StageBody && f.After != 0 {
		bad("after", "use stage body", "after counts bytes of the body, not of stage %s", f.Stage)
	}
	if f.Where.MinBytes > 0 && !slices.Contains([]Stage{StageEOD, StageAccepted}, f.Stage) {
		bad("where", "use stage eod or accepted, or leave min_bytes out",
			"the size is not known at stage %s", f.Stage)
	}
}

var (
	codes    = regexp.MustCompile(`^([245])[0-5][0-9]([ -]|$)`)
	enhanced = regexp.MustCompile(`^([245])\.\d{1,3}\.\d{1,3}( |$)`)
)

// reply checks an SMTP reply: a code (RFC 5321 section 4.2), and an enhanced
// code of the same class if there is one (RFC 3463 section 2).
func (v *validator) reply(f Fault, path string) {
	at := join(path, "reply")
	bad := func(cure, format string, args ...any) {
		v.say(at, cure, "fault %q: %s", f.Name, fmt.Sprintf(format, args...))
	}
	if f.Reply == "" {
		v.say(join(path, "do"), `add "reply: 451 4.3.2 ..."`, "fault %q: do: reply needs a reply", f.Name)
		return
	}
	for line := range strings.SplitSeq(strings.TrimRight(f.Reply, "\n"), "\n") {
		code := codes.FindStringSubmatch(line)
		switch {
		case code == nil:
			bad(`begin it with a code, "451 4.3.2 text"`, "%q is not an SMTP reply", clip(line))
			return
		case len(line) > 510: // RFC 5321 section 4.5.3.1.5: 512 with the line's end
			bad("part it into several lines", "a reply line has %d bytes, more than 510", len(line))
		case strings.IndexFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) >= 0:
			bad("use printable ASCII (RFC 5321 section 4.2)", "the reply has other characters")
		}
		if line[:3] != f.Reply[:3] {
			bad("repeat the code on each line", "the lines have different codes")
		}
		if len(line) > 4 {
			if e := enhanced.FindStringSubmatch(line[4:]); e != nil && e[1] != code[1] {
				bad(`let "451" go with "4.x.x"`, "code %s and enhanced code %s disagree",
					line[:3], strings.Fields(line[4:])[0])
			}
		}
	}
	if n, _ := strconv.Atoi(f.Reply[:3]); n < 400 && f.Stage != StageAccepted && f.Stage != StageEOD {
		bad("use a 4xx or 5xx code", "%d at stage %s is no fault", n, f.Stage)
	}
}
