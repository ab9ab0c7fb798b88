package main

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/scenarios"
)

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want int
	}{
		{"nothing wrong", nil, 0},
		{"every promise kept", outcomeError(check.Pass), 0},
		{"a promise broken", outcomeError(check.Fail), 1},
		{"inconclusive", outcomeError(check.Inconclusive), 3},
		{"the user's mistake", usagef("no such thing"), 64},
		{"a refusal", fmt.Errorf("run: %w", &harness.Refusal{Reason: "port 25 is taken"}), 64},
		{"a bad scenario", scenarios.Problems{{File: "a.yaml", Line: 3, What: "x"}}, 64},
		{"the reader went away", fmt.Errorf("write: %w", syscall.EPIPE), 0},
		{"anything else", errors.New("disk on fire"), 70},
	} {
		var errs strings.Builder
		err := own(func(*cobra.Command, []string) error { return c.err })(nil, nil)
		if got := tell(&errs, err); got != c.want {
			t.Errorf("%s: exit code %d, want %d", c.name, got, c.want)
		}
		if silent := c.want < exitUsage; silent != (errs.String() == "") {
			t.Errorf("%s: said %q", c.name, errs.String())
		}
	}
}

func TestAnErrorOfTheFlagParserIsBadUsage(t *testing.T) {
	if got := tell(&strings.Builder{}, errors.New("unknown flag: --x")); got != exitUsage {
		t.Errorf("exit code %d, want %d", got, exitUsage)
	}
}

func TestAPanicIsAnInternalError(t *testing.T) {
	var errs strings.Builder
	got := guard(&errs, func() int { panic("the sky is falling") })
	if got != exitInternal || !strings.Contains(errs.String(), "the sky is falling") {
		t.Errorf("exit code %d, want %d; said %q", got, exitInternal, errs.String())
	}
}
