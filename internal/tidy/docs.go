package tidy

import (
	"go/ast"
	"go/token"
	"sort"
)

// checkDocs finds packages and exported names without a doc comment. Fields and
// methods of interfaces are left to their type: its doc may speak for several.
// So may the doc of a method for those of the same name that follow it without
// an empty line, as Pos does for the nodes of a syntax tree.
func checkDocs(t *Tree) []Finding {
	var found []Finding
	documented := map[string]bool{} // packages, by directory
	first := map[string]*File{}
	for _, f := range t.Files {
		if !f.isBuilt() {
			continue
		}
		if first[f.dir()] == nil {
			first[f.dir()] = f
		}
		documented[f.dir()] = documented[f.dir()] || f.Go.Doc != nil
		if f.Go.Name.Name == "main" {
			continue
		}
		for i, decl := range f.Go.Decls {
			if i > 0 && t.continues(f.Go.Decls[i-1], decl) {
				continue
			}
			for _, name := range undocumented(decl) {
				found = append(found, t.at(f, name.Pos(), "%s is exported and has no doc comment", name.Name))
			}
		}
	}
	for dir, f := range first {
		if !documented[dir] {
			found = append(found, t.at(f, f.Go.Package, "package %s has no doc comment in any file", f.Go.Name.Name))
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].Path < found[j].Path })
	return found
}

// continues says whether a method is one more of the name of the one before it,
// on the next line. The first of them is checked, and speaks for all.
func (t *Tree) continues(before, decl ast.Decl) bool {
	first, ok := before.(*ast.FuncDecl)
	next, isFunc := decl.(*ast.FuncDecl)
	return ok && isFunc && first.Recv != nil && next.Recv != nil && first.Name.Name == next.Name.Name &&
		t.fset.Position(first.End()).Line+1 == t.fset.Position(next.Pos()).Line
}

// undocumented are the exported names of a declaration that nothing documents.
func undocumented(decl ast.Decl) []*ast.Ident {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Doc == nil && decl.Name.IsExported() && isReachable(decl.Recv) {
			return []*ast.Ident{decl.Name}
		}
	case *ast.GenDecl:
		// The doc of a group speaks for its constants and variables, as in the
		// standard library, but not for its types.
		if decl.Tok == token.IMPORT || decl.Doc != nil && (decl.Tok != token.TYPE || !decl.Lparen.IsValid()) {
			return nil
		}
		var names []*ast.Ident
		for _, spec := range decl.Specs {
			names = append(names, undocumentedSpec(spec)...)
		}
		return names
	}
	return nil
}

func undocumentedSpec(spec ast.Spec) []*ast.Ident {
	var names []*ast.Ident
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if spec.Doc == nil && spec.Comment == nil && spec.Name.IsExported() {
			names = append(names, spec.Name)
		}
	case *ast.ValueSpec:
		if spec.Doc != nil || spec.Comment != nil {
			return nil
		}
		for _, name := range spec.Names {
			if name.IsExported() {
				names = append(names, name)
			}
		}
	}
	return names
}

// isReachable says whether methods of a receiver are seen from outside: there
// is none, or its type is exported.
func isReachable(recv *ast.FieldList) bool {
	if recv == nil || len(recv.List) == 0 {
		return true
	}
	expr := recv.List[0].Type
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		case *ast.Ident:
			return e.IsExported()
		default:
			return false
		}
	}
}
