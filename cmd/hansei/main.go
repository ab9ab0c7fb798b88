// Command hansei replays real Office 365 and Exchange Online outages against a
// real mail relay and says what became of every message.
//
// It owns the command line and nothing else: one file per subcommand, each a
// thin join of packages that do the work. It must not plan, measure or judge by
// itself, so that whatever it says can be had from the packages as well.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr))
}

// Main is the whole command: it returns the exit code instead of exiting.
func Main(args []string, out, errs io.Writer) int {
	// A reader that has seen enough (`hansei plan … | head`) must not kill us by
	// signal: the write fails with EPIPE instead, which is a quiet end.
	signal.Ignore(syscall.SIGPIPE)
	return guard(errs, func() int {
		root := newRoot()
		root.SetArgs(args)
		root.SetOut(out)
		root.SetErr(errs)
		return tell(errs, root.ExecuteContext(context.Background()))
	})
}

// guard turns a panic into the exit code for an internal error: Go's own would
// be 2.
func guard(errs io.Writer, run func() int) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(errs, "hansei: internal error: %v\n\n%s", r, debug.Stack())
			code = exitInternal
		}
	}()
	return run()
}
