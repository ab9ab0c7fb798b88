package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/gate"
)

// childGrace is how long an interrupted run may take to end in good order.
const childGrace = 2 * time.Minute

// makeApart plays one run as a program of its own, in a network namespace of its
// own: so real relays, which all need port 25, run at the same time.
func (g *gating) makeApart(
	ctx context.Context, cell gate.Cell,
) (string, *reports.Input, error) {
	_, _, cfg, err := g.prepare(cell)
	if err != nil {
		return "", nil, err
	}
	_, said, err := playApart(ctx, g.apartArgs(cell, cfg.Dir))
	if err != nil {
		return "", nil, err
	}
	if !exists(cfg.Dir) {
		return "", nil, fmt.Errorf("the run did not begin: %s", said)
	}
	in, err := judge(cfg.Dir)
	if err != nil {
		return cfg.Dir, nil, fmt.Errorf("%w (%s)", err, said)
	}
	return cfg.Dir, &in, nil
}

// apartArgs say to another hansei what this one would do with a cell.
func (g *gating) apartArgs(cell gate.Cell, folder string) []string {
	args := []string{
		"run", cell.Scenario, "--apart", "--folder", folder, "--relay", cell.Relay.Name,
		"--seed", strconv.FormatUint(cell.Seed, 10),
		"--scale", strconv.FormatFloat(g.plan.Scale, 'g', -1, 64), "--format", "json",
	}
	if cell.Relay.Config != "" {
		args = append(args, "--relay-config", cell.Relay.Config)
	}
	if g.plan.Compress != "" {
		args = append(args, "--compress", g.plan.Compress)
	}
	return args
}

// playApart plays `hansei run` as a program of its own, which gets time to end in
// good order where ctx ends first. It returns the exit code, and the last line of
// what that hansei complained of.
func playApart(ctx context.Context, args []string) (code int, said string, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, "", fmt.Errorf("finding this program: %w", err)
	}
	var errs bytes.Buffer
	child := exec.CommandContext(ctx, self, args...)
	child.Args[0] = os.Args[0]
	child.Stderr = &errs
	child.Env = append(os.Environ(), "GITHUB_STEP_SUMMARY=") // whoever asked writes its own
	child.Cancel = func() error { return child.Process.Signal(syscall.SIGINT) }
	child.WaitDelay = childGrace
	err = child.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return 0, "", fmt.Errorf("playing a run apart: %w", err)
	}
	return child.ProcessState.ExitCode(), lastLine(errs.String()), nil
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}
