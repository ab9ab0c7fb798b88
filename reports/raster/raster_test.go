package raster_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/reports/chart"
	"github.com/hansei-mail/hansei/reports/raster"
)

// sheet wraps elements as package chart wraps its own.
func sheet(elements string) string {
	return `<svg class="sheet" width="100" height="60"><style>
.sheet{--ink:#102030;--halo:#fff;--c0:#0060a8}
@media(prefers-color-scheme:dark){.sheet{--ink:#fff;--c0:#f00}.paper{fill:#000}}
.chart .only{fill:#f00}.paper{fill:#fff}.sheet text{font-size:20px;fill:var(--ink)}
.line{fill:none;stroke:var(--c0);stroke-width:4}.dashed{stroke-dasharray:10 10}
.area{fill:var(--c0);fill-opacity:.5}.b0{fill:none;stroke:#000;stroke-width:2}
.bold{font-weight:700}.sheet .x{text-anchor:middle}.sheet .y{text-anchor:end}
</style><rect class="paper" width="100" height="60"/>` + elements + `</svg>`
}

func paint(t *testing.T, elements string) image.Image {
	t.Helper()
	var b bytes.Buffer
	missing, err := raster.PNG(&b, sheet(elements))
	if err != nil || missing != "" {
		t.Fatalf("%v, missing %q", err, missing)
	}
	picture, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// at is the colour of the middle of a user unit.
func at(picture image.Image, x, y int) string {
	c, _ := color.NRGBAModel.Convert(picture.At(x*raster.Scale+1, y*raster.Scale+1)).(color.NRGBA)
	return fmt.Sprintf("%02x%02x%02x", c.R, c.G, c.B)
}

func TestColoursAtKnownPlaces(t *testing.T) {
	picture := paint(t, `<path class="area" d="M10 10H30V30H10Z"/>`+
		`<g transform="translate(50 0)"><rect class="only" x="0" y="10" width="20" height="20"/></g>`+
		`<path class="line" d="M5 40H95"/><path class="line dashed" d="M5 50H95"/>`)
	for _, c := range []struct {
		what string
		x, y int
		want string
	}{
		{"paper, light even where the file knows dark", 2, 2, "ffffff"},
		{"half of blue on paper", 20, 20, "7fafd3"},
		{"outside of the area", 35, 20, "ffffff"},
		{"a group's content is moved; a page's rule is not a sheet's", 60, 20, "000000"},
		{"not where it would stand unmoved", 5, 20, "ffffff"},
		{"a line", 50, 40, "0060a8"},
		{"beside the line", 50, 36, "ffffff"},
		{"a dash", 10, 50, "0060a8"},
		{"the gap behind it", 20, 50, "ffffff"},
	} {
		if got := at(picture, c.x, c.y); got != c.want {
			t.Errorf("%s: at %d, %d is #%s, want #%s", c.what, c.x, c.y, got, c.want)
		}
	}
	if got := picture.Bounds().Size(); got != (image.Point{100 * raster.Scale, 60 * raster.Scale}) {
		t.Errorf("the picture is %v", got)
	}
}

// ink counts what is neither paper nor nearly so, and where it begins and ends.
func ink(picture image.Image) (n, from, until int) {
	b := picture.Bounds()
	from = b.Max.X
	for y := range b.Max.Y {
		for x := range b.Max.X {
			if r, _, _, _ := picture.At(x, y).RGBA(); r < 0x8000 {
				n, from, until = n+1, min(from, x), max(until, x)
			}
		}
	}
	return n, from / raster.Scale, until / raster.Scale
}

func TestWordsArePainted(t *testing.T) {
	plain, from, until := ink(paint(t, `<text x="10" y="40">Hansei</text>`))
	if plain < 500 || from < 10 || from > 14 || until < 60 || until > 80 {
		t.Errorf("%d pixels of letters from %d to %d", plain, from, until)
	}
	if bold, _, _ := ink(paint(t, `<text class="bold" x="10" y="40">Hansei</text>`)); bold <= plain {
		t.Errorf("bold letters have %d pixels, plain ones %d", bold, plain)
	}
	if other, _, _ := ink(paint(t, `<text x="10" y="40">iiiiii</text>`)); other >= plain {
		t.Errorf("six i have %d pixels, six other letters %d", other, plain)
	}
	if _, _, until := ink(paint(t, `<text class="y" x="90" y="40">Hansei</text>`)); until < 86 || until > 90 {
		t.Errorf("words that end at 90 end at %d", until)
	}
	_, from, until = ink(paint(t, `<text class="x" x="50" y="40">Hansei</text>`))
	if middle := (from + until) / 2; middle < 48 || middle > 52 {
		t.Errorf("words around 50 have their middle at %d", middle)
	}
}

// A hatching covers its share of an area and keeps its direction.
func TestHatchings(t *testing.T) {
	hatched := func(turn int) image.Image {
		return paint(t, fmt.Sprintf(`<defs><pattern id="p" width="8" height="8" `+
			`patternUnits="userSpaceOnUse" patternTransform="rotate(%d)"><path class="b0" d="M0 0V8"/>`+
			`</pattern></defs><path fill="url(#p)" d="M10 10H90V50H10Z"/>`, turn))
	}
	for _, turn := range []int{0, 45, 135} {
		n, _, _ := ink(hatched(turn))
		if share := float64(n) / (80 * 40 * raster.Scale * raster.Scale); share < 0.08 || share > 0.2 {
			t.Errorf("turned by %d: %.2f of the area, want an eighth", turn, share)
		}
	}
	upright := hatched(0)
	if a, b := at(upright, 16, 20), at(upright, 16, 40); a != "000000" || b != a {
		t.Errorf("an upright stroke is #%s above and #%s below", a, b)
	}
	if got := at(upright, 20, 20); got != "ffffff" {
		t.Errorf("between the strokes is #%s", got)
	}
}

func TestWhatCannotBePaintedIsRefused(t *testing.T) {
	for elements, want := range map[string]string{
		`<circle r="5"/>`:                        "<circle>",
		`<path d="M0 0L"/>`:                      "path",
		`<path fill="red" d="M0 0H9V9Z"/>`:       "colour",
		`<path fill="url(#x)" d="M0 0H9V9Z"/>`:   "pattern",
		`<g transform="rotate(3)"></g>`:          "translate",
		`<defs><linearGradient/></defs>`:         "hatching",
		`<text font-size="big" x="1">a</text>`:   "", // the sheet's own size counts
		`<path stroke="#000" stroke-width="x"/>`: "number",
	} {
		_, err := raster.PNG(&bytes.Buffer{}, sheet(elements))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", elements, err, want)
		}
	}
	for _, svg := range []string{"", "<p/>", "<svg", `<svg width="1e9" height="9"/>`, "<svg/>"} {
		if _, err := raster.PNG(&bytes.Buffer{}, svg); err == nil {
			t.Errorf("%q is painted", svg)
		}
	}
}

// A letter that no font has is a box, and is told; every other chart is whole.
func TestALetterThatNobodyHas(t *testing.T) {
	var b bytes.Buffer
	missing, err := raster.PNG(&b, sheet("<text x=\"10\" y=\"40\">a\U000e0fff</text>"))
	if err != nil || missing != "\U000e0fff" {
		t.Errorf("%v, missing %q", err, missing)
	}
}

// Whatever package chart draws, this package paints.
func TestEveryKindOfChartIsPainted(t *testing.T) {
	xs, ys, base := []float64{0, 1, 2, 3}, []float64{1, 3, 2, 4}, []float64{0, 0, 0, 0}
	c := chart.Chart{
		ID: "c", Title: "All", Height: 200, X: chart.Axis{Until: 3, Ticks: []chart.Tick{{At: 1, Text: "1"}}},
		Y: chart.Scale(4, true, nil), Bands: []chart.Band{{From: 1, Until: 2}, {From: 2, Until: 3, Hatch: 2}},
		Marks: []chart.Mark{{X: 1, Y: 2, Text: "here"}},
		Lanes: []chart.Lane{{Text: "lane", Hatch: 1, X: xs, Y: []float64{0, 1, 1, 0}}},
	}
	for style := range chart.Styles {
		for _, kind := range []chart.Kind{chart.Line, chart.Step, chart.Area} {
			c.Series = append(c.Series, chart.Series{
				Name: "s", Kind: kind, Style: style, X: xs, Y: ys, Base: base, Visible: true, Dimmed: style > 3,
			})
		}
	}
	if missing, err := raster.PNG(&bytes.Buffer{}, chart.Sheet(chart.Heading{Title: "t", Said: "s"},
		[]chart.Chart{c, {}})); err != nil || missing != "" {
		t.Errorf("%v, missing %q", err, missing)
	}
}
