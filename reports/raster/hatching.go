package raster

import (
	"fmt"
	"image/color"
	"math"

	"github.com/srwiley/rasterx"
)

// hatching is a pattern of parallel strokes.
type hatching struct {
	angle, gap, width float64
	ink               color.NRGBA
}

// define keeps the patterns of a chart: a tile with one stroke along its left edge,
// turned.
func (p *painting) define(n *node) error {
	for _, each := range n.below {
		if each.name != "pattern" || len(each.below) != 1 || each.below[0].name != "path" {
			return fmt.Errorf("the definition <%s> is no hatching", each.name)
		}
		h := hatching{gap: each.number("width")}
		turned := each.attrs["patternTransform"]
		if _, err := fmt.Sscanf(turned, "rotate(%g)", &h.angle); err != nil || !(h.gap > 0) {
			return fmt.Errorf("the pattern %q has the transform %q", each.attrs["id"], turned)
		}
		h.angle *= math.Pi / 180
		says := p.theme.style(each.below[0])
		opacity, err := amount(says["opacity"])
		if err != nil {
			return err
		}
		if h.ink, err = colourOf(says["stroke"], opacity); err != nil {
			return err
		}
		if h.width, err = amount(says["stroke-width"]); err != nil {
			return err
		}
		h.width /= 2 // a tile clips the half that is outside of it
		p.hatchings[each.attrs["id"]] = h
	}
	return nil
}

// at is the hatching's colour at each pixel; back leads from pixels to the units in
// which the hatching is measured.
func (h hatching) at(back rasterx.Matrix2D) func(x, y float64) color.NRGBA {
	sin, cos := math.Sincos(h.angle)
	const pixel = 1.0 / Scale
	return func(x, y float64) color.NRGBA {
		x, y = back.Transform(x, y)
		u := math.Mod(x*cos+y*sin, h.gap)
		if u < 0 {
			u += h.gap
		}
		// How much of the pixel lies within the stroke, or within the next one.
		share := 0.0
		for _, from := range []float64{0, h.gap} {
			over := min(u+pixel/2, from+h.width) - max(u-pixel/2, from)
			share += max(0, over) / pixel
		}
		ink := h.ink
		ink.A = uint8(float64(ink.A)*min(1, share) + 0.5)
		return ink
	}
}
