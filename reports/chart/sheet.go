package chart

import (
	"fmt"
	"strings"
)

// Heading is what stands above the charts of a sheet.
type Heading struct {
	// Title is one line, Said as many as it needs.
	Title, Said string
	// Desc says what is seen, for those who do not see it.
	Desc string
}

// The rows of a sheet, in user units: its title, a line of what is said below it,
// and above each chart its title and its legend.
const (
	titleHeight  = 34
	saidHeight   = 18
	nameHeight   = 24
	legendHeight = 16
)

// Sheet is several charts below each other as a file of its own, each under its
// title and with its legend.
func Sheet(h Heading, charts []Chart) string {
	said := lines(h.Said)
	y := titleHeight + saidHeight*len(said) + 6
	height := y
	for _, c := range charts {
		height += c.head() + c.Height
	}
	d := &drawing{}
	d.f(`<svg class="sheet" viewBox="0 0 %d %d" width="%d" height="%d" role="img" `+
		`aria-labelledby="t d" xmlns="http://www.w3.org/2000/svg">`, Width, height, Width, height)
	title := strings.TrimSuffix(h.Title+": "+h.Said, ": ")
	d.f(`<title id="t">%s</title><desc id="d">%s</desc>`, text(title), text(h.Desc))
	d.f("<style>%s</style>", CSS+sheetCSS)
	d.f(`<rect class="paper" width="%d" height="%d"/>`, Width, height)
	d.f(`<text class="head" x="14" y="26">%s</text>`, text(h.Title))
	for i, line := range said {
		d.f(`<text class="said" x="14" y="%d">%s</text>`, titleHeight+saidHeight*i+12, text(line))
	}
	for _, c := range charts {
		d.c = c
		d.f(`<g transform="translate(0 %d)">`, y)
		d.f(`<text class="subhead" x="14" y="16">%s</text>`, text(c.Title))
		d.legend()
		d.f(`<g transform="translate(0 %d)">`, c.head())
		d.body()
		d.b.WriteString("</g></g>")
		y += c.head() + c.Height
	}
	d.b.WriteString("</svg>\n")
	return d.b.String()
}

// head is room above a chart: lanes bear their names and need no legend.
func (c Chart) head() int {
	if len(c.Series) == 0 {
		return nameHeight
	}
	return nameHeight + legendHeight
}

// lineLength is how many characters of 13 px a line holds at most, and mostLines
// how many lines there are.
const (
	lineLength = 100
	mostLines  = 4
)

// lines breaks words into lines.
func lines(words string) []string {
	var all []string
	line := ""
	for _, word := range strings.Fields(words) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) > lineLength:
			all, line = append(all, line), word
		default:
			line += " " + word
		}
	}
	if line != "" {
		all = append(all, line)
	}
	if len(all) > mostLines {
		all = append(all[:mostLines-1], fmt.Sprintf("%s …", all[mostLines-1]))
	}
	return all
}
