package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/catalog"
)

// largestFile bounds what is read as a scenario; the reader's own limit is
// stricter, this one only keeps a wrong path from filling memory.
const largestFile = 8 << 20

// find is the scenario that an argument means: NAME, NAME/VARIANT, or the path
// of a .yaml file; variant, if not empty, is laid over it.
func find(arg, variant string) (*scenarios.Scenario, error) {
	s, err := load(arg)
	if err != nil {
		return nil, err
	}
	if variant == "" {
		return s, nil
	}
	return vary(s, variant)
}

func load(arg string) (*scenarios.Scenario, error) {
	if isFile(arg) {
		return readFile(arg)
	}
	name, variant, _ := strings.Cut(arg, "/")
	known := catalog.Names()
	for _, k := range known {
		if k != name {
			continue
		}
		s, err := catalog.Load(name)
		if err != nil || variant == "" {
			return s, err
		}
		return vary(s, variant)
	}
	if _, err := os.Stat(arg); err == nil {
		return nil, usagef("%q is no scenario: a file's name must end in .yaml", arg)
	}
	return nil, usagef("there is no scenario %q in the catalogue%s; 'hansei list' shows them all",
		name, suggestion(name, known))
}

// vary lays a variant over a scenario.
func vary(s *scenarios.Scenario, variant string) (*scenarios.Scenario, error) {
	varied, err := s.With(variant)
	var problems scenarios.Problems
	if err != nil && !errors.As(err, &problems) {
		return nil, &ending{exitUsage, err}
	}
	return varied, err
}

// isFile says whether an argument means a file and not a name.
func isFile(arg string) bool {
	ext := filepath.Ext(arg)
	return ext == ".yaml" || ext == ".yml"
}

func readFile(path string) (*scenarios.Scenario, error) {
	data, err := slurp(path, largestFile)
	if err != nil {
		return nil, err
	}
	return scenarios.Read(path, data)
}

// slurp reads a regular file that the user named.
func slurp(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("there is no file %s", path)
	case err != nil:
		return nil, usagef("reading %s: %w", path, err)
	case !info.Mode().IsRegular():
		return nil, usagef("%s is not a regular file", path)
	case info.Size() > limit:
		return nil, usagef("%s is larger than %d MB", path, limit>>20)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &ending{exitUsage, fmt.Errorf("reading %s: %w", path, err)}
	}
	return data, nil
}
