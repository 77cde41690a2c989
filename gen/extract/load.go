package extract

import (
	"go/ast"
	"go/token"
)

// The machines load eight octets at once, written out octet by octet. Most of
// what the evaluator does is that, so such an expression is recognised, once,
// and from then on evaluated in one step.

// loadOf is the offset from i of the first octet that e loads, if e is eight
// octets of b from there on, the first one lowest, and nothing else.
func (s *Source) loadOf(e *ast.BinaryExpr) (off int, ok bool) {
	if e.Op != token.OR {
		return 0, false
	}
	if known, ok := s.loads[e]; ok {
		return known, known >= 0
	}
	if s.loads == nil {
		s.loads = map[*ast.BinaryExpr]int{}
	}
	s.loads[e] = -1
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
	s.loads[e] = off
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
func (r *run) load(e *ast.BinaryExpr, off int) value {
	i := int(r.vars["i"].n) + off
	if i < 0 || i > len(r.b)-8 {
		r.refuse(e, "octets %d to %d of %d", i, i+7, len(r.b))
	}
	var n uint64
	for k, c := range r.b[i : i+8] {
		n |= uint64(c) << (8 * k)
	}
	return value{"uint64", n}
}

// literal is a literal, read once.
func (s *Source) literal(e *ast.BasicLit) (value, error) {
	if v, ok := s.numbers[e]; ok {
		return v, nil
	}
	v, err := literal(e)
	if err == nil {
		if s.numbers == nil {
			s.numbers = map[*ast.BasicLit]value{}
		}
		s.numbers[e] = v
	}
	return v, err
}
