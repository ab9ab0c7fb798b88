package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/catalog"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// listFlags say which scenarios are listRow, and how.
type listFlags struct {
	tag, region, symptom, kind string
	longer, shorter            string
	names                      bool
	format                     string
}

// listRow is one scenario of the catalogue, as --format json has it.
type listRow struct {
	Name    string       `json:"name"`
	Kind    catalog.Kind `json:"kind"`
	Title   string       `json:"title"`
	From    time.Time    `json:"from"`
	Seconds float64      `json:"seconds"`
	// Regions are those that a fault hits.
	Regions []string `json:"regions"`
	// Submissions is how many the rates ask for, at scale 1.
	Submissions int      `json:"submissions"`
	Tags        []string `json:"tags"`
	Symptoms    []string `json:"symptoms"`
	Variants    []string `json:"variants"`
}

func newList() *cobra.Command {
	var f listFlags
	c := &cobra.Command{
		Use:   "list",
		Short: "List the scenarios of the catalogue",
		Long: `List the scenarios of the catalogue: name, date, length, the regions that are hit,
about how many messages, tags and title. Several filters must all be met. A symptom
is what a relay sees: a stage or action of a fault (connect, reset, stall, ...), defer
or reject, a code (421, 4.7.500), latency, or what is done to the relay (kill).
A variant, listRow by show, is run as NAME/VARIANT.`,
		Example: `  hansei list
  hansei list --kind incident --symptom 4.7.500
  hansei list --region apac --longer 4h
  hansei list --names --tag inbound`,
		Args: cobra.NoArgs,
		RunE: own(func(c *cobra.Command, _ []string) error { return f.run(c) }),
	}
	kinds := make([]string, len(catalog.Kinds))
	for i, k := range catalog.Kinds {
		kinds[i] = string(k)
	}
	c.Flags().StringVar(&f.tag, "tag", "", "only those with this tag")
	c.Flags().StringVar(&f.region, "region", "", "only those that hit this region")
	c.Flags().StringVar(&f.symptom, "symptom", "", "only those with this symptom, also in a variant")
	c.Flags().StringVar(&f.kind, "kind", "", "only those of this kind: "+strings.Join(kinds, ", "))
	c.Flags().StringVar(&f.longer, "longer", "", "only those that last so long at least, such as 4h")
	c.Flags().StringVar(&f.shorter, "shorter", "", "only those that last so long at most")
	c.Flags().BoolVar(&f.names, "names", false, "print the names alone")
	c.Flags().StringVar(&f.format, "format", "text", "how to tell it: text, json, or markdown for all of them")
	return c
}

func (f *listFlags) run(c *cobra.Command) error {
	keep, err := f.filter()
	if err != nil {
		return err
	}
	switch f.format {
	case "markdown":
		return catalog.Describe(c.OutOrStdout())
	case "text", "json":
	default:
		return usagef("there is no --format %q; there are text, json, markdown", f.format)
	}
	all := []listRow{}
	for _, name := range catalog.Names() {
		s, err := catalog.Load(name)
		if err != nil {
			return fmt.Errorf("loading %s from the catalogue: %w", name, err)
		}
		row, err := entry(s)
		if err != nil {
			return err
		}
		if keep(row) {
			all = append(all, row)
		}
	}
	out := c.OutOrStdout()
	switch {
	case f.names:
		for _, row := range all {
			fmt.Fprintln(out, row.Name)
		}
		return nil
	case f.format == "json":
		return writeJSON(out, all)
	}
	return writeList(out, all)
}

// filter is what the flags let pass.
func (f *listFlags) filter() (func(listRow) bool, error) {
	if f.kind != "" && !slices.Contains(catalog.Kinds, catalog.Kind(f.kind)) {
		return nil, usagef("there is no --kind %q; there are incident, control, drill, regression", f.kind)
	}
	least, most := scenarios.Span(0), scenarios.Span(math.MaxInt64)
	for flag, length := range map[string]*scenarios.Span{"longer": &least, "shorter": &most} {
		text := map[string]string{"longer": f.longer, "shorter": f.shorter}[flag]
		if text == "" {
			continue
		}
		span, err := scenarios.ParseSpan(text)
		if err != nil {
			return nil, usagef("--%s: %w; write one such as 90m or 4h", flag, err)
		}
		*length = span
	}
	has := func(list []string, word string) bool { return word == "" || slices.Contains(list, word) }
	return func(row listRow) bool {
		length := scenarios.Span(row.Seconds * float64(time.Second))
		return has(row.Tags, f.tag) && has(row.Regions, f.region) && has(row.Symptoms, f.symptom) &&
			has([]string{string(row.Kind)}, f.kind) && length >= least && length <= most
	}, nil
}

// entry is one scenario with what its variants add.
func entry(s *scenarios.Scenario) (listRow, error) {
	tl, err := timeline.Plan(s, timeline.Options{Seed: 1})
	if err != nil {
		return listRow{}, err
	}
	row := listRow{
		Name: s.Name, Kind: catalog.KindOf(s.Name), Title: s.Title, From: s.From.Time,
		Seconds: s.Length().Seconds(), Regions: s.HitRegions(), Tags: s.Tags,
		Submissions: int(math.Round(tl.Expected())), Variants: s.VariantNames(),
		Symptoms: s.Symptoms(),
	}
	for _, name := range row.Variants {
		v, err := s.With(name)
		if err != nil {
			return listRow{}, err
		}
		row.Symptoms = append(row.Symptoms, v.Symptoms()...)
	}
	slices.Sort(row.Symptoms)
	row.Symptoms = slices.Compact(row.Symptoms)
	return row, nil
}

func writeList(out io.Writer, all []listRow) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tDATE\tLENGTH\tREGIONS\tMESSAGES\tTITLE")
	for _, row := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", row.Name, row.From.Format("2006-01-02"),
			reports.Span(time.Duration(row.Seconds*float64(time.Second))), words(row.Regions),
			reports.Count(int64(row.Submissions)), reports.Escape(row.Title))
	}
	return w.Flush()
}

// words are a list for a cell of a table.
func words(list []string) string {
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list, ",")
}
