package extract

import (
	"go/ast"
	"go/token"
	"strconv"
)

// What reads and appends frames goes through octets in ways that machines don't.

// octetCall makes flags.Has(FlagPadded), ErrorCode(n), bit(b) and [8]byte(b[0:8]),
// which is a number, the first octet highest.
func (p *program) octetCall(e *ast.CallExpr) (expr, bool) {
	if len(e.Args) != 1 {
		return expr{}, false
	}
	switch fun := e.Fun.(type) {
	case *ast.SelectorExpr:
		if fun.Sel.Name == "Has" {
			x, y := p.expr(fun.X), p.expr(e.Args[0])
			return expr{typ: "bool", f: func(r *run) uint64 { return truth(x.f(r)&y.f(r) == y.f(r)) }}, true
		}
	case *ast.Ident:
		if under, ok := p.s.named[fun.Name]; ok {
			x := p.expr(e.Args[0])
			return expr{typ: fun.Name, f: func(r *run) uint64 { return trim(under, x.f(r)) }}, true
		}
		if fun.Name == "bit" {
			x := p.expr(e.Args[0])
			return expr{typ: "byte", f: x.f}, true
		}
	case *ast.ArrayType:
		sl, ok := e.Args[0].(*ast.SliceExpr)
		if !ok || path(sl.X) != "b" || sl.Low == nil || sl.High == nil {
			return expr{}, false
		}
		lo, hi := p.expr(sl.Low), p.expr(sl.High)
		return expr{f: func(r *run) (n uint64) {
			from, to := lo.f(r), hi.f(r)
			if from > to || to > uint64(len(r.b)) || to-from > 8 {
				p.refuse(e, "octets [%d,%d) of %d", from, to, len(r.b))
			}
			for _, c := range r.b[from:to] {
				n = n<<8 | uint64(c)
			}
			return n
		}}, true
	}
	return expr{}, false
}

// octetsAssign makes b = b[1:], which begins behind an octet, and
// dst = append(dst, …).
func (p *program) octetsAssign(st *ast.AssignStmt) stmt {
	if len(st.Lhs) == 1 && len(st.Rhs) == 1 && st.Tok == token.ASSIGN {
		if sl, ok := st.Rhs[0].(*ast.SliceExpr); ok && path(st.Lhs[0]) == "b" && path(sl.X) == "b" && sl.Low != nil && sl.High == nil {
			lo := p.expr(sl.Low)
			return func(r *run) jump {
				n := lo.f(r)
				if n > uint64(len(r.b)) {
					p.refuse(st, "octet %d of %d", n, len(r.b))
				}
				r.b = r.b[n:]
				return jump{}
			}
		}
		if f := p.appends(st.Rhs[0]); f != nil {
			return f
		}
	}
	p.refuse(st, "an assignment that machines don't have")
	return nil
}

// octets makes what is returned: append(dst, …), or a struct, whose members become
// a record. It is nil for anything else.
func (p *program) octets(e ast.Expr) stmt {
	f := p.appends(e)
	if lit, ok := e.(*ast.CompositeLit); ok {
		names, vals := p.record("", lit, nil, nil)
		f = func(r *run) jump {
			rec := record{names, make([]uint64, len(vals))}
			for i, v := range vals {
				rec.vals[i] = v.f(r)
			}
			r.records = append(r.records, rec)
			return jump{}
		}
	}
	if f == nil {
		return nil
	}
	return func(r *run) jump {
		f(r)
		return jump{kind: token.RETURN}
	}
}

// appends makes append(dst, …); it is nil for anything else.
func (p *program) appends(e ast.Expr) stmt {
	call, ok := e.(*ast.CallExpr)
	if !ok || path(call.Fun) != "append" || len(call.Args) < 2 || path(call.Args[0]) != "dst" {
		return nil
	}
	if sl, ok := call.Args[1].(*ast.SliceExpr); ok && call.Ellipsis != token.NoPos && sl.Low == nil && sl.High == nil {
		x := p.expr(sl.X)
		n, err := strconv.Atoi(x.typ)
		if err != nil || n > 8 {
			p.refuse(e, "not an array of up to eight octets")
		}
		return func(r *run) jump {
			v := x.f(r)
			for i := n - 1; i >= 0; i-- {
				r.out = append(r.out, byte(v>>(8*i)))
			}
			return jump{}
		}
	}
	var octets []expr
	for _, a := range call.Args[1:] {
		octets = append(octets, p.expr(a))
	}
	return func(r *run) jump {
		for _, x := range octets {
			r.out = append(r.out, byte(x.f(r)))
		}
		return jump{}
	}
}
