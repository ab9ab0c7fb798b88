package main

import (
	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/reports"
)

func newCompare() *cobra.Command {
	var runs, how string
	c := &cobra.Command{
		Use:   "compare RUN-A RUN-B",
		Short: "Tell two runs side by side",
		Long: `Tell the promises and figures of two judged runs side by side. It judges nothing:
the exit code is 0. A release is held against the last one by 'hansei gate'.`,
		Example: `  hansei compare runs/ex196121/20260301T090000Z-postfix latest`,
		Args:    cobra.ExactArgs(2),
		RunE: own(func(c *cobra.Command, args []string) error {
			if how != "text" && how != "markdown" {
				return usagef("there is no --format %q; there are text, markdown", how)
			}
			a, err := told(args[0], runs)
			if err != nil {
				return err
			}
			b, err := told(args[1], runs)
			if err != nil {
				return err
			}
			out := c.OutOrStdout()
			if how == "markdown" {
				return reports.CompareMarkdown(out, a, b)
			}
			return reports.CompareText(out, a, b, styleOf(out))
		}),
	}
	c.Flags().StringVar(&how, "format", "text", "how to tell it: text, markdown")
	runsFlag(c, &runs)
	return c
}
