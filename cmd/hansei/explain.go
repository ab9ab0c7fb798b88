package main

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/scenarios"
)

func newExplain() *cobra.Command {
	var runs string
	c := &cobra.Command{
		Use:   "explain RUN MESSAGE-ID",
		Short: "Tell the whole story of one message",
		Long: `Tell everything that happened to one message of a run, in order, in the time of
the incident. Message ids are m1, m2 and so on, as witnesses name them.`,
		Example: `  hansei explain latest m17`,
		Args:    cobra.ExactArgs(2),
		RunE: own(func(c *cobra.Command, args []string) error {
			folder, err := runFolder(args[0], runs)
			if err != nil {
				return err
			}
			s, _, err := readRun(folder)
			if err != nil {
				return err
			}
			lines := check.Story(evidence.Read(filepath.Join(folder, evidence.File)), args[1])
			if len(lines) == 0 {
				return usagef("no message %q in %s; ids are m1, m2 and so on", args[1], folder)
			}
			return tellStory(c.OutOrStdout(), s, args[1], lines)
		}),
	}
	runsFlag(c, &runs)
	return c
}

// tellStory prints a message's story in the clock time of the incident.
func tellStory(out io.Writer, s *scenarios.Scenario, msg string, lines []check.Line) error {
	start := s.From.Time
	stamp := "15:04:05.000"
	if last := s.When(lines[len(lines)-1].T); last.YearDay() != start.YearDay() {
		stamp = "01-02 15:04:05.000"
	}
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "%s in %s, times in %s\n", reports.Escape(msg), scenarioName(s), s.Zone)
	for _, l := range lines {
		head := fmt.Sprintf("  %s  %-7s  ", s.When(l.T).Format(stamp), reports.Escape(l.Actor))
		for _, part := range reports.Wrap(reports.Escape(l.What), reports.MaxWidth-len(head)) {
			fmt.Fprintf(w, "%s%s\n", head, part)
			head = strings.Repeat(" ", len(head))
		}
	}
	return w.Flush()
}
