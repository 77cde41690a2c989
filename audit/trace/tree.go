package trace

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strings"
)

// Tree is a module's source, in which tests and generated rows are looked up. A nil
// Tree finds nothing wrong.
type Tree struct {
	files fs.FS
	tests map[string]map[string]bool // functions of test files, by directory
	rows  map[string]string          // where generated code has a row, by its text
}

// NewTree reads the generated files of a module.
func NewTree(files fs.FS) (*Tree, error) {
	t := &Tree{files: files, tests: map[string]map[string]bool{}, rows: map[string]string{}}
	for _, room := range []string{"h1", "h2", "message", "frames"} {
		names, err := fs.Glob(files, room+"/*_gen.go")
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			text, err := fs.ReadFile(files, name)
			if err != nil {
				return nil, err
			}
			for i, line := range strings.Split(string(text), "\n") {
				row, isRow := strings.CutPrefix(strings.TrimSpace(line), "// |")
				noun := strings.TrimSuffix(path.Base(name), "_gen.go")
				if key := noun + "|" + row; isRow && t.rows[key] == "" {
					t.rows[key] = fmt.Sprintf("%s:%d", name, i+1)
				}
			}
		}
	}
	return t, nil
}

// branch is where a row is in the generated code: the line above what it became.
func (t *Tree) branch(r *Row) string {
	if t == nil || r.Change != nil {
		return ""
	}
	text := strings.TrimPrefix(r.Row.String(), "|")
	if at := t.rows[r.Document.Noun+"|"+text]; at != "" {
		return at
	}
	found := ""
	for key, at := range t.rows { // of a machine of another document
		if _, row, _ := strings.Cut(key, "|"); row == text && (found == "" || at < found) {
			found = at
		}
	}
	return found
}

// missing says what is wrong with a test that a requirement names; nothing if it is
// there.
func (t *Tree) missing(place string) string {
	if t == nil {
		return ""
	}
	file, name, _ := strings.Cut(place, ": ")
	text, err := fs.ReadFile(t.files, file)
	if err != nil {
		return "there is no such file"
	}
	if strings.HasSuffix(file, "_test.go") && !strings.Contains(string(text), "func "+top(name)+"(") {
		return "there is no such test"
	}
	return ""
}

// unchangeable says why a change can't be made any more; nothing if it can.
func (t *Tree) unchangeable(c *Change) string {
	if t == nil {
		return ""
	}
	if !c.isByHand() {
		return fmt.Sprintf("%s:%d: %s isn't code by hand", ChangesFile, c.line, c.File)
	}
	text, err := fs.ReadFile(t.files, c.File)
	if err != nil {
		return fmt.Sprintf("%s:%d: there is no file %s", ChangesFile, c.line, c.File)
	}
	if _, err := c.Apply(text); err != nil {
		return err.Error()
	}
	return ""
}

// missingKiller says that the test which killed a row isn't there any more.
func (t *Tree) missingKiller(e *Entry) string {
	if t == nil || e.Verdict != Killed {
		return ""
	}
	for _, name := range append([]string{e.KilledBy}, e.Took...) {
		pkg, test, _ := strings.Cut(name, ": ")
		test, _, _ = strings.Cut(test, " (")
		if !t.has(pkg, top(test)) {
			return "the test " + name + " isn't there any more"
		}
	}
	return ""
}

// has says whether a package has a test.
func (t *Tree) has(pkg, test string) bool {
	if t.tests[pkg] == nil {
		t.tests[pkg] = map[string]bool{}
		names, _ := fs.Glob(t.files, path.Join(pkg, "*_test.go"))
		for _, name := range names {
			text, err := fs.ReadFile(t.files, name)
			if err != nil {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
			if err != nil {
				continue
			}
			for _, d := range f.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
					t.tests[pkg][f.Name.Name] = true
				}
			}
		}
	}
	return t.tests[pkg][test]
}
