package chart_test

import (
	"encoding/xml"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hansei-mail/hansei/reports/chart"
)

// Whatever is drawn, it is XML, and nothing of it lies outside of the numbers.
func TestEveryChartIsXML(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 8).Draw(t, "points")
		number := rapid.Float64Range(-1e6, 1e12)
		points := rapid.SliceOfN(number, n, n)
		words := rapid.StringMatching(`[<>&"' a-z漢]{0,20}`)
		s := chart.Series{
			Name: words.Draw(t, "name"), Kind: chart.Kind(rapid.IntRange(0, 2).Draw(t, "kind")),
			Style: rapid.IntRange(0, 20).Draw(t, "style"), Visible: true,
			X: points.Draw(t, "x"), Y: points.Draw(t, "y"), Base: points.Draw(t, "base"),
		}
		c := chart.Chart{
			ID: "c", Title: words.Draw(t, "title"), Desc: words.Draw(t, "desc"), Height: 200,
			X:      chart.Axis{From: number.Draw(t, "from"), Until: number.Draw(t, "until")},
			Y:      chart.Scale(number.Draw(t, "highest"), rapid.Bool().Draw(t, "whole"), nil),
			Series: []chart.Series{s}, Bands: []chart.Band{{From: 1, Until: 2, Hatch: 3, Text: "<"}},
			Marks: []chart.Mark{{X: number.Draw(t, "mark"), Text: words.Draw(t, "label")}},
			Lanes: []chart.Lane{{Text: words.Draw(t, "lane"), X: s.X, Y: s.Y}},
		}
		head := chart.Heading{Title: "a<b", Said: c.Desc + " & more", Desc: "c&d"}
		for _, text := range []string{c.SVG(), chart.Sheet(head, []chart.Chart{c, c})} {
			var any struct{}
			if err := xml.Unmarshal([]byte(text), &any); err != nil {
				t.Fatalf("not XML: %v\n%s", err, text)
			}
			if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
				t.Fatalf("a point that is nowhere: %s", text)
			}
		}
	})
}

func TestScaleEndsAtARoundNumber(t *testing.T) {
	for _, c := range []struct {
		highest, until float64
		whole          bool
		ticks          int
	}{
		{0, 1, true, 1}, {3, 3, true, 4}, {1371, 1500, true, 4}, {0.7, 0.8, false, 5},
		{10, 10, false, 5}, {29, 30, false, 4},
	} {
		a := chart.Scale(c.highest, c.whole, nil)
		if a.Until < c.highest || a.Until != c.until || len(a.Ticks) != c.ticks {
			t.Errorf("up to %v: %v with %d ticks, want %v with %d", c.highest, a.Until, len(a.Ticks),
				c.until, c.ticks)
		}
	}
}
