package reports_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/reports"
)

func render(t testing.TB, tell func(io.Writer, reports.Input) error, in reports.Input) string {
	t.Helper()
	var b bytes.Buffer
	if err := tell(&b, in); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTheSamePageIsTheSameBytes(t *testing.T) {
	for name, tell := range map[string]func(io.Writer, reports.Input) error{
		"html": reports.HTML, "svg": reports.SVG, "markdown": reports.Markdown,
	} {
		first, again := render(t, tell, made(t, 0.2)), render(t, tell, made(t, 0.2))
		if first != again {
			t.Errorf("%s: two pages of the same run differ", name)
		}
	}
}

// The page may hold no script, fetch nothing, and show what relays say as text.
func TestAPageNeedsNothingAndRunsNothing(t *testing.T) {
	in := made(t, 0.2)
	in.Scenario.Title, in.Scenario.Name = hostile, "a\"><img src=x onerror=alert(1)>"
	in.Scenario.Cohorts[0].Name = hostile
	in.Course.Whole.Cohorts[0].Name, in.Run.Relay, in.Run.Command = hostile, hostile, hostile
	in.Judgement.Verdicts[0].Figure = hostile + strings.Repeat("y", 10_000)
	for _, lang := range reports.Langs() {
		in.Lang = lang
		page := render(t, reports.HTML, in)
		if bad := regexp.MustCompile(`(?i)<script|<img|javascript:|url\([^#]|<link[^>]+href="[^d]|` +
			`src="|@import|[\x00-\x08\x0b-\x1f\x7f]|\x{202e}|x{1000}x|y{1000}y`).FindString(page); bad != "" {
			t.Errorf("%s: the page holds %.80q", lang, bad)
		}
		if !strings.Contains(page, "&lt;script&gt;") {
			t.Errorf("%s: the relay's words are nowhere on the page", lang)
		}
		if len(page) > 2<<20 {
			t.Errorf("%s: %d bytes, more than 2 MB", lang, len(page))
		}
	}
}

func TestThePageTellsWhatItMust(t *testing.T) {
	page := render(t, reports.HTML, made(t, 1))
	for what, want := range map[string]string{
		"the verdict":          `<strong>FAIL</strong>`,
		"a broken promise":     `no-loss`,
		"a witness's story":    `<details class="witness">`,
		"its end":              `<li class="ledger">`,
		"each cohort":          `australia`,
		"the fault's lane":     `reset: reset @ connect`,
		"the repeat command":   `hansei run ex196121 --relay reference --seed 1`,
		"replies by code":      `Replies by code`,
		"front ends":           `127.25.1.1:25`,
		"the clock's rate":     `id="prate"`,
		"the drain":            `id="zbacklog"`,
		"a distribution":       `id="ld"`,
		"the relay's settings": `maximal_backoff_time`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s (%s) is not on the page", what, want)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
}

// The page of a hundred thousand messages is no larger than one can mail.
func TestThePageOfALargeRunIsSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("judges a large run")
	}
	in := madeWith(t, 36, 5*time.Hour)
	if n := in.Judgement.Figures.Offered; n < 100_000 {
		t.Fatalf("%d messages, want 100,000 at least", n)
	}
	if page := render(t, reports.HTML, in); len(page) > 2<<20 {
		t.Errorf("%d bytes, more than 2 MB", len(page))
	}
}

// Every chart must say what it shows, and the table behind it must hold figures.
func TestChartsAreXMLWithTitles(t *testing.T) {
	page := render(t, reports.HTML, made(t, 0.2))
	charts := regexp.MustCompile(`(?s)<svg class="chart" id=.*?</svg>`).FindAllString(page, -1)
	if len(charts) < 10 {
		t.Fatalf("%d charts, want ten at least", len(charts))
	}
	ids := map[string]bool{}
	for i, c := range append(charts, render(t, reports.SVG, made(t, 0.2))) {
		if i == len(charts) {
			clear(ids) // a file of its own
		}
		d := xml.NewDecoder(strings.NewReader(c))
		words := map[string]string{}
		for element := ""; ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("not XML: %v\n%.300s", err, c)
			}
			switch token := token.(type) {
			case xml.StartElement:
				element = token.Name.Local
				for _, a := range token.Attr {
					if a.Name.Local == "id" && ids[a.Value] {
						t.Errorf("id %s is twice on the page", a.Value)
					} else if a.Name.Local == "id" {
						ids[a.Value] = true
					}
				}
			case xml.CharData:
				words[element] += string(token)
			}
		}
		if words["title"] == "" || words["desc"] == "" {
			t.Errorf("a chart without title or description: %.200s", c)
		}
		if strings.Contains(c, "NaN") || strings.Contains(c, "Inf") {
			t.Errorf("a chart with a point that is nowhere: %.200s", c)
		}
	}
}

// Without evidence to sample, the page shows what the figures hold.
func TestAPageWithoutACourse(t *testing.T) {
	page := render(t, reports.HTML, incident())
	if !strings.Contains(page, `id="pbacklog"`) || strings.Contains(page, `id="zbacklog"`) {
		t.Error("want the backlog of the figures and no close-up")
	}
}

func TestEveryWordOfThePageIsTranslated(t *testing.T) {
	in := made(t, 1)
	in.Lang = reports.Japanese
	page := render(t, reports.HTML, in)
	english := render(t, reports.HTML, made(t, 1))
	headings := regexp.MustCompile(`(?s)<(h2|h3|summary|figcaption><h3)>([A-Z][a-z]+ [^<]*)</`)
	for _, m := range headings.FindAllStringSubmatch(page, -1) {
		t.Errorf("%q is English", m[2])
	}
	if n := len(headings.FindAllString(english, -1)); n < 15 {
		t.Errorf("only %d English headings found: does the test still see them?", n)
	}
	if !strings.Contains(page, `<html lang="ja">`) || !strings.Contains(page, "受理したメールを失わない") {
		t.Error("the page does not speak Japanese")
	}
}
