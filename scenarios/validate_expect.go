package scenarios

import (
	"reflect"
	"slices"
	"time"
)

// promises checks the figures of each promise, and that the scenario can test
// it: a promise that nothing can break says nothing when it holds.
func (v *validator) promises() {
	e := v.s.Expect
	if reflect.ValueOf(e).IsZero() {
		v.say("expect", `add "no-loss:" at least`, "the scenario promises nothing")
		return
	}
	if d := e.Duplicates; d != nil && d.Limit < 0 {
		v.say("expect.duplicates.limit", "write 0 or more", "the limit is %d", d.Limit)
	}
	v.sparePromises(e)
	v.acceptance(e)
	v.sendingGoesOn(e)
	v.drain(e)
	v.isolation(e)
	v.retryManners(e)
	v.alarm(e)
	v.footprint(e)
	if b := e.NoEarlyBounce; b != nil {
		v.positive("expect.no-early-bounce.lifetime", b.Lifetime, `write the queue lifetime, such as "5d"`)
	}
}

func (v *validator) positive(path string, s Span, cure string) {
	if s <= 0 {
		v.say(path, cure, "the length is %s, which nothing can keep", s)
	}
}

func (v *validator) sparePromises(e Expect) {
	spared := slices.ContainsFunc(v.s.Routes, func(r Route) bool { return v.s.cohort(r.To).Spare })
	need := func(name string, asked bool) {
		if asked && !spared && !v.broken("cohorts", "routes") {
			v.say(join("expect", name), `add "spare: true" to a cohort that a route goes to`,
				"nothing can test %s: no route goes to a cohort with spare copies", name)
		}
	}
	need("spare-complete", e.SpareComplete != nil)
	need("spare-timely", e.SpareTimely != nil)
	need("spare-clean", e.SpareClean != nil)
	if e.SpareTimely != nil {
		v.positive("expect.spare-timely.within", e.SpareTimely.Within, `write a length such as "2m"`)
	}
	dirty := 0.0
	for _, share := range v.s.Mail.Dirty {
		dirty += share
	}
	for _, m := range v.s.Messages {
		if m.Dirt != "" {
			dirty++
		}
	}
	if e.SpareClean != nil && dirty == 0 && !v.broken("mail") {
		v.say("expect.spare-clean", `add "dirty: {gtube: 0.01}" to mail`,
			"nothing can test spare-clean: no mail is dirty")
	}
}

func (v *validator) acceptance(e Expect) {
	a := e.Acceptance
	if a == nil {
		return
	}
	if !(a.Share > 0 && a.Share <= 1) {
		v.say("expect.acceptance.share", "write a share above 0, such as 1",
			"the share is %g", a.Share)
	}
	if a.Within < 0 {
		v.say("expect.acceptance.within", `write a length such as "1m"`, "the length is negative")
	}
}

func (v *validator) sendingGoesOn(e Expect) {
	if e.SendingGoesOn == nil {
		return
	}
	v.positive("expect.sending-goes-on.within", e.SendingGoesOn.Within, `write a length such as "5m"`)
	if !v.broken("routes") &&
		!slices.ContainsFunc(v.s.Routes, func(r Route) bool { return r.Goes == Elsewhere }) {
		v.say("expect.sending-goes-on", `add a route with "goes: elsewhere"`,
			"nothing can test sending-goes-on: no route goes elsewhere")
	}
}

func (v *validator) drain(e Expect) {
	if e.Drain == nil {
		return
	}
	v.positive("expect.drain.within", e.Drain.Within, `write a length such as "60m"`)
	if v.broken("from", "until", "outage", "faults", "links", "relay", "routes", "cohorts") {
		return
	}
	o := v.s.Outage
	if !v.disturbed() {
		v.say("expect.drain", "add a fault during the outage, on the way of a route",
			"nothing can test drain: nothing keeps mail back during the outage")
	}
	left := v.s.Until.Time.Sub(o.Heal.Time)
	if within := e.Drain.Within.Duration(); within > left {
		v.say("expect.drain.within", "let the scenario last longer, or promise a shorter drain",
			"the scenario ends %s after the heal, before a drain of %s is over",
			Span(left.Round(time.Second)), e.Drain.Within)
	}
}

// disturbed says whether anything keeps mail back during the outage.
func (v *validator) disturbed() bool {
	o := v.s.Outage
	return v.faultInOutage() || slices.ContainsFunc(v.s.Links, func(l Link) bool {
		return l.From.Time.Before(o.Heal.Time) && l.Heal.Time.After(o.From.Time)
	}) || slices.ContainsFunc(v.s.Relay, func(r RelayStep) bool {
		return r.At.Time.Before(o.Heal.Time) && (r.Permanent || r.Heal.Time.After(o.From.Time))
	})
}

// faultInOutage says whether a fault stands in a route's way during the outage.
func (v *validator) faultInOutage() bool {
	o := v.s.Outage
	return slices.ContainsFunc(v.s.Faults, func(f Fault) bool {
		return f.during(o.From, o.Heal) &&
			slices.ContainsFunc(v.s.Routes, func(r Route) bool { return f.Where.Selects(v.s.cohort(r.To)) })
	})
}

func (v *validator) isolation(e Expect) {
	i := e.Isolation
	if i == nil {
		return
	}
	if !(i.Ratio >= 1) {
		v.say("expect.isolation.ratio", "write 1 or more: how many times slower it may get",
			"the ratio is %g", i.Ratio)
	}
	if i.Floor < 0 {
		v.say("expect.isolation.floor", `write a length such as "1m"`, "the floor is negative")
	}
	if v.broken("cohorts", "routes", "faults") {
		return
	}
	tested := false
	for n, r := range v.s.Routes {
		to := v.s.cohort(r.To)
		tested = tested || to.Control
		if to.Control && v.s.hit(to) {
			v.say(join(item("routes", n), "to"), "take control off the cohort, or the fault off its way",
				"route %q goes to control cohort %q, which a fault hits", r.Name, r.To)
		}
	}
	if !tested {
		v.say("expect.isolation", `add "control: true" to an unaffected cohort that a route goes to`,
			"nothing can test isolation: no route goes to a control cohort")
	}
}
