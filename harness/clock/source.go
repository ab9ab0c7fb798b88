package clock

import (
	"embed"
	"io/fs"
)

//go:embed shim
var shim embed.FS

// Sources are the C files of the shim, for those who build it into an image,
// with the compiler and the C library of that image; shim.h says how.
func Sources() (fs.FS, error) { return fs.Sub(shim, "shim") }
