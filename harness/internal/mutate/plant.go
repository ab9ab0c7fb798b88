package mutate

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
)

// planter walks through one file and plants what it can.
type planter struct {
	*planted
	pkg      *Package
	file     *file
	edits    edits
	function string
	results  []string          // the types of what the function returns
	conds    map[ast.Expr]bool // to be negated
	spared   map[ast.Expr]bool // numbers that are not to be changed
}

// plant makes all mutants of the package.
func (p *Package) plant() *planted {
	all := &planted{texts: map[string][]byte{}}
	for i := range p.files {
		w := &planter{planted: all, pkg: p, file: &p.files[i], conds: map[ast.Expr]bool{},
			spared: map[ast.Expr]bool{}}
		for _, d := range w.file.ast.Decls {
			w.declaration(d)
		}
		all.texts[w.file.path] = w.edits.apply(w.file.text)
	}
	return all
}

func (w *planter) declaration(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		w.function = d.Name.Name
		w.walkFunc(d.Type, d.Body)
		w.function = ""
	case *ast.GenDecl:
		if d.Tok == token.CONST {
			w.constants(d)
		}
		if d.Tok == token.VAR {
			w.walk(d)
		}
	}
}

// walkFunc goes through a body, whose returns are of its own type.
func (w *planter) walkFunc(t *ast.FuncType, body *ast.BlockStmt) {
	outer := w.results
	w.results = nil
	if t.Results != nil {
		for _, f := range t.Results.List {
			for range max(1, len(f.Names)) {
				w.results = append(w.results, w.text(f.Type))
			}
		}
	}
	if body != nil {
		w.walk(body)
	}
	w.results = outer
}

// walk plants in a node and below it, from the outside in.
func (w *planter) walk(root ast.Node) {
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			w.walkFunc(n.Type, n.Body)
			return false
		case *ast.ArrayType, *ast.FuncType, *ast.StructType, *ast.MapType:
			return false
		case *ast.GenDecl:
			return n.Tok != token.CONST
		case *ast.BlockStmt:
			w.statements(n.List)
		case *ast.CaseClause:
			w.statements(n.Body)
		case *ast.SwitchStmt:
			w.tagless(n)
		case *ast.IfStmt:
			w.conds[n.Cond] = true
		case *ast.ForStmt:
			w.conds[n.Cond] = true
		case *ast.IncDecStmt: // of a loop, it would only make it endless
			return false
		case *ast.KeyValueExpr:
			w.walk(n.Value)
			return false
		case ast.Expr:
			return w.expression(n)
		}
		return true
	})
}

func (w *planter) tagless(s *ast.SwitchStmt) {
	if s.Tag != nil {
		return
	}
	for _, c := range s.Body.List {
		for _, e := range c.(*ast.CaseClause).List {
			w.conds[e] = true
		}
	}
}

// expression plants in one expression; it says whether its parts are next.
func (w *planter) expression(e ast.Expr) bool {
	if tv := w.pkg.info.Types[e]; tv.Value != nil {
		return w.constant(e, tv)
	}
	if w.conds[e] && w.isPlain(e) {
		w.flip(e, "negate")
	}
	switch e := e.(type) {
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			w.conds[e.X] = true
		}
	case *ast.BinaryExpr:
		w.binary(e)
	case *ast.CallExpr:
		return w.call(e)
	}
	return true
}

// isPlain says that a condition is no sum of others and no comparison.
func (w *planter) isPlain(e ast.Expr) bool {
	switch e.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.CallExpr, *ast.IndexExpr:
		return types.Identical(w.pkg.info.Types[e].Type, types.Typ[types.Bool])
	}
	return false
}

// constant plants in what the compiler already knows the value of.
func (w *planter) constant(e ast.Expr, tv types.TypeAndValue) bool {
	switch x := e.(type) {
	case *ast.Ident:
		if x.Name == "true" || x.Name == "false" {
			w.flip(e, "negate")
		}
		return false
	case *ast.BasicLit:
		if w.spared[e] {
			return false
		}
		basic, ok := tv.Type.Underlying().(*types.Basic)
		if !ok || basic.Info()&types.IsNumeric == 0 || basic.Info()&types.IsUntyped != 0 {
			return false
		}
		name, ok := w.typeName(tv.Type)
		if !ok {
			return false
		}
		up := w.mutant(e, "add 1 to", w.text(e))
		down := 0
		if constant.Sign(tv.Value) > 0 {
			down = w.mutant(e, "take 1 from", w.text(e))
		}
		w.wrap(e, fmt.Sprintf("mutNumber[%s](%d, %d, ", name, up, down), ")")
		return false
	}
	return true
}

// typeName writes a type as the file would; the file may not import its package.
func (w *planter) typeName(t types.Type) (name string, ok bool) {
	ok = true
	name = types.TypeString(t, func(p *types.Package) string {
		if p.Name() == w.pkg.name {
			return ""
		}
		ok = slices.ContainsFunc(w.file.ast.Imports, func(s *ast.ImportSpec) bool {
			return s.Name == nil && s.Path.Value == strconv.Quote(p.Path())
		})
		return p.Name()
	})
	return name, ok
}

func (w *planter) flip(e ast.Expr, operator string) {
	w.wrap(e, fmt.Sprintf("mutFlip(%d, ", w.mutant(e, operator, w.text(e))), ")")
}

func (w *planter) mutant(n ast.Node, operator, code string) int {
	return w.add(w.file.path, w.function, w.pkg.fset.Position(n.Pos()).Line, operator, code)
}

func (w *planter) wrap(n ast.Node, before, after string) {
	w.edits.around(w.offset(n.Pos()), w.offset(n.End()), before, after)
}

func (w *planter) offset(p token.Pos) int { return w.pkg.fset.Position(p).Offset }

func (w *planter) text(n ast.Node) string {
	return string(w.file.text[w.offset(n.Pos()):w.offset(n.End())])
}
