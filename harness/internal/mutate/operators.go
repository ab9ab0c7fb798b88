package mutate

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
)

// boundary is what a comparison becomes when it takes or leaves its limit.
var boundary = map[token.Token]string{
	token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">",
}

// opposite are the operators that are taken for each other.
var opposite = map[token.Token]string{
	token.ADD: "-", token.SUB: "+", token.MUL: "/", token.QUO: "*",
}

// binary plants in an expression with two operands.
func (w *planter) binary(e *ast.BinaryExpr) {
	operator := func(to string) { w.edits.replace(w.offset(e.OpPos), w.operatorEnd(e), to) }
	code := w.text(e)
	switch e.Op {
	case token.LAND, token.LOR:
		w.conds[e.X], w.conds[e.Y] = true, true
		other := map[token.Token]string{token.LAND: "||", token.LOR: "&&"}[e.Op]
		id := w.mutant(e, e.Op.String()+" to "+other, code)
		w.wrap(e, fmt.Sprintf("mutLogic(%q, %d, ", e.Op, id), ")})")
		operator(", func() bool { return (")
	case token.EQL, token.NEQ:
		w.spared[e.X], w.spared[e.Y] = true, true
		w.flip(e, "negate")
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		w.spared[e.X], w.spared[e.Y] = true, true // its limit is moved here
		not := w.mutant(e, "negate", code)
		edge := w.mutant(e, e.Op.String()+" to "+boundary[e.Op], code)
		w.wrap(e, fmt.Sprintf("mutCompare(%q, %d, %d, ", e.Op, not, edge), ")")
		operator(",")
	case token.ADD, token.SUB, token.MUL, token.QUO:
		basic, ok := w.pkg.info.Types[e].Type.Underlying().(*types.Basic)
		if !ok || basic.Info()&types.IsNumeric == 0 {
			return
		}
		id := w.mutant(e, e.Op.String()+" to "+opposite[e.Op], code)
		w.wrap(e, fmt.Sprintf("mutCount(%q, %d, ", e.Op, id), ")")
		operator(",")
	}
}

func (w *planter) operatorEnd(e *ast.BinaryExpr) int {
	return w.offset(e.OpPos) + len(e.Op.String())
}

// call plants in calls of min and max; it says whether the arguments are next.
func (w *planter) call(e *ast.CallExpr) bool {
	id, ok := e.Fun.(*ast.Ident)
	if !ok {
		return true
	}
	builtin, ok := w.pkg.info.Uses[id].(*types.Builtin)
	if !ok {
		return true
	}
	switch builtin.Name() {
	case "make": // how much room is made at first changes nothing
		return false
	case "min", "max":
		other := map[string]string{"min": "max", "max": "min"}[builtin.Name()]
		n := w.mutant(e, builtin.Name()+" to "+other, w.text(e))
		w.edits.replace(w.offset(e.Fun.Pos()), w.offset(e.Lparen)+1,
			fmt.Sprintf("mutBest(%q, %d, ", builtin.Name(), n))
	}
	return true
}

// statements plants in the statements of a list.
func (w *planter) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt, *ast.DeferStmt, *ast.BranchStmt:
			w.remove(s)
		case *ast.AssignStmt:
			w.assignment(s)
		case *ast.IncDecStmt:
			w.increment(s)
		case *ast.ReturnStmt:
			w.returning(s)
		}
	}
}

func (w *planter) remove(s ast.Stmt) {
	if b, ok := s.(*ast.BranchStmt); ok && b.Tok != token.BREAK && b.Tok != token.CONTINUE {
		return
	}
	w.wrap(s, fmt.Sprintf("if !mutOn(%d) { ", w.mutant(s, "delete", w.text(s))), " }")
}

func (w *planter) assignment(s *ast.AssignStmt) {
	if s.Tok == token.DEFINE {
		return
	}
	if id, ok := s.Lhs[0].(*ast.Ident); ok && id.Name == "_" {
		return
	}
	w.remove(s)
	t := w.pkg.info.Types[s.Rhs[0]].Type
	basic, ok := t.Underlying().(*types.Basic)
	if !ok || basic.Info()&types.IsNumeric == 0 || (s.Tok != token.ADD_ASSIGN && s.Tok != token.SUB_ASSIGN) {
		return
	}
	if w.pkg.info.Types[s.Rhs[0]].Value != nil {
		return // a plain number is changed by itself
	}
	n := w.mutant(s, "turn the sign of", w.text(s))
	w.wrap(s.Rhs[0], fmt.Sprintf("mutSign(%d, ", n), ")")
}

// increment takes ++ for -- and the other way round.
func (w *planter) increment(s *ast.IncDecStmt) {
	other := map[token.Token]string{token.INC: "--", token.DEC: "++"}[s.Tok]
	n := w.mutant(s, s.Tok.String()+" to "+other, w.text(s))
	x := w.text(s.X)
	w.edits.replace(w.offset(s.Pos()), w.offset(s.End()),
		fmt.Sprintf("if mutOn(%d) { %s%s } else { %s%s }", n, x, other, x, s.Tok))
}

// returning makes a function return nothing, or leaves a bare return out.
func (w *planter) returning(s *ast.ReturnStmt) {
	if len(s.Results) == 0 {
		if len(w.results) == 0 {
			w.remove(s)
		}
		return
	}
	for _, r := range s.Results {
		if w.isPlain(r) {
			w.conds[r] = true
		}
	}
	if w.areZero(s.Results) {
		return
	}
	n := w.mutant(s, "return zero for", w.text(s))
	zero, names := "", ""
	for i, t := range w.results {
		name := "mutZero" + strconv.Itoa(i)
		zero += "var " + name + " " + t + "; "
		if i > 0 {
			names += ", "
		}
		names += name
	}
	w.wrap(s, fmt.Sprintf("if mutOn(%d) { %sreturn %s }; ", n, zero, names), "")
}

// areZero says that these are nothing already, or a plain truth, which is
// negated instead.
func (w *planter) areZero(results []ast.Expr) bool {
	for _, r := range results {
		tv := w.pkg.info.Types[r]
		switch {
		case tv.IsNil():
		case tv.Value == nil:
			return false
		case tv.Value.Kind() == constant.Bool:
		case tv.Value.Kind() == constant.String && constant.StringVal(tv.Value) != "":
			return false
		case tv.Value.Kind() == constant.Int && constant.Sign(tv.Value) != 0:
			return false
		}
	}
	return true
}

// constants makes the mutants of a declaration, each with its own build.
func (w *planter) constants(d *ast.GenDecl) {
	ast.Inspect(d, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.INT {
			return true
		}
		value, err := strconv.ParseInt(lit.Value, 0, 64)
		if err != nil {
			return true
		}
		for _, step := range []int64{1, -1} {
			if value+step < 0 {
				continue
			}
			operator := map[int64]string{1: "add 1 to", -1: "take 1 from"}[step]
			id := w.mutant(lit, operator, lit.Value+" of a constant at "+w.nameOf(d, lit))
			var change edits
			change.replace(w.offset(lit.Pos()), w.offset(lit.End()), strconv.FormatInt(value+step, 10))
			w.mutants[id-1].own = change.apply(w.file.text)
		}
		return true
	})
}

// nameOf is the name of the constant in whose value a literal is.
func (w *planter) nameOf(d *ast.GenDecl, lit *ast.BasicLit) string {
	for _, s := range d.Specs {
		if s.Pos() <= lit.Pos() && lit.End() <= s.End() {
			return s.(*ast.ValueSpec).Names[0].Name
		}
	}
	return ""
}
