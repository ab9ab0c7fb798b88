package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/scenarios"
)

func newShow() *cobra.Command {
	var variant, how, short string
	c := &cobra.Command{
		Use:   "show SCENARIO|FILE",
		Short: "Show what a scenario says, and how sure each of its facts is",
		Long: `Show a scenario: what happened, who is in it, which mail flows, what breaks and
what is promised. Each fact is marked as known (a source states it) or assumed.`,
		Example: `  hansei show ex196121
  hansei show ex196121/kill`,
		Args: cobra.ExactArgs(1),
		RunE: own(func(c *cobra.Command, args []string) error {
			s, err := find(args[0], variant)
			if err != nil {
				return err
			}
			if short != "" {
				if s, err = compressed(s, short); err != nil {
					return err
				}
			}
			p := &shown{s: s, style: styleOf(c.OutOrStdout())}
			switch how {
			case "json":
				doc, err := asJSON(s)
				if err != nil {
					return err
				}
				return writeJSON(c.OutOrStdout(), doc)
			case "text":
				if err := p.everything(); err != nil {
					return err
				}
			default:
				return usagef("there is no --format %q; there are text, json", how)
			}
			_, err = io.WriteString(c.OutOrStdout(), p.b.String())
			return err
		}),
	}
	c.Flags().StringVar(&variant, "variant", "", "variant of the scenario; as NAME/VARIANT")
	c.Flags().StringVar(&how, "format", "text", "how to tell it: text, json")
	c.Flags().StringVar(&short, "compress", "", "as run --compress would play it")
	return c
}

// shown is a scenario being written out for a reader.
type shown struct {
	s     *scenarios.Scenario
	style reports.Style
	b     strings.Builder
}

func (p *shown) line(format string, args ...any) {
	fmt.Fprintf(&p.b, format+"\n", args...)
}

// section starts a part that has n entries; one without entries is left out.
func (p *shown) section(title string, n int) bool {
	if n > 0 {
		p.line("\n%s", title)
	}
	return n > 0
}

func (p *shown) everything() error {
	s := p.s
	name := s.Name
	if s.Variant != "" {
		name += "/" + s.Variant
	}
	p.line("%s  %s", name, reports.Escape(s.Title))
	for _, l := range reports.Wrap(reports.Escape(strings.Join(strings.Fields(s.About), " ")), 98) {
		p.line("  %s", l)
	}
	p.line("")
	p.line("  window   %s to %s, %s", day(s.From), day(s.Until), s.Zone)
	p.line("  outage   %s to %s (%s)%s", p.clock(s.Outage.From), p.clock(s.Outage.Heal),
		reports.Span(s.Outage.Heal.Time.Sub(s.Outage.From.Time)), p.basis(s.Outage.Basis))
	if s.Era != "" {
		p.line("  era      Exchange Online as of %s", s.Era)
	}
	if err := p.course(); err != nil {
		return err
	}
	p.cohorts()
	p.routes()
	p.breaks()
	p.health()
	p.promises()
	p.foreseen()
	p.rest()
	return nil
}

func (p *shown) cohorts() {
	if !p.section("Cohorts", len(p.s.Cohorts)) {
		return
	}
	for _, c := range p.s.Cohorts {
		where := string(c.At)
		if c.Forest != "" {
			where += ", " + c.Region + ", forest " + c.Forest
		}
		if c.Spare {
			where += ", spare copies"
		}
		if c.Control {
			where += ", control"
		}
		if c.Fallback != "" {
			where += ", second MX at " + c.Fallback
		}
		p.line("  %-14s %s%s", c.Name, where, p.basis(c.Basis))
		p.wrapped(named(c.Domains))
	}
}

func (p *shown) routes() {
	if !p.section("Routes", len(p.s.Routes)) {
		return
	}
	for _, r := range p.s.Routes {
		p.line("  %-26s %s to %s, %s, up to %g messages an hour%s", r.Name, r.From, r.To, r.Goes,
			r.Peak, p.basis(r.Basis))
	}
}

func (p *shown) breaks() {
	if p.section("Faults", len(p.s.Faults)) {
		for _, f := range p.s.Faults {
			p.line("  %-26s %s at %s, %s%s", f.Name, f.Do, f.Stage, p.when(f), p.basis(f.Basis))
			for _, said := range p.details(f) {
				p.wrapped(said)
			}
		}
	}
	if p.section("Links", len(p.s.Links)) {
		for _, l := range p.s.Links {
			p.line("  %-26s %s to %s%s%s", l.Name, p.clock(l.From), p.clock(l.Heal), impairment(l),
				p.basis(l.Basis))
		}
	}
	if p.section("Relay", len(p.s.Relay)) {
		for _, r := range p.s.Relay {
			p.line("  %-26s %s%s", r.Name, reports.StepWords(p.s, r), p.basis(r.Basis))
		}
	}
}

func (p *shown) promises() {
	asked := promised(p.s.Expect)
	if !p.section("Promises", len(asked)) {
		return
	}
	for _, a := range asked {
		p.line("  %-26s %s%s", a.name, a.limits, p.basis(a.basis))
	}
}

func (p *shown) rest() {
	if p.section("Variants", len(p.s.Variants)) {
		for _, name := range p.s.VariantNames() {
			p.line("  %-26s %s", p.s.Name+"/"+name, reports.Escape(p.s.Variants[name].Title))
		}
	}
	if p.section("Sources", len(p.s.Sources)) {
		for _, key := range slices.Sorted(maps.Keys(p.s.Sources)) {
			p.line("  [%s]", key)
			p.wrapped(p.s.Sources[key])
		}
	}
}

// wrapped writes a text under an entry.
func (p *shown) wrapped(text string) {
	for _, l := range reports.Wrap(reports.Escape(strings.Join(strings.Fields(text), " ")), 92) {
		p.line("      %s", l)
	}
}

// basis says how sure a fact is, and who says so.
func (p *shown) basis(b *scenarios.Basis) string {
	if b == nil {
		return ""
	}
	out := "  (" + string(b.Sure)
	if len(b.Source) > 0 {
		out += ": " + strings.Join(b.Source, ", ")
	}
	return out + ")"
}

func day(m scenarios.Moment) string { return m.Time.Format("2006-01-02 15:04") }

// clock is a moment's time of day, with its date after the first day.
func (p *shown) clock(m scenarios.Moment) string {
	return scenarios.TimeOfDay(m.Time, p.s.From.Time)
}

// when is the span of a fault.
func (p *shown) when(f scenarios.Fault) string {
	if f.Permanent {
		return "from " + p.clock(f.From) + " on"
	}
	return p.clock(f.From) + " to " + p.clock(f.Heal)
}

func limit(word string, d scenarios.Span) string {
	if d == 0 {
		return ""
	}
	return word + " " + reports.Span(time.Duration(d))
}

// impairment is what is wrong with a link.
func impairment(l scenarios.Link) string {
	said := ""
	if l.Latency > 0 {
		said += ", " + limit("latency", l.Latency)
	}
	if l.Bandwidth > 0 {
		said += ", " + reports.Bytes(l.Bandwidth) + " a second"
	}
	if l.CutAfter > 0 {
		said += ", cut after " + reports.Bytes(l.CutAfter)
	}
	if l.Slice > 0 {
		said += ", in pieces of " + reports.Bytes(l.Slice)
	}
	if l.Silent {
		said += ", nothing passes"
	}
	if l.SlowClose > 0 {
		said += ", closes " + reports.Span(l.SlowClose.Duration()) + " late"
	}
	return said
}

// named names so many domains that a reader still looks at them.
func named(domains []string) string {
	const most = 12
	if len(domains) <= most {
		return strings.Join(domains, ", ")
	}
	return fmt.Sprintf("%s … %s (%d domains)", strings.Join(domains[:2], ", "),
		domains[len(domains)-1], len(domains))
}
