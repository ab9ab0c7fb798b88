package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/scenarios/catalog"
)

func newList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the scenarios of the catalogue",
		Long: `List the scenarios of the catalogue: name, date, length, variants, title.
A variant is run as NAME/VARIANT.`,
		Example: `  hansei list`,
		Args:    cobra.NoArgs,
		RunE:    own(runList),
	}
}

func runList(c *cobra.Command, _ []string) error {
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tDATE\tLENGTH\tVARIANTS\tTITLE")
	for _, name := range catalog.Names() {
		s, err := catalog.Load(name)
		if err != nil {
			return fmt.Errorf("loading %s from the catalogue: %w", name, err)
		}
		names := strings.Join(s.VariantNames(), ", ")
		if names == "" {
			names = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", s.Name, s.From.Time.Format("2006-01-02"),
			reports.Span(s.Until.Time.Sub(s.From.Time)), names, s.Title)
	}
	return w.Flush()
}
