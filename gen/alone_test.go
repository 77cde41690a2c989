package gen

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/specht-http/specht/spec"
)

// Each machine that is generated alone, with what it needs, is a package that
// compiles: a variant has the limits of its machine with it.
func TestEachMachineAloneCompiles(t *testing.T) {
	m := ours(t)
	compile := compiles()
	for _, ma := range m.Machines {
		t.Run(ma.Name, func(t *testing.T) {
			compile(t, m, ma.Name)
		})
	}
}

// ours is the model of our specifications.
func ours(t *testing.T) *Model {
	t.Helper()
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	m, err := Load(set)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// compiles checks the types of what is generated for some machines. What is
// imported is read once.
func compiles() func(t *testing.T, m *Model, machines ...string) {
	fset := token.NewFileSet()
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", nil)}
	return func(t *testing.T, m *Model, machines ...string) {
		t.Helper()
		files, err := Generate(m, Options{Package: "alone", Machines: machines})
		if err != nil {
			t.Fatal(err)
		}
		var parsed []*ast.File
		for _, f := range files {
			file, err := parser.ParseFile(fset, f.Path, f.Text, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			parsed = append(parsed, file)
		}
		if _, err := config.Check("alone", fset, parsed, nil); err != nil {
			t.Error(err)
		}
	}
}
