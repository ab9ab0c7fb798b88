package reports_test

import (
	"regexp"
	"testing"

	"github.com/hansei-mail/hansei/reports"
)

// Each affected cohort has its own share of the backlog's chart, and looks the same in
// every chart of the page.
func TestCohortsLookTheSameEverywhere(t *testing.T) {
	in := made(t, 0.2)
	page := render(t, reports.HTML, in)
	items := regexp.MustCompile(`<li><svg[^>]*>.*?class="[as](\d)".*?</svg> ([^<]+)</li>`).
		FindAllStringSubmatch(page, -1)
	looks, seen := map[string]string{}, map[string]int{}
	for _, item := range items {
		style, name := item[1], item[2]
		if old, known := looks[name]; known && old != style {
			t.Errorf("%s has style %s in one chart, %s in another", name, old, style)
		}
		looks[name] = style
		seen[name]++
	}
	areas := regexp.MustCompile(`<path class="a\d"`).FindAllString(
		regexp.MustCompile(`(?s)<svg class="chart" id="pbacklog".*?</svg>`).FindString(page), -1)
	affected := 0
	for _, cohort := range in.Course.Whole.Cohorts {
		if cohort.Affected {
			affected++
			if seen[cohort.Name] < 2 {
				t.Errorf("%s is in %d legends, want the backlog's and the ages' at least", cohort.Name,
					seen[cohort.Name])
			}
		}
	}
	if affected < 2 || len(areas) != affected {
		t.Errorf("the backlog has %d areas, for %d affected cohorts", len(areas), affected)
	}
}
