package raster

import (
	"fmt"
	"image/color"
	"slices"
	"strconv"
	"strings"
)

// theme is a picture's own style sheet: rules in their order, and variables.
type theme struct {
	rules []rule
	vars  map[string]string
	root  []string // the classes of the picture itself
}

type rule struct {
	selectors []string
	says      map[string]string
}

// readTheme reads the style of a picture. Of CSS it knows what package chart
// writes: classes, elements below the picture's own class, variables. What is for
// dark screens (an @media) is left out: paper is light.
func readTheme(root *node) *theme {
	t := &theme{vars: map[string]string{}, root: strings.Fields(root.attrs["class"])}
	css := ""
	for _, n := range root.below {
		if n.name == "style" {
			css += n.words
		}
	}
	for css != "" {
		selector, rest, ok := strings.Cut(css, "{")
		if !ok {
			break
		}
		selector = strings.TrimSpace(selector)
		end := closing(rest)
		body := rest[:end]
		css = rest[min(len(rest), end+1):]
		if strings.HasPrefix(selector, "@") {
			continue
		}
		r := rule{says: map[string]string{}}
		for _, s := range strings.Split(selector, ",") {
			r.selectors = append(r.selectors, strings.TrimSpace(s))
		}
		for _, line := range strings.Split(body, ";") {
			if name, value, ok := strings.Cut(line, ":"); ok {
				r.says[strings.TrimSpace(name)] = strings.TrimSpace(value)
			}
		}
		t.add(r)
	}
	return t
}

// closing is where the brace that was opened before text is closed.
func closing(text string) int {
	depth := 1
	for i, c := range text {
		switch c {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(text)
}

func (t *theme) add(r rule) {
	for _, s := range r.selectors {
		if slices.Contains(t.root, strings.TrimPrefix(s, ".")) {
			for name, value := range r.says {
				if strings.HasPrefix(name, "--") {
					t.vars[name] = value
				}
			}
		}
	}
	t.rules = append(t.rules, r)
}

// matches says whether a selector means an element: what stands last means the
// element, what stands before it the picture.
func (t *theme) matches(selector string, n *node) bool {
	parts := strings.Fields(selector)
	for _, above := range parts[:max(0, len(parts)-1)] {
		if !slices.Contains(t.root, strings.TrimPrefix(above, ".")) {
			return false
		}
	}
	if len(parts) == 0 {
		return false
	}
	class, isClass := strings.CutPrefix(parts[len(parts)-1], ".")
	if !isClass {
		return class == n.name
	}
	return slices.Contains(strings.Fields(n.attrs["class"]), class)
}

// style is how an element looks: its attributes, and over them its rules.
func (t *theme) style(n *node) map[string]string {
	says := map[string]string{"fill": "#000", "stroke": "none", "stroke-width": "1",
		"font-size": "16px", "font-weight": "400", "text-anchor": "start", "opacity": "1",
		"fill-opacity": "1", "stroke-linejoin": "miter", "stroke-dasharray": "none",
	}
	for name := range says {
		if value, ok := n.attrs[name]; ok {
			says[name] = value
		}
	}
	for _, r := range t.rules {
		if !slices.ContainsFunc(r.selectors, func(s string) bool { return t.matches(s, n) }) {
			continue
		}
		for name, value := range r.says {
			if variable, ok := strings.CutPrefix(value, "var("); ok {
				value = t.vars[strings.TrimSuffix(variable, ")")]
			}
			says[name] = value
		}
	}
	return says
}

// amount is a number of a style, its unit px or none.
func amount(words string) (float64, error) {
	v, err := strconv.ParseFloat(strings.TrimSuffix(words, "px"), 64)
	if err != nil {
		return 0, fmt.Errorf("the style's %q is no number", words)
	}
	return v, nil
}

// colourOf reads #rgb, #rrggbb and #rrggbbaa (CSS Color 4, section 5.2).
func colourOf(words string, opacity float64) (color.NRGBA, error) {
	hex, ok := strings.CutPrefix(words, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	if len(hex) == 6 {
		hex += "ff"
	}
	v, err := strconv.ParseUint(hex, 16, 32)
	if !ok || len(hex) != 8 || err != nil {
		return color.NRGBA{}, fmt.Errorf("the style's %q is no colour", words)
	}
	alpha := float64(v&0xff) * max(0, min(1, opacity))
	return color.NRGBA{R: uint8(v >> 24), G: uint8(v >> 16), B: uint8(v >> 8),
		A: uint8(alpha + 0.5)}, nil
}
