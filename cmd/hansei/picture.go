package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/course"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// timelineFile is what was planned; its first line is the header.
const timelineFile = "timeline.jsonl"

// look samples a run's evidence for pictures and stories.
func look(folder string, in *reports.Input) error {
	sites, err := readSites(filepath.Join(folder, timelineFile))
	if err != nil {
		return err
	}
	defer lean()()
	in.Course = course.Look(course.Plan{
		Scenario: in.Scenario, Sites: sites, Figures: in.Judgement.Figures, Stories: in.Stories(),
	}, evidence.Read(filepath.Join(folder, evidence.File)))
	return nil
}

// readSites reads who is served where; a folder without a timeline has none to
// tell, and its pictures say less.
func readSites(path string) ([]timeline.Site, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the timeline: %w", err)
	}
	defer f.Close()
	var header timeline.Header
	if err := json.NewDecoder(bufio.NewReader(f)).Decode(&header); err != nil {
		return nil, usagef("reading %s: %w", path, err)
	}
	return header.Sites, nil
}
