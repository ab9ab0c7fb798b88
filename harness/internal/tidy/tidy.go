// Package tidy owns the rules of this repository that the compiler cannot
// hold: who may import whom, which package is the one door to a dependency,
// what may not be called where, sizes, comments and words. They run as a test.
//
// It must not import anything of the repository, and it must not format or
// mend: each finding names the place, the rule and the cure.
package tidy

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
)

// module is the prefix of our own import paths.
const module = "github.com/hansei-mail/hansei"

// File is one file of the repository, with a slashed path from its top.
type File struct {
	Path string
	Text string
}

// Finding is one breach of a rule.
type Finding struct {
	Path string
	Line int // 0: the file as a whole
	Rule string
	Cure string
}

// String is the finding as compilers write theirs.
func (f Finding) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", f.Path, f.Line, f.Rule, f.Cure)
}

// Check holds every rule against the files of a repository, in the order of
// their paths.
func Check(files []File) []Finding {
	r := &repository{files: files}
	r.parse()
	for _, rule := range rules {
		r.rule = rule.name
		rule.check(r)
	}
	slices.SortFunc(r.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Rule, b.Rule))
	})
	return r.findings
}

// rules are all of them; each is seen to fail in samples_test.go.
var rules = []struct {
	name  string
	check func(*repository)
}{
	{"imports", imports},
	{"doors", doors},
	{"test libraries", testLibraries},
	{"function length", functionLength},
	{"file length", fileLength},
	{"line length", lineLength},
	{"package names", packageNames},
	{"package comments", packageComments},
	{"doc comments", docComments},
	{"init", noInit},
	{"panic", noPanic},
	{"wall clock", noWallClock},
	{"randomness", noGlobalRandom},
	{"exits", noExits},
	{"listening", noListening},
	{"sleeping", noSleeping},
	{"error words", errorWords},
	{"top level", topLevel},
	{"words", forbiddenWords},
	{"readme", readmeLength},
	{"replace", noReplace},
}

type repository struct {
	files    []File
	sources  []*source
	rule     string
	findings []Finding
}

// source is one Go file.
type source struct {
	File
	dir  string // slashed, "." for the top
	test bool
	fset *token.FileSet
	ast  *ast.File
	// names are the local names of the file's imports.
	names map[string]string
}

func (r *repository) add(path string, line int, format string, args ...any) {
	r.findings = append(r.findings, Finding{path, line, r.rule, fmt.Sprintf(format, args...)})
}

func (r *repository) at(s *source, n ast.Node, format string, args ...any) {
	r.add(s.Path, s.line(n), format, args...)
}

func (s *source) line(n ast.Node) int { return s.fset.Position(n.Pos()).Line }

// parse reads every Go file outside testdata. Objects are resolved, so that a
// local variable is not taken for the package of the same name.
func (r *repository) parse() {
	r.rule = "syntax"
	for _, f := range r.files {
		if path.Ext(f.Path) != ".go" || slices.Contains(strings.Split(f.Path, "/"), "testdata") {
			continue
		}
		s := &source{
			File: f, dir: path.Dir(f.Path), test: strings.HasSuffix(f.Path, "_test.go"),
			fset: token.NewFileSet(), names: map[string]string{},
		}
		var err error
		if s.ast, err = parser.ParseFile(s.fset, f.Path, f.Text, parser.ParseComments); err != nil {
			r.add(f.Path, 0, "this cannot be parsed: %v", err)
			continue
		}
		for _, spec := range s.ast.Imports {
			s.names[localName(spec)] = importPath(spec)
		}
		r.sources = append(r.sources, s)
	}
}

func importPath(spec *ast.ImportSpec) string { return strings.Trim(spec.Path.Value, `"`) }

// localName is the name by which a file speaks of an import; packages are
// called after the last element of their path, versions left aside.
func localName(spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	p := importPath(spec)
	base := path.Base(p)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(p))
	}
	return base
}

// selections calls visit for each use of pkg.Name with an imported package.
func (s *source) selections(visit func(n *ast.SelectorExpr, pkg, name string)) {
	ast.Inspect(s.ast, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if id, ok := sel.X.(*ast.Ident); ok && id.Obj == nil && s.names[id.Name] != "" {
			visit(sel, s.names[id.Name], sel.Sel.Name)
		}
		return true
	})
}

// builtin calls visit for each call of a function by its bare name.
func (s *source) builtin(name string, visit func(*ast.CallExpr)) {
	ast.Inspect(s.ast, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if id, ok := call.Fun.(*ast.Ident); ok && id.Obj == nil && id.Name == name {
			visit(call)
		}
		return true
	})
}

// below says whether dir is top or lies in it.
func below(dir, top string) bool {
	return dir == top || strings.HasPrefix(dir, top+"/")
}
