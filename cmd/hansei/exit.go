package main

import (
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/scenarios"
)

// The exit codes. 2 is never used: Go's runtime, shells and test programs use
// it for their own failures. 64 and 70 are EX_USAGE and EX_SOFTWARE of
// sysexits.h.
const (
	exitPass         = 0
	exitFail         = 1
	exitInconclusive = 3
	exitUsage        = 64
	exitInternal     = 70
)

// ending is an error that knows its exit code; with a nil err everything has
// been told already.
type ending struct {
	code int
	err  error
}

func (e *ending) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *ending) Unwrap() error { return e.err }

// usagef is an error that the user can mend.
func usagef(format string, args ...any) error {
	return &ending{exitUsage, fmt.Errorf(format, args...)}
}

// outcomeError is the end of a command that judged; nil when all is well.
func outcomeError(o check.Outcome) error {
	switch o {
	case check.Pass:
		return nil
	case check.Fail:
		return &ending{code: exitFail}
	}
	return &ending{code: exitInconclusive}
}

// own marks a subcommand's errors as its own: one that says nothing else is an
// internal error. Errors without the mark come from cobra: bad usage.
func own(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		err := run(c, args)
		var end *ending
		var refusal *harness.Refusal
		var problems scenarios.Problems
		switch {
		case err == nil || errors.As(err, &end):
			return err
		case errors.Is(err, syscall.EPIPE):
			return &ending{code: exitPass}
		case errors.As(err, &refusal), errors.As(err, &problems):
			return &ending{exitUsage, err}
		}
		return &ending{exitInternal, err}
	}
}

// tell prints what is still to be said of an error and returns its exit code.
func tell(errs io.Writer, err error) int {
	if err == nil {
		return exitPass
	}
	var end *ending
	if !errors.As(err, &end) {
		fmt.Fprintf(errs, "hansei: %v\nTry 'hansei --help'.\n", err)
		return exitUsage
	}
	var problems scenarios.Problems
	switch {
	case errors.As(end.err, &problems):
		fmt.Fprintln(errs, problems) // file:line first, so that editors can jump there
	case end.err != nil:
		fmt.Fprintf(errs, "hansei: %v\n", end.err)
	}
	return end.code
}
