package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports"
)

func newReport() *cobra.Command {
	var runs string
	var lang string
	f := newFormat("text", "json", "junit", "markdown", "html", "svg", "png")
	c := &cobra.Command{
		Use:   "report RUN",
		Short: "Tell the verdicts of a run once more",
		Long: `Tell the verdicts of a run folder as they were judged, in another format if you
like. It judges nothing: the exit code is 0 whatever the verdicts.`,
		Example: `  hansei report latest
  hansei report latest --format junit > hansei.xml
  hansei report latest --format html --lang ja > report.html
  hansei report latest --format svg > backlog.svg
  hansei report latest --format png > backlog.png`,
		Args: cobra.ExactArgs(1),
		RunE: own(func(c *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			if !reports.Lang(lang).Known() {
				return usagef("there is no --lang %q; there are en and ja", lang)
			}
			in, err := told(args[0], runs)
			if err != nil {
				return err
			}
			in.Lang = reports.Lang(lang)
			if f.name == "html" || f.name == "svg" || f.name == "png" {
				if err := look(in.Run.Folder, &in); err != nil {
					return err
				}
			}
			if f.name == "png" && isTerminal(c.OutOrStdout()) {
				return usagef("a picture is nothing for a terminal; send it to a file: " +
					"hansei report RUN --format png >picture.png")
			}
			if err := f.render(c, in); errors.Is(err, reports.ErrNoFont) {
				return &ending{exitUsage, err}
			} else if err != nil {
				return err
			}
			return nil
		}),
	}
	f.add(c)
	c.Flags().StringVar(&lang, "lang", "en", "language of html, svg and png: en, ja")
	runsFlag(c, &runs)
	return c
}

// told is a run as it was judged.
func told(arg, runs string) (reports.Input, error) {
	folder, err := runFolder(arg, runs)
	if err != nil {
		return reports.Input{}, err
	}
	s, m, err := readRun(folder)
	if err != nil {
		return reports.Input{}, err
	}
	f, err := os.Open(filepath.Join(folder, verdictsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return reports.Input{}, usagef("%s has not been judged; 'hansei check %s' does it", folder, arg)
	}
	if err != nil {
		return reports.Input{}, fmt.Errorf("opening the verdicts: %w", err)
	}
	defer f.Close()
	j, err := check.ReadJSON(f)
	if err != nil {
		return reports.Input{}, usagef("%s: %w; 'hansei check %s' writes it anew",
			filepath.Join(folder, verdictsFile), err, arg)
	}
	return input(folder, s, m, j), nil
}
