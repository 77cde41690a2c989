package extract

import (
	"fmt"
	"go/ast"
	"go/token"
	"math/bits"
	"strings"
)

// value is a number or a truth. typ is its Go type; empty for a constant
// without one.
type value struct {
	typ string
	n   uint64
}

// run is one run of a machine's function.
type run struct {
	s       *Source
	fn      *ast.FuncDecl
	labels  map[string]int
	b       []byte
	vars    map[string]value // locals, and fields as "m.Target.Start"
	records []map[string]value
	events  []string
	limits  map[string]uint64
	ret     []string // what was returned, as written
	stop    *stopCall
	steps   int
	from    int             // the position at which the run began
	outer   map[string]bool // the machine's own variables
}

// stopCall is a call of the machine's stop method.
type stopCall struct{ state, why, at uint64 }

// jump is how a statement ends: by falling through, or by a branch.
type jump struct {
	kind  token.Token // GOTO, BREAK, CONTINUE, RETURN, or 0
	label string
}

// fault is a panic value: something that the evaluator refuses.
type fault struct{ error }

func (r *run) refuse(n ast.Node, format string, args ...any) {
	panic(fault{fmt.Errorf("%s: %s", r.s.fset.Position(n.Pos()), fmt.Sprintf(format, args...))})
}

// stmts runs statements until one branches.
func (r *run) stmts(list []ast.Stmt) jump {
	for _, st := range list {
		if j := r.stmt(st); j.kind != 0 {
			return j
		}
	}
	return jump{}
}

func (r *run) stmt(st ast.Stmt) jump {
	if r.steps++; r.steps > 1e6 {
		r.refuse(st, "the machine doesn't come to an end")
	}
	switch st := st.(type) {
	case *ast.EmptyStmt:
	case *ast.LabeledStmt:
		return r.stmt(st.Stmt)
	case *ast.BlockStmt:
		return r.stmts(st.List)
	case *ast.DeclStmt:
		r.declare(st)
	case *ast.AssignStmt:
		r.assign(st)
	case *ast.IncDecStmt:
		one := value{n: 1}
		op := token.ADD
		if st.Tok == token.DEC {
			op = token.SUB
		}
		r.set(st.X, r.binary(st, op, r.eval(st.X), one))
	case *ast.IfStmt:
		if st.Init != nil {
			r.stmt(st.Init)
		}
		if r.eval(st.Cond).n != 0 {
			return r.stmts(st.Body.List)
		}
		if st.Else != nil {
			return r.stmt(st.Else)
		}
	case *ast.ForStmt:
		return r.loop(st)
	case *ast.SwitchStmt:
		return r.switches(st)
	case *ast.BranchStmt:
		label := ""
		if st.Label != nil {
			label = st.Label.Name
		}
		return jump{st.Tok, label}
	case *ast.ReturnStmt:
		r.returns(st)
		return jump{kind: token.RETURN}
	default:
		r.refuse(st, "a statement that machines don't have: %T", st)
	}
	return jump{}
}

func (r *run) declare(st *ast.DeclStmt) {
	for _, sp := range st.Decl.(*ast.GenDecl).Specs {
		v, ok := sp.(*ast.ValueSpec)
		if !ok {
			r.refuse(st, "a declaration that machines don't have")
		}
		for i, n := range v.Names {
			x := value{typ: exprName(v.Type)}
			if i < len(v.Values) {
				x = r.eval(v.Values[i])
				if t := exprName(v.Type); t != "" {
					x.typ = t
				}
			}
			r.vars[n.Name] = x
		}
	}
}

func (r *run) loop(st *ast.ForStmt) jump {
	if st.Init != nil || st.Post != nil {
		r.refuse(st, "a loop that machines don't have")
	}
	for st.Cond == nil || r.eval(st.Cond).n != 0 {
		if r.steps++; r.steps > 1e6 {
			r.refuse(st, "the loop doesn't come to an end")
		}
		switch j := r.stmts(st.Body.List); {
		case j.kind == token.BREAK && j.label == "":
			return jump{}
		case j.kind == token.CONTINUE && j.label == "", j.kind == 0:
		default:
			return j
		}
	}
	return jump{}
}

func (r *run) switches(st *ast.SwitchStmt) jump {
	var other *ast.CaseClause
	for _, c := range st.Body.List {
		cl := c.(*ast.CaseClause)
		if cl.List == nil {
			other = cl
			continue
		}
		for _, e := range cl.List {
			hit := false
			if st.Tag == nil {
				hit = r.eval(e).n != 0
			} else {
				hit = r.eval(st.Tag).n == r.eval(e).n
			}
			if hit {
				return r.body(cl)
			}
		}
	}
	if other != nil {
		return r.body(other)
	}
	return jump{}
}

func (r *run) body(cl *ast.CaseClause) jump {
	j := r.stmts(cl.Body)
	if j.kind == token.BREAK && j.label == "" {
		return jump{}
	}
	return j
}

func (r *run) returns(st *ast.ReturnStmt) {
	for _, e := range st.Results {
		if c, ok := e.(*ast.CallExpr); ok {
			if name := path(c.Fun); name == "m.stop" {
				r.stop = &stopCall{r.eval(c.Args[0]).n, r.eval(c.Args[1]).n, r.eval(c.Args[2]).n}
				r.ret = append(r.ret, "stop")
				continue
			}
		}
		r.ret = append(r.ret, path(e))
		if lit, ok := e.(*ast.BasicLit); ok {
			r.ret[len(r.ret)-1] = lit.Value
		}
	}
}

// path is the name of a variable or field: "m.Target.Start".
func path(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return path(e.X) + "." + e.Sel.Name
	}
	return "?"
}

var binaryOf = map[token.Token]token.Token{
	token.ADD_ASSIGN: token.ADD, token.SUB_ASSIGN: token.SUB, token.AND_ASSIGN: token.AND, token.OR_ASSIGN: token.OR,
}

func (r *run) assign(st *ast.AssignStmt) {
	if op, ok := binaryOf[st.Tok]; ok {
		r.set(st.Lhs[0], r.binary(st, op, r.eval(st.Lhs[0]), r.eval(st.Rhs[0])))
		return
	}
	if len(st.Rhs) == 1 && r.special(st) {
		return
	}
	if len(st.Lhs) != len(st.Rhs) {
		r.refuse(st, "an assignment that machines don't have")
	}
	vals := make([]value, len(st.Rhs))
	for i, e := range st.Rhs {
		vals[i] = r.eval(e)
	}
	for i, e := range st.Lhs {
		if st.Tok == token.DEFINE {
			if r.outer[path(e)] {
				r.refuse(st, "%s hides the variable of the machine", path(e))
			}
			if vals[i].typ == "" {
				vals[i].typ = "int"
			}
			r.vars[path(e)] = vals[i]
			continue
		}
		r.set(e, vals[i])
	}
}

// special runs the assignments that are not of numbers: records, events, the
// entry of a table.
func (r *run) special(st *ast.AssignStmt) bool {
	lhs, rhs := path(st.Lhs[0]), st.Rhs[0]
	switch x := rhs.(type) {
	case *ast.UnaryExpr:
		// e := &jumps[…]
		ix, ok := x.X.(*ast.IndexExpr)
		if !ok || x.Op != token.AND || lhs != "e" {
			return false
		}
		row, ok := r.row(ix).(map[string]any)
		if !ok {
			r.refuse(st, "not a table of structs")
		}
		for k, v := range row {
			if v, ok := v.(value); ok {
				r.vars["e."+k] = v
			}
		}
		return true
	case *ast.CallExpr:
		switch path(x.Fun) {
		case "append":
			if lhs != "m.Fields" || path(x.Args[0]) != "m.Fields" || len(x.Args) != 2 {
				r.refuse(st, "an append that machines don't have")
			}
			rec := map[string]value{}
			r.record(rec, "", x.Args[1])
			r.records = append(r.records, rec)
			return true
		case "m.Outcome.On":
			if lhs != "m.Outcome" {
				r.refuse(st, "an event whose outcome is not kept")
			}
			r.events = append(r.events, r.event(x.Args[0]))
			return true
		}
	}
	return false
}

// record reads a composite literal into names and values.
func (r *run) record(rec map[string]value, prefix string, e ast.Expr) {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		rec[prefix] = r.eval(e)
		return
	}
	for _, x := range lit.Elts {
		kv, ok := x.(*ast.KeyValueExpr)
		if !ok {
			r.refuse(e, "a record without names")
		}
		name := exprName(kv.Key)
		if prefix != "" {
			name = prefix + "." + name
		}
		r.record(rec, name, kv.Value)
	}
}

// event is the name of an event: a constant, an element of a table, or what
// m.event() says of a failure.
func (r *run) event(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.CallExpr:
		if path(e.Fun) == "m.event" {
			return "failure"
		}
	case *ast.IndexExpr:
		return fmt.Sprintf("%s[%d]", path(e.X), r.eval(e.Index).n)
	}
	r.refuse(e, "an event that machines don't have")
	return ""
}

func (r *run) set(e ast.Expr, v value) {
	name := path(e)
	if name == "_" {
		return
	}
	old, ok := r.vars[name]
	if !ok && !strings.HasPrefix(name, "m.") {
		r.refuse(e, "unknown variable %s", name)
	}
	if v.typ == "" {
		v.typ = old.typ
	}
	v.n = trim(v.typ, v.n)
	r.vars[name] = v
}

func trim(typ string, n uint64) uint64 {
	switch typ {
	case "uint8", "byte":
		return n & 0xff
	case "uint32":
		return n & 0xffffffff
	}
	return n
}

func (r *run) eval(e ast.Expr) value {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return r.eval(e.X)
	case *ast.BasicLit:
		v, err := r.s.literal(e)
		if err != nil {
			r.refuse(e, "%v", err)
		}
		return v
	case *ast.Ident:
		switch e.Name {
		case "true":
			return value{"bool", 1}
		case "false":
			return value{"bool", 0}
		}
		return r.name(e, e.Name)
	case *ast.SelectorExpr:
		return r.name(e, path(e))
	case *ast.UnaryExpr:
		x := r.eval(e.X)
		switch e.Op {
		case token.SUB:
			return value{x.typ, trim(x.typ, -x.n)}
		case token.NOT:
			return value{"bool", 1 - x.n}
		}
	case *ast.BinaryExpr:
		if off, ok := r.s.loadOf(e); ok {
			return r.load(e, off)
		}
		return r.logic(e)
	case *ast.IndexExpr:
		if path(e.X) == "b" {
			i := int(r.eval(e.Index).n)
			if i < 0 || i >= len(r.b) {
				r.refuse(e, "octet %d of %d", i, len(r.b))
			}
			return value{"uint8", uint64(r.b[i])}
		}
		if v, ok := r.row(e).(value); ok {
			return v
		}
	case *ast.CallExpr:
		return r.call(e)
	}
	r.refuse(e, "an expression that machines don't have: %T", e)
	return value{}
}

func (r *run) name(e ast.Expr, name string) value {
	if v, ok := r.vars[name]; ok {
		return v
	}
	if l, ok := strings.CutPrefix(name, "limits."); ok {
		return value{"uint32", r.limits[l]}
	}
	if v, ok := r.s.consts[exprName(e)]; ok {
		return v
	}
	r.refuse(e, "unknown name %s", name)
	return value{}
}

// row is an element of a package's table.
func (r *run) row(e *ast.IndexExpr) any {
	t := r.s.tables[path(e.X)]
	if t == nil {
		r.refuse(e, "unknown table %s", path(e.X))
	}
	i := int(r.eval(e.Index).n)
	if i < 0 || i >= t.n {
		r.refuse(e, "element %d of %d", i, t.n)
	}
	if row, ok := t.rows[i]; ok {
		return row
	}
	for _, row := range t.rows { // an element that isn't written is all zeros
		if m, ok := row.(map[string]any); ok {
			zero := map[string]any{}
			for k, v := range m {
				if v, ok := v.(value); ok {
					zero[k] = value{typ: v.typ}
				}
			}
			return zero
		}
	}
	return value{typ: t.typ}
}

func (r *run) logic(e *ast.BinaryExpr) value {
	truth := func(b bool) value {
		if b {
			return value{"bool", 1}
		}
		return value{"bool", 0}
	}
	switch e.Op {
	case token.LAND:
		return truth(r.eval(e.X).n != 0 && r.eval(e.Y).n != 0)
	case token.LOR:
		return truth(r.eval(e.X).n != 0 || r.eval(e.Y).n != 0)
	}
	x, y := r.eval(e.X), r.eval(e.Y)
	if e.Op != token.SHL && e.Op != token.SHR && x.typ != "" && y.typ != "" && family(x.typ) != family(y.typ) {
		r.refuse(e, "%s with %s", x.typ, y.typ)
	}
	signed := x.typ == "int" || y.typ == "int" || x.typ == "int16"
	less := x.n < y.n
	if signed {
		less = int64(x.n) < int64(y.n)
	}
	switch e.Op {
	case token.EQL:
		return truth(x.n == y.n)
	case token.NEQ:
		return truth(x.n != y.n)
	case token.LSS:
		return truth(less)
	case token.LEQ:
		return truth(less || x.n == y.n)
	case token.GTR:
		return truth(!less && x.n != y.n)
	case token.GEQ:
		return truth(!less)
	}
	return r.binary(e, e.Op, x, y)
}

// family is the type, with byte as uint8.
func family(t string) string {
	if t == "byte" {
		return "uint8"
	}
	return t
}

func (r *run) binary(at ast.Node, op token.Token, x, y value) value {
	typ := x.typ
	if typ == "" && op != token.SHL && op != token.SHR {
		typ = y.typ
	}
	var n uint64
	switch op {
	case token.ADD:
		n = x.n + y.n
	case token.SUB:
		n = x.n - y.n
	case token.MUL:
		n = x.n * y.n
	case token.QUO:
		if y.n == 0 {
			r.refuse(at, "division by zero")
		}
		n = x.n / y.n
	case token.AND:
		n = x.n & y.n
	case token.OR:
		n = x.n | y.n
	case token.XOR:
		n = x.n ^ y.n
	case token.AND_NOT:
		n = x.n &^ y.n
	case token.SHL:
		n = x.n << y.n
	case token.SHR:
		n = x.n >> y.n
	default:
		r.refuse(at, "an operation that machines don't have: %s", op)
	}
	return value{typ, trim(typ, n)}
}

func (r *run) call(e *ast.CallExpr) value {
	name := path(e.Fun)
	switch name {
	case "int", "uint", "uint64", "uint32", "uint8", "byte", "int16":
		return value{name, trim(name, r.eval(e.Args[0]).n)}
	case "len":
		switch path(e.Args[0]) {
		case "b":
			return value{"int", uint64(len(r.b))}
		case "m.Fields":
			return value{"int", uint64(len(r.records))}
		}
	case "bits.TrailingZeros64":
		return value{"int", uint64(bits.TrailingZeros64(r.eval(e.Args[0]).n))}
	}
	if typ, ok := strings.CutPrefix(exprName(e.Fun), "Lookup"); ok && len(e.Args) == 1 {
		if sl, ok := e.Args[0].(*ast.SliceExpr); ok && path(sl.X) == "b" {
			lo, hi := r.eval(sl.Low).n, r.eval(sl.High).n
			if lo > hi || hi > uint64(len(r.b)) {
				r.refuse(e, "octets [%d,%d) of %d", lo, hi, len(r.b))
			}
			return value{typ, r.s.lookup(typ, r.b[lo:hi])}
		}
	}
	r.refuse(e, "a call that machines don't have: %s", name)
	return value{}
}

// lookup reads the look-up function of a keyword set: a switch over strings.
func (s *Source) lookup(typ string, b []byte) uint64 {
	fn := s.funcs["Lookup"+typ]
	if fn == nil {
		return 0
	}
	text := string(b)
	for _, p := range fn.Body.List {
		if _, ok := p.(*ast.RangeStmt); ok {
			text = strings.ToLower(text) // the loop that folds case
		}
	}
	for _, p := range fn.Body.List {
		sw, ok := p.(*ast.SwitchStmt)
		if !ok {
			continue
		}
		for _, c := range sw.Body.List {
			cl := c.(*ast.CaseClause)
			for _, e := range cl.List {
				if w, ok := stringOf(e); ok && w == text && len(cl.Body) == 1 {
					if ret, ok := cl.Body[0].(*ast.ReturnStmt); ok && len(ret.Results) == 1 {
						return s.consts[exprName(ret.Results[0])].n
					}
				}
			}
		}
	}
	return 0
}
