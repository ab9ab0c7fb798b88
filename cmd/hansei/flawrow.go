package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay/reference"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// flawRow is one flaw and what was judged of its run.
type flawRow struct {
	flaw  reference.Flaw
	fails []string // promises, in their order
	// open are verdicts that should be a pass and are neither that nor a fail.
	open      []check.Verdict
	judgement *check.Judgement
	err       error
}

// playFlaw plays a flaw in its situation and judges it. The world is in memory,
// and nothing is synced to the disk: the power cut is played, not real.
func playFlaw(ctx context.Context, f reference.Flaw, seed uint64, folder string) flawRow {
	r := flawRow{flaw: f}
	text, ok := reference.Situation(f.Shows)
	if !ok {
		r.err = fmt.Errorf("the flaw %s shows in %q, which is no situation", f.Name, f.Shows)
		return r
	}
	s, err := scenarios.Read(f.Shows+".yaml", text)
	if err != nil {
		r.err = err
		return r
	}
	tl, err := timeline.Plan(s, timeline.Options{Seed: seed, Scale: 1})
	if err != nil {
		r.err = err
		return r
	}
	err = playInMemory(ctx, s, tl, quickReference(f.Name), harness.Config{
		Dir: folder, Version: version(),
		Command: fmt.Sprintf("hansei flaws %s --seed %d", f.Name, seed),
	})
	if err != nil {
		r.err = fmt.Errorf("playing the flaw %s: %w", f.Name, err)
		return r
	}
	r.judge(check.Judge(s, evidence.Read(filepath.Join(folder, evidence.File))))
	return r
}

func (r *flawRow) judge(j *check.Judgement) {
	r.judgement = j
	for _, v := range j.Verdicts {
		switch {
		case v.Asked && v.Outcome == check.Fail:
			r.fails = append(r.fails, v.Promise)
		case v.Asked && !v.Waived && v.Outcome == check.Inconclusive:
			r.open = append(r.open, v)
		}
	}
}

// caught says that exactly the promises that the flaw breaks fail, and that all
// others were kept.
func (r *flawRow) caught() bool {
	got, want := slices.Sorted(slices.Values(r.fails)), slices.Sorted(slices.Values(r.flaw.Breaks))
	return r.err == nil && len(r.open) == 0 && slices.Equal(got, want)
}

// doubtful says that the run proves nothing, rather than the wrong thing.
func (r *flawRow) doubtful() bool { return r.err == nil && len(r.open) > 0 }

// line is the row in a few words.
func (r *flawRow) line() string {
	switch {
	case errors.Is(r.err, context.Canceled):
		return r.flaw.Name + ": interrupted"
	case r.err != nil:
		return r.flaw.Name + ": " + r.err.Error()
	case r.caught():
		return r.flaw.Name + ": caught by " + strings.Join(r.fails, ", ")
	case len(r.open) > 0:
		return r.flaw.Name + ": inconclusive: " + r.open[0].Reason
	case len(r.fails) == 0:
		return r.flaw.Name + ": not caught"
	}
	return r.flaw.Name + ": caught by " + strings.Join(r.fails, ", ") + " instead of " +
		strings.Join(r.flaw.Breaks, ", ")
}

// explain says why a flaw was not caught as it should be.
func (r *flawRow) explain(out io.Writer) {
	if r.caught() || r.judgement == nil {
		return
	}
	fmt.Fprintf(out, "\n%s should break %s alone:\n", r.flaw.Name, strings.Join(r.flaw.Breaks, ", "))
	for _, v := range r.judgement.Verdicts {
		expected := slices.Contains(r.flaw.Breaks, v.Promise)
		if v.Asked && (expected || v.Outcome != check.Pass) {
			fmt.Fprintf(out, "  %s: %s, %s %s\n", v.Promise, v.Outcome, v.Figure, v.Reason)
		}
	}
}
