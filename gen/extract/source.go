// Package extract reads generated machines back from their Go source and
// compares them with the automata of the specifications. It knows nothing of
// how the source was made.
//
// A machine's function is made a program of closures, of the part of Go that
// machines are written in; anything else is an error. From each label, with
// each octet, and at the end of the input, it must do what the automaton does:
// set the same registers, go to the same state, stop in the same way. The
// quick ways (bulk scans, jumps over words) are run over every octet in every
// lane at every offset, and over every word, every octet changed in it, and
// every place to cut it.
//
// A sequence, which ties machines and tables together, is read another way: each part
// is run with every answer of what it calls, and what it calls, what it keeps and what
// it returns are compared with the rows. What it calls is looked into as said above.
//
// That the inputs of a machine are enough rests on the shape of the source, which is checked too:
// a condition may compare the position only with the end of the input, or with
// the start of a limited element; so what a machine does can't depend on where
// in the input it is.
package extract

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// Source is the Go source of the packages that machines are in.
type Source struct {
	fset   *token.FileSet
	consts map[string]value
	tables map[string]*table
	funcs  map[string]*ast.FuncDecl // by "Type.Method", and by "h2.Type.Method"
	grids  map[string]*ast.CompositeLit

	structs map[string]map[string]string // the members of types, and the names of their types
	named   map[string]string            // types of numbers, and what numbers they are
}

// table is a package variable: an array of numbers, strings or structs.
type table struct {
	typ  string // of an element that is a number
	rows map[int]any
	n    int

	numbers []uint64 // of all rows, if they are numbers
	columns []column // of all rows, if they are structs
}

// column is a member of all rows that is a number.
type column struct {
	name, typ string
	numbers   []uint64
}

// Read parses Go files, by name.
func Read(files map[string][]byte) (*Source, error) {
	s := &Source{fset: token.NewFileSet(), consts: map[string]value{}, tables: map[string]*table{}, funcs: map[string]*ast.FuncDecl{}, grids: map[string]*ast.CompositeLit{}, structs: map[string]map[string]string{}, named: map[string]string{}}
	var parsed []*ast.File
	for name, text := range files {
		f, err := parser.ParseFile(s.fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("extract: %w", err)
		}
		parsed = append(parsed, f)
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				switch d.Tok {
				case token.CONST:
					s.readConsts(d)
				case token.TYPE:
					s.readStructs(d)
				}
			case *ast.FuncDecl:
				s.funcs[receiver(d)+d.Name.Name] = d
				s.funcs[f.Name.Name+"."+receiver(d)+d.Name.Name] = d
			}
		}
	}
	for _, f := range parsed {
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
				if err := s.readTables(g); err != nil {
					return nil, err
				}
			}
		}
	}
	return s, nil
}

func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) != 1 {
		return ""
	}
	t := d.Recv.List[0].Type
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name + "."
	}
	return ""
}

// readStructs reads the types of members.
func (s *Source) readStructs(d *ast.GenDecl) {
	for _, sp := range d.Specs {
		t := sp.(*ast.TypeSpec)
		if under, ok := t.Type.(*ast.Ident); ok {
			s.named[t.Name.Name] = under.Name
		}
		st, ok := t.Type.(*ast.StructType)
		if !ok {
			continue
		}
		members := map[string]string{}
		for _, f := range st.Fields.List {
			for _, n := range f.Names {
				members[n.Name] = memberName(f.Type)
			}
		}
		s.structs[t.Name.Name] = members
	}
}

// memberName is the name of a member's type; of an array of octets their number.
func memberName(e ast.Expr) string {
	if a, ok := e.(*ast.ArrayType); ok {
		if n, ok := a.Len.(*ast.BasicLit); ok && exprName(a.Elt) == "byte" {
			return n.Value
		}
	}
	return exprName(e)
}

// memberType is the type of a member, as "Target.Start"; empty if it isn't known.
func (s *Source) memberType(typ, member string) string {
	name, rest, isDeeper := strings.Cut(member, ".")
	typ = s.structs[typ][name]
	switch {
	case !isDeeper:
		return typ
	case typ == "Span" && (rest == "Start" || rest == "End"), strings.HasSuffix(rest, ".Start"), strings.HasSuffix(rest, ".End"):
		return "uint32"
	}
	return s.memberType(typ, rest)
}

// readConsts reads blocks of the form A T = iota; B; C, and numbers that have names.
func (s *Source) readConsts(d *ast.GenDecl) {
	typ := ""
	for i, sp := range d.Specs {
		v := sp.(*ast.ValueSpec)
		if id, ok := v.Type.(*ast.Ident); ok {
			typ = id.Name
		}
		if len(v.Names) == 1 && len(v.Values) == 1 {
			if n, err := s.constant(v.Values[0]); err == nil {
				s.consts[v.Names[0].Name] = value{typ: exprName(v.Type), n: n.n}
				continue
			}
		}
		if i == 0 && len(v.Values) == 1 && exprName(v.Values[0]) != "iota" || i > 0 && len(v.Values) > 0 {
			return // not an enumeration
		}
		for _, n := range v.Names {
			s.consts[n.Name] = value{typ: typ, n: uint64(i)}
		}
	}
}

// readTables reads arrays. Variables that are something else are left out: a
// machine that uses one of them is refused.
func (s *Source) readTables(d *ast.GenDecl) error {
	for _, sp := range d.Specs {
		v := sp.(*ast.ValueSpec)
		if len(v.Names) != 1 || len(v.Values) != 1 {
			continue
		}
		lit, ok := v.Values[0].(*ast.CompositeLit)
		if !ok {
			continue
		}
		at, ok := lit.Type.(*ast.ArrayType)
		if !ok {
			continue
		}
		if _, ok := at.Elt.(*ast.ArrayType); ok {
			s.grids[v.Names[0].Name] = lit
		}
		t, err := s.readTable(at, lit)
		if err != nil {
			return fmt.Errorf("extract: %s: %w", s.fset.Position(v.Pos()), err)
		}
		s.tables[v.Names[0].Name] = t
	}
	return nil
}

func (s *Source) readTable(at *ast.ArrayType, lit *ast.CompositeLit) (*table, error) {
	t := &table{rows: map[int]any{}}
	var members []string
	types := map[string]string{}
	switch el := at.Elt.(type) {
	case *ast.Ident:
		t.typ = el.Name
	case *ast.StructType:
		for _, f := range el.Fields.List {
			for _, n := range f.Names {
				members = append(members, n.Name)
				types[n.Name] = exprName(f.Type)
			}
		}
	default:
		return t, nil // a grid of states and events: not for machines
	}
	next := 0
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			k, err := s.constant(kv.Key)
			if err != nil {
				return t, nil // a grid of another package's making: not for machines
			}
			next, e = int(k.n), kv.Value
		}
		row, ok := s.readRow(e, t.typ, members, types)
		if !ok {
			return t, nil
		}
		t.rows[next] = row
		next++
		t.n = max(t.n, next)
	}
	if n, err := s.constant(at.Len); err == nil {
		if int(n.n) < t.n {
			return nil, fmt.Errorf("an array of %d has an element %d", n.n, t.n-1)
		}
		t.n = int(n.n)
	}
	t.align(members, types)
	return t, nil
}

// align makes numbers or columns of the rows. An element that isn't written is
// all zeros.
func (t *table) align(members []string, types map[string]string) {
	if members == nil {
		t.numbers = make([]uint64, t.n)
	}
	for _, m := range members {
		if types[m] != "string" {
			t.columns = append(t.columns, column{m, types[m], make([]uint64, t.n)})
		}
	}
	if t.columns == nil && members != nil {
		t.columns = []column{}
	}
	for i, row := range t.rows {
		switch row := row.(type) {
		case value:
			t.numbers[i] = row.n
		case map[string]any:
			for _, c := range t.columns {
				if v, ok := row[c.name].(value); ok {
					c.numbers[i] = v.n
				}
			}
		}
	}
}

// readRow reads one element: a value, a string, or a struct as a map.
func (s *Source) readRow(e ast.Expr, typ string, members []string, types map[string]string) (any, bool) {
	c, ok := e.(*ast.CompositeLit)
	if !ok {
		if str, ok := stringOf(e); ok {
			return str, true
		}
		v, err := s.constant(e)
		v.typ = typ
		return v, err == nil
	}
	row := map[string]any{}
	for _, m := range members {
		row[m] = value{typ: types[m]}
		if types[m] == "string" {
			row[m] = ""
		}
	}
	for i, x := range c.Elts {
		name := ""
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			name, x = exprName(kv.Key), kv.Value
		} else if i < len(members) {
			name = members[i]
		}
		if str, ok := stringOf(x); ok {
			row[name] = str
			continue
		}
		v, err := s.constant(x)
		if err != nil {
			return nil, false
		}
		v.typ = types[name]
		row[name] = v
	}
	return row, true
}

func stringOf(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

// exprName is x for x and for p.x.
func exprName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.StarExpr:
		return exprName(e.X)
	}
	return ""
}

// constant evaluates a literal or a named constant.
func (s *Source) constant(e ast.Expr) (value, error) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return literal(e)
	case *ast.Ident, *ast.SelectorExpr:
		if v, ok := s.consts[exprName(e)]; ok {
			return v, nil
		}
	}
	return value{}, fmt.Errorf("not a constant")
}

func literal(e *ast.BasicLit) (value, error) {
	switch e.Kind {
	case token.INT:
		n, err := strconv.ParseUint(e.Value, 0, 64)
		return value{n: n}, err
	case token.CHAR:
		r, _, _, err := strconv.UnquoteChar(e.Value[1:len(e.Value)-1], '\'')
		return value{n: uint64(r)}, err
	}
	return value{}, fmt.Errorf("a literal that machines don't have: %s", e.Value)
}
