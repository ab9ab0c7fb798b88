package main

import (
	"github.com/spf13/cobra"
)

// runsFlag says where runs are kept.
func runsFlag(c *cobra.Command, runs *string) {
	c.Flags().StringVar(runs, "runs", "runs", "folder in which runs are kept")
}

func newCheck() *cobra.Command {
	var runs string
	f := newFormat("text", "json", "junit")
	c := &cobra.Command{
		Use:   "check RUN",
		Short: "Judge a run again, with the checks of this version",
		Long: `Judge the evidence in a run folder again and rewrite its verdicts and reports.
RUN is a run folder or "latest". The exit codes are those of run.`,
		Example: `  hansei check latest
  hansei check runs/ex196121/20260301T090000Z-postfix`,
		Args: cobra.ExactArgs(1),
		RunE: own(func(c *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			folder, err := runFolder(args[0], runs)
			if err != nil {
				return err
			}
			in, err := judge(folder)
			if err != nil {
				return err
			}
			if err := f.render(c, in); err != nil {
				return err
			}
			return outcomeError(in.Judgement.Outcome)
		}),
	}
	f.add(c)
	runsFlag(c, &runs)
	return c
}
