package raster

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/image/font/sfnt"
)

// fontFolders are where machines keep fonts (Linux, macOS, Windows).
var fontFolders = []string{
	"/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts",
	`C:\Windows\Fonts`,
}

// largestFont bounds a font file, mostFonts how many are looked into.
const (
	largestFont = 64 << 20
	mostFonts   = 40
)

// fontFiles are the fonts of this machine, those first that have the letters of East
// Asia and no ornaments.
var fontFiles = sync.OnceValue(func() []string {
	var files []string
	for _, folder := range fontFolders {
		// What cannot be read holds no font for us.
		_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				switch strings.ToLower(filepath.Ext(path)) {
				case ".ttf", ".otf", ".ttc", ".otc":
					files = append(files, path)
				}
			}
			return nil
		})
	}
	rank := func(path string) int {
		name := strings.ToLower(filepath.Base(path))
		n := 0
		for _, plain := range []string{"cjk", "sans", "gothic", "regular"} {
			if strings.Contains(name, plain) {
				n--
			}
		}
		for _, fancy := range []string{"serif", "mono", "bold", "italic", "oblique", "light"} {
			if strings.Contains(name, fancy) {
				n++
			}
		}
		return n
	}
	slices.SortStableFunc(files, func(a, b string) int { return rank(a) - rank(b) })
	return files[:min(len(files), mostFonts)]
})

// elsewhere finds a font of this machine that has a letter; nil: none has.
func (l *letters) elsewhere(r rune) *sfnt.Font {
	for _, known := range l.others {
		if known != nil && l.has(known, r) {
			return known
		}
	}
	for _, path := range fontFiles() {
		if f := openFont(path); f != nil && l.has(f, r) {
			return f
		}
	}
	return nil
}

func (l *letters) has(f *sfnt.Font, r rune) bool {
	i, err := f.GlyphIndex(&l.buffer, r)
	return err == nil && i != 0
}

// openFont reads a font, the first of a collection; nil where it is none.
func openFont(path string) *sfnt.Font {
	info, err := os.Stat(path)
	if err != nil || info.Size() > largestFont {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	all, err := sfnt.ParseCollection(text)
	if err != nil {
		return nil
	}
	f, err := all.Font(0)
	if err != nil {
		return nil
	}
	return f
}
