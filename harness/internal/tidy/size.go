package tidy

import (
	"go/ast"
	"strings"
	"unicode/utf8"
)

// The sizes beyond which nobody reads at one go.
const (
	maxFunction = 70  // lines
	maxFile     = 500 // lines
	maxLine     = 120 // columns, a tab taken as four
	maxReadme   = 120 // lines
)

func functionLength(r *repository) {
	for _, s := range r.sources {
		for _, d := range s.ast.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := s.fset.Position(f.End()).Line - s.line(f) + 1
			if f.Doc != nil {
				n = s.fset.Position(f.End()).Line - s.fset.Position(f.Type.Pos()).Line + 1
			}
			if n > maxFunction {
				r.add(s.Path, s.fset.Position(f.Name.Pos()).Line,
					"%s has %d lines, more than %d; split it by its ideas",
					f.Name.Name, n, maxFunction)
			}
		}
	}
}

func fileLength(r *repository) {
	for _, s := range r.sources {
		if n := lines(s.Text); n > maxFile {
			r.add(s.Path, n, "the file has %d lines, more than %d; one idea per file", n, maxFile)
		}
	}
}

func lineLength(r *repository) {
	for _, s := range r.sources {
		number := 0
		for line := range strings.Lines(s.Text) {
			number++
			line = strings.TrimRight(line, "\r\n")
			if n := utf8.RuneCountInString(line) + 3*strings.Count(line, "\t"); n > maxLine {
				r.add(s.Path, number, "the line has %d columns, more than %d; break it", n, maxLine)
			}
		}
	}
}

func readmeLength(r *repository) {
	for _, f := range r.files {
		if f.Path != "README.md" {
			continue
		}
		if n := lines(f.Text); n > maxReadme {
			r.add(f.Path, n, "the README has %d lines, more than %d; say it where it is looked for",
				n, maxReadme)
		}
	}
}

// lines counts them, the last one with or without its end.
func lines(text string) int {
	n := strings.Count(text, "\n")
	if text != "" && !strings.HasSuffix(text, "\n") {
		n++
	}
	return n
}
