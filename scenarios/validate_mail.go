package scenarios

import (
	"maps"
	"slices"
	"strings"
)

// Limits on the numbers of a scenario; they are far above anything real and
// keep a slip of the finger from planning for hours.
const (
	maxMailboxes  = 1_000_000
	maxRecipients = 1_000 // RFC 5321 section 4.5.3.1.8 asks servers for 100 at least
	maxSize       = 157_286_400
	maxPeak       = 100_000_000
	maxForests    = 250 // each is the third octet of a loopback network
	maxRegions    = 250
)

// ownDomains are taken by the spare store and by the front ends' host names.
var ownDomains = []string{"spare.test", "outlook.test"}

func (v *validator) cohorts() {
	names, domains := map[string]bool{}, map[string]bool{}
	forests, inets := map[string]string{}, 0
	for i, c := range v.s.Cohorts {
		path := item("cohorts", i)
		v.word(join(path, "name"), "a cohort", c.Name)
		v.fresh(join(path, "name"), "cohorts", c.Name, names)
		switch c.At {
		case Office365:
			v.tenant(c, path, forests)
		case Internet:
			inets++
			if c.Spare {
				v.say(join(path, "spare"), "spare copies are for tenants: at: office365",
					"internet cohort %q cannot have spare copies", c.Name)
			}
			if c.Region != "" || c.Forest != "" {
				v.say(path, "leave region and forest out",
					"internet cohort %q belongs to no region or forest", c.Name)
			}
		default:
			v.oneOf(join(path, "at"), "the place", string(c.At),
				[]string{string(Office365), string(Internet)})
		}
		if c.Mailboxes < 1 || c.Mailboxes > maxMailboxes {
			v.say(join(path, "mailboxes"), "write a number from 1 to 1000000",
				"cohort %q has %d mailboxes", c.Name, c.Mailboxes)
		}
		if len(c.Domains) == 0 {
			v.say(join(path, "domains"), "name one at least", "cohort %q has no domain", c.Name)
		}
		for j, d := range c.Domains {
			v.domain(item(join(path, "domains"), j), d, domains)
		}
	}
	v.fallbacks()
	if len(v.s.Cohorts) == 0 {
		v.say("cohorts", "add one for the senders and one for the receivers", "there is no cohort")
	}
	if len(forests) > maxForests || inets > maxRegions {
		v.say("cohorts", "use 250 at most", "there are too many forests or internet cohorts")
	}
}

func (v *validator) tenant(c Cohort, path string, forests map[string]string) {
	if c.Region == "" || c.Forest == "" {
		v.say(path, `add "region: apac" and "forest: jpnprd01" or what they were`,
			"office365 cohort %q needs a region and a forest", c.Name)
		return
	}
	v.word(join(path, "region"), "a region", c.Region)
	v.word(join(path, "forest"), "a forest", c.Forest)
	if region, ok := forests[c.Forest]; ok && region != c.Region {
		v.say(join(path, "region"), "a forest is in one region",
			"forest %q is in region %q above and in %q here", c.Forest, region, c.Region)
	}
	forests[c.Forest] = c.Region
}

// domain checks one mail domain: reserved by RFC 2606, so that no mail of a run
// can ever mean anybody.
func (v *validator) domain(path, d string, seen map[string]bool) {
	labels := strings.Split(d, ".")
	tld := labels[len(labels)-1]
	for _, own := range ownDomains {
		if d == own || strings.HasSuffix(d, "."+own) {
			v.say(path, "use another name", "the domain %s is taken by hansei itself", own)
			return
		}
	}
	if tld != "test" && tld != "example" || len(labels) < 2 {
		v.say(path, `end it in ".test" or ".example" (RFC 2606)`,
			"the domain %q is not reserved for tests", clip(d))
		return
	}
	// 60: the whole domain becomes one label of its MX host, of 63 at most (RFC
	// 1035 section 2.3.4).
	if len(d) > 60 || slices.ContainsFunc(labels, func(l string) bool { return !words.MatchString(l) }) {
		v.say(path, "use lower case letters, digits and single dashes, 60 characters at most",
			"the domain %q is not well formed", clip(d))
		return
	}
	v.fresh(path, "domains", d, seen)
}

func (v *validator) curves() {
	for _, name := range slices.Sorted(maps.Keys(v.s.Curves)) {
		curve, path := v.s.Curves[name], join("curves", name)
		v.word(path, "a curve", name)
		if len(curve) == 0 {
			v.say(path, `add points: "- {at: \"09:00\", is: 1}"`, "curve %q has no points", clip(name))
		}
		last, top := -1, 0.0
		for i, p := range curve {
			at := item(path, i)
			minute, ok := minuteOf(p.At)
			switch {
			case !ok:
				v.say(join(at, "at"), `write "09:00"`, "%q is not a time of day", clip(p.At))
			case minute <= last:
				v.say(join(at, "at"), "sort the points by time", "%s does not come after the point before", p.At)
			}
			last = max(last, minute)
			if p.Is < 0 || p.Is > 1 {
				v.say(join(at, "is"), "write a share of the peak, from 0 to 1", "%g is not a share", p.Is)
			}
			top = max(top, p.Is)
		}
		if len(curve) > 0 && top == 0 {
			v.say(path, "raise a point", "curve %q is 0 all day", clip(name))
		}
	}
}

func (v *validator) routes() {
	names, cohorts := map[string]bool{}, v.s.cohortNames()
	for i, r := range v.s.Routes {
		path := item("routes", i)
		v.word(join(path, "name"), "a route", r.Name)
		v.fresh(join(path, "name"), "routes", r.Name, names)
		if !v.broken("cohorts") {
			v.oneOf(join(path, "from"), "cohort", r.From, cohorts)
			if v.oneOf(join(path, "to"), "cohort", r.To, cohorts) && !v.broken("mail") {
				v.reachable(join(path, "to"), r)
			}
		}
		v.oneOf(join(path, "goes"), "direction", string(r.Goes),
			[]string{string(Inbound), string(Outbound), string(Elsewhere)})
		if !(r.Peak > 0) || r.Peak > maxPeak {
			v.say(join(path, "peak"), "write messages an hour, such as 120",
				"route %q has a peak of %g", r.Name, r.Peak)
		}
		if _, ok := v.s.Curves[r.Curve]; r.Curve != "" && !ok && !v.broken("curves") {
			v.say(join(path, "curve"), suggest(r.Curve, slices.Sorted(maps.Keys(v.s.Curves))),
				"curve %q is not known", clip(r.Curve))
		}
		if r.Goes == Elsewhere && !v.broken("faults", "outage", "cohorts") &&
			v.s.hit(v.s.cohort(r.To)) {
			v.say(join(path, "to"), "send it to a cohort that no fault selects",
				"route %q goes elsewhere, but a fault hits %q", r.Name, r.To)
		}
	}
	if len(v.s.Routes) == 0 {
		v.say("routes", "add one", "there is no route, so there is no mail")
	}
}

// reachable: a message needs as many different mailboxes as it has recipients.
func (v *validator) reachable(path string, r Route) {
	for _, share := range v.s.Mail.Recipients {
		to := v.s.cohort(r.To)
		if share.Share > 0 && share.Count > to.Mailboxes && to.Mailboxes > 0 {
			v.say(path, "give it more mailboxes, or messages fewer recipients",
				"cohort %q has too few mailboxes for messages with %d recipients", r.To, share.Count)
			return
		}
	}
}

func (v *validator) mail() {
	m := v.s.Mail
	if m.Size != (Size{}) {
		if m.Size.Median < 1 || m.Size.P99 < m.Size.Median || m.Size.Max < m.Size.P99 {
			v.say("mail.size", "let 0 < median <= p99 <= max",
				"sizes %d, %d and %d do not rise", m.Size.Median, m.Size.P99, m.Size.Max)
		}
		if m.Size.AtMax < 0 || m.Size.AtMax > 1 {
			v.say("mail.size.at_max", "write a share from 0 to 1",
				"%g of the messages cannot be of the largest size", m.Size.AtMax)
		}
		if m.Size.Max > maxSize {
			v.say("mail.size.max", "157286400 is what Exchange Online announces",
				"messages of %d bytes are larger than any provider takes", m.Size.Max)
		}
	}
	sum, counts := 0.0, map[int]bool{}
	for i, r := range m.Recipients {
		path := item("mail.recipients", i)
		if r.Count < 1 || r.Count > maxRecipients {
			v.say(join(path, "count"), "write a number from 1 to 1000", "%d recipients", r.Count)
		}
		if counts[r.Count] {
			v.say(path, "add the shares up", "%d recipients are there twice", r.Count)
		}
		counts[r.Count] = true
		v.share(join(path, "share"), "share", r.Share)
		sum += r.Share
	}
	if len(m.Recipients) > 0 && (sum < 0.999999 || sum > 1.000001) {
		v.say("mail.recipients", "let the shares add up to 1", "the shares add up to %.4g", sum)
	}
	v.share("mail.across", "across", m.Across)
	v.dirty(m)
}

func (v *validator) dirty(m Mail) {
	sum := 0.0
	for _, kind := range slices.Sorted(maps.Keys(m.Dirty)) {
		path := join("mail.dirty", string(kind))
		v.oneOf(path, "dirt", string(kind), []string{string(GTUBE), string(EICAR)})
		v.share(path, "share", m.Dirty[kind])
		sum += m.Dirty[kind]
	}
	if sum >= 1 {
		v.say("mail.dirty", "leave some clean mail", "the dirty shares add up to %.4g", sum)
	}
}

// share checks a number from 0 to 1.
func (v *validator) share(path, what string, is float64) {
	if !(is >= 0 && is <= 1) {
		v.say(path, "write a number from 0 to 1", "%s is %g", what, is)
	}
}
