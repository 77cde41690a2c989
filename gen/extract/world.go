package extract

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// world is a run of code that ties machines and tables together. It is read as it is
// written: what is called is noted, and answered by who asks, and nothing is looked
// into. A value is a number (uint64), a truth (bool), a span, or a text, which stands
// for anything else: a constant is its name.
type world struct {
	s      *Source
	vars   map[string]any // what members have, by their path: "m.Host.Outcome"
	scopes []map[string]any
	answer func(call string) []any // what a call returns; nil for nothing
	lines  int                     // how many m.Head.Fields has

	calls []string // in order, with the values of what they are given
	steps int
}

// span is where something stands.
type span struct{ start, end uint64 }

// ending is how a statement ends.
type ending struct {
	kind token.Token // RETURN, CONTINUE, BREAK, or 0
	ret  []any
}

// errPanics is what a run ends with that panics.
var errPanics = errors.New("it panics")

// call runs a function with what it is given.
func (s *Source) call(name string, w *world, args map[string]any) (ret []any, err error) {
	defer caught(&err)
	fn := s.funcs[name]
	if fn == nil {
		return nil, fmt.Errorf("extract: there is no %s", name)
	}
	w.s, w.calls, w.steps = s, nil, 0
	w.scopes = []map[string]any{{}}
	maps.Copy(w.scopes[0], args)
	if w.vars == nil {
		w.vars = map[string]any{}
	}
	if r := fn.Type.Results; r != nil {
		for _, f := range r.List {
			for _, n := range f.Names {
				if _, ok := args[n.Name]; !ok {
					w.scopes[0][n.Name] = uint64(0)
				}
			}
		}
	}
	return w.block(fn.Body.List).ret, nil
}

func (w *world) refuse(n ast.Node, format string, args ...any) {
	panic(fault{fmt.Errorf("%s: %s", w.s.fset.Position(n.Pos()), fmt.Sprintf(format, args...))})
}

func (w *world) block(list []ast.Stmt) ending {
	w.scopes = append(w.scopes, map[string]any{})
	defer func() { w.scopes = w.scopes[:len(w.scopes)-1] }()
	for _, st := range list {
		if e := w.stmt(st); e.kind != 0 {
			return e
		}
	}
	return ending{}
}

func (w *world) stmt(st ast.Stmt) ending {
	switch st := st.(type) {
	case *ast.BlockStmt:
		return w.block(st.List)
	case *ast.AssignStmt:
		w.assign(st)
		return ending{}
	case *ast.ExprStmt:
		if c, ok := st.X.(*ast.CallExpr); ok && path(c.Fun) == "panic" {
			panic(fault{fmt.Errorf("%s: %w", w.s.fset.Position(st.Pos()), errPanics)})
		}
		w.values(st.X)
		return ending{}
	case *ast.IfStmt:
		w.scopes = append(w.scopes, map[string]any{})
		defer func() { w.scopes = w.scopes[:len(w.scopes)-1] }()
		if st.Init != nil {
			w.stmt(st.Init)
		}
		switch {
		case w.truth(st.Cond):
			return w.block(st.Body.List)
		case st.Else != nil:
			return w.stmt(st.Else)
		}
		return ending{}
	case *ast.ForStmt:
		// What a loop goes round for is asked again by who asks.
		if st.Init != nil || st.Cond != nil || st.Post != nil {
			w.refuse(st, "a loop that sequences don't have")
		}
		if e := w.block(st.Body.List); e.kind != 0 && e.kind != token.CONTINUE {
			return e
		}
		return ending{kind: token.CONTINUE}
	case *ast.RangeStmt:
		return w.each(st)
	case *ast.SwitchStmt:
		return w.choose(st)
	case *ast.BranchStmt:
		if st.Label == nil && (st.Tok == token.CONTINUE || st.Tok == token.BREAK) {
			return ending{kind: st.Tok}
		}
	case *ast.ReturnStmt:
		var ret []any
		for _, e := range st.Results {
			ret = append(ret, w.values(e)...)
		}
		return ending{token.RETURN, ret}
	}
	w.refuse(st, "a statement that sequences don't have: %T", st)
	return ending{}
}

// each runs a loop over the field lines of the head.
func (w *world) each(st *ast.RangeStmt) ending {
	if path(st.X) != "m.Head.Fields" || st.Value != nil || st.Tok != token.DEFINE {
		w.refuse(st, "a loop that sequences don't have")
	}
	for i := range w.lines {
		w.scopes = append(w.scopes, map[string]any{path(st.Key): uint64(i)})
		e := w.block(st.Body.List)
		w.scopes = w.scopes[:len(w.scopes)-1]
		if e.kind == token.RETURN || e.kind == token.BREAK {
			return unbroken(e)
		}
	}
	return ending{}
}

func (w *world) choose(st *ast.SwitchStmt) ending {
	if st.Init != nil || st.Tag == nil {
		w.refuse(st, "a switch that sequences don't have")
	}
	tag := w.value(st.Tag)
	var other *ast.CaseClause
	for _, c := range st.Body.List {
		c := c.(*ast.CaseClause)
		if c.List == nil {
			other = c
		}
		for _, e := range c.List {
			if w.value(e) == tag {
				return unbroken(w.block(c.Body))
			}
		}
	}
	if other != nil {
		return unbroken(w.block(other.Body))
	}
	return ending{}
}

func unbroken(e ending) ending {
	if e.kind == token.BREAK {
		return ending{}
	}
	return e
}

func (w *world) assign(st *ast.AssignStmt) {
	var values []any
	for _, e := range st.Rhs {
		values = append(values, w.values(e)...)
	}
	if len(values) < len(st.Lhs) || len(values) > len(st.Lhs) && len(st.Rhs) > 1 {
		w.refuse(st, "%d values for %d", len(values), len(st.Lhs))
	}
	for i, e := range st.Lhs {
		name, v := path(e), values[i]
		if op, ok := binaryOf[st.Tok]; ok {
			v = w.binary(st, op, w.value(e), v)
		} else if st.Tok != token.ASSIGN && st.Tok != token.DEFINE {
			w.refuse(st, "an assignment that sequences don't have")
		}
		if name != "_" {
			w.set(e, name, v, st.Tok == token.DEFINE)
		}
	}
}

// set gives a variable or a member its value.
func (w *world) set(at ast.Node, name string, v any, isNew bool) {
	root, rest, isMember := strings.Cut(name, ".")
	if isNew {
		if isMember {
			w.refuse(at, "%s is declared", name)
		}
		w.scopes[len(w.scopes)-1][name] = v
		return
	}
	for i := len(w.scopes) - 1; i >= 0; i-- {
		old, ok := w.scopes[i][root]
		switch {
		case !ok:
			continue
		case !isMember:
			w.scopes[i][root] = v
			return
		}
		if s, ok := old.(span); ok {
			w.scopes[i][root] = s.with(rest, v)
			return
		}
		break
	}
	w.put(w.resolve(at, name), v)
}

// with is a span of which an end is another.
func (s span) with(member string, v any) span {
	n, _ := v.(uint64)
	switch member {
	case "Start":
		s.start = n
	case "End":
		s.end = n
	}
	return s
}

// put sets a member.
func (w *world) put(name string, v any) {
	for _, end := range []string{"Start", "End"} {
		if of, ok := strings.CutSuffix(name, "."+end); ok {
			if s, ok := w.vars[of].(span); ok {
				w.vars[of] = s.with(end, v)
				return
			}
		}
	}
	w.vars[name] = v
}

// resolve is a path without the names that stand for others, as f does for one of
// m.Head.Fields.
func (w *world) resolve(at ast.Node, name string) string {
	root, rest, isMember := strings.Cut(name, ".")
	for i := len(w.scopes) - 1; i >= 0; i-- {
		if v, ok := w.scopes[i][root]; ok {
			if text, ok := v.(string); ok && isMember {
				return text + "." + rest
			}
			w.refuse(at, "%s is no struct", root)
		}
	}
	return name
}

// truth is the value of a condition.
func (w *world) truth(e ast.Expr) bool {
	b, ok := w.value(e).(bool)
	if !ok {
		w.refuse(e, "no condition")
	}
	return b
}

func (w *world) value(e ast.Expr) any {
	vs := w.values(e)
	if len(vs) == 0 {
		w.refuse(e, "no value")
	}
	return vs[0]
}

// values are those of an expression: of a call, all that it returns.
func (w *world) values(e ast.Expr) []any {
	if w.steps++; w.steps > most {
		w.refuse(e, "it doesn't come to an end")
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return w.values(e.X)
	case *ast.BasicLit:
		if text, ok := stringOf(e); ok {
			return []any{text}
		}
		v, err := literal(e)
		if err != nil {
			w.refuse(e, "%v", err)
		}
		return []any{v.n}
	case *ast.Ident:
		return []any{w.name(e, e.Name)}
	case *ast.SelectorExpr:
		return []any{w.name(e, path(e))}
	case *ast.UnaryExpr:
		return []any{w.unary(e)}
	case *ast.BinaryExpr:
		if e.Op == token.LAND || e.Op == token.LOR {
			if x := w.truth(e.X); x == (e.Op == token.LOR) {
				return []any{x}
			}
			return []any{w.truth(e.Y)}
		}
		return []any{w.binary(e, e.Op, w.value(e.X), w.value(e.Y))}
	case *ast.SliceExpr:
		return []any{w.slice(e)}
	case *ast.CompositeLit:
		return []any{w.composite(e)}
	case *ast.CallExpr:
		return w.calling(e)
	}
	w.refuse(e, "an expression that sequences don't have: %T", e)
	return nil
}

// name is a variable, a member or a constant.
func (w *world) name(e ast.Expr, name string) any {
	switch name {
	case "true", "false":
		return name == "true"
	case "nil":
		return name
	}
	root, rest, isMember := strings.Cut(name, ".")
	for i := len(w.scopes) - 1; i >= 0; i-- {
		v, ok := w.scopes[i][root]
		if !ok {
			continue
		}
		s, isSpan := v.(span)
		switch {
		case !isMember:
			return v
		case isSpan:
			return s.member(rest)
		}
		break
	}
	name = w.resolve(e, name)
	if v, ok := w.vars[name]; ok {
		return v
	}
	for _, end := range []string{"Start", "End"} {
		if of, ok := strings.CutSuffix(name, "."+end); ok {
			if s, ok := w.vars[of].(span); ok {
				return s.member(end)
			}
		}
	}
	if _, ok := w.s.consts[name]; ok || root == "message" && isMember {
		return name
	}
	w.refuse(e, "%s has no value", name)
	return nil
}

func (s span) member(name string) any {
	if name == "Start" {
		return s.start
	}
	return s.end
}

func (w *world) unary(e *ast.UnaryExpr) any {
	switch e.Op {
	case token.NOT:
		return !w.truth(e.X)
	case token.AND:
		// &m.Head.Fields[i], &limits.RequestHeadLimits
		if ix, ok := e.X.(*ast.IndexExpr); ok {
			return fmt.Sprintf("%s[%d]", path(ix.X), w.value(ix.Index))
		}
		return "&" + path(e.X)
	}
	w.refuse(e, "an expression that sequences don't have")
	return nil
}

func (w *world) slice(e *ast.SliceExpr) any {
	end := func(x ast.Expr) string {
		if x == nil {
			return ""
		}
		return fmt.Sprint(w.value(x))
	}
	return fmt.Sprintf("%s[%s:%s]", path(e.X), end(e.Low), end(e.High))
}

// composite is message.Span{}, with its ends or without.
func (w *world) composite(e *ast.CompositeLit) any {
	if exprName(e.Type) != "Span" {
		w.refuse(e, "a literal that sequences don't have")
	}
	var s span
	for _, x := range e.Elts {
		kv, ok := x.(*ast.KeyValueExpr)
		if !ok {
			w.refuse(e, "a literal that sequences don't have")
		}
		s = s.with(path(kv.Key), w.value(kv.Value))
	}
	return s
}

func (w *world) binary(at ast.Node, op token.Token, x, y any) any {
	if op == token.EQL || op == token.NEQ {
		if fmt.Sprintf("%T", x) != fmt.Sprintf("%T", y) {
			w.refuse(at, "%v is compared with %v", x, y)
		}
		return (x == y) == (op == token.EQL)
	}
	a, isA := x.(uint64)
	b, isB := y.(uint64)
	if !isA || !isB {
		w.refuse(at, "%v %s %v", x, op, y)
	}
	switch op {
	case token.ADD:
		return a + b
	case token.SUB:
		return a - b
	case token.MUL:
		return a * b
	case token.SHL:
		return a << b
	case token.LSS:
		return a < b
	case token.LEQ:
		return a <= b
	case token.GTR:
		return a > b
	case token.GEQ:
		return a >= b
	}
	w.refuse(at, "an operation that sequences don't have: %s", op)
	return nil
}

// calling is a call: of what Go has, of a span's methods, or of another function,
// which is noted and answered.
func (w *world) calling(e *ast.CallExpr) []any {
	name := path(e.Fun)
	switch name {
	case "int", "uint64", "int64":
		return []any{w.value(e.Args[0])}
	case "uint32":
		n, ok := w.value(e.Args[0]).(uint64)
		if !ok {
			w.refuse(e, "no number")
		}
		return []any{n & 0xffffffff}
	case "len":
		return []any{w.name(e.Args[0], "len("+path(e.Args[0])+")")}
	case "min", "max":
		x, y := w.value(e.Args[0]), w.value(e.Args[1])
		if len(e.Args) != 2 {
			w.refuse(e, "%s of %d", name, len(e.Args))
		}
		if w.binary(e, token.LSS, x, y) == (name == "min") {
			return []any{x}
		}
		return []any{y}
	case "new":
		return []any{"new " + path(e.Args[0])}
	}
	if f, ok := e.Fun.(*ast.SelectorExpr); ok && (f.Sel.Name == "Of" || f.Sel.Name == "Len") {
		s, ok := w.value(f.X).(span)
		if !ok {
			w.refuse(e, "%s is no span", path(f.X))
		}
		if f.Sel.Name == "Len" {
			return []any{s.end - s.start}
		}
		return []any{fmt.Sprintf("%s[%d:%d]", path(e.Args[0]), s.start, s.end)}
	}
	var args []string
	for _, a := range e.Args {
		args = append(args, text(w.value(a)))
	}
	call := w.resolve(e, name) + "(" + strings.Join(args, ", ") + ")"
	w.calls = append(w.calls, call)
	if w.answer == nil {
		return nil
	}
	return slices.Clone(w.answer(call))
}

// text is a value as it stands in what is noted of a call.
func text(v any) string {
	switch v := v.(type) {
	case uint64:
		return strconv.FormatUint(v, 10)
	case span:
		return fmt.Sprintf("[%d:%d]", v.start, v.end)
	}
	return fmt.Sprint(v)
}
