package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/scenarios"
)

func newValidate() *cobra.Command {
	return &cobra.Command{
		Use:   "validate FILE...",
		Short: "Check scenario files, and name all their problems at once",
		Long: `Check scenario files. Every problem is told at once, one a line:

  FILE:LINE: what is wrong; what to do about it`,
		Example: `  hansei validate last-night.yaml
  hansei validate incidents/*.yaml`,
		Args: cobra.MinimumNArgs(1),
		RunE: own(runValidate),
	}
}

func runValidate(c *cobra.Command, files []string) error {
	bad := 0
	for _, file := range files {
		s, err := readFile(file)
		var problems scenarios.Problems
		var end *ending
		switch {
		case errors.As(err, &problems), errors.As(err, &end):
			bad++
			fmt.Fprintln(c.ErrOrStderr(), err)
		case err != nil:
			return fmt.Errorf("validating %s: %w", file, err)
		default:
			fmt.Fprintf(c.OutOrStdout(), "%s: good: %s, %s, routes %d, variants %d\n",
				reports.Escape(file), s.Name, reports.Span(s.Until.Time.Sub(s.From.Time)),
				len(s.Routes), len(s.Variants))
		}
	}
	if bad > 0 {
		return &ending{code: exitUsage}
	}
	return nil
}
