package audit

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// codeByHand claims that files by hand, which stand beside generated ones, leave alone
// what variables the latter have: what is read back of these is what their source says.
func codeByHand(r *Report, dir fs.FS, files map[string][]byte) error {
	c := Claim{Name: "no code by hand changes the tables of generated code", Verdict: Holds}
	h := &byHand{fset: token.NewFileSet(), tables: map[string]bool{}}
	var dirs []string
	for name, text := range files {
		if !slices.Contains(dirs, path.Dir(name)) {
			dirs = append(dirs, path.Dir(name))
		}
		f, err := parser.ParseFile(h.fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil // extract tells it
		}
		h.declared(path.Dir(name), f)
	}
	read := 0
	for _, d := range dirs {
		names, err := fs.Glob(dir, d+"/*.go")
		if err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		for _, name := range names {
			if files[name] != nil || strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := fs.ReadFile(dir, name)
			if err != nil {
				return fmt.Errorf("audit: %w", err)
			}
			f, err := parser.ParseFile(h.fset, name, text, parser.ParseComments)
			if err != nil {
				return fmt.Errorf("audit: %w", err)
			}
			read++
			h.look(d, f)
		}
	}
	c.Evidence = fmt.Sprintf("%d variables of generated code; %d files beside it assign to none of them, and take no address or slice of one", len(h.tables), read)
	c.Assumes = []string{"package unsafe and the linker aren't used to do so"}
	if len(h.found) > 0 {
		slices.Sort(h.found)
		c.Verdict, c.Evidence = Fails, strings.Join(h.found, "\n")
	}
	r.Add(c)
	return nil
}

// byHand looks for changes.
type byHand struct {
	fset   *token.FileSet
	tables map[string]bool // by directory and name
	found  []string
}

// declared takes in the variables of a generated file.
func (h *byHand) declared(dir string, f *ast.File) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			for _, n := range s.(*ast.ValueSpec).Names {
				h.tables[dir+"."+n.Name] = true
			}
		}
	}
}

// look finds what a file does to tables.
func (h *byHand) look(dir string, f *ast.File) {
	told := func(e ast.Expr, what string) {
		if name := h.table(dir, e); name != "" {
			h.found = append(h.found, fmt.Sprintf("%s %s %s, which is generated; leave it as it is", h.fset.Position(e.Pos()), what, name))
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, e := range n.Lhs {
					told(e, "assigns to")
				}
			}
		case *ast.IncDecStmt:
			told(n.X, "assigns to")
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				told(n.Key, "assigns to")
				told(n.Value, "assigns to")
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				told(n.X, "takes the address of")
			}
		case *ast.SliceExpr:
			told(n.X, "takes a slice of")
		}
		return true
	})
}

// table is the generated variable that an expression is, or is a part of; or empty. A
// name that the file declares itself is another.
func (h *byHand) table(dir string, e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.IndexExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.SelectorExpr:
			if pkg, ok := x.X.(*ast.Ident); ok && pkg.Obj == nil && h.tables[pkg.Name+"."+x.Sel.Name] {
				return pkg.Name + "." + x.Sel.Name
			}
			e = x.X
		case *ast.Ident:
			if x.Obj == nil && h.tables[dir+"."+x.Name] {
				return x.Name
			}
			return ""
		default:
			return ""
		}
	}
}
