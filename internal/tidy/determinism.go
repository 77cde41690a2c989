package tidy

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// checkSleep finds tests that wait for a time instead of an event. Under
// testing/synctest, where time is virtual, a sleep is an event.
func checkSleep(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.Files {
		if f.Go == nil || !f.isTest() || imports(f.Go, "testing/synctest") || !imports(f.Go, "time") {
			continue
		}
		ast.Inspect(f.Go, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Sleep" {
				if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "time" {
					found = append(found, t.at(f, sel.Pos(), "a test sleeps: wait for what happens, or take the clock as an argument"))
				}
			}
			return true
		})
	}
	return found
}

// numbered is an address to listen on with a port that isn't the kernel's to
// choose.
var numbered = regexp.MustCompile(`^[^/]*:0*[1-9][0-9]*$`)

// checkPorts finds tests that listen on a port by number: two of them at once
// on one machine fail.
func checkPorts(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.Files {
		if f.Go == nil || !f.isTest() {
			continue
		}
		ast.Inspect(f.Go, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !strings.Contains(calleeName(call), "Listen") {
				return true
			}
			for _, arg := range call.Args {
				lit, ok := arg.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					continue
				}
				if address, err := strconv.Unquote(lit.Value); err == nil && numbered.MatchString(address) {
					found = append(found, t.at(f, lit.Pos(), "a test listens on %s: use port 0 and ask which it became", address))
				}
			}
			return true
		})
	}
	return found
}

// calleeName is the last name of the function that is called, or empty.
func calleeName(call *ast.CallExpr) string {
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		return fun.Sel.Name
	}
	return ""
}

// imports says whether a file imports a package.
func imports(file *ast.File, name string) bool {
	for _, spec := range file.Imports {
		if got, _ := strconv.Unquote(spec.Path.Value); got == name {
			return true
		}
	}
	return false
}
