// Package chart owns how pictures are drawn: small SVG charts that read in
// black and white (lines differ by dash, areas by hatching), in light and dark
// (colours are CSS variables), and aloud (title and description).
//
// It knows nothing of mail, and it must not fetch, script or depend on anything
// outside the drawing. The same chart is always the same bytes.
package chart
