package scenarios

import (
	"net/netip"
	"slices"
	"strings"
)

// Shapes are all shapes.
var Shapes = []Shape{Linear, Step}

// when checks what decides about the moment beside the window and the share.
func (v *validator) when(f Fault, path string) {
	bad := func(field, cure, what string) {
		v.say(join(path, field), cure, "fault %q: %s", f.Name, what)
	}
	if f.Shape != "" {
		v.oneOf(join(path, "shape"), "shape", string(f.Shape), texts(Shapes))
		if len(f.Share) < 2 && len(f.Cap) < 2 {
			bad("shape", "give share or cap two points at least, or leave the shape out",
				"a shape is of the course between points, and there are none")
		}
	}
	if w := f.Wave; w != nil && !(w.On > 0 && w.On < w.Period) {
		bad("wave", `write "wave: {period: 8m, on: 5m}"`, "a wave is on for a part of its period")
	}
	for i, h := range f.Hours {
		from, okFrom := minuteOf(h.From)
		to, okTo := minuteOf(h.To)
		if !okFrom || !okTo || from == to {
			v.say(item(join(path, "hours"), i), `write "{from: \"13:00\", to: \"20:00\"}"`,
				"fault %q: these are no hours of a day", f.Name)
		}
	}
	if f.Attempts < 0 || f.First < 0 || f.Every < 0 || f.Every == 1 {
		bad("every", "write a positive number (every: 2 or more), or leave it out",
			"attempts, first or every counts nothing")
	}
	if fb := f.Feedback; fb != nil {
		if fb.Normal <= 0 || fb.Gain <= 0 || fb.Max <= 0 || fb.Max > 1 {
			bad("feedback", `write "feedback: {normal: 600, gain: 0.5, max: 0.98}"`,
				"feedback needs a normal rate, a gain and a share of at most 1")
		}
	}
	if h := f.History; h != nil && (h.Over <= 1 || h.Window < 0 || h.For < 0) {
		bad("history", `write "history: {over: 2, for: 3h}"`,
			"a source is over its history at more than 1 times of it")
	}
	if h := f.History; h != nil && !v.broken("from", join(path, "from")) &&
		!f.From.Time.After(v.s.From.Time) {
		bad("history", "let the fault begin later", "there is no history before the scenario's start")
	}
	if f.Avoidable && f.History == nil && len(f.Cap) == 0 {
		bad("avoidable", "give it a cap or a history, or leave avoidable out",
			"only what answers a client's own conduct can be avoided")
	}
	v.caps(f, path)
}

func (v *validator) caps(f Fault, path string) {
	if len(f.Cap) > 0 && f.Where.Place() != AtOffice365 {
		v.say(join(path, "cap"), "let where be at office365",
			"fault %q: a cap is shared by the front ends of a forest", f.Name)
	}
	for i, p := range f.Cap {
		at := item(join(path, "cap"), i)
		if p.Is < 0 {
			v.say(join(at, "is"), "write a number of sessions", "fault %q: a cap is %d", f.Name, p.Is)
		}
		if i > 0 && !v.broken(at) && !p.At.Time.After(f.Cap[i-1].At.Time) {
			v.say(join(at, "at"), "sort the points by time, each at its own",
				"a cap point of fault %q does not come after the one before", f.Name)
		}
	}
}

// whom checks the selectors of clients and mailboxes.
func (v *validator) whom(path string, w Where, what, name string) {
	if w.FrontEnds < 0 || w.FrontEnds > 1 {
		v.say(join(path, "front_ends"), "write a share such as 0.5",
			"%s %q selects %g of the front ends", what, name, w.FrontEnds)
	}
	if w.MaxBytes < 0 || w.MaxBytes > 0 && w.MaxBytes < w.MinBytes {
		v.say(join(path, "max_bytes"), "write a number of bytes, at least min_bytes",
			"%s %q selects no size", what, name)
	}
	for i, s := range w.Sources {
		if _, err := ParseSource(s); err != nil {
			v.say(item(join(path, "sources"), i), `write "127.0.0.1" or "127.0.0.0/8"`,
				"%q is neither an address nor a network", clip(s))
		}
	}
	if v.broken("cohorts") {
		return
	}
	var domains []string
	for _, c := range v.s.Cohorts {
		domains = append(domains, c.Domains...)
	}
	for i, t := range w.Tenants {
		v.oneOf(item(join(path, "tenants"), i), "tenant", t, domains)
	}
	for i, r := range w.Recipients {
		local, domain, ok := strings.Cut(r, "@")
		if !ok || local == "" || !slices.Contains(domains, domain) {
			v.say(item(join(path, "recipients"), i),
				`write "NAME@DOMAIN" or "*@DOMAIN" with a domain of a cohort`,
				"recipient %q belongs to no cohort", clip(r))
		}
	}
}

// ParseSource reads an address or a network of Where.Sources.
func ParseSource(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}

// wrongAnswers checks what the DNS is made to say: a name or an address of the
// world, so that no mail can leave it.
func (v *validator) wrongAnswers(f Fault, path string, bad complaint) {
	if f.As != "" {
		var forests []string
		for _, c := range v.s.Cohorts {
			if c.Forest != "" && !slices.Contains(forests, c.Forest) {
				forests = append(forests, c.Forest)
			}
		}
		v.oneOf(join(path, "as"), "forest", f.As, forests)
		if f.Lookup[0] != "a" {
			bad("lookup", `write "lookup: [a]"`, "a forest has addresses, so as answers a only")
		}
		return
	}
	loopback := netip.MustParsePrefix("127.0.0.0/8")
	for i, a := range f.Answers {
		at := item(join(path, "answers"), i)
		if f.Lookup[0] == "mx" {
			if !strings.HasSuffix(a, ".test") && !strings.HasSuffix(a, ".example") {
				v.say(at, "use a name under .test or .example", "host %q is not of the fake world", clip(a))
			}
			continue
		}
		addr, err := netip.ParseAddr(a)
		if err != nil || !loopback.Contains(addr) {
			v.say(at, "use an address of 127.0.0.0/8", "%q is no address of the fake world", clip(a))
		}
	}
}
