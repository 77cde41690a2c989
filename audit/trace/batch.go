package trace

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Building a mutant takes longer than killing it. So the declarations in which mutants
// differ from the tree stand beside it in one build, each function under a name with
// the number of its mutant; what it is called instead of asks first which mutant runs.
// The number is an environment variable. A mutant that changes types or constants is
// built alone.

// mutantVariable is the environment variable with the number of the mutant that runs.
const mutantVariable = "SPECHT_MUTANT"

// chooser is the file of package took that reads it.
const chooser = `package took

import (
	"os"
	"strconv"
)

// Mutant is the number of the mutant that runs; 0 for none.
var Mutant, _ = strconv.Atoi(os.Getenv("` + mutantVariable + `"))
`

// batch is the files of a build with many mutants.
type batch struct {
	text    func(name string) ([]byte, error) // of the tree
	beside  func(name string) []string        // the other files of a package
	inserts map[string][]insert               // by file
	copies  map[string][]string
}

// insert is text behind the opening brace of a function of the tree.
type insert struct {
	at   int
	text string
}

// parsed is a Go file without its comments.
type parsed struct {
	fset *token.FileSet
	file *ast.File
	text map[string]string   // declarations, by name
	node map[string]ast.Decl // likewise
}

func parseGo(name string, text []byte) (*parsed, error) {
	p := &parsed{fset: token.NewFileSet(), text: map[string]string{}, node: map[string]ast.Decl{}}
	var err error
	if p.file, err = parser.ParseFile(p.fset, name, text, parser.SkipObjectResolution); err != nil {
		return nil, err
	}
	for _, d := range p.file.Decls {
		var b bytes.Buffer
		if err := format.Node(&b, p.fset, d); err != nil {
			return nil, err
		}
		p.text[declName(d)], p.node[declName(d)] = b.String(), d
	}
	return p, nil
}

func declName(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return "func " + receiver(d) + d.Name.Name
	case *ast.GenDecl:
		var names []string
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.ValueSpec:
				for _, n := range s.Names {
					names = append(names, n.Name)
				}
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			}
		}
		return d.Tok.String() + " " + strings.Join(names, " ")
	}
	return ""
}

func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	t := d.Recv.List[0].Type
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	if g, ok := t.(*ast.IndexExpr); ok {
		t = g.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name + "."
	}
	return ""
}

// add adds a mutant, given as the files that changed. It is false, and nothing is
// added, if the mutant can't stand beside others.
func (b *batch) add(number int, files map[string][]byte) (bool, error) {
	inserts, copies := map[string][]insert{}, map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		old, err := b.text(name)
		if err != nil {
			return false, err
		}
		before, err := parseGo(name, old)
		if err != nil {
			return false, err
		}
		after, err := parseGo(name, files[name])
		if err != nil {
			return false, err
		}
		changed, ok := differing(before, after)
		if !ok {
			return false, nil
		}
		vars := map[string]bool{}
		for _, key := range changed {
			n, isVar := strings.CutPrefix(key, "var ")
			switch {
			case !isVar:
			case typeOf(before, key) == typeOf(after, key) && typeOf(after, key) != "":
				// var xCells__3 = …; func init() { if took.Mutant == 3 { xCells = xCells__3 } }
				copies[name] = append(copies[name],
					fmt.Sprintf("var %s__%d = %s", n, number, valueOf(after, key)),
					fmt.Sprintf("func init() {\n\tif took.Mutant == %d {\n\t\t%s = %s__%d\n\t}\n}", number, n, n, number))
			default:
				vars[n] = true
			}
		}
		changed = slices.DeleteFunc(changed, func(key string) bool {
			n, isVar := strings.CutPrefix(key, "var ")
			return isVar && !vars[n]
		})
		changed = withUsers(after, changed, vars)
		if !b.isOnlyHere(name, vars) {
			return false, nil
		}
		for _, key := range changed {
			copied, in, ok := fork(before, after, key, vars, number)
			if !ok {
				return false, nil
			}
			copies[name] = append(copies[name], copied)
			if in != nil {
				inserts[name] = append(inserts[name], *in)
			}
		}
	}
	for name, in := range inserts {
		b.inserts[name] = append(b.inserts[name], in...)
	}
	for name, c := range copies {
		b.copies[name] = append(b.copies[name], c...)
	}
	return true, nil
}

// differing are the functions and variables that aren't the same; not ok if anything
// else isn't.
func differing(before, after *parsed) (changed []string, ok bool) {
	if len(before.text) != len(after.text) {
		return nil, false
	}
	for key, text := range after.text {
		old, was := before.text[key]
		switch {
		case was && old == text:
		case !was, !strings.HasPrefix(key, "func ") && !strings.HasPrefix(key, "var "), strings.Contains(strings.TrimPrefix(key, "var "), " ") && strings.HasPrefix(key, "var "):
			return nil, false
		default:
			changed = append(changed, key)
		}
	}
	slices.Sort(changed)
	return changed, true
}

// typeOf is the type of a variable that is an array, as it is written.
func typeOf(p *parsed, key string) string {
	lit := literal(p, key)
	if lit == nil {
		return ""
	}
	return fmt.Sprintf("%s, %d elements", printed(p, lit.Type), len(lit.Elts)) // as in [...]string
}

// valueOf is what a variable begins with.
func valueOf(p *parsed, key string) string { return printed(p, literal(p, key)) }

func literal(p *parsed, key string) *ast.CompositeLit {
	v := p.node[key].(*ast.GenDecl).Specs[0].(*ast.ValueSpec)
	if len(v.Values) != 1 {
		return nil
	}
	lit, _ := v.Values[0].(*ast.CompositeLit)
	return lit
}

func printed(p *parsed, n ast.Node) string {
	var b bytes.Buffer
	if err := format.Node(&b, p.fset, n); err != nil {
		return ""
	}
	return b.String()
}

// withUsers adds the functions that use a variable of those.
func withUsers(p *parsed, changed []string, vars map[string]bool) []string {
	for key, d := range p.node {
		if f, ok := d.(*ast.FuncDecl); ok && !slices.Contains(changed, key) && uses(f, vars) {
			changed = append(changed, key)
		}
	}
	slices.Sort(changed)
	return changed
}

func uses(n ast.Node, vars map[string]bool) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && vars[id.Name] {
			found = true
		}
		return !found
	})
	return found
}

// isOnlyHere says whether no other file of the package names one of the variables.
func (b *batch) isOnlyHere(name string, vars map[string]bool) bool {
	if len(vars) == 0 {
		return true
	}
	for _, other := range b.beside(name) {
		text, err := b.text(other)
		if err != nil {
			return false
		}
		for v := range vars {
			if bytes.Contains(text, []byte(v)) {
				return false
			}
		}
	}
	return true
}

// fork is a declaration under another name, and what calls it instead of the first.
func fork(before, after *parsed, key string, vars map[string]bool, number int) (copied string, in *insert, ok bool) {
	suffix := fmt.Sprintf("__%d", number)
	node := after.node[key]
	if f, isFunc := node.(*ast.FuncDecl); isFunc {
		old := before.node[key].(*ast.FuncDecl)
		call, ok := forward(f, suffix)
		if !ok || printed(before, old.Type) != printed(after, f.Type) {
			return "", nil, false
		}
		in = &insert{before.fset.Position(old.Body.Lbrace).Offset + 1, fmt.Sprintf("\n\tif took.Mutant == %d {\n\t\t%s\n\t}\n", number, call)}
		f.Name = ast.NewIdent(f.Name.Name + suffix)
	}
	ast.Inspect(node, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && vars[id.Name] {
			id.Name += suffix
		}
		return true
	})
	var out bytes.Buffer
	if err := format.Node(&out, after.fset, node); err != nil {
		return "", nil, false
	}
	return out.String(), in, true
}

// forward is a statement that calls a function of the same parameters.
func forward(f *ast.FuncDecl, suffix string) (string, bool) {
	var args []string
	for _, p := range f.Type.Params.List {
		if _, isVariadic := p.Type.(*ast.Ellipsis); isVariadic || len(p.Names) == 0 {
			return "", false
		}
		for _, n := range p.Names {
			if n.Name == "_" {
				return "", false
			}
			args = append(args, n.Name)
		}
	}
	call := f.Name.Name + suffix + "(" + strings.Join(args, ", ") + ")"
	if f.Recv != nil {
		if len(f.Recv.List[0].Names) == 0 {
			return "", false
		}
		call = f.Recv.List[0].Names[0].Name + "." + call
	}
	if f.Type.Results == nil {
		return call + "\n\t\treturn", true
	}
	return "return " + call, true
}

var packageClause = regexp.MustCompile(`(?m)^package \w+\n`)

// files are those of the build.
func (b *batch) files() (map[string][]byte, error) {
	out := map[string][]byte{}
	for name := range b.copies {
		text, err := b.text(name)
		if err != nil {
			return nil, err
		}
		all := b.inserts[name]
		slices.SortStableFunc(all, func(a, b insert) int { return b.at - a.at })
		for _, in := range all { // the last one first, so that places stay right
			text = slices.Concat(text[:in.at], []byte(in.text), text[in.at:])
		}
		importing := "\nimport \"github.com/specht-http/specht/internal/took\"\n"
		at := packageClause.FindIndex(text)[1]
		text = slices.Concat(text[:at], []byte(importing), text[at:], []byte("\nvar _ = took.Mutant\n\n"), []byte(strings.Join(b.copies[name], "\n\n")), []byte("\n"))
		out[name] = text
	}
	out["internal/took/mutant.go"] = []byte(chooser)
	return out, nil
}
