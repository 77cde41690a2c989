package extract

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"strconv"
	"strings"
)

// program is a function of the source, made of closures once, so that it can be
// run often. What isn't of the part of Go that machines are written in is
// refused when it is made.
type program struct {
	s       *Source
	typ     string // the type whose method it is, or ""
	body    []stmt // the statements of the function
	labels  map[string]*target
	slots   []slot
	names   map[string]int // the slots of the function's own variables, and of members
	decls   int            // the first statements, which are declarations
	i       int            // the slot of the position
	outer   map[string]int // the variables that nothing may hide
	isVoid  bool           // it returns nothing
	results []int          // that have names, and begin as 0
	scopes  []map[string]int
}

// slot is a variable.
type slot struct{ name, typ string }

// stmt runs a statement.
type stmt func(r *run) jump

// program makes a program of the function: "Type.Method", or a function's name.
func (s *Source) program(name string) (p *program, err error) {
	defer caught(&err)
	fn := s.funcs[name]
	if fn == nil {
		return nil, fmt.Errorf("extract: there is no %s", name)
	}
	typ, _, isMethod := strings.Cut(name, ".")
	if !isMethod {
		typ = ""
	}
	p = &program{s: s, typ: typ, labels: map[string]*target{}, names: map[string]int{}}
	p.scopes = []map[string]int{p.names}
	p.isVoid = fn.Type.Results == nil
	for _, f := range fn.Type.Params.List {
		for _, n := range f.Names {
			p.declare(n.Name, exprName(f.Type))
		}
	}
	if r := fn.Recv; r != nil && len(r.List[0].Names) == 1 {
		p.declare(r.List[0].Names[0].Name, typ)
	}
	if fn.Recv == nil && fn.Type.Results != nil {
		for _, f := range fn.Type.Results.List {
			for _, n := range f.Names {
				p.results = append(p.results, p.declare(n.Name, exprName(f.Type)))
			}
		}
	}
	p.i = p.declare("i", "int") // declared again by the function, if it has one
	list := p.findLabels(fn.Body.List)
	isBehind := false
	for _, st := range list {
		if _, isDecl := st.(*ast.DeclStmt); !isDecl && !isBehind {
			isBehind, p.outer = true, maps.Clone(p.names)
		} else if isDecl && !isBehind {
			p.decls++
		}
		p.body = append(p.body, p.stmt(st))
	}
	return p, nil
}

// findLabels is the list without its labels.
func (p *program) findLabels(list []ast.Stmt) (out []ast.Stmt) {
	for i, st := range list {
		for {
			l, ok := st.(*ast.LabeledStmt)
			if !ok {
				break
			}
			t := &target{name: l.Label.Name, at: i, state: -1}
			if m := stateLabel.FindStringSubmatch(t.name); m != nil {
				t.state, _ = strconv.Atoi(m[1])
			}
			p.labels[t.name] = t
			st = l.Stmt
		}
		out = append(out, st)
	}
	return out
}

// declare makes a variable in the innermost scope.
func (p *program) declare(name, typ string) int {
	inner := p.scopes[len(p.scopes)-1]
	if k, ok := inner[name]; ok {
		p.slots[k].typ = typ
		return k
	}
	p.slots = append(p.slots, slot{name, typ})
	inner[name] = len(p.slots) - 1
	return inner[name]
}

// find is the slot of a variable, or of a member of one of the function, which is
// made.
func (p *program) find(name string) (k int, ok bool) {
	for i := len(p.scopes) - 1; i >= 0; i-- {
		if k, ok := p.scopes[i][name]; ok {
			return k, true
		}
	}
	root, rest, isMember := strings.Cut(name, ".")
	of, ok := p.names[root]
	if !isMember || !ok {
		return 0, false
	}
	p.slots = append(p.slots, slot{name, p.s.memberType(p.slots[of].typ, rest)})
	p.names[name] = len(p.slots) - 1
	return p.names[name], true
}

// block makes a list of statements with a scope of its own.
func (p *program) block(list []ast.Stmt) stmt {
	p.scopes = append(p.scopes, map[string]int{})
	defer func() { p.scopes = p.scopes[:len(p.scopes)-1] }()
	out := make([]stmt, len(list))
	for i, st := range list {
		out[i] = p.stmt(st)
	}
	if len(out) == 1 {
		return out[0]
	}
	return func(r *run) jump {
		for _, f := range out {
			if j := f(r); j.kind != 0 {
				return j
			}
		}
		return jump{}
	}
}

func (p *program) stmt(st ast.Stmt) stmt {
	switch st := st.(type) {
	case *ast.EmptyStmt:
		return func(*run) jump { return jump{} }
	case *ast.BlockStmt:
		return p.block(st.List)
	case *ast.DeclStmt:
		return p.declaration(st)
	case *ast.AssignStmt:
		return p.assign(st)
	case *ast.IncDecStmt:
		op := token.ADD
		if st.Tok == token.DEC {
			op = token.SUB
		}
		return p.store(st.X, p.binary(st, op, p.expr(st.X), constant("", 1)))
	case *ast.IfStmt:
		return p.ifs(st)
	case *ast.ForStmt:
		return p.loop(st)
	case *ast.SwitchStmt:
		return p.switches(st)
	case *ast.BranchStmt:
		j := jump{kind: st.Tok}
		if st.Label != nil {
			if j.to = p.labels[st.Label.Name]; j.to == nil || st.Tok != token.GOTO {
				p.refuse(st, "%s %s, which is no label", st.Tok, st.Label.Name)
			}
		}
		return func(*run) jump { return j }
	case *ast.ExprStmt:
		if c, ok := st.X.(*ast.CallExpr); ok && path(c.Fun) == "panic" {
			return func(*run) jump {
				p.refuse(st, "it panics")
				return jump{}
			}
		}
		return p.callStmt(st)
	case *ast.ReturnStmt:
		return p.returns(st)
	}
	p.refuse(st, "a statement that machines don't have: %T", st)
	return nil
}

func (p *program) declaration(st *ast.DeclStmt) stmt {
	var out []stmt
	for _, sp := range st.Decl.(*ast.GenDecl).Specs {
		v, ok := sp.(*ast.ValueSpec)
		if !ok {
			p.refuse(st, "a declaration that machines don't have")
		}
		for i, n := range v.Names {
			x := constant(exprName(v.Type), 0)
			if i < len(v.Values) {
				x = p.expr(v.Values[i])
				if t := exprName(v.Type); t != "" {
					x.typ = t
				} else if x.typ == "" {
					x.typ = "int"
				}
			}
			out = append(out, p.init(p.declare(n.Name, x.typ), x))
		}
	}
	return func(r *run) jump {
		for _, f := range out {
			f(r)
		}
		return jump{}
	}
}

// init gives a variable its value.
func (p *program) init(k int, x expr) stmt {
	typ := p.slots[k].typ
	return func(r *run) jump {
		r.vars[k], r.set[k] = trim(typ, x.f(r)), true
		return jump{}
	}
}

func (p *program) ifs(st *ast.IfStmt) stmt {
	p.scopes = append(p.scopes, map[string]int{})
	defer func() { p.scopes = p.scopes[:len(p.scopes)-1] }()
	first := func(*run) jump { return jump{} }
	if st.Init != nil {
		first = p.stmt(st.Init)
	}
	cond, then := p.expr(st.Cond).f, p.block(st.Body.List)
	other := stmt(nil)
	if st.Else != nil {
		other = p.stmt(st.Else)
	}
	return func(r *run) jump {
		if first(r); cond(r) != 0 {
			return then(r)
		}
		if other != nil {
			return other(r)
		}
		return jump{}
	}
}

func (p *program) loop(st *ast.ForStmt) stmt {
	if st.Init != nil || st.Post != nil {
		p.refuse(st, "a loop that machines don't have")
	}
	cond := constant("bool", 1)
	if st.Cond != nil {
		cond = p.expr(st.Cond)
	}
	body := p.block(st.Body.List)
	return func(r *run) jump {
		for cond.f(r) != 0 {
			if r.steps++; r.steps > most {
				p.refuse(st, "the loop doesn't come to an end")
			}
			switch j := body(r); j.kind {
			case token.BREAK:
				return jump{}
			case token.CONTINUE, 0:
			default:
				return j
			}
		}
		return jump{}
	}
}

// switches makes a switch. One over constants is looked up.
func (p *program) switches(st *ast.SwitchStmt) stmt {
	if st.Init != nil {
		p.refuse(st, "a switch that machines don't have")
	}
	type arm struct {
		conds []expr
		body  stmt
	}
	var arms []arm
	tag, other := expr{}, stmt(func(*run) jump { return jump{} })
	if st.Tag != nil {
		tag = p.expr(st.Tag)
	}
	places, isConstant := map[uint64]stmt{}, st.Tag != nil
	for _, c := range st.Body.List {
		cl := c.(*ast.CaseClause)
		body := p.block(cl.Body)
		if cl.List == nil {
			other = body
			continue
		}
		a := arm{body: body}
		for _, e := range cl.List {
			x := p.expr(e)
			a.conds = append(a.conds, x)
			isConstant = isConstant && x.isConstant
			if _, ok := places[x.n]; x.isConstant && !ok {
				places[x.n] = body
			}
		}
		arms = append(arms, a)
	}
	ends := func(j jump) jump {
		if j.kind == token.BREAK {
			return jump{}
		}
		return j
	}
	if isConstant {
		return func(r *run) jump {
			if f, ok := places[tag.f(r)]; ok {
				return ends(f(r))
			}
			return ends(other(r))
		}
	}
	return func(r *run) jump {
		for i := range arms {
			for _, cond := range arms[i].conds {
				if n := cond.f(r); tag.f == nil && n != 0 || tag.f != nil && n == tag.f(r) {
					return ends(arms[i].body(r))
				}
			}
		}
		return ends(other(r))
	}
}

// returns makes a return. What is returned is kept as it is written.
func (p *program) returns(st *ast.ReturnStmt) stmt {
	var words []string
	var stop [3]expr
	if len(st.Results) == 1 {
		if f := p.octets(st.Results[0]); f != nil {
			return f
		}
	}
	for _, e := range st.Results {
		switch e := e.(type) {
		case *ast.CallExpr:
			if path(e.Fun) == "m.stop" && len(e.Args) >= 3 {
				for i := range stop {
					stop[i] = p.expr(e.Args[i])
				}
				words = append(words, "stop")
				continue
			}
			words = append(words, path(e.Fun))
		case *ast.BasicLit:
			word := e.Value
			if s, ok := stringOf(e); ok {
				word = s
			}
			words = append(words, word)
		default:
			words = append(words, path(e))
		}
	}
	return func(r *run) jump {
		if stop[0].f != nil {
			r.stop = &stopCall{stop[0].f(r), stop[1].f(r), stop[2].f(r)}
		}
		r.ret = words
		return jump{kind: token.RETURN}
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
