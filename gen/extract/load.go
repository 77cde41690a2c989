package extract

import (
	"go/ast"
	"go/token"
)

// The machines load eight octets at once, written out octet by octet. Most of
// what a program does is that, so such an expression is recognised, and
// evaluated in one step.

// loadOf is the offset from i of the first octet that e loads, if e is eight
// octets of b from there on, the first one lowest, and nothing else.
func loadOf(e *ast.BinaryExpr) (off int, ok bool) {
	if e.Op != token.OR {
		return 0, false
	}
	var parts []ast.Expr
	var flatten func(x ast.Expr)
	flatten = func(x ast.Expr) {
		if b, ok := x.(*ast.BinaryExpr); ok && b.Op == token.OR {
			flatten(b.X)
			x = b.Y
		}
		parts = append(parts, x)
	}
	flatten(e)
	if len(parts) != 8 {
		return 0, false
	}
	for k, p := range parts {
		if k > 0 {
			shift, ok := p.(*ast.BinaryExpr)
			if !ok || shift.Op != token.SHL || !isNumber(shift.Y, 8*k) {
				return 0, false
			}
			p = shift.X
		}
		at, ok := octetAt(p)
		if k == 0 {
			off = at
		}
		if !ok || at != off+k {
			return 0, false
		}
	}
	return off, true
}

// octetAt is n in uint64(b[i+n]).
func octetAt(e ast.Expr) (n int, ok bool) {
	call, ok := e.(*ast.CallExpr)
	if !ok || path(call.Fun) != "uint64" || len(call.Args) != 1 {
		return 0, false
	}
	ix, ok := call.Args[0].(*ast.IndexExpr)
	if !ok || path(ix.X) != "b" {
		return 0, false
	}
	if path(ix.Index) == "i" {
		return 0, true
	}
	sum, ok := ix.Index.(*ast.BinaryExpr)
	if !ok || sum.Op != token.ADD || path(sum.X) != "i" {
		return 0, false
	}
	lit, ok := sum.Y.(*ast.BasicLit)
	if !ok {
		return 0, false
	}
	v, err := literal(lit)
	return int(v.n), err == nil
}

func isNumber(e ast.Expr, n int) bool {
	lit, ok := e.(*ast.BasicLit)
	if !ok {
		return false
	}
	v, err := literal(lit)
	return err == nil && v.n == uint64(n)
}

// load is the eight octets from i+off on.
func (p *program) load(e *ast.BinaryExpr, off int) expr {
	k, _ := p.find("i")
	return expr{typ: "uint64", f: func(r *run) uint64 {
		i := int(r.vars[k]) + off
		if i < 0 || i > len(r.b)-8 {
			p.refuse(e, "octets %d to %d of %d", i, i+7, len(r.b))
		}
		b := r.b[i : i+8]
		return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
	}}
}
