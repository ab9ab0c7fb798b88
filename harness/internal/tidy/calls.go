package tidy

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// exception lets one file break one rule, for a reason.
type exception struct{ path, why string }

// panics and sleeps are the exceptions of their rules.
var (
	panics []exception
	sleeps = []exception{
		{"harness/clock/warp.go", "SetRate waits out the 2 ms until a shared clock turns: the time itself"},
	}
)

func excepted(list []exception, path string) bool {
	return slices.ContainsFunc(list, func(e exception) bool { return e.path == path && e.why != "" })
}

func noInit(r *repository) {
	for _, s := range r.sources {
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				r.at(s, f.Name, "importing must do nothing; make it a constructor, or a "+
					"sync.OnceFunc that is called by name")
			}
		}
	}
}

func noPanic(r *repository) {
	for _, s := range r.sources {
		if s.test || excepted(panics, s.Path) {
			continue
		}
		s.builtin("panic", func(call *ast.CallExpr) {
			r.at(s, call, "panic is no control flow; return an error")
		})
	}
}

// pure are the folders in which the same input always gives the same output.
var pure = []string{"scenarios", "harness/check"}

func noWallClock(r *repository) {
	for _, s := range r.sources {
		if s.test || !slices.ContainsFunc(pure, func(p string) bool { return below(s.dir, p) }) {
			continue
		}
		s.selections(func(n *ast.SelectorExpr, pkg, name string) {
			if pkg == "time" && slices.Contains([]string{"Now", "Since", "Until", "Local"}, name) {
				r.at(s, n, "time.%s makes a pure package depend on when it runs; "+
					"take the time as an argument", name)
			}
		})
	}
}

// seeded are the names of math/rand/v2 that do not touch the global source.
var seeded = []string{
	"New", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "Source", "PCG", "ChaCha8", "Zipf",
}

func noGlobalRandom(r *repository) {
	for _, s := range r.sources {
		for _, spec := range s.ast.Imports {
			if importPath(spec) == "math/rand" {
				r.at(s, spec, "math/rand is the old generator; take math/rand/v2 with a PCG")
			}
			if importPath(spec) == "math/rand/v2" && spec.Name != nil && spec.Name.Name == "." {
				r.at(s, spec, "a dot import hides the global source; import it by name")
			}
		}
		s.selections(func(n *ast.SelectorExpr, pkg, name string) {
			if pkg == "math/rand/v2" && !slices.Contains(seeded, name) {
				r.at(s, n, "rand.%s draws from the global source; draw from a PCG that was "+
					"seeded by the scenario's seed", name)
			}
		})
	}
}

func noExits(r *repository) {
	for _, s := range r.sources {
		if s.Path == "cmd/hansei/main.go" {
			continue
		}
		s.selections(func(n *ast.SelectorExpr, pkg, name string) {
			if pkg == "os" && name == "Exit" || pkg == "log" && strings.HasPrefix(name, "Fatal") {
				r.at(s, n, "%s.%s skips every defer, and leaves processes behind; "+
					"return an error to cmd/hansei/main.go", pkg, name)
			}
		})
	}
}

func noListening(r *repository) {
	for _, s := range r.sources {
		if s.test || !below(s.dir, "fakes") {
			continue
		}
		s.selections(func(n *ast.SelectorExpr, pkg, name string) {
			if pkg == "net" && strings.HasPrefix(name, "Listen") && name != "Listener" {
				r.at(s, n, "a fake that opens its own listener cannot live in memory; "+
					"take a net.Listener or net.PacketConn as an argument")
			}
		})
	}
}

// noSleeping leaves synctest's bubbles alone: in there a sleep is how time is
// told to pass.
func noSleeping(r *repository) {
	for _, s := range r.sources {
		bubble := false
		for _, p := range s.names {
			bubble = bubble || p == "testing/synctest"
		}
		if s.test && bubble || excepted(sleeps, s.Path) {
			continue
		}
		s.selections(func(n *ast.SelectorExpr, pkg, name string) {
			if pkg == "time" && name == "Sleep" {
				r.at(s, n, "a sleep is not synchronisation and cannot be interrupted; wait for "+
					"a channel, select a timer against a context, or use testing/synctest")
			}
		})
	}
}

// emptyWords add nothing to an error that says what was being done.
var emptyWords = []string{"failed" + " to", "error while", "unable to"}

func errorWords(r *repository) {
	for _, s := range r.sources {
		ast.Inspect(s.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 || !makesError(s, call) {
				return true
			}
			text := constantText(call.Args[0])
			for _, w := range emptyWords {
				if strings.Contains(strings.ToLower(text), w) {
					r.at(s, call, "%q adds nothing; say what was being done: \"reading %%s: %%w\"", w)
				}
			}
			return true
		})
	}
}

func makesError(s *source, call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok || id.Obj != nil {
		return false
	}
	name := s.names[id.Name] + "." + sel.Sel.Name
	return name == "errors.New" || name == "fmt.Errorf"
}

// constantText is the text of a string literal or a sum of them.
func constantText(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		if err != nil {
			return e.Value
		}
		return text
	case *ast.BinaryExpr:
		return constantText(e.X) + constantText(e.Y)
	case *ast.ParenExpr:
		return constantText(e.X)
	}
	return ""
}
