// Package raster owns how a picture becomes pixels: it paints the SVG that package
// chart writes, letters included, into a PNG, for slides and messengers that take
// no SVG.
//
// It is the one door to srwiley/rasterx, which fills and strokes, to the path
// reader of srwiley/oksvg, and to golang.org/x/image, whose outlines of the Go fonts
// come with the program: the same picture needs no browser and no font of the
// machine's. oksvg alone would not do: it draws no text, no hatching and no CSS
// variables.
//
// It must not know what a picture tells, and it refuses what it cannot paint: a
// picture that silently lacks something would tell a lie.
package raster
