package extract

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

var binaryOf = map[token.Token]token.Token{
	token.ADD_ASSIGN: token.ADD, token.SUB_ASSIGN: token.SUB, token.AND_ASSIGN: token.AND, token.OR_ASSIGN: token.OR,
}

func (p *program) assign(st *ast.AssignStmt) stmt {
	if op, ok := binaryOf[st.Tok]; ok {
		return p.store(st.Lhs[0], p.binary(st, op, p.expr(st.Lhs[0]), p.expr(st.Rhs[0])))
	}
	if f := p.special(st); f != nil {
		return f
	}
	if len(st.Lhs) != len(st.Rhs) || st.Tok != token.DEFINE && st.Tok != token.ASSIGN {
		p.refuse(st, "an assignment that machines don't have")
	}
	xs := make([]expr, len(st.Rhs))
	for i, e := range st.Rhs {
		xs[i] = p.expr(e)
	}
	if len(xs) == 1 {
		return p.target(st, st.Lhs[0], xs[0])
	}
	vals, puts := make([]uint64, len(xs)), make([]stmt, len(xs))
	for i, e := range st.Lhs {
		puts[i] = p.target(st, e, expr{typ: xs[i].typ, f: func(*run) uint64 { return vals[i] }})
	}
	return func(r *run) jump {
		for i := range xs {
			vals[i] = xs[i].f(r)
		}
		for _, f := range puts {
			f(r)
		}
		return jump{}
	}
}

// target assigns to e, or declares it.
func (p *program) target(st *ast.AssignStmt, e ast.Expr, x expr) stmt {
	if st.Tok != token.DEFINE {
		return p.store(e, x)
	}
	if _, ok := p.outer[path(e)]; ok {
		p.refuse(st, "%s hides the variable of the machine", path(e))
	}
	if x.typ == "" {
		x.typ = "int"
	}
	return p.init(p.declare(path(e), x.typ), x)
}

// store assigns to a variable or a member.
func (p *program) store(e ast.Expr, x expr) stmt {
	name := path(e)
	if name == "_" {
		return func(r *run) jump {
			x.f(r)
			return jump{}
		}
	}
	k, ok := p.find(name)
	if !ok {
		p.refuse(e, "unknown variable %s", name)
	}
	if typ := p.slots[k].typ; typ == "" {
		p.slots[k].typ = x.typ
	} else if x.typ != "" && family(typ) != family(x.typ) && !x.isConstant {
		p.refuse(e, "%s is a %s, and not a %s", name, typ, x.typ)
	}
	return p.init(k, x)
}

// special makes the assignments that are not of numbers: records, events, the
// entry of a table, the members of a fault. It is nil for others.
func (p *program) special(st *ast.AssignStmt) stmt {
	lhs := path(st.Lhs[0])
	if k, ok := p.find("f"); ok && isFault(lhs) && p.slots[k].typ == "Fault" {
		return p.faultMembers(st)
	}
	if lhs == "b" || lhs == "dst" {
		return p.octetsAssign(st)
	}
	if len(st.Rhs) != 1 {
		return nil
	}
	switch x := st.Rhs[0].(type) {
	case *ast.UnaryExpr:
		// e := &jumps[…]
		if x.Op != token.AND || len(st.Lhs) != 1 {
			return nil
		}
		switch y := x.X.(type) {
		case *ast.IndexExpr:
			return p.entry(st, lhs, y)
		case *ast.CompositeLit:
			return p.newFault(st, lhs, y)
		}
	case *ast.CompositeLit:
		return p.zero(st, lhs, x)
	case *ast.CallExpr:
		switch path(x.Fun) {
		case "append":
			if lhs != "m.Fields" || path(x.Args[0]) != "m.Fields" || len(x.Args) != 2 {
				p.refuse(st, "an append that machines don't have")
			}
			names, vals := p.record("", x.Args[1], nil, nil)
			return func(r *run) jump {
				rec := record{names, make([]uint64, len(vals))}
				for i, v := range vals {
					rec.vals[i] = v.f(r)
				}
				r.records = append(r.records, rec)
				return jump{}
			}
		case "m.Outcome.On":
			if lhs != "m.Outcome" {
				p.refuse(st, "an event whose outcome is not kept")
			}
			name := p.event(x.Args[0])
			return func(r *run) jump {
				r.events = append(r.events, name(r))
				return jump{}
			}
		}
	}
	return nil
}

// zero makes m.Name = Span{}.
func (p *program) zero(st *ast.AssignStmt, name string, lit *ast.CompositeLit) stmt {
	if exprName(lit.Type) != "Span" || len(lit.Elts) > 0 || !strings.HasPrefix(name, "m.") || st.Tok != token.ASSIGN {
		p.refuse(st, "a literal that machines don't have")
	}
	start, end := p.own(name+".Start"), p.own(name+".End")
	return func(r *run) jump {
		r.vars[start], r.set[start] = 0, true
		r.vars[end], r.set[end] = 0, true
		return jump{}
	}
}

// entry makes a reference to an entry of a table: its members are variables.
func (p *program) entry(st *ast.AssignStmt, name string, e *ast.IndexExpr) stmt {
	t := p.table(e)
	if t.columns == nil || st.Tok != token.DEFINE {
		p.refuse(st, "not a table of structs")
	}
	at := p.index(e, t)
	var slots []int
	var columns [][]uint64
	for _, c := range t.columns {
		slots = append(slots, p.declare(name+"."+c.name, c.typ))
		columns = append(columns, c.numbers)
	}
	texts := p.declare(name, "row "+path(e.X))
	return func(r *run) jump {
		i := at(r)
		for k, s := range slots {
			r.vars[s], r.set[s] = columns[k][i], true
		}
		r.vars[texts], r.set[texts] = uint64(i), true
		return jump{}
	}
}

// record reads a composite literal into names and values.
func (p *program) record(prefix string, e ast.Expr, names []string, vals []expr) ([]string, []expr) {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return append(names, prefix), append(vals, p.expr(e))
	}
	for _, x := range lit.Elts {
		kv, ok := x.(*ast.KeyValueExpr)
		if !ok {
			p.refuse(e, "a record without names")
		}
		name := exprName(kv.Key)
		if prefix != "" {
			name = prefix + "." + name
		}
		names, vals = p.record(name, kv.Value, names, vals)
	}
	return names, vals
}

// event is the name of an event: a constant, an element of a table, or what
// m.event() says of a failure.
func (p *program) event(e ast.Expr) func(r *run) string {
	switch e := e.(type) {
	case *ast.Ident:
		return func(*run) string { return e.Name }
	case *ast.CallExpr:
		if path(e.Fun) == "m.event" {
			return func(*run) string { return "failure" }
		}
	case *ast.IndexExpr:
		at := p.expr(e.Index)
		return func(r *run) string { return fmt.Sprintf("%s[%d]", path(e.X), at.f(r)) }
	}
	p.refuse(e, "an event that machines don't have")
	return nil
}
