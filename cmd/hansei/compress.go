package main

import (
	"errors"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// compressed is the scenario with waiting left out, as --compress says.
func compressed(s *scenarios.Scenario, how string) (*scenarios.Scenario, error) {
	c, err := timeline.ParseCompression(how)
	if err != nil {
		return nil, usagef("--compress: %w", err)
	}
	short, err := timeline.Compress(s, c)
	var problems scenarios.Problems
	if err != nil && !errors.As(err, &problems) {
		return nil, &ending{exitUsage, err}
	}
	return short, err
}
