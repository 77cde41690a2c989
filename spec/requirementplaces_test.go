package spec

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A place says by what a requirement is held. It is a file of this module, a
// colon, and what to look for there:
//
//	spec/bodylength.md: both                  a row, by its first cell
//	spec/chunked.md: trailers/CRLF | LF       or by its first cells
//	spec/connection.md: connection            or all rows of the table so named
//	spec/core.md: rule BWS                    a rule of the grammar
//	h1/server_test.go: TestVersions           a test
//	h1/refusal_test.go: TestRefusals/bare CR  a string in it, or in a variable that it uses
//	h1/testdata/requests.md: Two may not      a golden case, by its heading
//	cmd/specht/testdata/get.txtar: get a page a script, by a comment in it
//
// Rows and tables must cite the id, and each row that cites an id must be among
// its places.

// isTest says whether a place fails when what it holds isn't so.
func isTest(place string) bool {
	file, _, _ := strings.Cut(place, ": ")
	return strings.HasSuffix(file, "_test.go") || strings.Contains(file, "/testdata/")
}

// checkPlaces holds that every place exists, and that a row or table cites the
// requirement that it is said to hold. root is the module.
func (l requirementList) checkPlaces(set *Set, root fs.FS) (errs []error) {
	tests := map[string]*testFile{}
	for _, r := range l {
		for i, place := range r.places {
			if slices.Contains(r.places[:i], place) {
				errs = append(errs, r.errorf("names %q twice", place))
			}
			if why := r.checkPlace(place, set, root, tests); why != "" {
				errs = append(errs, r.errorf("is said to be held by %q: %s", place, why))
			}
		}
	}
	return errs
}

// checkPlace says what is wrong with a place; nothing if it exists.
func (r *listed) checkPlace(place string, set *Set, root fs.FS, tests map[string]*testFile) string {
	file, name, ok := strings.Cut(place, ": ")
	if !ok || name == "" {
		return "a place is a file, a colon and a name"
	}
	if document, ok := strings.CutPrefix(file, "spec/"); ok && path.Ext(document) == ".md" && !strings.Contains(document, "/") {
		return r.checkRow(set, document, name)
	}
	text, err := fs.ReadFile(root, file)
	switch {
	case err != nil:
		return "there is no such file"
	case path.Ext(file) == ".md":
		if !strings.Contains("\n"+string(text), "\n## "+name+"\n") {
			return "no case has this heading"
		}
	case path.Ext(file) == ".txtar":
		if !strings.Contains("\n"+string(text), "\n# "+name+"\n") {
			return "no comment says this"
		}
	case strings.HasSuffix(file, "_test.go"):
		if tests[file] == nil {
			if tests[file], err = readTests(file, text); err != nil {
				return err.Error()
			}
		}
		return tests[file].find(name)
	default:
		return "this is neither a document, nor a test, nor a case of one"
	}
	return ""
}

// checkRow looks for a row, a table or a rule of a document.
func (r *listed) checkRow(set *Set, document, name string) string {
	i := slices.IndexFunc(set.Documents, func(d *Document) bool { return d.File == document })
	if i < 0 {
		return "there is no such document"
	}
	d := set.Documents[i]
	if rule, ok := strings.CutPrefix(name, "rule "); ok {
		pattern := regexp.MustCompile(`(?m)^ *` + regexp.QuoteMeta(rule) + ` +=`)
		for _, g := range d.Grammars {
			if pattern.MatchString(g.Text) {
				return ""
			}
		}
		return "there is no such rule"
	}
	exists := false
	for _, t := range d.Tables {
		for _, row := range t.Rows {
			if !t.isNamed(row, name) {
				continue
			}
			exists = true
			if slices.Contains(cited(t.Cell(row, "requirement")), r.id) {
				return ""
			}
		}
	}
	if exists {
		return "it doesn't cite this requirement"
	}
	return "there is no such row or table"
}

// isNamed says whether a name is that of the table, or of the row: its first
// cells; of a keyword, those behind the first.
func (t *Table) isNamed(row Row, name string) bool {
	if t.Name == name {
		return true
	}
	cells := row.Cells
	if t.Kind == KindKeyword {
		cells = cells[1:]
	}
	words := make([]string, len(cells))
	for i, c := range cells {
		words[i] = c.Text
	}
	return strings.HasPrefix(strings.Join(words, " | ")+" | ", name+" | ")
}

// citation is a row that cites an id.
type citation struct {
	id       string
	document *Document
	table    *Table
	row      Row
	excepts  bool // as an exception
}

var citedID = regexp.MustCompile(`rfc[0-9]+#[0-9A-Z.]+(/[0-9]+)?`)

// cited are the ids and sections of a cell.
func cited(c Cell) []string { return citedID.FindAllString(c.Text, -1) }

// citations are all of them, in the order of the documents.
func citations(set *Set) (all []citation) {
	for _, d := range set.Documents {
		for _, t := range d.Tables {
			for _, row := range t.Rows {
				c := t.Cell(row, "requirement")
				for _, id := range cited(c) {
					all = append(all, citation{id, d, t, row, strings.HasPrefix(c.Text, "exception:")})
				}
			}
		}
	}
	return all
}

// checkCitations holds that each row that cites an id is among its places, and
// that exceptions are exceptions on both sides.
func (l requirementList) checkCitations(set *Set) (errs []error) {
	for _, c := range citations(set) {
		if !requirementID.MatchString(c.id) {
			continue // a section
		}
		r := l.find(c.id)
		switch {
		case r == nil:
			errs = append(errs, fmt.Errorf("%v: %s isn't in %s", c.row.Pos, c.id, requirementsFile))
		case r.status == "elsewhere":
			errs = append(errs, r.errorf("binds somebody else, and %v cites it", c.row.Pos))
		case c.excepts && r.status != "exception":
			errs = append(errs, r.errorf("is %s, and an exception at %v", r.status, c.row.Pos))
		case !slices.ContainsFunc(r.places, func(place string) bool {
			name, ok := strings.CutPrefix(place, "spec/"+c.document.File+": ")
			return ok && c.table.isNamed(c.row, name)
		}):
			errs = append(errs, r.errorf("is cited at %v; add that row to its places, or the table", c.row.Pos))
		}
	}
	for _, d := range set.Documents {
		for _, t := range d.Tables {
			for _, row := range t.Rows {
				c := t.Cell(row, "requirement")
				if strings.HasPrefix(c.Text, "exception:") && len(cited(c)) == 0 {
					errs = append(errs, fmt.Errorf("%v: the exception doesn't say from what: name the id of the requirement", row.Pos))
				}
			}
		}
	}
	return errs
}

// checkProse looks up the ids in Go that isn't generated, and in the module's
// own documents. Tests may have ids that are wrong.
func (l requirementList) checkProse(root fs.FS) (errs []error) {
	full := regexp.MustCompile(`rfc91(10|12)#[0-9A-Z.]+/[0-9]+`)
	err := fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name != "." && (e.Name() == "testdata" || strings.HasPrefix(e.Name(), ".")):
			return fs.SkipDir
		case strings.HasSuffix(name, "_test.go"), strings.HasSuffix(name, "_gen.go"), path.Ext(name) != ".go" && path.Ext(name) != ".md":
			return nil
		}
		text, err := fs.ReadFile(root, name)
		for _, id := range full.FindAllString(string(text), -1) {
			if l.find(id) == nil {
				errs = append(errs, fmt.Errorf("%s: %s isn't in %s", name, id, requirementsFile))
			}
		}
		return err
	})
	if err != nil {
		errs = append(errs, err)
	}
	return errs
}

// testFile is what places may name in a file of tests.
type testFile struct {
	functions map[string]*ast.FuncDecl
	variables map[string]ast.Node
}

func readTests(file string, text []byte) (*testFile, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f := &testFile{map[string]*ast.FuncDecl{}, map[string]ast.Node{}}
	for _, d := range parsed.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			f.functions[d.Name.Name] = d
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if v, ok := s.(*ast.ValueSpec); ok {
					for _, name := range v.Names {
						f.variables[name.Name] = v
					}
				}
			}
		}
	}
	return f, nil
}

// find says what is wrong with the name of a test, or of a test and a string.
func (f *testFile) find(name string) string {
	test, row, hasRow := strings.Cut(name, "/")
	d := f.functions[test]
	switch {
	case d == nil || !strings.HasPrefix(test, "Test"):
		return "there is no such test"
	case hasRow && !f.says(d, row):
		return fmt.Sprintf("%s doesn't say %q", test, row)
	}
	return ""
}

// says looks for a string in a test and in the variables of the file that it
// uses. A string with escapes may be written as its source is.
func (f *testFile) says(n ast.Node, row string) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			value, err := strconv.Unquote(n.Value)
			found = found || n.Kind == token.STRING && err == nil && (value == row || n.Value == `"`+row+`"`)
		case *ast.Ident:
			if v := f.variables[n.Name]; v != nil && !found {
				found = f.says(&ast.ParenExpr{X: values(v)}, row)
			}
		}
		return !found
	})
	return found
}

// values is a variable without its names, so that it doesn't use itself.
func values(n ast.Node) ast.Expr {
	return &ast.CompositeLit{Elts: n.(*ast.ValueSpec).Values}
}
