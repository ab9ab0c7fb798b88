package raster

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"strings"

	"github.com/srwiley/oksvg"
	"github.com/srwiley/rasterx"
	"golang.org/x/image/math/fixed"
)

// shape fills and strokes a path as its style says.
func (p *painting) shape(n *node, d string, m rasterx.Matrix2D) error {
	var cursor oksvg.PathCursor
	cursor.ErrorMode = oksvg.StrictErrorMode
	if err := cursor.CompilePath(d); err != nil {
		return fmt.Errorf("the path %.40q: %w", d, err)
	}
	var path rasterx.Path // in pixels
	cursor.Path.AddTo(&rasterx.MatrixAdder{Adder: &path, M: m})
	says := p.theme.style(n)
	opacity, err := amount(says["opacity"])
	if err != nil {
		return err
	}
	if fill := says["fill"]; fill != "none" {
		inside, err := amount(says["fill-opacity"])
		if err != nil {
			return err
		}
		ink, err := p.ink(fill, opacity*inside, m)
		if err != nil {
			return err
		}
		p.fill(path, ink)
	}
	return p.outline(path, says, opacity)
}

// ink is what a fill is done with: a colour, or a hatching as a function of place.
func (p *painting) ink(fill string, opacity float64, m rasterx.Matrix2D) (any, error) {
	id, hatched := strings.CutPrefix(fill, "url(#")
	if !hatched {
		return colourOf(fill, opacity)
	}
	h, ok := p.hatchings[strings.TrimSuffix(id, ")")]
	if !ok {
		return nil, fmt.Errorf("there is no pattern for %q", fill)
	}
	return h.at(m.Invert()), nil
}

// outline strokes a path, with dashes where the style has them.
func (p *painting) outline(path rasterx.Path, says map[string]string, opacity float64) error {
	if says["stroke"] == "none" {
		return nil
	}
	ink, err := colourOf(says["stroke"], opacity)
	if err != nil {
		return err
	}
	width, err := amount(says["stroke-width"])
	if err != nil {
		return err
	}
	var dashes []float64
	if words := says["stroke-dasharray"]; words != "none" {
		for _, word := range strings.Fields(words) {
			dash, err := amount(word)
			if err != nil {
				return err
			}
			dashes = append(dashes, dash*Scale)
		}
	}
	join := rasterx.MiterClip
	if says["stroke-linejoin"] == "round" {
		join = rasterx.Round
	}
	p.stroke(path, ink, width*Scale, join, dashes)
	return nil
}

// fill paints what a path encloses.
func (p *painting) fill(path rasterx.Path, ink any) {
	p.within(path, 1, ink, func(w, h int, s rasterx.Scanner) adder {
		return rasterx.NewFiller(w, h, s)
	})
}

// miterLimit is SVG's own (SVG 2, section 13.5.5).
const miterLimit = 4

// stroke paints along a path; width is in pixels.
func (p *painting) stroke(
	path rasterx.Path, ink any, width float64, join rasterx.JoinMode, dashes []float64,
) {
	p.within(path, width*miterLimit, ink, func(w, h int, s rasterx.Scanner) adder {
		d := rasterx.NewDasher(w, h, s)
		d.SetStroke(fixed.Int26_6(width*64), miterLimit*64, rasterx.ButtCap, rasterx.ButtCap,
			rasterx.FlatGap, join, dashes, 0)
		return d
	})
}

// adder is what takes a path and paints it.
type adder interface {
	rasterx.Adder
	Draw()
	SetColor(any)
}

// within paints in no more of the picture than the path needs: the rasteriser
// walks over all that it is given.
func (p *painting) within(
	path rasterx.Path, margin float64, ink any, make func(int, int, rasterx.Scanner) adder,
) {
	var box extent
	path.AddTo(&box)
	if !box.any {
		return
	}
	m := int(math.Ceil(margin)) + 1
	area := image.Rect(box.min.X.Floor()-m, box.min.Y.Floor()-m, box.max.X.Ceil()+m,
		box.max.Y.Ceil()+m).Intersect(p.image.Bounds())
	if area.Empty() {
		return
	}
	part := image.NewRGBA(image.Rect(0, 0, area.Dx(), area.Dy()))
	brush := make(area.Dx(), area.Dy(),
		rasterx.NewScannerGV(area.Dx(), area.Dy(), part, part.Bounds()))
	if at, ok := ink.(func(x, y float64) color.NRGBA); ok {
		ink = rasterx.ColorFunc(func(x, y int) color.Color {
			return at(float64(area.Min.X+x)+0.5, float64(area.Min.Y+y)+0.5)
		})
	}
	brush.SetColor(ink)
	moved := rasterx.Identity.Translate(float64(-area.Min.X), float64(-area.Min.Y))
	path.AddTo(&rasterx.MatrixAdder{Adder: brush, M: moved})
	brush.Draw()
	draw.Draw(p.image, area, part, image.Point{}, draw.Over)
}

// extent is the box of all points of a path.
type extent struct {
	min, max fixed.Point26_6
	any      bool
}

func (e *extent) see(points ...fixed.Point26_6) {
	for _, a := range points {
		if !e.any {
			e.min, e.max, e.any = a, a, true
		}
		e.min.X, e.min.Y = min(e.min.X, a.X), min(e.min.Y, a.Y)
		e.max.X, e.max.Y = max(e.max.X, a.X), max(e.max.Y, a.Y)
	}
}

// Start takes the first point of a stretch.
func (e *extent) Start(a fixed.Point26_6) { e.see(a) }

// Line takes the end of a straight stretch.
func (e *extent) Line(b fixed.Point26_6) { e.see(b) }

// QuadBezier takes a curve by its points, which enclose it.
func (e *extent) QuadBezier(b, c fixed.Point26_6) { e.see(b, c) }

// CubeBezier takes a curve by its points, which enclose it.
func (e *extent) CubeBezier(b, c, d fixed.Point26_6) { e.see(b, c, d) }

// Stop ends a stretch.
func (e *extent) Stop(bool) {}
