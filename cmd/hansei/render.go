package main

import (
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/hansei-mail/hansei/reports"
)

// formats are the ways of telling a judgement.
var formats = map[string]func(io.Writer, reports.Input) error{
	"text":     reports.Text,
	"json":     reports.JSON,
	"junit":    reports.JUnit,
	"markdown": reports.Markdown,
	"html":     reports.HTML,
	"svg":      reports.SVG,
	"png":      reports.PNG,
}

// format is the flag --format, limited to what a command offers.
type format struct {
	name   string
	offers []string
}

func newFormat(offers ...string) *format { return &format{name: offers[0], offers: offers} }

func (f *format) add(c *cobra.Command) {
	c.Flags().StringVar(&f.name, "format", f.name, "how to tell it: "+strings.Join(f.offers, ", "))
}

func (f *format) check() error {
	if slices.Contains(f.offers, f.name) {
		return nil
	}
	if slices.Contains(slices.Collect(maps.Keys(formats)), f.name) {
		return usagef("this command has no --format %s; 'hansei report RUN --format %s' does it",
			f.name, f.name)
	}
	return usagef("there is no --format %q; there are %s", f.name, strings.Join(f.offers, ", "))
}

// render tells the judgement on standard output. A reader that went away is no
// error: the outcome is what the caller's exit code says.
func (f *format) render(c *cobra.Command, in reports.Input) error {
	out := c.OutOrStdout()
	in.Style = styleOf(out)
	if err := formats[f.name](out, in); err != nil && !errors.Is(err, syscall.EPIPE) {
		return err
	}
	return nil
}

// styleOf is what a text written there may look like: colour on terminals only
// and never against NO_COLOR (no-color.org), Unicode unless the locale names
// another character set.
func styleOf(w io.Writer) reports.Style {
	return reports.Style{Colour: isTerminal(w) && os.Getenv("NO_COLOR") == "" &&
		os.Getenv("TERM") != "dumb", Unicode: speaksUnicode(os.Getenv)}
}

// speaksUnicode follows the order of POSIX locale variables (XBD 8.2). None set
// at all is common in containers and says nothing about the terminal.
func speaksUnicode(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := getenv(name); locale != "" {
			locale = strings.ToUpper(locale)
			return strings.Contains(locale, "UTF-8") || strings.Contains(locale, "UTF8")
		}
	}
	return true
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
