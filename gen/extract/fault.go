package extract

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// A fault is made by the methods Fault and named: its members are texts, which
// are kept in run.told.

func isFault(name string) bool { return strings.HasPrefix(name, "f.") }

// newFault makes f := &message.Fault{…}.
func (p *program) newFault(st *ast.AssignStmt, name string, lit *ast.CompositeLit) stmt {
	if name != "f" || exprName(lit.Type) != "Fault" || st.Tok != token.DEFINE {
		p.refuse(st, "a literal that machines don't have")
	}
	p.declare("f", "Fault")
	var puts []func(r *run)
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			p.refuse(e, "a member without a name")
		}
		puts = append(puts, p.tell(exprName(kv.Key), kv.Value))
	}
	return func(r *run) jump {
		r.told = map[string]string{}
		for _, f := range puts {
			f(r)
		}
		return jump{}
	}
}

// faultMembers makes f.Name, f.Status = "…", 400.
func (p *program) faultMembers(st *ast.AssignStmt) stmt {
	if len(st.Lhs) != len(st.Rhs) || st.Tok != token.ASSIGN {
		p.refuse(st, "an assignment that machines don't have")
	}
	var puts []func(r *run)
	for i, l := range st.Lhs {
		name, ok := strings.CutPrefix(path(l), "f.")
		if !ok {
			p.refuse(l, "an assignment that machines don't have")
		}
		puts = append(puts, p.tell(name, st.Rhs[i]))
	}
	return func(r *run) jump {
		if r.told == nil {
			r.told = map[string]string{}
		}
		for _, f := range puts {
			f(r)
		}
		return jump{}
	}
}

// tell gives a member of the fault its text; numbers are told in decimal.
func (p *program) tell(member string, e ast.Expr) func(r *run) {
	if f := p.text(e); f != nil {
		return func(r *run) { r.told[member] = f(r) }
	}
	x := p.expr(e)
	return func(r *run) { r.told[member] = strconv.FormatInt(int64(x.f(r)), 10) }
}

// text is a string: a literal, a member of a table's entry, or two of them. It is
// nil for anything else.
func (p *program) text(e ast.Expr) func(r *run) string {
	if s, ok := stringOf(e); ok {
		return func(*run) string { return s }
	}
	switch e := e.(type) {
	case *ast.BinaryExpr:
		x, y := p.text(e.X), p.text(e.Y)
		if e.Op == token.ADD && x != nil && y != nil {
			return func(r *run) string { return x(r) + y(r) }
		}
	case *ast.SelectorExpr:
		k, ok := p.find(path(e.X))
		if !ok {
			return nil
		}
		name, ok := strings.CutPrefix(p.slots[k].typ, "row ")
		if !ok {
			return nil
		}
		t := p.s.tables[name]
		return func(r *run) string {
			row, _ := t.rows[int(r.vars[k])].(map[string]any)
			s, _ := row[e.Sel.Name].(string)
			return s
		}
	}
	return nil
}

// callStmt makes m.named(f), which is run as a program of its own.
func (p *program) callStmt(st *ast.ExprStmt) stmt {
	call, ok := st.X.(*ast.CallExpr)
	if !ok || path(call.Fun) != "m.named" || len(call.Args) != 1 || path(call.Args[0]) != "f" {
		p.refuse(st, "a call that machines don't have")
	}
	q, err := p.s.program(p.typ + ".named")
	if err != nil {
		panic(fault{err})
	}
	return func(r *run) jump {
		var inner run
		inner.start(q, r.limits)
		inner.told = r.told
		for name, k := range p.names {
			if strings.HasPrefix(name, "m.") {
				inner.put(name, r.vars[k])
			}
		}
		if _, err := inner.execute(0); err != nil {
			panic(fault{err})
		}
		return jump{}
	}
}
