package reports_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	"pgregory.net/rapid"

	"github.com/hansei-mail/hansei/reports"
)

// shown is a Markdown document as a page that somebody else's program made of it:
// GitHub's tables, links and all, raw HTML let through.
type shown struct {
	page string
	// elements count the page's elements by name.
	elements map[string]int
	// tables are the words of each cell; links, where they lead; headings, their
	// words.
	tables   [][][]string
	links    []string
	headings []string
	words    string
}

// show renders a document and reads the page again: what is no element here would
// be none in a browser.
func show(t testing.TB, markdown string) shown {
	t.Helper()
	var b bytes.Buffer
	m := goldmark.New(goldmark.WithExtensions(extension.GFM),
		goldmark.WithRendererOptions(html.WithUnsafe(), html.WithXHTML()))
	if err := m.Convert([]byte(markdown), &b); err != nil {
		t.Fatal(err)
	}
	s := shown{page: b.String(), elements: map[string]int{}}
	d := xml.NewDecoder(strings.NewReader("<page>" + s.page + "</page>"))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return s
		}
		if err != nil {
			t.Fatalf("the page has an element that is not ours: %v\n%s", err, s.page)
		}
		switch token := token.(type) {
		case xml.StartElement:
			s.begin(token)
		case xml.CharData:
			s.words += string(token)
		case xml.EndElement:
			s.end(token.Name.Local)
		}
	}
}

// begin takes an element; the words of cells and headings begin anew.
func (s *shown) begin(e xml.StartElement) {
	s.elements[e.Name.Local]++
	switch e.Name.Local {
	case "table":
		s.tables = append(s.tables, nil)
	case "tr":
		last := &s.tables[len(s.tables)-1]
		*last = append(*last, nil)
	case "td", "th", "h1", "h2", "p":
		s.words = ""
	}
	for _, a := range e.Attr {
		if a.Name.Local == "href" || a.Name.Local == "src" {
			s.links = append(s.links, a.Value)
		}
	}
}

func (s *shown) end(name string) {
	switch name {
	case "td", "th":
		table := s.tables[len(s.tables)-1]
		row := &table[len(table)-1]
		*row = append(*row, s.words)
	case "h1", "h2":
		s.headings = append(s.headings, s.words)
	}
}

// ours are the elements that a report in Markdown may become.
var ours = []string{
	"page", "h2", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "code", "details",
	"summary", "ul", "li", "br",
}

// stays fails where a page holds more than a report has.
func (s shown) stays(t testing.TB, name string) {
	t.Helper()
	for element := range s.elements {
		if !slices.Contains(ours, element) {
			t.Errorf("%s: the page has a <%s>\n%s", name, element, s.page)
		}
	}
	if len(s.links) > 0 {
		t.Errorf("%s: words became links to %q", name, s.links)
	}
	for i, table := range s.tables {
		for _, row := range table {
			if len(row) != len(table[0]) {
				t.Errorf("%s: a row of table %d has %d cells, its head %d: %q", name, i+1, len(row),
					len(table[0]), row)
			}
		}
	}
}

// What GitHub would show: tables are tables, and their cells hold what was seen.
func TestMarkdownIsReadByGoldmark(t *testing.T) {
	s := show(t, render(t, reports.Markdown, broken()))
	s.stays(t, "broken")
	if len(s.tables) != 2 || len(s.tables[0]) != 5 || len(s.tables[1]) != 2 {
		t.Fatalf("want a table of 4 promises and one of a premise, each with a head: %q", s.tables)
	}
	want := []string{"❌", "no-loss",
		"2 lost of 2,412 pairs: neither delivered, bounced nor in the queue at the end"}
	if diff := cmp.Diff(want, s.tables[0][1]); diff != "" {
		t.Errorf("the first promise (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"❌ FAIL: ex196121 × reference v0.1.0"}, s.headings); diff != "" {
		t.Errorf("the heading (-want +got):\n%s", diff)
	}
	if s.elements["details"] != 1 || s.elements["li"] != 2 || s.elements["code"] != 3 {
		t.Errorf("witnesses: %v", s.elements)
	}

	var gate, compare bytes.Buffer
	if err := reports.GateMarkdown(&gate, gated()); err != nil {
		t.Fatal(err)
	}
	g := show(t, gate.String())
	g.stays(t, "gate")
	rows := make([]int, len(g.tables))
	for i, table := range g.tables {
		rows[i] = len(table)
	}
	if diff := cmp.Diff([]int{3, 4, 3}, rows); diff != "" {
		t.Errorf("rows of the gate's tables (-want +got):\n%s\n%s", diff, g.page)
	}
	if got := g.tables[1][3][1]; got != reports.Escape(hostile) {
		t.Errorf("the scenario's name is shown as %q, want %q", got, reports.Escape(hostile))
	}
	if err := reports.CompareMarkdown(&compare, broken(), incident()); err != nil {
		t.Fatal(err)
	}
	c := show(t, compare.String())
	c.stays(t, "compare")
	if len(c.tables) != 2 || !slices.Contains(c.tables[0][1], "mended") {
		t.Errorf("the comparison: %q", c.tables)
	}
}

// Whatever a scenario, a relay or a figure is called, it is shown as it is: never as
// markup, a link or somebody's name.
func TestHostileWordsStayWords(t *testing.T) {
	named := func(t testing.TB, words string) {
		in := broken()
		in.Scenario.Title, in.Run.Relay, in.Run.RelayVersion = words, words, ""
		in.Judgement.Verdicts[0].Figure, in.Judgement.Verdicts[0].Reason = words, ""
		in.Judgement.Verdicts[0].Witnesses[1].What = words
		in.Run.Command = words
		s := show(t, render(t, reports.Markdown, in))
		s.stays(t, words)
		want := strings.Join(strings.Fields(reports.Escape(words)), " ")
		if got := strings.Join(strings.Fields(s.tables[0][1][2]), " "); got != want {
			t.Errorf("the figure is shown as %q, want %q", got, want)
		}
		name := reports.Escape(strings.TrimSpace(words)) // as a relay's name is told
		heading := "❌ FAIL: ex196121 × " + strings.Join(strings.Fields(name), " ")
		if got := strings.Join(strings.Fields(s.headings[0]), " "); got != heading {
			t.Errorf("the heading is %q, want %q", got, heading)
		}
	}
	for _, words := range []string{
		hostile, "# big", "- list", "+ list", "1. list", "2) list", "> quote", "---", "***", "===",
		"    indented", "[a](https://evil.example)", "![a](https://evil.example/x.png)",
		"https://evil.example", "www.evil.example", "WWW.evil.example", "mail@evil.example",
		"mailto:a@b.example", "<https://evil.example>", "@somebody #12", ":smile:", "~~gone~~",
		"a | b \\| c", "``` code", "`x`", "&lt;b&gt;", "<!-- -->", "</details>", "- [ ] task",
		"ftp://evil.example", "xmpp:a@b.example", "_a_ *b* __c__", "\\", "a\\", "[^1]", "- ", "1.",
	} {
		t.Run(words, func(t *testing.T) { named(t, words) })
	}
	rapid.Check(t, func(r *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{
			"a", "b.example", "@", "<", ">", "/", "b", "|", "`", "\\", "*", "_", "[", "]", "(", ")", "!",
			"#", "-", "+", "1", ".", ":", "&", ";", "~", "www.", "http", "://", " ", "  ", "=", "\"", "'",
			"\n", "\t", "\x1b", "é", "漢", "$", "^", "{", "}", "%",
		}), 1, 12).Draw(r, "parts")
		words := strings.Join(parts, "")
		if strings.TrimSpace(words) == "" {
			return
		}
		named(rapidly{t, r}, words)
	})
}

// rapidly lets a property use what wants a test: it fails as rapid likes it.
type rapidly struct {
	testing.TB
	r *rapid.T
}

func (r rapidly) Helper()                   {}
func (r rapidly) Errorf(f string, a ...any) { r.r.Fatalf(f, a...) }
func (r rapidly) Fatalf(f string, a ...any) { r.r.Fatalf(f, a...) }
func (r rapidly) Fatal(a ...any)            { r.r.Fatal(a...) }

// The links of what is published lead somewhere, as a foreign program reads them.
func TestPublishedLinksWork(t *testing.T) {
	top := ".."
	for _, file := range []string{"README.md", "scenarios/catalog/CATALOG.md"} {
		text, err := os.ReadFile(filepath.Join(top, file))
		if err != nil {
			t.Fatal(err)
		}
		// Comments are for programs that write tables.
		s := show(t, regexp.MustCompile(`<!--.*?-->`).ReplaceAllString(string(text), ""))
		if len(s.tables) == 0 {
			t.Errorf("%s: no table comes out as a table", file)
		}
		for _, link := range s.links {
			path, _, _ := strings.Cut(link, "#")
			if strings.Contains(link, "://") || path == "" {
				continue
			}
			if _, err := os.Stat(filepath.Join(top, filepath.Dir(file), path)); err != nil {
				t.Errorf("%s links %s: %v", file, link, err)
			}
		}
	}
}
