package extract

import (
	"go/ast"
	"go/token"
	"math/bits"
	"strings"
)

// expr is an expression: its type, and what evaluates it. A constant is known
// already.
type expr struct {
	typ        string
	f          func(r *run) uint64
	isConstant bool
	n          uint64
}

func constant(typ string, n uint64) expr {
	return expr{typ, func(*run) uint64 { return n }, true, n}
}

func (p *program) expr(e ast.Expr) expr {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return p.expr(e.X)
	case *ast.BasicLit:
		v, err := literal(e)
		if err != nil {
			p.refuse(e, "%v", err)
		}
		return constant(v.typ, v.n)
	case *ast.Ident:
		switch e.Name {
		case "true":
			return constant("bool", 1)
		case "false":
			return constant("bool", 0)
		}
		return p.name(e, e.Name)
	case *ast.SelectorExpr:
		return p.name(e, path(e))
	case *ast.UnaryExpr:
		x := p.expr(e.X)
		switch e.Op {
		case token.SUB:
			if x.isConstant {
				return constant(x.typ, trim(x.typ, -x.n))
			}
			return expr{typ: x.typ, f: func(r *run) uint64 { return trim(x.typ, -x.f(r)) }}
		case token.NOT:
			return expr{typ: "bool", f: func(r *run) uint64 { return 1 - x.f(r) }}
		}
	case *ast.BinaryExpr:
		if off, ok := loadOf(e); ok {
			return p.load(e, off)
		}
		return p.logic(e)
	case *ast.IndexExpr:
		if path(e.X) == "b" {
			at := p.expr(e.Index)
			return expr{typ: "uint8", f: func(r *run) uint64 {
				i := int(at.f(r))
				if i < 0 || i >= len(r.b) {
					p.refuse(e, "octet %d of %d", i, len(r.b))
				}
				return uint64(r.b[i])
			}}
		}
		t := p.table(e)
		if t.columns == nil {
			at := p.index(e, t)
			return expr{typ: t.typ, f: func(r *run) uint64 { return t.numbers[at(r)] }}
		}
	case *ast.CallExpr:
		return p.call(e)
	}
	p.refuse(e, "an expression that machines don't have: %T", e)
	return expr{}
}

// name is a variable, a limit or a constant.
func (p *program) name(e ast.Expr, name string) expr {
	if l, ok := strings.CutPrefix(name, "limits."); ok {
		return expr{typ: "uint32", f: func(r *run) uint64 { return r.limits[l] }}
	}
	if k, ok := p.find(name); ok {
		return expr{typ: p.slots[k].typ, f: func(r *run) uint64 {
			if !r.set[k] {
				p.refuse(e, "%s has no value", name)
			}
			return r.vars[k]
		}}
	}
	if v, ok := p.s.consts[exprName(e)]; ok {
		return constant(v.typ, v.n)
	}
	p.refuse(e, "unknown name %s", name)
	return expr{}
}

// table is the table of the package that e indexes.
func (p *program) table(e *ast.IndexExpr) *table {
	t := p.s.tables[path(e.X)]
	if t == nil || t.numbers == nil && t.columns == nil {
		p.refuse(e, "unknown table %s", path(e.X))
	}
	return t
}

// index evaluates the index of e into t.
func (p *program) index(e *ast.IndexExpr, t *table) func(r *run) int {
	at := p.expr(e.Index)
	return func(r *run) int {
		i := int(at.f(r))
		if i < 0 || i >= t.n {
			p.refuse(e, "element %d of %d", i, t.n)
		}
		return i
	}
}

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func (p *program) logic(e *ast.BinaryExpr) expr {
	x, y := p.expr(e.X), p.expr(e.Y)
	fx, fy := x.f, y.f
	yes := func(f func(r *run) uint64) expr { return expr{typ: "bool", f: f} }
	switch e.Op {
	case token.LAND:
		return yes(func(r *run) uint64 { return truth(fx(r) != 0 && fy(r) != 0) })
	case token.LOR:
		return yes(func(r *run) uint64 { return truth(fx(r) != 0 || fy(r) != 0) })
	}
	if e.Op != token.SHL && e.Op != token.SHR && x.typ != "" && y.typ != "" && family(x.typ) != family(y.typ) {
		p.refuse(e, "%s with %s", x.typ, y.typ)
	}
	signed := isSigned(x.typ) || isSigned(y.typ)
	less := func(a, b uint64) bool {
		if signed {
			return int64(a) < int64(b)
		}
		return a < b
	}
	if k := y.n; y.isConstant {
		switch e.Op {
		case token.EQL:
			return yes(func(r *run) uint64 { return truth(fx(r) == k) })
		case token.NEQ:
			return yes(func(r *run) uint64 { return truth(fx(r) != k) })
		}
	}
	switch e.Op {
	case token.EQL:
		return yes(func(r *run) uint64 { return truth(fx(r) == fy(r)) })
	case token.NEQ:
		return yes(func(r *run) uint64 { return truth(fx(r) != fy(r)) })
	case token.LSS:
		return yes(func(r *run) uint64 { return truth(less(fx(r), fy(r))) })
	case token.LEQ:
		return yes(func(r *run) uint64 { return truth(!less(fy(r), fx(r))) })
	case token.GTR:
		return yes(func(r *run) uint64 { return truth(less(fy(r), fx(r))) })
	case token.GEQ:
		return yes(func(r *run) uint64 { return truth(!less(fx(r), fy(r))) })
	}
	return p.binary(e, e.Op, x, y)
}

func isSigned(typ string) bool { return typ == "int" || typ == "int16" || typ == "int64" }

// family is the type, with byte as uint8.
func family(t string) string {
	if t == "byte" {
		return "uint8"
	}
	return t
}

func (p *program) binary(at ast.Node, op token.Token, x, y expr) expr {
	typ := x.typ
	if typ == "" && op != token.SHL && op != token.SHR {
		typ = y.typ
	}
	fx, fy, k := x.f, y.f, y.n
	var f func(r *run) uint64
	switch op {
	case token.ADD:
		f = func(r *run) uint64 { return fx(r) + fy(r) }
	case token.SUB:
		f = func(r *run) uint64 { return fx(r) - fy(r) }
	case token.MUL:
		f = func(r *run) uint64 { return fx(r) * fy(r) }
	case token.QUO:
		f = func(r *run) uint64 {
			d := fy(r)
			if d == 0 {
				p.refuse(at, "division by zero")
			}
			return fx(r) / d
		}
	case token.REM:
		f = func(r *run) uint64 {
			d := fy(r)
			if d == 0 {
				p.refuse(at, "division by zero")
			}
			return fx(r) % d
		}
	case token.AND:
		f = func(r *run) uint64 { return fx(r) & fy(r) }
		if y.isConstant {
			f = func(r *run) uint64 { return fx(r) & k }
		}
	case token.OR:
		f = func(r *run) uint64 { return fx(r) | fy(r) }
	case token.XOR:
		f = func(r *run) uint64 { return fx(r) ^ fy(r) }
	case token.AND_NOT:
		f = func(r *run) uint64 { return fx(r) &^ fy(r) }
	case token.SHL:
		f = func(r *run) uint64 { return fx(r) << fy(r) }
	case token.SHR:
		f = func(r *run) uint64 { return fx(r) >> fy(r) }
	default:
		p.refuse(at, "an operation that machines don't have: %s", op)
	}
	if x.isConstant && y.isConstant && op != token.QUO && op != token.REM {
		return constant(typ, trim(typ, f(nil)))
	}
	switch typ {
	case "uint8", "byte", "uint16", "uint32":
		return expr{typ: typ, f: func(r *run) uint64 { return trim(typ, f(r)) }}
	}
	return expr{typ: typ, f: f}
}

func (p *program) call(e *ast.CallExpr) expr {
	name := path(e.Fun)
	switch name {
	case "int", "uint", "uint64", "uint32", "uint16", "uint8", "byte", "int16", "int64":
		x := p.expr(e.Args[0])
		if x.isConstant {
			return constant(name, trim(name, x.n))
		}
		switch name {
		case "uint16", "uint32", "uint8", "byte":
			return expr{typ: name, f: func(r *run) uint64 { return trim(name, x.f(r)) }}
		}
		return expr{typ: name, f: x.f}
	case "len":
		switch path(e.Args[0]) {
		case "b":
			return expr{typ: "int", f: func(r *run) uint64 { return uint64(len(r.b)) }}
		case "m.Fields":
			return expr{typ: "int", f: func(r *run) uint64 { return uint64(len(r.records)) }}
		}
	case "bits.TrailingZeros64":
		x := p.expr(e.Args[0])
		return expr{typ: "int", f: func(r *run) uint64 { return uint64(bits.TrailingZeros64(x.f(r))) }}
	}
	if x, ok := p.octetCall(e); ok {
		return x
	}
	if typ, ok := strings.CutPrefix(exprName(e.Fun), "Lookup"); ok && len(e.Args) == 1 {
		if sl, ok := e.Args[0].(*ast.SliceExpr); ok && path(sl.X) == "b" && sl.Low != nil && sl.High != nil {
			low, high, words := p.expr(sl.Low), p.expr(sl.High), p.s.lookup(typ)
			return expr{typ: typ, f: func(r *run) uint64 {
				lo, hi := low.f(r), high.f(r)
				if lo > hi || hi > uint64(len(r.b)) {
					p.refuse(e, "octets [%d,%d) of %d", lo, hi, len(r.b))
				}
				return words.of(r.b[lo:hi])
			}}
		}
	}
	p.refuse(e, "a call that machines don't have: %s", name)
	return expr{}
}

// lookup is the look-up function of a keyword set: a switch over strings.
type lookup struct {
	fold bool
	low  [256]byte // what each octet becomes, if case is folded
	most int       // octets of the longest word that is folded
	ids  map[string]uint64
}

func (l *lookup) of(b []byte) uint64 {
	if !l.fold {
		return l.ids[string(b)]
	}
	if len(b) > l.most {
		return 0
	}
	low := make([]byte, len(b))
	for i, c := range b {
		low[i] = l.low[c]
	}
	return l.ids[string(low)]
}

// folds runs the loop that folds case, for all octets, and finds how long the word
// may be that it makes.
func (l *lookup) folds(s *Source, fn *ast.FuncDecl, loop *ast.RangeStmt) (err error) {
	defer caught(&err)
	p := &program{s: s, names: map[string]int{}}
	p.scopes = []map[string]int{p.names}
	l.fold = true
	for _, st := range fn.Body.List {
		d, ok := st.(*ast.DeclStmt)
		if !ok {
			continue
		}
		v, ok := d.Decl.(*ast.GenDecl).Specs[0].(*ast.ValueSpec)
		if a, isArray := v.Type.(*ast.ArrayType); ok && isArray && v.Names[0].Name == "low" {
			n, err := s.constant(a.Len)
			if err != nil {
				p.refuse(st, "%v", err)
			}
			l.most = int(n.n)
		}
	}
	set, ok := loop.Body.List[0].(*ast.AssignStmt)
	if !ok || len(loop.Body.List) != 1 || path(loop.Value) != "c" || path(loop.X) != "b" {
		p.refuse(loop, "a loop that machines don't have")
	}
	if ix, ok := set.Lhs[0].(*ast.IndexExpr); !ok || path(ix.X) != "low" || path(ix.Index) != path(loop.Key) {
		p.refuse(loop, "a loop that machines don't have")
	}
	p.declare("c", "uint8")
	x := p.expr(set.Rhs[0])
	var r run
	for c := range 256 {
		r.start(p, nil)
		r.put("c", uint64(c))
		l.low[c] = byte(x.f(&r))
	}
	return nil
}

// lookup reads a look-up function.
func (s *Source) lookup(typ string) *lookup {
	l := &lookup{ids: map[string]uint64{}}
	fn := s.funcs["Lookup"+typ]
	if fn == nil {
		return l
	}
	for _, p := range fn.Body.List {
		if loop, ok := p.(*ast.RangeStmt); ok && l.folds(s, fn, loop) != nil {
			return &lookup{ids: map[string]uint64{}} // which no word is found in
		}
		sw, ok := p.(*ast.SwitchStmt)
		if !ok {
			continue
		}
		for _, c := range sw.Body.List {
			cl := c.(*ast.CaseClause)
			for _, e := range cl.List {
				w, ok := stringOf(e)
				if _, again := l.ids[w]; !ok || again || len(cl.Body) != 1 {
					continue
				}
				if ret, ok := cl.Body[0].(*ast.ReturnStmt); ok && len(ret.Results) == 1 {
					l.ids[w] = s.consts[exprName(ret.Results[0])].n
				}
			}
		}
	}
	return l
}
