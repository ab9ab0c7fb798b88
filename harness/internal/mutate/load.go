package mutate

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Package is the code in which errors are planted.
type Package struct {
	// Dir is its folder.
	Dir string

	name  string
	fset  *token.FileSet
	files []file
	info  *types.Info
}

// file is one source file, without those of the tests.
type file struct {
	path string
	text []byte
	ast  *ast.File
}

// Load reads and type-checks the package in a folder.
func Load(dir string) (*Package, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("finding the package: %w", err)
	}
	exports, err := exportData(dir)
	if err != nil {
		return nil, err
	}
	p := &Package{Dir: dir, fset: token.NewFileSet()}
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", dir, err)
	}
	var trees []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("reading the package: %w", err)
		}
		tree, err := parser.ParseFile(p.fset, path, text, 0)
		if err != nil {
			return nil, fmt.Errorf("parsing the package: %w", err)
		}
		p.files, trees = append(p.files, file{path, text, tree}), append(trees, tree)
		p.name = tree.Name.Name
	}
	p.info = &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{},
	}
	open := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	conf := types.Config{Importer: importer.ForCompiler(p.fset, "gc", open)}
	if _, err := conf.Check(p.name, p.fset, trees, p.info); err != nil {
		return nil, fmt.Errorf("checking the package: %w", err)
	}
	return p, nil
}

// exportData is where the compiler's knowledge of each imported package lies.
func exportData(dir string) (map[string]string, error) {
	list := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}")
	list.Dir = dir
	var trouble bytes.Buffer
	list.Stderr = &trouble
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("listing what the package imports: %w: %s", err, trouble.Bytes())
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, export, _ := strings.Cut(strings.TrimSpace(line), "\t")
		exports[path] = export
	}
	return exports, nil
}
