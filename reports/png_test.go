package reports_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/raster"
)

// painted is a run's picture in pixels, kept where HANSEI_SCREENSHOTS says.
func painted(t *testing.T, name string, in reports.Input) image.Image {
	t.Helper()
	text := render(t, reports.PNG, in)
	if folder := os.Getenv("HANSEI_SCREENSHOTS"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, name+".png"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	picture, err := png.Decode(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// share is how much of a part of the picture a test of its colours holds for; the
// part is in user units.
func share(picture image.Image, x, y, w, h int, is func(color.NRGBA) bool) float64 {
	n, all := 0, 0
	for py := y * raster.Scale; py < (y+h)*raster.Scale; py++ {
		for px := x * raster.Scale; px < (x+w)*raster.Scale; px++ {
			c, _ := color.NRGBAModel.Convert(picture.At(px, py)).(color.NRGBA)
			all++
			if is(c) {
				n++
			}
		}
	}
	return float64(n) / float64(all)
}

func white(c color.NRGBA) bool { return c.R > 250 && c.G > 250 && c.B > 250 }
func dark(c color.NRGBA) bool  { return c.R < 90 && c.G < 95 && c.B < 100 }
func blue(c color.NRGBA) bool  { return int(c.B) > int(c.R)+40 && c.B > c.G }
func grey(c color.NRGBA) bool {
	return !white(c) && c.R > 200 && c.R < 250 && int(c.B)-int(c.R) < 10
}

// The picture in pixels shows what the SVG does: words, the outage's shade, the
// areas with their hatching. Places are from its drawing, in user units.
func TestThePictureInPixels(t *testing.T) {
	picture := painted(t, "picture", made(t, 1))
	size := picture.Bounds().Size()
	svg := render(t, reports.SVG, made(t, 1))
	if size.X != 720*raster.Scale || !strings.Contains(svg, `viewBox="0 0 720 `) || size.Y < 1200 {
		t.Errorf("the picture is %v", size)
	}
	for _, c := range []struct {
		what        string
		x, y, w, h  int
		is          func(color.NRGBA) bool
		least, most float64
	}{
		{"the title's letters", 14, 12, 300, 18, dark, 0.05, 0.5},
		{"paper left of the axis's labels", 0, 60, 10, 400, white, 0.99, 1},
		{"the outage's shade, above the curve", 160, 124, 60, 20, grey, 0.7, 1},
		{"no shade before the outage", 88, 124, 30, 20, grey, 0, 0.1},
	} {
		if got := share(picture, c.x, c.y, c.w, c.h, c.is); got < c.least || got > c.most {
			t.Errorf("%s: %.3f of it, want %.2f to %.2f", c.what, got, c.least, c.most)
		}
	}
	if got := share(picture, 0, 0, 720, size.Y/raster.Scale, blue); got < 0.005 {
		t.Errorf("%.4f of the picture is blue: where is the backlog?", got)
	}
}

func TestTheSamePictureIsTheSamePixels(t *testing.T) {
	first, again := render(t, reports.PNG, made(t, 0.2)), render(t, reports.PNG, made(t, 0.2))
	if first != again {
		t.Error("two pictures of the same run differ")
	}
}

// In Japanese there is a picture where the machine has such a font, and a plain word
// where it has none: never boxes.
func TestThePictureInJapanese(t *testing.T) {
	in := incident()
	in.Lang = reports.Japanese
	var b bytes.Buffer
	switch err := reports.PNG(&b, in); {
	case errors.Is(err, reports.ErrNoFont):
		if b.Len() > 0 {
			t.Error("a picture of boxes was written")
		}
	case err != nil:
		t.Fatal(err)
	default:
		english := painted(t, "picture-en", incident())
		if got := painted(t, "picture-ja", in); got.Bounds() != english.Bounds() {
			t.Errorf("the picture in Japanese is %v, in English %v", got.Bounds(), english.Bounds())
		}
	}
}

// Whatever a relay or a scenario is called, there is a picture.
func TestAHostileNameIsPainted(t *testing.T) {
	in := made(t, 0.2)
	in.Scenario.Title, in.Scenario.Name, in.Run.Relay = hostile, "名前 🜁 \u0378", hostile
	in.Course.Whole.Cohorts[0].Name = hostile
	var b bytes.Buffer
	if err := reports.PNG(&b, in); err != nil {
		t.Fatal(err)
	}
}
