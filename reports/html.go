package reports

import (
	"bytes"
	_ "embed" // the page's template and style
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/hansei-mail/hansei/reports/chart"
)

var (
	//go:embed pagefiles/page.html
	pageHTML string
	//go:embed pagefiles/page.css
	pageCSS string
)

// policy lets the page do nothing but show itself: no scripts, no network.
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

// HTML tells the judgement as one page that needs nothing but itself: verdict
// and promises first, then the pictures, then the witnesses with their stories.
func HTML(w io.Writer, in Input) error {
	page, err := pageTemplate(in.Lang)
	if err != nil {
		return err
	}
	var b bytes.Buffer // a page that is cut in the middle would look whole
	if err := page.Execute(&b, in.web()); err != nil {
		return fmt.Errorf("making the page: %w", err)
	}
	if _, err := b.WriteTo(w); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

func pageTemplate(lang Lang) (*template.Template, error) {
	t, err := template.New("page").Funcs(template.FuncMap{"t": lang.say}).Parse(pageHTML)
	if err != nil {
		return nil, fmt.Errorf("reading the page's template: %w", err)
	}
	return t, nil
}

// web is what the page's template reads. Strings are escaped twice over: control
// characters by Escape, markup by html/template.
type web struct {
	Tag, Word, Name, Relay, Title, Facts, Policy string
	Seed                                         uint64
	Scale                                        float64
	Outcome, Sign, Kept                          string
	CSS                                          template.CSS
	Contents                                     []link
	Promises, Premises                           []finding
	NotAsked, PremisesSaid                       string
	PremisesBroken                               bool
	Parts                                        []part
	Witnesses                                    []witnesses
	Command, Version, Zone                       string
	Manifest, Settings                           []fact
	Changes                                      []string
}

type (
	link struct{ ID, Text string }
	fact struct{ Name, Value string }
	// finding is a promise or a premise.
	finding struct {
		Class, Sign, Word, Name, Gloss, Figure, Reason string
		Witnesses                                      bool
	}
	// part is a section with pictures.
	part struct {
		ID, Title, Said string
		Figures         []webFigure
		Tables          []webTable
	}
	webFigure struct {
		webTable
		Caption string
		Legend  []sample
		SVG     template.HTML
	}
	webTable struct {
		Title, Said string
		Head        []string
		Rows        [][]string
		// Figures: every column but the first holds figures, units or not.
		Figures bool
	}
	sample struct {
		Swatch template.HTML
		Name   string
	}
)

// Number says that a column holds numbers, which stand at its right side.
func (t webTable) Number(column int) bool {
	if t.Figures {
		return column > 0
	}
	for _, row := range t.Rows {
		first, _ := utf8.DecodeRuneInString(row[column])
		if !strings.ContainsRune("0123456789≤–", first) || strings.ContainsAny(row[column], ":ABCDEFGHIJ") {
			return false
		}
	}
	return column > 0
}

// show makes a figure ready for the page. Package chart escapes what it writes.
func (f figure) show() webFigure {
	w := webFigure{
		webTable: webTable{Title: f.Chart.Title, Head: f.Table.Head, Rows: f.Table.Rows},
		Caption:  f.Caption,
		SVG:      template.HTML(f.Chart.SVG()), //nolint:gosec // made by package chart
	}
	for _, s := range f.Chart.Series {
		swatch := `<svg class="chart" viewBox="0 0 24 12" aria-hidden="true">` +
			chart.Swatch(s) + `</svg>`
		w.Legend = append(w.Legend, sample{template.HTML(swatch), s.Name}) //nolint:gosec // as above
	}
	return w
}

// maxText bounds any one text on a page, in characters.
const maxText = 1000

// Plain is a string from outside on a page: printable, and not endless.
func plainText(s string) string {
	s = Escape(s)
	if len(s) <= maxText {
		return s
	}
	runes := []rune(s)
	if len(runes) <= maxText {
		return s
	}
	return string(runes[:maxText]) + "…"
}

// strip is plainText for several.
func plainTexts(all []string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = plainText(s)
	}
	return out
}

// relayName is the relay and its version.
func (in Input) relayName() string {
	return plainText(strings.TrimSpace(in.Run.Relay + " " + in.Run.RelayVersion))
}
