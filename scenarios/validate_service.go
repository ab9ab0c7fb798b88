package scenarios

import (
	"fmt"
	"slices"
	"strings"
)

// atService checks where and stage of a fault at a service beside the mail; done
// says that nothing of the rules for SMTP applies to it.
func (v *validator) atService(f Fault, path string) (done bool) {
	web, request := f.Where.Web(), f.Stage == StageRequest
	switch {
	case !slices.Contains(wheres, f.Where.Place()): // that is told already
		return true
	case !web && !request:
		if f.Where.At == AtSubmission {
			v.atSubmission(f, path)
		}
		return false
	case !web:
		v.say(join(path, "stage"), `say "where: {at: token}" or "{at: health}", or use a stage of SMTP`,
			"fault %q: %s takes no requests", f.Name, f.Where.Place())
		return true
	case !request:
		v.say(join(path, "stage"), "use stage request",
			"fault %q: the service at %s speaks HTTP and has no stage %s", f.Name, f.Where.At, f.Stage)
		return true
	}
	can := toRequests[f.Where.At]
	if !slices.Contains(can, f.Do) {
		v.say(join(path, "do"), "use one of "+strings.Join(texts(can), ", "),
			"fault %q: do: %s is nothing that the service at %s can do", f.Name, f.Do, f.Where.At)
		return true
	}
	v.request(f, path)
	return true
}

// request checks the figures of a fault at stage request.
func (v *validator) request(f Fault, path string) {
	bad := func(field, cure, format string, args ...any) {
		v.say(join(path, field), cure, "fault %q: %s", f.Name, fmt.Sprintf(format, args...))
	}
	switch _, known := ServiceReplyOf(f.Where.At, f.Reply); {
	case f.Do != Reply && f.Reply != "":
		bad("reply", `use "do: reply", or leave the reply out`, "do: %s gives no reply", f.Do)
	case f.Do == Reply && f.Reply == "":
		bad("do", `add "reply: 503"`, "do: reply needs a reply")
	case f.Do == Reply && !known:
		bad("reply", "use one of "+strings.Join(repliesAt(f.Where.At), ", "),
			"%q is no reply that the service at %s is known to give", clip(f.Reply), f.Where.At)
	}
	if f.Do == Slow && f.Delay <= 0 {
		bad("do", `add "delay: 30s"`, "slow needs a delay")
	}
	if f.Do != Slow && f.Delay != 0 {
		bad("delay", `use "do: slow", or leave the delay out`, "do: %s takes no delay", f.Do)
	}
	for _, field := range []struct {
		name string
		set  bool
	}{
		{"odd", f.Odd}, {"after", f.After != 0}, {"bytes", f.Bytes != 0}, {"rate", f.Rate != 0},
		{"lookup", len(f.Lookup) > 0}, {"answers", len(f.Answers) > 0}, {"as", f.As != ""},
		{"ttl", f.TTL != 0}, {"attempts", f.Attempts != 0}, {"cap", len(f.Cap) > 0},
		{"history", f.History != nil},
		{"first", f.Do == Withdraw && f.First != 0}, {"every", f.Do == Withdraw && f.Every != 0},
		{"feedback", f.Do == Withdraw && f.Feedback != nil},
	} {
		if field.set {
			bad(field.name, "leave it out; share, wave and hours are possible",
				"%s means nothing for do: %s at stage request", field.name, f.Do)
		}
	}
}

func repliesAt(place string) []string {
	var all []string
	for _, r := range ServiceReplies[place] {
		all = append(all, fmt.Sprintf("%q", fmt.Sprintf("%d %s", r.Status, r.Says)))
	}
	return all
}

// atSubmission refuses what client submission cannot do: it is one address that
// always takes connections, is found without the DNS, and hands mail on.
func (v *validator) atSubmission(f Fault, path string) {
	cannot := slices.Concat(toDoors, toMail, toLookups)
	if slices.Contains(cannot, f.Do) {
		v.say(join(path, "do"), "use reset, close, reply, slow, stall, cut, garble, ahead or swap",
			"fault %q: do: %s is nothing that client submission can do", f.Name, f.Do)
	}
}

// serviceWhere checks what a Where at a service selects: all of it.
func (v *validator) serviceWhere(path string, w Where, what, name string) {
	if what == "link" {
		v.say(join(path, "at"), "use a fault with do: slow, or a link at office365, internet or spare",
			"%s %q is on the way of mail, and none goes to %s", what, name, w.At)
		return
	}
	if len(w.Regions)+len(w.Forests)+len(w.Cohorts)+len(w.Tenants)+len(w.Recipients)+
		len(w.Sources) > 0 || w.FrontEnds != 0 || w.MinBytes != 0 || w.MaxBytes != 0 || w.Attachment {
		v.say(path, "write the place alone, and use share, wave or hours",
			"the service at %s is one place, so %s %q cannot select parts of it", w.At, what, name)
	}
}

// health checks what the provider's page says.
func (v *validator) health() {
	issues := map[string]bool{}
	for i, h := range v.s.Health {
		path := item("health", i)
		if strings.TrimSpace(h.Issue) == "" || strings.ContainsAny(h.Issue, " /?#%\t\n") {
			v.say(join(path, "issue"), `write its id, such as "EX196121"`,
				"%q is no id of an issue", clip(h.Issue))
		}
		v.fresh(join(path, "issue"), "issues", h.Issue, issues)
		if strings.TrimSpace(h.Title) == "" {
			v.say(join(path, "title"), "say what the page said", "issue %q has an empty title",
				clip(h.Issue))
		}
		v.healthTimes(h, path)
	}
}

func (v *validator) healthTimes(h HealthIssue, path string) {
	if v.broken("from", "until", path) {
		return
	}
	if h.Visible.Time.Before(v.s.From.Time) || !h.Visible.Time.Before(v.s.Until.Time) {
		v.say(join(path, "visible"), "let the page show it within the scenario",
			"issue %q is shown outside of the scenario", h.Issue)
	}
	if h.Starts.IsSet() && h.Starts.Time.After(h.Visible.Time) {
		v.say(join(path, "starts"), "a page dates back: let it start before it is shown",
			"issue %q starts after the page shows it", h.Issue)
	}
	last := h.Visible
	for n, u := range h.Updates {
		at := item(join(path, "updates"), n)
		if strings.TrimSpace(u.Says) == "" {
			v.say(join(at, "says"), "write the post", "an update of issue %q says nothing", h.Issue)
		}
		if u.Status != "" {
			v.oneOf(join(at, "status"), "status", string(u.Status), texts(HealthStatuses))
		}
		if u.At.Time.Before(last.Time) {
			v.say(join(at, "at"), "sort the updates by time, none before the issue is shown",
				"an update of issue %q comes before what it updates", h.Issue)
		}
		last = u.At
	}
	if h.Resolved.IsSet() && h.Resolved.Time.Before(last.Time) {
		v.say(join(path, "resolved"), "let it be resolved after its last update",
			"issue %q is resolved before its last update", h.Issue)
	}
}

// alarm checks what is promised of the operator's own alarm.
func (v *validator) alarm(e Expect) {
	a := e.Alarm
	if a == nil {
		return
	}
	path := "expect.alarm"
	switch {
	case a.Quiet && a.Within != 0:
		v.say(path, "keep one of them", "alarm cannot be raised within a time and stay quiet")
		return
	case !a.Quiet && a.Within == 0:
		v.say(path, `add "within: 15m", or "quiet: true" where mail is not hit`,
			"alarm promises nothing")
		return
	case !a.Quiet:
		v.positive(join(path, "within"), a.Within, `write a length such as "15m"`)
	}
	if v.broken("from", "until", "outage", "faults", "links", "relay", "routes", "cohorts") {
		return
	}
	disturbed := v.disturbed()
	switch {
	case a.Quiet && disturbed:
		v.say(join(path, "quiet"), `write "within: 15m" instead, or take the fault off the way of mail`,
			"the alarm cannot stay quiet: something keeps mail back during the outage")
	case !a.Quiet && !disturbed:
		v.say(path, `add a fault during the outage, on the way of a route, or say "quiet: true"`,
			"nothing can test alarm: nothing keeps mail back during the outage")
	case !a.Quiet && v.s.Outage.From.Time.Add(a.Within.Duration()).After(v.s.Until.Time):
		v.say(join(path, "within"), "let the scenario last longer, or promise an earlier alarm",
			"the scenario ends before the time for the alarm is over")
	}
}
