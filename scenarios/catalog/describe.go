package catalog

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/hansei-mail/hansei/scenarios"
)

// Describe writes the catalogue as Markdown, a section for each scenario, from
// what its file says and nothing else.
func Describe(w io.Writer) error {
	d := &description{}
	d.f("# The catalogue\n")
	d.f("Written from the scenario files; a test holds it to them. " +
		"`hansei show NAME` says more of each.")
	for _, kind := range Kinds {
		var names []string
		for _, name := range Names() {
			if KindOf(name) == kind {
				names = append(names, name)
			}
		}
		if len(names) == 0 {
			continue
		}
		d.f("\n## %ss", strings.ToUpper(string(kind[:1]))+string(kind[1:]))
		for _, name := range names {
			s, err := Load(name)
			if err != nil {
				return err
			}
			d.scenario(s)
		}
	}
	if _, err := io.WriteString(w, d.b.String()); err != nil {
		return fmt.Errorf("writing the catalogue: %w", err)
	}
	return nil
}

type description struct{ b strings.Builder }

func (d *description) f(format string, args ...any) { fmt.Fprintf(&d.b, format+"\n", args...) }

func (d *description) scenario(s *scenarios.Scenario) {
	d.f("\n### %s: %s\n", s.Name, plain(s.Title))
	if s.About != "" {
		d.f("%s\n", plain(s.About))
	}
	d.f("- When: %s to %s, %s; outage %s to %s", day(s.From), day(s.Until), s.Zone,
		day(s.Outage.From), day(s.Outage.Heal)+sure(s.Outage.Basis))
	if regions := s.HitRegions(); len(regions) > 0 {
		d.f("- Where: %s", strings.Join(regions, ", "))
	}
	d.f("- Promises: %s", strings.Join(s.Expect.Asked(), ", "))
	for _, promise := range slices.Sorted(maps.Keys(s.Foreseen)) {
		f := s.Foreseen[promise]
		d.f("- Foreseen: %s comes out as %s. %s", promise, f.Outcome, plain(f.Why))
	}
	for _, name := range s.VariantNames() {
		d.f("- Variant %s/%s: %s", s.Name, name, plain(s.Variants[name].Title))
	}
	for _, key := range slices.Sorted(maps.Keys(s.Sources)) {
		d.f("- Source %s: %s", key, plain(s.Sources[key]))
	}
	d.faults(s)
}

func (d *description) faults(s *scenarios.Scenario) {
	if len(s.Faults) == 0 {
		return
	}
	d.f("\n| fault | where | stage | does | from | heal | how sure |\n|---|---|---|---|---|---|---|")
	for _, f := range s.Faults {
		does := string(f.Do)
		if f.Reply != "" {
			does += " " + f.Reply
		}
		heal := "never"
		if f.Heal.IsSet() {
			heal = day(f.Heal)
		}
		d.f("| %s | %s | %s | %s | %s | %s |%s |", f.Name, cell(where(f.Where)), f.Stage, cell(does),
			day(f.From), heal, strings.NewReplacer("(", "", ")", "").Replace(sure(f.Basis)))
	}
}

// where is a selector in words.
func where(w scenarios.Where) string {
	words := slices.Concat(w.Regions, w.Forests, w.Cohorts, w.Tenants, w.Recipients)
	if len(words) == 0 || w.Place() != scenarios.AtOffice365 {
		words = append([]string{w.Place()}, words...)
	}
	return strings.Join(words, ", ")
}

func day(m scenarios.Moment) string { return m.Time.Format("2006-01-02 15:04") }

func sure(b *scenarios.Basis) string {
	if b == nil {
		return ""
	}
	if len(b.Source) == 0 {
		return fmt.Sprintf(" (%s)", b.Sure)
	}
	return fmt.Sprintf(" (%s: %s)", b.Sure, strings.Join(b.Source, ", "))
}

// plain is a text in one line, without what Markdown would read as its own.
func plain(text string) string {
	return strings.NewReplacer("*", `\*`, "_", `\_`, "<", "&lt;", "`", "'").Replace(
		strings.Join(strings.Fields(text), " "))
}

func cell(text string) string { return strings.ReplaceAll(plain(text), "|", `\|`) }
