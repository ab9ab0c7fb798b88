package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// The files of a run folder that this command reads or writes.
const (
	manifestFile = "manifest.json"
	scenarioFile = "scenario.yaml"
	verdictsFile = "verdicts.json"
	latestLink   = "latest"
)

// newFolder is the path of a run folder that does not exist yet:
// RUNS/SCENARIO[-VARIANT]/TIME-RELAY.
func newFolder(runs string, s *scenarios.Scenario, relay string, now time.Time) string {
	name := s.Name
	if s.Variant != "" {
		name += "-" + s.Variant
	}
	if name == latestLink {
		name += "-" // the link to the newest run has that name
	}
	base := filepath.Join(runs, name, now.UTC().Format("20060102T150405Z")+"-"+relay)
	path := base
	for n := 2; exists(path); n++ {
		path = base + "-" + strconv.Itoa(n)
	}
	return path
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// pointLatest makes RUNS/latest name the folder. The link is made aside and
// moved into place, so that two runs at once cannot leave none.
func pointLatest(runs, folder string) error {
	target, err := filepath.Rel(runs, folder)
	if err != nil {
		return fmt.Errorf("naming the latest run: %w", err)
	}
	aside := filepath.Join(runs, "."+latestLink+"-"+strconv.Itoa(os.Getpid()))
	if err := os.Symlink(target, aside); err != nil {
		return fmt.Errorf("naming the latest run: %w", err)
	}
	if err := os.Rename(aside, filepath.Join(runs, latestLink)); err != nil {
		return errors.Join(fmt.Errorf("naming the latest run: %w", err), os.Remove(aside))
	}
	return nil
}

// runFolder is the folder that an argument means: a path, or "latest".
func runFolder(arg, runs string) (string, error) {
	path := arg
	if arg == latestLink && !exists(arg) {
		link := filepath.Join(runs, latestLink)
		target, err := os.Readlink(link)
		if err != nil {
			return "", usagef("there is no latest run in %s; run one with 'hansei run ex196121', "+
				"or say where runs are with --runs DIR", runs)
		}
		if path = target; !filepath.IsAbs(target) {
			path = filepath.Join(runs, target)
		}
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", usagef("there is no run folder %s", path)
	case err != nil:
		return "", usagef("looking at the run folder: %w", err)
	case !info.IsDir():
		return "", usagef("%s is a file; a run is a folder such as runs/latest", path)
	}
	for _, file := range []string{manifestFile, scenarioFile, evidence.File} {
		if !exists(filepath.Join(path, file)) {
			return "", usagef("%s is not a whole run folder: it has no %s", path, file)
		}
	}
	return path, nil
}

// readRun reads what a run folder says of itself.
func readRun(folder string) (*scenarios.Scenario, *harness.Manifest, error) {
	s, err := readFile(filepath.Join(folder, scenarioFile))
	if err != nil {
		return nil, nil, err
	}
	data, err := slurp(filepath.Join(folder, manifestFile), largestFile)
	if err != nil {
		return nil, nil, err
	}
	var m harness.Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, nil, usagef("reading %s: %w", filepath.Join(folder, manifestFile), err)
	}
	if m.Format != 1 {
		return nil, nil, usagef("%s has format %d; this hansei reads format 1 only",
			filepath.Join(folder, manifestFile), m.Format)
	}
	return s, &m, nil
}
