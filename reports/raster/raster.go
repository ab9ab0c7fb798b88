package raster

import (
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"strconv"
	"strings"

	"github.com/srwiley/rasterx"
)

// Scale is how many pixels a user unit has: sharp on a slide and on a telephone.
const Scale = 2

// Most is how many pixels a side of a picture may have.
const Most = 20_000

// PNG paints an SVG file of package chart in its light colours. It returns the
// letters that no font of this machine has; they are painted as empty boxes.
func PNG(w io.Writer, svg string) (missing string, err error) {
	root, err := read(svg)
	if err != nil {
		return "", err
	}
	width, height := root.number("width")*Scale, root.number("height")*Scale
	if !(width >= 1 && height >= 1 && width <= Most && height <= Most) {
		return "", fmt.Errorf("painting the picture: it is %g by %g pixels", width, height)
	}
	p := &painting{
		image: image.NewRGBA(image.Rect(0, 0, int(width), int(height))),
		theme: readTheme(root), hatchings: map[string]hatching{},
	}
	if p.letters, err = newLetters(); err != nil {
		return "", err
	}
	if err := p.paint(root, rasterx.Identity.Scale(Scale, Scale)); err != nil {
		return "", fmt.Errorf("painting the picture: %w", err)
	}
	if err := png.Encode(w, p.image); err != nil {
		return "", fmt.Errorf("writing the picture: %w", err)
	}
	return p.letters.missing(), nil
}

// node is an element of the picture.
type node struct {
	name  string
	attrs map[string]string
	words string
	below []*node
}

// read is the picture as a tree.
func read(svg string) (*node, error) {
	d := xml.NewDecoder(strings.NewReader(svg))
	top := &node{}
	open := []*node{top}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading the picture: %w", err)
		}
		last := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			n := &node{name: token.Name.Local, attrs: map[string]string{}}
			for _, a := range token.Attr {
				n.attrs[a.Name.Local] = a.Value
			}
			last.below = append(last.below, n)
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			last.words += string(token)
		}
	}
	if len(top.below) != 1 || top.below[0].name != "svg" {
		return nil, errors.New("reading the picture: it is no SVG file")
	}
	return top.below[0], nil
}

// number is an attribute's; 0 where there is none.
func (n *node) number(name string) float64 {
	v, err := strconv.ParseFloat(n.attrs[name], 64)
	if err != nil {
		return 0
	}
	return v
}

// painting is a picture being painted.
type painting struct {
	image     *image.RGBA
	theme     *theme
	letters   *letters
	hatchings map[string]hatching
}

// paint paints an element and what is in it, in their order.
func (p *painting) paint(n *node, m rasterx.Matrix2D) error {
	if words, moved := n.attrs["transform"]; moved && n.name == "g" {
		var dx, dy float64
		if _, err := fmt.Sscanf(words, "translate(%g %g)", &dx, &dy); err != nil {
			return fmt.Errorf("the transform %q is no translate", words)
		}
		m = m.Translate(dx, dy)
	}
	switch n.name {
	case "svg", "g":
		for _, each := range n.below {
			if err := p.paint(each, m); err != nil {
				return err
			}
		}
		return nil
	case "title", "desc", "style": // not to be seen
		return nil
	case "defs":
		return p.define(n)
	case "rect":
		x, y, w, h := n.number("x"), n.number("y"), n.number("width"), n.number("height")
		return p.shape(n, fmt.Sprintf("M%g %gh%gv%gh%gz", x, y, w, h, -w), m)
	case "path":
		return p.shape(n, n.attrs["d"], m)
	case "text":
		return p.text(n, m)
	}
	return fmt.Errorf("there is no way to paint <%s>", n.name)
}
