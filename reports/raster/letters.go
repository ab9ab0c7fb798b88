package raster

import (
	"fmt"
	"maps"
	"slices"

	"github.com/srwiley/rasterx"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// letters are the fonts of a picture.
type letters struct {
	plain, bold *sfnt.Font
	buffer      sfnt.Buffer
	lacking     map[rune]bool
	// others has, for letters that the Go fonts lack, a font of the machine's.
	others map[rune]*sfnt.Font
}

func newLetters() (*letters, error) {
	plain, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("reading the font: %w", err)
	}
	bold, err := sfnt.Parse(gobold.TTF)
	if err != nil {
		return nil, fmt.Errorf("reading the font: %w", err)
	}
	return &letters{
		plain: plain, bold: bold, lacking: map[rune]bool{}, others: map[rune]*sfnt.Font{},
	}, nil
}

// missing are the letters that no font had.
func (l *letters) missing() string {
	return string(slices.Sorted(maps.Keys(l.lacking)))
}

// glyph finds a letter and its font; no font has it: the box of the first one.
func (l *letters) glyph(r rune, bold bool) (*sfnt.Font, sfnt.GlyphIndex, error) {
	first := l.plain
	if bold {
		first = l.bold
	}
	i, err := first.GlyphIndex(&l.buffer, r)
	if err != nil || i != 0 {
		return first, i, err
	}
	other, asked := l.others[r]
	if !asked {
		other = l.elsewhere(r)
		l.others[r] = other
	}
	if other == nil {
		l.lacking[r] = true
		return first, 0, nil
	}
	i, err = other.GlyphIndex(&l.buffer, r)
	return other, i, err
}

// outlines are a line of text as a path at 0, 0, and how wide it is, in pixels.
func (l *letters) outlines(text string, size float64, bold bool) (rasterx.Path, float64, error) {
	var path rasterx.Path
	var x fixed.Int26_6
	em := fixed.Int26_6(size * 64)
	for _, r := range text {
		f, i, err := l.glyph(r, bold)
		if err != nil {
			return nil, 0, fmt.Errorf("looking for the letter %q: %w", r, err)
		}
		segments, err := f.LoadGlyph(&l.buffer, i, em, nil)
		if err != nil {
			return nil, 0, fmt.Errorf("reading the letter %q: %w", r, err)
		}
		trace(&path, segments, x)
		wide, err := f.GlyphAdvance(&l.buffer, i, em, font.HintingNone)
		if err != nil {
			return nil, 0, fmt.Errorf("measuring the letter %q: %w", r, err)
		}
		x += wide
	}
	return path, float64(x) / 64, nil
}

// trace adds one letter's outline to a path.
func trace(path *rasterx.Path, segments sfnt.Segments, x fixed.Int26_6) {
	open := false
	for _, s := range segments {
		a := s.Args
		for i := range a {
			a[i].X += x
		}
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if open {
				path.Stop(true)
			}
			path.Start(a[0])
			open = true
		case sfnt.SegmentOpLineTo:
			path.Line(a[0])
		case sfnt.SegmentOpQuadTo:
			path.QuadBezier(a[0], a[1])
		case sfnt.SegmentOpCubeTo:
			path.CubeBezier(a[0], a[1], a[2])
		}
	}
	if open {
		path.Stop(true)
	}
}

// bolder is the weight from which letters are bold (CSS Fonts 4, section 2.2).
const bolder = 600

// text paints a line of words where its anchor stands, its halo first.
func (p *painting) text(n *node, m rasterx.Matrix2D) error {
	says := p.theme.style(n)
	size, err := amount(says["font-size"])
	if err != nil {
		return err
	}
	weight, err := amount(says["font-weight"])
	if err != nil {
		return err
	}
	ink, err := colourOf(says["fill"], 1)
	if err != nil {
		return err
	}
	path, width, err := p.letters.outlines(n.words, size*Scale, weight >= bolder)
	if err != nil {
		return err
	}
	x, y := m.Transform(n.number("x"), n.number("y"))
	switch says["text-anchor"] {
	case "middle":
		x -= width / 2
	case "end":
		x -= width
	}
	var placed rasterx.Path
	path.AddTo(&rasterx.MatrixAdder{Adder: &placed, M: rasterx.Identity.Translate(x, y)})
	if err := p.outline(placed, says, 1); err != nil {
		return err
	}
	p.fill(placed, ink)
	return nil
}
