package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/harness/relay/reference"
)

// flawsFlags are what the user can say about the matrix of flaws.
type flawsFlags struct {
	list     bool
	seed     uint64
	parallel int
	runs     string
	format   *format
}

func newFlaws() *cobra.Command {
	flags := flawsFlags{format: newFormat("text", "markdown")}
	c := &cobra.Command{
		Use:   "flaws [FLAW...]",
		Short: "Prove that the judge sees: play every planted flaw and see it caught",
		Long: `Play each planted flaw of the reference relay in the situation in which it shows,
inside this process, and hold what was judged against what the flaw breaks: exactly
those promises must fail, and all others must be kept. It takes about half a minute: the
hours of a run cost only their CPU. One that was put in doubt is played once more, alone.

Exit codes: 0 every flaw was caught so, 1 one was not, 3 interrupted,
64 bad usage, 70 internal error.`,
		Example: `  hansei flaws --list
  hansei flaws --list --format markdown
  hansei flaws
  hansei flaws skip-spare storm --seed 7
  hansei flaws storm --runs /tmp/flaws`,
		RunE: own(func(c *cobra.Command, args []string) error {
			if err := flags.format.check(); err != nil {
				return err
			}
			chosen, err := chooseFlaws(args)
			switch {
			case err != nil:
				return err
			case flags.list && flags.format.name == "markdown":
				return tableFlaws(c.OutOrStdout(), chosen)
			case flags.list:
				return listFlaws(c, chosen)
			}
			return flags.play(c, chosen)
		}),
	}
	c.Flags().BoolVar(&flags.list, "list", false, "list the flaws and play none")
	flags.format.add(c)
	c.Flags().Uint64Var(&flags.seed, "seed", 1, "where all chance comes from")
	c.Flags().IntVar(&flags.parallel, "parallel", runtime.NumCPU()+1, "runs at a time")
	c.Flags().StringVar(&flags.runs, "runs", "", "keep the runs in this folder; empty: keep none")
	return c
}

// chooseFlaws are those named, or all of them.
func chooseFlaws(names []string) ([]reference.Flaw, error) {
	all := reference.Flaws()
	if len(names) == 0 {
		return all, nil
	}
	var chosen []reference.Flaw
	for _, name := range names {
		i := slices.IndexFunc(all, func(f reference.Flaw) bool { return f.Name == name })
		if i < 0 {
			return nil, usagef("the reference relay has no flaw %q%s", name,
				suggestion(name, flawNames()))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

func listFlaws(c *cobra.Command, chosen []reference.Flaw) error {
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "FLAW\tBREAKS\tSITUATION\tWHAT IT DOES")
	for _, f := range chosen {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", f.Name, strings.Join(f.Breaks, ", "), f.Shows, f.What)
	}
	return w.Flush()
}

// play runs the matrix, some rows at a time, and prints it.
func (f *flawsFlags) play(c *cobra.Command, chosen []reference.Flaw) error {
	if f.parallel < 1 {
		return usagef("--parallel must be 1 or more, not %d", f.parallel)
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	folder := f.runs
	if folder == "" {
		var err error
		if folder, err = os.MkdirTemp("", "hansei-flaws-"); err != nil {
			return fmt.Errorf("making a folder for the runs: %w", err)
		}
		defer os.RemoveAll(folder)
	}
	rows := f.rows(ctx, c, chosen, folder)
	if ctx.Err() != nil {
		return &ending{exitInconclusive, fmt.Errorf("interrupted")}
	}
	return tellRows(c, rows)
}

// rows plays them; one whose run was put in doubt by the machine is played once
// more, with nothing beside it.
func (f *flawsFlags) rows(
	ctx context.Context, c *cobra.Command, chosen []reference.Flaw, folder string,
) []flawRow {
	rows := make([]flawRow, len(chosen))
	work := make(chan int)
	var mu sync.Mutex
	done := 0
	var workers sync.WaitGroup
	for range min(f.parallel, len(chosen)) {
		workers.Go(func() {
			for i := range work {
				rows[i] = playFlaw(ctx, chosen[i], f.seed, newFlawFolder(folder, chosen[i], 1))
				mu.Lock()
				done++
				fmt.Fprintf(c.ErrOrStderr(), "%d/%d %s\n", done, len(chosen), rows[i].line())
				mu.Unlock()
			}
		})
	}
	for i := range chosen {
		if ctx.Err() == nil {
			work <- i
		}
	}
	close(work)
	workers.Wait()
	for i := range rows {
		if ctx.Err() == nil && rows[i].doubtful() {
			rows[i] = playFlaw(ctx, chosen[i], f.seed, newFlawFolder(folder, chosen[i], 2))
			fmt.Fprintf(c.ErrOrStderr(), "once more: %s\n", rows[i].line())
		}
	}
	return rows
}

// tellRows prints the matrix and ends the command.
func tellRows(c *cobra.Command, rows []flawRow) error {
	out := c.OutOrStdout()
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "FLAW\tSITUATION\tEXPECTED\tSEEN\tCAUGHT")
	caught := 0
	var internal error
	for _, r := range rows {
		word := "yes"
		switch {
		case r.err != nil:
			word, internal = "error", r.err
		case !r.caught():
			word = "NO"
		default:
			caught++
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.flaw.Name, r.flaw.Shows,
			strings.Join(r.flaw.Breaks, ", "), strings.Join(r.fails, ", "), word)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%d of %d flaws were caught by exactly their promises\n", caught, len(rows))
	for _, r := range rows {
		r.explain(out)
	}
	switch {
	case internal != nil:
		return internal
	case caught < len(rows):
		return &ending{code: exitFail}
	}
	return nil
}

// newFlawFolder is where a row's run is kept.
func newFlawFolder(folder string, f reference.Flaw, try int) string {
	return fmt.Sprintf("%s/%s-%s-%d", folder, f.Name, time.Now().UTC().Format("20060102T150405Z"), try)
}
