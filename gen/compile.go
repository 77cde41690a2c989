package gen

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/gen/automaton"
	"github.com/specht-http/specht/spec"
)

// compiler builds the automaton of one machine, or of a property's language.
type compiler struct {
	m      *Model
	ma     *Machine // nil for a property
	nfa    *automaton.NFA
	stack  []*abnf.Rule
	bound  map[*Yield]*Bound
	lims   map[*Limit]int // their places in the machine
	sender bool           // lists are read as senders write them

	hoisted map[*Yield]bool // events that a list raises, not its element, and records
}

// raise is a node that stands for nothing and raises an event.
type raise struct {
	abnf.Node
	of *Yield
}

// String is the empty string in ABNF.
func (*raise) String() string { return `""` }

// scope is what compilation carries down into the grammar.
type scope struct {
	frame  *automaton.Frame
	space  string
	digits []automaton.Op
	record *Bound
	prefer string
	why    *note // where prefer came from
}

func (m *Model) compileMachines() {
	for _, ma := range m.Machines {
		nfa := m.machine(ma)
		if nfa == nil {
			continue
		}
		dfa, err := automaton.Compile(nfa, func(s *automaton.State) string { return m.named(ma, s) })
		if err != nil {
			m.fail(located(ma.Row.Pos, ma.Name, err))
			continue
		}
		ma.DFA = dfa
		m.resolveErrors(ma)
		if ma.Input == "value" {
			continue
		}
		m.checkBounded(ma)
		if short, long, ok := dfa.Extension(); ok {
			m.errorf(ma.Row.Pos, "a machine that reads a window or a stream must know its end without looking further",
				"%s is not prefix-free: it accepts %q, and %q as well", ma.Name, short, long)
		}
	}
}

// machine builds the automaton of a machine, with all that tables say; nil after a
// mistake.
func (m *Model) machine(ma *Machine) *automaton.NFA {
	c := &compiler{m: m, ma: ma, nfa: automaton.NewNFA(), bound: map[*Yield]*Bound{}, lims: map[*Limit]int{}, sender: slices.Contains(ma.Roles, "sender")}
	before := len(m.errs)
	start := c.rule(ma.rule, scope{space: ma.rule.Namespace}, c.nfa.Accept())
	if len(m.errs) > before {
		return nil
	}
	c.nfa.SetStart(start)
	return c.nfa
}

// located turns what the automaton compiler says into an error with a place.
func located(at spec.Pos, name string, err error) error {
	if e := (*spec.Error)(nil); errors.As(err, &e) {
		return err // it has a place
	}
	var a *automaton.AmbiguityError
	var r *automaton.RegistersError
	switch {
	case errors.As(err, &a):
		return spec.Errorf(at, "add a row to a table | path | prefers | because |", "machine %s: %v", name, a)
	case errors.As(err, &r):
		return spec.Errorf(at, "yield less there, or change the grammar so that one octet decides", "machine %s: %v", name, r)
	}
	return spec.Errorf(at, "change the grammar of its root", "machine %s: %v", name, err)
}

// rule compiles a rule: what tables say of it, around its definition.
func (c *compiler) rule(r *abnf.Rule, s scope, next int) int {
	for _, outer := range c.stack {
		if outer == r {
			c.m.errorf(r.At, "a machine without a stack can't read it: unroll it, or leave it to the application", "the rule %s is recursive", r.Name)
			return next
		}
	}
	c.stack = append(c.stack, r)
	defer func() { c.stack = c.stack[:len(c.stack)-1] }()
	n := c.m.notes[r]
	s.space = r.Namespace
	if n != nil && n.prefer != "" {
		s.prefer, s.why = n.prefer, n
	}
	s.frame = &automaton.Frame{Rule: r.Name, Source: r.Source, Marked: marked(n), Node: r, Parent: s.frame}
	return c.noted(n, s, next, func(s scope, next int) int { return c.node(c.ma.def(r), s, next) })
}

func marked(n *note) bool { return n != nil && (len(n.yields) > 0 || len(n.limits) > 0) }

// noted compiles an element with what tables say of it: limits outside,
// records and spans inside them.
func (c *compiler) noted(n *note, s scope, next int, inner func(scope, int) int) int {
	if n == nil || c.ma == nil {
		return inner(s, next)
	}
	var before []automaton.Op
	for _, l := range n.limits {
		l.used = true
		if l.Records {
			if c.ma.RecordLimit != nil && c.ma.RecordLimit != l {
				c.m.errorf(l.Row.Pos, "remove one of the two", "machine %s has two limits on records", c.ma.Name)
			}
			c.ma.RecordLimit = l
			continue
		}
		k, ok := c.lims[l]
		if !ok {
			k = len(c.ma.Limits)
			c.lims[l] = k
			own := *l // a variant has registers of its own
			own.Start = c.nfa.Register(automaton.Register{Name: l.Name, Scope: true})
			c.ma.Limits = append(c.ma.Limits, &own)
		}
		start := c.ma.Limits[k].Start
		next = c.nfa.Do(automaton.Op{Kind: automaton.Check, Reg: start, Arg: k}, next)
		before = append(before, automaton.Op{Kind: automaton.SetReg, Reg: start})
	}
	for _, y := range n.yields {
		y.used = true
		b := c.bind(y, s.record)
		k := c.index(b)
		switch {
		case y.Record:
			if !c.hoisted[y] {
				next = c.nfa.Do(automaton.Op{Kind: automaton.Record, Arg: k}, next)
			}
			s.record = b
		case y.Mark:
			next = c.nfa.Do(automaton.Op{Kind: automaton.Mark, Reg: b.Value, Arg: k}, next)
		}
		if y.Event && !c.hoisted[y] {
			next = c.nfa.Do(automaton.Op{Kind: automaton.Event, Arg: k}, next)
		}
		if y.Span {
			if y.Keyword != "" {
				next = c.nfa.Do(automaton.Op{Kind: automaton.Keyword, Reg: b.ID, Arg: k}, next)
			}
			next = c.nfa.Do(automaton.Op{Kind: automaton.SetReg, Reg: b.End}, next)
			before = append(before, automaton.Op{Kind: automaton.SetReg, Reg: b.Start})
		}
		if y.Base > 0 {
			s.digits = append(s.digits[:len(s.digits):len(s.digits)], automaton.Op{Kind: automaton.Digit, Reg: b.Value, Arg: k})
			before = append(before, automaton.Op{Kind: automaton.Zero, Reg: b.Value})
		}
	}
	at := inner(s, next)
	for i := len(before) - 1; i >= 0; i-- {
		at = c.nfa.Do(before[i], at)
	}
	return at
}

func (c *compiler) index(b *Bound) int {
	for i, o := range c.ma.Yields {
		if o == b {
			return i
		}
	}
	panic("gen: bug: unbound yield")
}

// bind gives a yield its registers in this machine.
func (c *compiler) bind(y *Yield, record *Bound) *Bound {
	if b := c.bound[y]; b != nil {
		return b
	}
	b := &Bound{Yield: y, In: record, Start: -1, End: -1, ID: -1, Value: -1}
	if y.Span {
		b.Start = c.nfa.Register(automaton.Register{Name: y.Into + ".Start"})
		b.End = c.nfa.Register(automaton.Register{Name: y.Into + ".End"})
	}
	if y.Keyword != "" {
		b.ID = c.nfa.Register(automaton.Register{Name: y.Into + ".ID"})
	}
	if y.Base > 0 {
		b.Value = c.nfa.Register(automaton.Register{Name: y.Into, Lax: true})
	}
	if y.Mark {
		b.Value = c.nfa.Register(automaton.Register{Name: y.Into})
	}
	c.bound[y] = b
	c.ma.Yields = append(c.ma.Yields, b)
	return b
}

// node compiles an element.
func (c *compiler) node(n abnf.Node, s scope, next int) int {
	note := c.m.notes[n]
	if note != nil && note.prefer != "" {
		s.prefer, s.why = note.prefer, note
	}
	if marked(note) {
		name := abnf.String(n)
		if _, ref := n.(*abnf.Ref); ref {
			// The rule's own frame follows.
		} else {
			s.frame = &automaton.Frame{Rule: name, Source: source(s.frame), Node: n, Parent: s.frame}
		}
	}
	return c.noted(note, s, next, func(s scope, next int) int { return c.bare(n, s, next) })
}

func source(f *automaton.Frame) string {
	if f == nil {
		return ""
	}
	return f.Source
}

// bare compiles an element without what tables say of it.
func (c *compiler) bare(n abnf.Node, s scope, next int) int {
	prefer, why := s.prefer, s.why
	if _, ref := n.(*abnf.Ref); !ref {
		s.prefer, s.why = "", nil
	}
	switch n := n.(type) {
	case *raise:
		return c.nfa.Do(automaton.Op{Kind: automaton.Event, Arg: c.index(c.bind(n.of, s.record))}, next)
	case *abnf.Char:
		return c.char(n, n.Set, n.Text, s, next)
	case *abnf.Literal:
		for i := len(n.Text) - 1; i >= 0; i-- {
			label := abnf.String(n)
			if len(n.Text) > 1 {
				label = fmt.Sprintf("%q of %s", n.Text[i:i+1], label)
			}
			next = c.char(n, letter(n.Text[i], n.Fold), label, s, next)
		}
		return next
	case *abnf.Ref:
		r, err := c.m.Grammar.Lookup(s.space, n.Name, n.At)
		if err != nil {
			c.m.fail(err)
			return next
		}
		s.frame = &automaton.Frame{Rule: r.Name, Source: r.Source, Node: n, Parent: s.frame}
		if set, ok := c.m.asSet(r.Def, r.Namespace, n.At); ok && c.m.notes[r] == nil && !c.m.isChanged(c.ma, r) {
			return c.char(n, set, n.Name, s, next)
		}
		s.frame.Marked = marked(c.m.notes[n])
		return c.rule(r, s, next)
	case *abnf.Seq:
		late := c.late(n, s)
		next = c.recordLate(late, s, next)
		for i := len(n.Parts) - 1; i > 0; i-- {
			next = c.node(n.Parts[i], s, next)
		}
		if len(n.Parts) == 0 {
			return next
		}
		c.hoist(late, true)
		defer c.hoist(late, false)
		return c.node(n.Parts[0], s, next)
	case *abnf.Alt:
		alts := make([]int, len(n.Parts))
		for i, p := range n.Parts {
			alts[i] = c.node(p, s, next)
		}
		if prefer == "last alternative" {
			for i, j := 0, len(alts)-1; i < j; i, j = i+1, j-1 {
				alts[i], alts[j] = alts[j], alts[i]
			}
		}
		return c.split(alts, n, prefer, why)
	case *abnf.Repeat:
		return c.repeat(n, n.X, n.Min, n.Max, s, prefer, why, next)
	case *abnf.List:
		return c.node(c.expand(n), s, next)
	}
	c.m.errorf(n.Pos(), "import a rule, or write the grammar out", "%s can't be read by a machine", abnf.String(n))
	return next
}

func (c *compiler) char(n any, set abnf.Set, label string, s scope, next int) int {
	frame := &automaton.Frame{Rule: label, Source: source(s.frame), Node: n, Parent: s.frame}
	return c.nfa.Char(set, strings.TrimPrefix(label, "%s"), frame, s.digits, next)
}

func (c *compiler) split(alts []int, n abnf.Node, prefer string, why *note) int {
	if why != nil {
		why.used = true
	}
	where := fmt.Sprintf("%s in %s (%s)", abnf.String(n), c.stack[len(c.stack)-1].Name, n.Pos())
	return c.nfa.Split(alts, prefer != "", where)
}

// repeat compiles lo to hi times x.
func (c *compiler) repeat(n, x abnf.Node, lo, hi int, s scope, prefer string, why *note, next int) int {
	order := func(go_, stop int) []int {
		if prefer == "shortest" {
			return []int{stop, go_}
		}
		return []int{go_, stop}
	}
	at := next
	if hi < 0 {
		loop := c.split(nil, n, prefer, why)
		body := c.node(x, s, loop)
		c.nfa.Patch(loop, order(body, next))
		at = loop
	} else {
		for i := hi; i > lo; i-- {
			at = c.split(order(c.node(x, s, at), next), n, prefer, why)
		}
	}
	for i := 0; i < lo; i++ {
		at = c.node(x, s, at)
	}
	return at
}

// resolveErrors marks which rows of the error tables can happen in a machine:
// those of whose place the machine waits for something, and gets one of the
// row's octets, which is none of what it waits for. If two rows fit, the first
// one counts.
func (m *Model) resolveErrors(ma *Machine) {
	for i := range ma.DFA.States {
		s := &ma.DFA.States[i]
		var named abnf.Set
		for _, e := range ma.Errors {
			if e.Overflow {
				continue
			}
			octets := m.appliesTo(s, e)
			if !octets.Minus(named).Empty() {
				ma.raise(e)
			}
			named = named.Union(octets)
		}
	}
	for _, b := range ma.Yields {
		if b.Base > 0 {
			for _, e := range ma.Errors {
				if e.Overflow && m.notes[e.Node] != nil && hasYield(m.notes[e.Node], b.Yield) {
					ma.raise(e)
				}
			}
		}
	}
}

func (ma *Machine) raise(e *ErrorRow) {
	if ma.raised == nil {
		ma.raised = map[*ErrorRow]bool{}
	}
	ma.raised[e], e.used = true, true
}

func hasYield(n *note, y *Yield) bool {
	for _, o := range n.yields {
		if o == y {
			return true
		}
	}
	return false
}

// named lists the rows of the error tables that name faults in a state.
func (m *Model) named(ma *Machine, s *automaton.State) string {
	var b strings.Builder
	for i, e := range ma.Errors {
		if set := m.appliesTo(s, e); !set.Empty() {
			fmt.Fprint(&b, i, set, ";")
		}
	}
	return b.String()
}

// appliesTo is the set of octets for which the row names the fault in a state.
func (m *Model) appliesTo(s *automaton.State, e *ErrorRow) (set abnf.Set) {
	waits := false
	for _, f := range s.Next {
		for ; f != nil; f = f.Parent {
			waits = waits || f.Node == e.Node
		}
	}
	if !waits {
		return set
	}
	for c := 0; c < 256; c++ {
		if _, ok := s.Edge(byte(c)); !ok && e.Octets.Has(byte(c)) {
			set = set.Union(abnf.Of(byte(c)))
		}
	}
	return set
}
