package extract

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/gen/automaton"
	"github.com/specht-http/specht/spec"
)

// checker compares one machine's source with its automaton.
type checker struct {
	s      *Source
	m      *gen.Model
	ma     *gen.Machine
	typ    string
	fn     *ast.FuncDecl
	prog   *program
	stop   *program
	labels map[string]int
	merged map[int]int // state -> the state whose label stands for it
	ends   map[int]automaton.Reg
	home   []home
	again  run               // reused by runs
	none   map[string]uint64 // limits that nothing passes
	known  map[string]bool   // tables of words that were read through
	errs   []error
	runs   int // of the program
}

// Reading is what came of reading one thing back.
type Reading struct {
	What     string // "machine request-head"
	Pos      spec.Pos
	Evidence string // what was compared, in numbers
	Err      error  // the first few differences, or nil
}

// Machine compares the source of a machine with its automaton.
func Machine(s *Source, m *gen.Model, ma *gen.Machine) Reading {
	c := &checker{s: s, m: m, ma: ma, typ: TypeOf(ma), labels: map[string]int{}, merged: map[int]int{}, ends: map[int]automaton.Reg{}}
	r := Reading{What: "machine " + ma.Name, Pos: ma.Row.Pos, Err: c.check()}
	edges, faults, ops := 0, 0, 0
	for i := range ma.DFA.States {
		st := &ma.DFA.States[i]
		for _, k := range st.Edges {
			if k < 0 {
				faults++
				continue
			}
			edges++
			ops += len(st.Out[k].Ops) + len(st.Out[k].Digits)
		}
	}
	r.Evidence = fmt.Sprintf("%d states, of which %d stand under the label of another; %d edges by octet with %d ops, %d refusals by octet; %d runs of the code, each compared in octets read, state, registers, records and events",
		len(ma.DFA.States), len(c.merged), edges, ops, faults, c.runs)
	return r
}

// TypeOf is the name of the Go type that a machine is.
func TypeOf(ma *gen.Machine) string {
	if ma.Input == "value" {
		return goName(ma.Name) + "Value"
	}
	return goName(ma.Name)
}

// Check compares the source of machine ma, whose Go type is typ, with its
// automaton. The error joins the first few differences.
func Check(s *Source, m *gen.Model, ma *gen.Machine, typ string) error {
	c := &checker{s: s, m: m, ma: ma, typ: typ, labels: map[string]int{}, merged: map[int]int{}, ends: map[int]automaton.Reg{}}
	return c.check()
}

func (c *checker) check() error {
	s, typ := c.s, c.typ
	if c.fn = s.funcs[typ+".Consume"]; c.fn == nil {
		return fmt.Errorf("extract: there is no method %s.Consume", typ)
	}
	for i, st := range c.fn.Body.List {
		for {
			l, ok := st.(*ast.LabeledStmt)
			if !ok {
				break
			}
			c.labels[l.Label.Name] = i
			st = l.Stmt
		}
	}
	var err error
	if c.prog, err = s.program(typ + ".Consume"); err != nil {
		return fmt.Errorf("extract: %s: %w", typ, err)
	}
	c.home = c.homes()
	for _, step := range []func(){c.shape, c.states, c.tables, c.events, c.edges, c.ended, c.quick, c.limits, c.faults} {
		step()
		if len(c.errs) > 0 {
			break
		}
	}
	if len(c.errs) > 5 {
		c.errs = c.errs[:5]
	}
	return errors.Join(c.errs...)
}

func (c *checker) errorf(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("extract: %s: %s", c.typ, fmt.Sprintf(format, args...)))
}

func label(k int) string { return "s" + strconv.Itoa(k) }

var stateLabel = regexp.MustCompile(`^s([0-9]+)$`)

// positions are the only forms in which a condition may look at the position
// or at the end of the input.
var positions = []*regexp.Regexp{
	regexp.MustCompile(`^uint\(i\) >= uint\(end\)$`),
	regexp.MustCompile(`^i >= 0$`),
	regexp.MustCompile(`^i <= end - [0-9]+$`),
	regexp.MustCompile(`^n (> i|== k)$`), // an octet between the beginning of a word and its end
	regexp.MustCompile(`^(m\.at \+ )?uint32\(i\) - m\.[a-zA-Z]+Start > limits\.[A-Za-z]+$`),
	regexp.MustCompile(`^uint32\(len\(m\.Fields\)\) >= limits\.[A-Za-z]+$`),
}

// shape checks that what the machine does can't depend on where in the input
// it is.
func (c *checker) shape() {
	var conds func(e ast.Expr)
	conds = func(e ast.Expr) {
		switch x := e.(type) {
		case *ast.ParenExpr:
			conds(x.X)
			return
		case *ast.BinaryExpr:
			if x.Op == token.LAND || x.Op == token.LOR {
				conds(x.X)
				conds(x.Y)
				return
			}
		}
		uses := false
		ast.Inspect(e, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.IndexExpr:
				return path(n.X) != "b" // the octets themselves may be looked at
			case *ast.Ident:
				uses = uses || n.Name == "i" || n.Name == "end" || n.Name == "k" && n.Obj == nil
			}
			return true
		})
		if !uses {
			return
		}
		text := render(e)
		for _, p := range positions {
			if p.MatchString(text) {
				return
			}
		}
		c.errorf("%s: a condition on the position: %s", c.s.fset.Position(e.Pos()), text)
	}
	ast.Inspect(c.fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			conds(n.Cond)
		case *ast.ForStmt:
			if n.Cond != nil {
				conds(n.Cond)
			}
		case *ast.SwitchStmt:
			if n.Tag == nil {
				for _, cl := range n.Body.List {
					for _, e := range cl.(*ast.CaseClause).List {
						conds(e)
					}
				}
			}
		}
		return true
	})
}

// render prints an expression with one space around operators.
func render(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		return render(e.X) + " " + e.Op.String() + " " + render(e.Y)
	case *ast.CallExpr:
		var args []string
		for _, a := range e.Args {
			args = append(args, render(a))
		}
		return render(e.Fun) + "(" + strings.Join(args, ", ") + ")"
	case *ast.BasicLit:
		return e.Value
	}
	return path(e)
}

// states finds the label of each state. A state without one must be another
// state but for one register, which is found by stepping back.
func (c *checker) states() {
	for k := range c.ma.DFA.States {
		s := &c.ma.DFA.States[k]
		if s.Final && len(s.Out) == 0 && c.ma.Input != "value" {
			continue // the end: the machine has returned
		}
		if _, ok := c.labels[label(k)]; ok {
			continue
		}
		v, r, ok := c.twin(k)
		if !ok {
			c.errorf("state %d has no label, and is no state's twin", k)
			continue
		}
		c.merged[k], c.ends[v] = v, r
	}
	for l := range c.labels {
		if m := stateLabel.FindStringSubmatch(l); m != nil {
			if k, _ := strconv.Atoi(m[1]); k >= len(c.ma.DFA.States) {
				c.errorf("label %s is no state", l)
			}
		}
	}
}

// twin finds the state v that goes to w while setting a register, and back
// while doing nothing.
func (c *checker) twin(w int) (v int, r automaton.Reg, ok bool) {
	for v := range c.ma.DFA.States {
		for _, e := range c.ma.DFA.States[v].Out {
			if v != w && e.To == w && len(e.Ops) == 1 && e.Ops[0].Kind == automaton.SetReg {
				return v, e.Ops[0].Reg, true
			}
		}
	}
	return 0, 0, false
}

// same says whether the source's state is the automaton's.
func (c *checker) same(source, spec int) bool {
	if v, ok := c.merged[spec]; ok {
		spec = v
	}
	return source == spec
}

// tables compares what the machine says in errors, and which limited elements
// are under way in which state.
func (c *checker) tables() {
	low := lower(c.typ)
	low = strings.TrimSuffix(low, "Value")
	waits, open := c.s.tables[low+"Waits"], c.s.tables[low+"Open"]
	if waits == nil || c.ma.Input != "value" && len(c.ma.Limits) > 0 && open == nil {
		c.errorf("the tables %sWaits and %sOpen are missing", low, low)
		return
	}
	for k := range c.ma.DFA.States {
		s := &c.ma.DFA.States[k]
		row, _ := waits.rows[k].(map[string]any)
		rule, source := "", ""
		if s.Rule != nil {
			rule, source = s.Rule.Rule, s.Rule.Source
		}
		if row == nil || row["rule"] != rule || row["source"] != source {
			c.errorf("%sWaits: state %d is in rule %s (%s)", low, k, rule, source)
		} else {
			for _, w := range s.Want {
				if !strings.Contains(row["want"].(string), w) {
					c.errorf("%sWaits: state %d waits for %s", low, k, w)
				}
			}
		}
		if open == nil {
			continue
		}
		var want uint64
		for _, r := range s.Open {
			for i, l := range c.ma.Limits {
				if l.Start == r {
					want |= 1 << i
				}
			}
		}
		if v, ok := open.rows[k].(value); !ok || v.n != want {
			c.errorf("%sOpen: state %d has %b under way", low, k, want)
		}
	}
}
