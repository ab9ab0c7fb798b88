package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/gate"
)

// summarize appends to the summary of a GitHub Actions job, where there is one
// (docs.github.com, workflow commands: GITHUB_STEP_SUMMARY).
func summarize(tell func(io.Writer) error) error {
	path := os.Getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("opening the job's summary: %w", err)
	}
	err = tell(f)
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

// inActions says that a GitHub Actions runner reads what is written.
func inActions() bool { return os.Getenv("GITHUB_ACTIONS") == "true" }

// annotate marks what is not kept on the job's page, on a runner only.
func annotate(out io.Writer, in reports.Input) {
	if !inActions() {
		return
	}
	for _, v := range in.Judgement.Verdicts {
		if v.Asked && !v.Waived && v.Outcome != check.Pass {
			command(out, v.Outcome == check.Fail, in.Name()+" × "+in.Run.Relay+": "+v.Promise,
				strings.TrimSpace(v.Figure+" "+reports.Because(v)))
		}
	}
}

// annotateGate is annotate for a gate: one mark for each run and regression.
func annotateGate(out io.Writer, g reports.Gated) {
	if !inActions() {
		return
	}
	for _, r := range g.Result.Regressions {
		command(out, r.State == gate.Failed, r.Scenario+" × "+r.Relay+": "+r.What, r.Said)
	}
	for _, run := range g.Result.Runs {
		if run.State != gate.Passed {
			command(out, run.State != gate.Inconclusive, run.Name(), string(run.State)+" "+run.Why)
		}
	}
}

// command is a workflow command; whatever would end or extend it is escaped as
// the runner undoes it (actions/toolkit, packages/core/src/command.ts).
func command(out io.Writer, broken bool, title, text string) {
	word := "warning"
	if broken {
		word = "error"
	}
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	fmt.Fprintf(out, "::%s title=%s::%s\n", word, property.Replace(reports.Escape(title)),
		data.Replace(reports.Escape(text)))
}
