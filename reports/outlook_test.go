package reports_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/scenarios/catalog"
	"github.com/hansei-mail/hansei/scenarios/forecast"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// outlook is the incident asked about, with a sweep around it.
func outlook(t *testing.T) reports.Outlook {
	t.Helper()
	s, err := catalog.Load("ex196121")
	if err != nil {
		t.Fatal(err)
	}
	tl, err := timeline.Plan(s, timeline.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	m, err := forecast.Shipped("postfix")
	if err != nil {
		t.Fatal(err)
	}
	m.Fit = &forecast.Fit{Ranges: []forecast.Range{
		{Name: forecast.RangeOutage, Low: 3600, High: 40_000, Unit: "s"},
	}}
	c := forecast.Case{Scenario: s, Timeline: tl}
	f, err := forecast.Predict(c, m, forecast.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sweep, err := forecast.Capacity(c, m, forecast.Question{
		Outages: []time.Duration{2 * time.Hour, 24 * time.Hour}, Growths: []float64{1, 2},
		Concurrency: []int{10, 100}, Within: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	return reports.Outlook{Scenario: s, Forecast: f, Model: m, Sweep: sweep, Version: "test"}
}

func TestAnOutlookIsToldInEveryForm(t *testing.T) {
	o := outlook(t)
	told := map[string]string{}
	for name, tell := range map[string]func(io.Writer, reports.Outlook) error{
		"text": reports.OutlookText, "html": reports.OutlookHTML, "sweep": reports.SweepText,
		"csv": reports.SweepCSV,
	} {
		var b bytes.Buffer
		if err := tell(&b, o); err != nil {
			t.Fatal(err)
		}
		told[name] = b.String()
	}
	for _, words := range []string{"peak, pairs", "drain after the heal", "files (inodes)", "outage 11:00"} {
		if !strings.Contains(told["text"], words) {
			t.Errorf("the text does not say %q:\n%s", words, told["text"])
		}
	}
	// The outage of a day is beyond the range that the model was fitted in.
	if !strings.Contains(told["sweep"], "*") || !strings.Contains(told["sweep"], "The least that drains") {
		t.Errorf("the sweep does not mark what was not measured:\n%s", told["sweep"])
	}
	rows, err := csv.NewReader(strings.NewReader(told["csv"])).ReadAll()
	if err != nil || len(rows) != 1+8 {
		t.Errorf("%d rows: %v", len(rows), err)
	}
	for _, words := range []string{"Drain with 10 deliveries at a time",
		"8 deliveries at a time</strong>", "<svg", "color-mix", `class="broken"`} {
		if !strings.Contains(told["html"], words) {
			t.Errorf("the page has no %q", words)
		}
	}
	if strings.Contains(told["html"], "ZgotmplZ") || strings.Contains(told["html"], "<script") {
		t.Error("the page has a style that was refused, or a script")
	}
	for _, svg := range regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(told["html"], -1) {
		var any struct{}
		if err := xml.Unmarshal([]byte(svg), &any); err != nil {
			t.Errorf("a chart is no XML: %v", err)
		}
	}
}

// TestTheForecastIsToldBesideTheMeasurement in a line and as a dashed curve.
func TestTheForecastIsToldBesideTheMeasurement(t *testing.T) {
	o := outlook(t)
	in := incident()
	var before, after, page bytes.Buffer
	if err := reports.Text(&before, in); err != nil {
		t.Fatal(err)
	}
	in.Forecast = o.Forecast
	if err := reports.Text(&after, in); err != nil {
		t.Fatal(err)
	}
	if err := reports.HTML(&page, in); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(before.String(), "forecast") ||
		!strings.Contains(after.String(), "forecast (model postfix): peak 1,3") {
		t.Errorf("the forecast is not told:\n%s", after.String())
	}
	if !strings.Contains(page.String(), "> forecast</li>") {
		t.Error("the page's backlog has no curve of the forecast")
	}
}
