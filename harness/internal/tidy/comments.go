package tidy

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// emptyNames say nothing about what a package owns.
var emptyNames = []string{
	"util", "utils", "common", "helper", "helpers", "types", "misc", "base", "shared",
}

func packageNames(r *repository) {
	for _, s := range r.sources {
		if slices.Contains(emptyNames, strings.TrimSuffix(s.ast.Name.Name, "_test")) {
			r.at(s, s.ast.Name, "%q says nothing; name the package after what it owns",
				s.ast.Name.Name)
		}
	}
}

// packageComments asks one of each package's files for a package comment; of a
// folder with tests alone, one of these.
func packageComments(r *repository) {
	said, first := map[string]bool{}, map[string]*source{}
	code := map[string]bool{}
	for _, s := range r.sources {
		code[s.dir] = code[s.dir] || !s.test
	}
	for _, s := range r.sources {
		if s.test && code[s.dir] {
			continue
		}
		said[s.dir] = said[s.dir] || s.ast.Doc != nil
		if first[s.dir] == nil {
			first[s.dir] = s
		}
	}
	for dir, s := range first {
		if !said[dir] {
			r.at(s, s.ast.Name, "package %s has no comment; say what it owns and what it must "+
				"not do", s.ast.Name.Name)
		}
	}
}

// selfEvident are methods that the standard library's interfaces explain.
var selfEvident = []string{"Error", "String", "Unwrap", "Len", "Less", "Swap"}

func docComments(r *repository) {
	for _, s := range r.sources {
		if s.test {
			continue
		}
		for _, d := range s.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Doc == nil && d.Name.IsExported() && receiverIsPublic(d) {
					r.at(s, d, "%s has no comment; give it a sentence", d.Name.Name)
				}
			case *ast.GenDecl:
				for _, name := range uncommented(d) {
					r.at(s, name, "%s has no comment; give it a sentence", name.Name)
				}
			}
		}
	}
}

func receiverIsPublic(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	if slices.Contains(selfEvident, f.Name.Name) {
		return false
	}
	t := f.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}

// uncommented are the exported names that neither they nor their group, for
// constants and variables, say anything about.
func uncommented(d *ast.GenDecl) []*ast.Ident {
	var names []*ast.Ident
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && spec.Doc == nil && spec.Comment == nil && d.Doc == nil {
				names = append(names, spec.Name)
			}
		case *ast.ValueSpec:
			if d.Tok == token.IMPORT || d.Doc != nil || spec.Doc != nil || spec.Comment != nil {
				continue
			}
			for _, n := range spec.Names {
				if n.IsExported() {
					names = append(names, n)
				}
			}
		}
	}
	return names
}
