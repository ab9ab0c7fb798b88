package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/trackrecord"
)

// one is a run of the record, judged: the one that is there, or one made now. It
// is nil where there is none and no more may be made.
func (r *recording) one(ctx context.Context, cell trackrecord.Cell) (*reports.Input, error) {
	folder := filepath.Join(r.folder, cell.Key())
	if exists(folder) && r.again != againAll {
		in, err := judge(folder)
		if err != nil || r.again == "" || in.Judgement.Outcome != check.Inconclusive || r.most == 0 {
			return &in, err
		}
	}
	if r.most == 0 || ctx.Err() != nil {
		return nil, nil
	}
	if r.most > 0 {
		r.most--
	}
	for tries := 0; ; tries++ {
		in, err := r.make(ctx, cell, folder)
		switch {
		case ctx.Err() != nil:
			return nil, nil // what was interrupted is not there
		case err != nil:
			return nil, err
		case in.Judgement.Outcome != check.Inconclusive || tries >= r.plan.Retries:
			return in, nil
		}
		fmt.Fprintln(r.errs, reports.Escape("inconclusive, made again: "+cell.Name()))
	}
}

// make plays a run as a program of its own, so that its crash is its own, and
// moves it to its place when it is whole: a folder that is there is finished.
func (r *recording) make(
	ctx context.Context, cell trackrecord.Cell, folder string,
) (*reports.Input, error) {
	if err := os.MkdirAll(r.folder, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of the runs: %w", err)
	}
	aside, err := os.MkdirTemp(r.folder, ".making-*")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the run: %w", err)
	}
	defer os.RemoveAll(aside)
	made := filepath.Join(aside, "run")
	if err := r.spawn(ctx, cell, aside, made); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err // it ended in good order, but not whole
	}
	if err := os.RemoveAll(folder); err != nil {
		return nil, fmt.Errorf("removing the run of before: %w", err)
	}
	if err := os.Rename(made, folder); err != nil {
		return nil, fmt.Errorf("moving the run to its place: %w", err)
	}
	in, err := judge(folder)
	return &in, err
}

// spawn is `hansei run` of the cell; where that can be, in a network namespace of
// its own.
func (r *recording) spawn(ctx context.Context, cell trackrecord.Cell, aside, made string) error {
	driver, err := pickRelay(cell.Relay, "")
	if err != nil {
		return err
	}
	args := []string{
		"run", r.scenario(cell), "--folder", made, "--relay", cell.Relay, "--format", "json",
		"--seed", strconv.FormatUint(cell.Seed, 10),
		"--scale", strconv.FormatFloat(cell.Scale, 'g', -1, 64),
	}
	if cell.Compress != "" {
		args = append(args, "--compress", cell.Compress)
	}
	if !driver.Traits().InProcess && canApart() {
		args = append(args, "--apart")
	}
	if cell.Config != "" {
		config := filepath.Join(aside, "mended.conf")
		if err := os.WriteFile(config, []byte(cell.Config), 0o644); err != nil {
			return fmt.Errorf("writing the configuration: %w", err)
		}
		args = append(args, "--relay-config", config)
	}
	code, said, err := playApart(ctx, args)
	switch {
	case err != nil:
		return err
	case code != exitPass && code != exitFail && code != exitInconclusive:
		return fmt.Errorf("playing a run: %s", said)
	case !exists(filepath.Join(made, verdictsFile)):
		return fmt.Errorf("the run did not come to its end: %s", said)
	}
	return nil
}
