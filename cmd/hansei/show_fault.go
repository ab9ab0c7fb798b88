package main

import (
	"fmt"
	"strings"

	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/scenarios"
)

// details are all that a fault says beside its name, stage, action and window,
// a sentence each.
func (p *shown) details(f scenarios.Fault) []string {
	var said []string
	add := func(text string) {
		if text != "" {
			said = append(said, text)
		}
	}
	add(selected(f.Where))
	add(p.shares(f))
	add(rhythm(f))
	add(counts(f))
	add(p.byLoad(f))
	add(figures(f))
	add(lookups(f))
	add(f.Reply)
	if f.Odd {
		add("the reply breaks RFC 3463 on purpose")
	}
	return said
}

// commaed joins what is not empty.
func commaed(parts ...string) string {
	var said []string
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, ", ")
}

// listed is a list with its word; empty where there is none.
func listed(word string, all []string) string {
	if len(all) == 0 {
		return ""
	}
	return word + " " + strings.Join(all, " ")
}

// unless is a formatted number; empty where it is 0.
func unless[T int | int64 | float64](n T, format string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(format, n)
}

// selected is who feels it.
func selected(w scenarios.Where) string {
	share := ""
	if w.FrontEnds > 0 {
		share = fmt.Sprintf("%g%% of the front ends", 100*w.FrontEnds)
	}
	attached := ""
	if w.Attachment {
		attached = "messages with an attachment"
	}
	return "at " + commaed(w.Place(), listed("regions", w.Regions), listed("forests", w.Forests),
		listed("cohorts", w.Cohorts), listed("tenants", w.Tenants), share,
		listed("clients", w.Sources), listed("recipients", w.Recipients),
		unless(w.MinBytes, "messages of %d bytes and more"),
		unless(w.MaxBytes, "messages of %d bytes at most"), attached)
}

// shares is the course of a fault's share; empty where it hits everything.
func (p *shown) shares(f scenarios.Fault) string {
	points := make([]string, 0, len(f.Share))
	for _, pt := range f.Share {
		points = append(points, fmt.Sprintf("%g%% at %s", pt.Is*100, p.clock(pt.At)))
	}
	if len(points) == 0 {
		return ""
	}
	of := "sessions"
	if f.Stage == scenarios.StageRequest {
		of = "requests"
	}
	return "share of " + of + ": " + strings.Join(points, ", ") + inSteps(f)
}

func inSteps(f scenarios.Fault) string {
	if f.Shape == scenarios.Step {
		return ", in steps"
	}
	return ""
}

// rhythm is when within its window it comes and goes.
func rhythm(f scenarios.Fault) string {
	var said []string
	if w := f.Wave; w != nil {
		said = append(said, fmt.Sprintf("%s of each %s", reports.Span(w.On.Duration()),
			reports.Span(w.Period.Duration())))
	}
	for _, h := range f.Hours {
		said = append(said, "daily from "+h.From+" to "+h.To)
	}
	return strings.Join(said, ", ")
}

// counts is which of those that would feel it do.
func counts(f scenarios.Fault) string {
	return commaed(unless(f.Attempts, "the first %d attempts of each message"),
		unless(f.First, "only the first %d"), unless(f.Every, "one in every %d"))
}

// byLoad is what makes it act by the load that it sees.
func (p *shown) byLoad(f scenarios.Fault) string {
	var said []string
	if b := f.Feedback; b != nil {
		said = append(said, fmt.Sprintf("feedback: above %g an hour the share grows by %g for each "+
			"%g more, up to %g%%", b.Normal, b.Gain, b.Normal, 100*b.Max))
	}
	if len(f.Cap) > 0 {
		points := make([]string, 0, len(f.Cap))
		for _, pt := range f.Cap {
			points = append(points, fmt.Sprintf("%d at %s", pt.Is, p.clock(pt.At)))
		}
		said = append(said, "beyond this many sessions of a forest: "+strings.Join(points, ", ")+inSteps(f))
	}
	if h := f.History; h != nil {
		said = append(said, commaed(fmt.Sprintf("clients that send more than %g times what they used to",
			h.Over), limit("reckoned over", h.Window), afterwards(h.For)))
	}
	if f.Avoidable {
		said = append(said, "who gives no cause does not feel it")
	}
	return strings.Join(said, "; ")
}

func afterwards(d scenarios.Span) string {
	if d == 0 {
		return ""
	}
	return "and for " + reports.Span(d.Duration()) + " after that"
}

// figures are the numbers of its action.
func figures(f scenarios.Fault) string {
	rate := ""
	if f.Rate > 0 {
		rate = reports.Bytes(f.Rate) + " a second"
	}
	return commaed(limit("delay", f.Delay), unless(f.After, "after %d bytes of the body"),
		unless(f.Bytes, "the first %d bytes"), rate)
}

// lookups is what of the DNS is wrong.
func lookups(f scenarios.Fault) string {
	as := ""
	if f.As != "" {
		as = "answered as forest " + f.As
	}
	return commaed(listed("questions for", f.Lookup), listed("answers", f.Answers), as,
		limit("kept for", f.TTL))
}

// health is what the provider's page says, and when.
func (p *shown) health() {
	if !p.section("Health page", len(p.s.Health)) {
		return
	}
	for _, h := range p.s.Health {
		times := "shown at " + p.clock(h.Visible)
		if h.Starts.IsSet() {
			times += ", from " + p.clock(h.Starts) + " on as it says"
		}
		if h.Resolved.IsSet() {
			times += ", resolved at " + p.clock(h.Resolved)
		}
		p.line("  %-26s %s%s", reports.Escape(h.Issue), times, p.basis(h.Basis))
		p.wrapped(commaed(h.Title, h.Feature))
		for _, u := range h.Updates {
			p.wrapped(commaed(p.clock(u.At)+"  "+u.Says, listed("regions", u.Regions), string(u.Status)))
		}
	}
}
