package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/course"
	"github.com/hansei-mail/hansei/scenarios"
)

// judge reads a run folder's evidence once, judges it and writes verdicts.json
// and every report beside it. It reads it again only where a verdict has witnesses,
// whose stories are wanted.
func judge(folder string) (reports.Input, error) {
	s, m, err := readRun(folder)
	if err != nil {
		return reports.Input{}, err
	}
	defer lean()()
	sites, err := readSites(filepath.Join(folder, timelineFile))
	if err != nil {
		return reports.Input{}, err
	}
	file := filepath.Join(folder, evidence.File)
	watcher := course.NewWatcher(s, sites)
	ledger := check.Read(s, evidence.Read(file), watcher.See)
	j := ledger.Judge()
	in := input(folder, s, m, j)
	in.Course = watcher.Course(ledger, j.Figures)
	if stories := in.Stories(); len(stories) > 0 {
		in.Course.Stories = course.Stories(evidence.Read(file), stories)
	}
	written := in
	written.Style = reports.Style{Unicode: true} // a file is no terminal
	for _, out := range []struct {
		file  string
		write func(io.Writer) error
	}{
		{verdictsFile, j.WriteJSON},
		{"report.txt", func(w io.Writer) error { return reports.Text(w, written) }},
		{"report.json", func(w io.Writer) error { return reports.JSON(w, written) }},
		{"report.xml", func(w io.Writer) error { return reports.JUnit(w, written) }},
		{"report.md", func(w io.Writer) error { return reports.Markdown(w, written) }},
		{"report.html", func(w io.Writer) error { return reports.HTML(w, written) }},
	} {
		if err := replace(filepath.Join(folder, out.file), out.write); err != nil {
			return reports.Input{}, err
		}
	}
	return in, nil
}

// input joins what the renderers may tell.
func input(
	folder string, s *scenarios.Scenario, m *harness.Manifest, j *check.Judgement,
) reports.Input {
	return reports.Input{
		Run: reports.Run{
			Version: m.Version, Relay: m.Relay.Name, RelayVersion: m.Relay.Version,
			Seed: m.Seed, Scale: m.Scale, Clock: clockWords(m.Clock), Ended: m.Outcome,
			Wall:    time.Duration(m.WallSecs * float64(time.Second)),
			Started: m.Started, Command: m.Command, Folder: folder,
			Changes: m.Relay.Changes, Settings: m.Relay.Settings, Host: hostWords(m.Host),
		},
		Scenario: s, Judgement: j, Forecast: foretold(folder),
	}
}

// hostWords is the machine in a few words.
func hostWords(h harness.Host) string {
	words := fmt.Sprintf("%s/%s, %d CPUs", h.OS, h.Arch, h.CPUs)
	if h.Kernel != "" {
		words += ", " + h.Kernel
	}
	return words
}

// clockWords is the clock's course in a few words.
func clockWords(c harness.ClockInfo) string {
	if c.Kind == "real" || len(c.Rates) == 0 {
		return c.Kind
	}
	fastest := slices.MaxFunc(c.Rates, func(a, b harness.RateStep) int {
		switch {
		case a.Rate < b.Rate:
			return -1
		case a.Rate > b.Rate:
			return 1
		}
		return 0
	})
	return fmt.Sprintf("%s, up to %.0fx", c.Kind, fastest.Rate)
}

// replace writes a file aside and moves it into place, so that a reader sees
// the old one or the new one whole.
func replace(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer os.Remove(f.Name()) // gone already when all went well
	err = write(f)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
