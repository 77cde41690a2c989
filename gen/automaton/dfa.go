package automaton

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen/abnf"
)

// DFA is a minimal deterministic automaton with ops on its edges. State 0 is
// the start.
type DFA struct {
	States []State
	Regs   []Register
}

// State is one state of a DFA.
type State struct {
	Edges [256]int // index into Out, or -1: a fault
	Out   []Edge
	End   []Op // ops at the end of the input, when Final
	Final bool // the input may end here
	Rule  *Frame
	Want  []string // what is expected here, for errors
	Next  []*Frame // where in the grammar what is expected stands
	Open  []Reg    // limited elements that are under way, in all readings
	Path  []byte   // the shortest input that leads here
}

// Edge is a transition: the ops, done before the octet is consumed; then the
// octet; then the digits.
type Edge struct {
	To     int
	Ops    []Op
	Digits []Op
}

// Edge is the edge for an octet; ok is false if the octet is a fault.
func (s *State) Edge(c byte) (e Edge, ok bool) {
	if k := s.Edges[c]; k >= 0 {
		return s.Out[k], true
	}
	return Edge{}, false
}

// Match says whether the whole of input is accepted.
func (d *DFA) Match(input []byte) bool {
	at := 0
	for _, c := range input {
		e, ok := d.States[at].Edge(c)
		if !ok {
			return false
		}
		at = e.To
	}
	return d.States[at].Final
}

// On is the set of the octets that take edge k.
func (s *State) On(k int) (set abnf.Set) {
	for c, e := range s.Edges {
		if e == k {
			set = set.Union(abnf.Of(byte(c)))
		}
	}
	return set
}

// Compile makes the minimal automaton of n. States are merged only if they also
// say the same in errors: the same rule, the same expectations, and the same
// word from says, which may be nil. Its error is an *AmbiguityError or a
// *RegistersError.
func Compile(n *NFA, says func(*State) string) (*DFA, error) {
	raw, err := determinize(n)
	if err != nil {
		return nil, err
	}
	d := &determinizer{n: n, live: n.liveness(), states: raw}
	useful := usefulItems(raw)
	if len(useful[0]) == 0 || !useful[0][0] {
		return nil, fmt.Errorf("the language is empty: no input is ever accepted")
	}
	dfa := &DFA{Regs: n.regs}
	dead := make([]bool, len(raw))
	for i, s := range raw {
		dead[i] = true
		for _, u := range useful[i] {
			if u {
				dead[i] = false
			}
		}
		st, err := d.state(s, useful, i)
		if err != nil {
			return nil, err
		}
		dfa.States = append(dfa.States, *st)
	}
	// Edges into states from which nothing is accepted are faults: say so at
	// the octet that makes it certain.
	for i := range dfa.States {
		s := &dfa.States[i]
		for c, k := range s.Edges {
			if k >= 0 && dead[s.Out[k].To] {
				s.Edges[c] = -1
			}
		}
	}
	return dfa.minimize(says), nil
}

// state turns a raw state into one whose edges carry the ops of all readings
// that can still win.
func (d *determinizer) state(s *rawState, useful [][]bool, i int) (*State, error) {
	if err := d.single(s, useful[i]); err != nil {
		return nil, err
	}
	st := &State{Path: s.path}
	keys, done := map[string]int{}, map[*rawEdge]int{}
	for c := range s.edges {
		st.Edges[c] = -1
		e := s.edges[c]
		if e == nil {
			continue
		}
		if k, ok := done[e]; ok {
			st.Edges[c] = k
			continue
		}
		ops, digits, err := d.ops(s, e, useful, byte(c))
		if err != nil {
			return nil, err
		}
		key := fmt.Sprint(e.to, ops, digits)
		k, ok := keys[key]
		if !ok {
			k = len(st.Out)
			keys[key] = k
			st.Out = append(st.Out, Edge{To: e.to, Ops: ops, Digits: digits})
		}
		st.Edges[c], done[e] = k, k
	}
	if s.end != nil {
		ops, _, err := d.ops(s, s.end, useful, 0)
		if err != nil {
			return nil, err
		}
		st.Final, st.End = true, ops
	}
	labels, frames := d.expected(s, useful[i])
	st.Want, st.Next = labels, frames
	st.Rule = d.rule(s, useful[i], frames)
	for r, reg := range d.n.regs {
		if !reg.Scope {
			continue
		}
		open, all := false, true
		for k, it := range s.items {
			if useful[i][k] {
				open = open || it.class[r] != 0
				all = all && it.class[r] != 0
			}
		}
		if open && all {
			st.Open = append(st.Open, Reg(r))
		}
	}
	return st, nil
}

// ops merges what the readings do on an edge, and checks that one register a
// tag is enough.
func (d *determinizer) ops(s *rawState, e *rawEdge, useful [][]bool, c byte) (ops, digits []Op, err error) {
	seen := map[Op]bool{}
	effect, first := "", true
	witness := append(append([]byte(nil), s.path...), c)
	need := make([]int, len(d.n.regs)) // 0 unknown, 1 must stay, 2 must change
	if r, ok := d.checkedAlone(s, e, useful); ok {
		return nil, nil, &RegistersError{Reg: d.n.regs[r].Name, Witness: witness}
	}
	for k, m := range e.moves {
		if e.to >= 0 && !useful[e.to][k] {
			continue
		}
		if f := effects(m.ops); first {
			effect, first = f, false
		} else if f != effect {
			return nil, nil, &RegistersError{Reg: "an event that one reading has and the other has not", Witness: witness}
		}
		var dig []Op
		if e.to >= 0 {
			dig = d.n.states[m.at].digit
		}
		writes := map[Reg]bool{}
		for _, op := range append(m.ops[:len(m.ops):len(m.ops)], dig...) {
			if op.effect() || op.Kind == Check {
				continue // a check leaves the value: see checkedAlone
			}
			writes[op.Reg] = true
		}
		for r, reg := range d.n.regs {
			if !d.live[m.item.state][r] && !reg.Scope {
				continue
			}
			was := s.items[m.from].class[r]
			want := 1
			if writes[Reg(r)] {
				want = 2
			} else if was == 0 && reg.Lax {
				continue
			}
			if need[r] != 0 && need[r] != want {
				return nil, nil, &RegistersError{Reg: reg.Name, Witness: witness}
			}
			need[r] = want
		}
		for _, op := range m.ops {
			if d.wanted(op, m) && !seen[op] {
				seen[op] = true
				ops = append(ops, op)
			}
		}
		for _, op := range dig {
			if d.wanted(op, m) && !seen[op] {
				seen[op] = true
				digits = append(digits, op)
			}
		}
	}
	return ops, digits, nil
}

// checkedAlone finds a limited element that ends here in one reading and isn't
// under way in another, which may be the right one: its limit must not be held
// against that. Where it goes on in the other it is longer still, and what is
// too long already is too long in both.
func (d *determinizer) checkedAlone(s *rawState, e *rawEdge, useful [][]bool) (Reg, bool) {
	isUseful := func(k int) bool { return e.to < 0 || useful[e.to][k] }
	for k, m := range e.moves {
		for i, op := range m.ops {
			begins := func(o Op) bool { return o.Kind == SetReg && o.Reg == op.Reg }
			if op.Kind != Check || !isUseful(k) || slices.ContainsFunc(m.ops[:i], begins) {
				continue // an empty element has begun here in all readings
			}
			for j, other := range e.moves {
				if isUseful(j) && s.items[other.from].class[op.Reg] == 0 {
					return op.Reg, true
				}
			}
		}
	}
	return 0, false
}

// single checks that the readings of a state agree on every register that may
// still be read: they share it.
func (d *determinizer) single(s *rawState, useful []bool) error {
	history := -1
	for k, it := range s.items {
		if h := it.class[len(d.n.regs)]; useful[k] && history >= 0 && h != history {
			return &RegistersError{Reg: "an event that one reading has and the other has not", Witness: s.path}
		} else if useful[k] {
			history = h
		}
	}
	for r, reg := range d.n.regs {
		class := -1
		for k, it := range s.items {
			if !useful[k] || !d.live[it.state][r] || it.class[r] == 0 && reg.Lax {
				continue
			}
			if class >= 0 && it.class[r] != class {
				return &RegistersError{Reg: reg.Name, Witness: s.path}
			}
			class = it.class[r]
		}
	}
	return nil
}

// wanted says whether the value that op makes is ever read.
func (d *determinizer) wanted(op Op, m move) bool {
	switch op.Kind {
	case Record, Event, Check:
		return true
	}
	if d.live[m.item.state][op.Reg] {
		return true
	}
	// Read by a later op of the same edge.
	after := false
	for _, o := range m.ops {
		if o == op {
			after = true
		} else if after && d.n.reads(o, op.Reg) {
			return true
		}
	}
	return false
}

// rule is the innermost rule that a table names and that all readings are in,
// going by the octet consumed last; or by what is expected next at the start.
func (d *determinizer) rule(s *rawState, useful []bool, next []*Frame) *Frame {
	var frames []*Frame
	for k, it := range s.items {
		if useful[k] && it.last != nil {
			frames = append(frames, it.last)
		}
	}
	if f := common(frames); f != nil && f.Parent != nil {
		return f
	}
	if f := common(next); f != nil && f.Parent != nil || len(frames) == 0 {
		return f
	}
	return common(frames)
}

// common is the innermost marked frame that all have in common, by name; the
// outermost frame if there is no other.
func common(frames []*Frame) *Frame {
	if len(frames) == 0 {
		return nil
	}
	var outermost *Frame
	for f := frames[0]; f != nil; f = f.Parent {
		outermost = f
		if !f.Marked {
			continue
		}
		all := true
		for _, g := range frames[1:] {
			all = all && within(g, f)
		}
		if all {
			return f
		}
	}
	return outermost
}

func ruleName(f *Frame) string {
	if f == nil {
		return ""
	}
	return f.Rule
}

func within(g, f *Frame) bool {
	for ; g != nil; g = g.Parent {
		if g == f || frameName(g) == frameName(f) {
			return true
		}
	}
	return false
}

// minimize merges states that no input tells apart, by what they do and by
// what they say in errors (Moore's algorithm), and drops what can't be
// reached.
func (d *DFA) minimize(says func(*State) string) *DFA {
	n := len(d.States)
	class := make([]int, n)
	label := func(i int) string {
		s := &d.States[i]
		word := ""
		if says != nil {
			word = says(s)
		}
		return fmt.Sprint(s.Final, s.End, ruleName(s.Rule), s.Want, s.Open, word)
	}
	names := map[string]int{}
	for i := range d.States {
		l := label(i)
		if _, ok := names[l]; !ok {
			names[l] = len(names)
		}
		class[i] = names[l]
	}
	for count := len(names); ; {
		next, ids := map[string]int{}, map[string]int{}
		fine := make([]int, n)
		var key []byte
		for i := range d.States {
			s := &d.States[i]
			key = binary.BigEndian.AppendUint32(key[:0], uint32(class[i]))
			per := make([]int, len(s.Out)) // what each edge does, by number
			for k, e := range s.Out {
				does := fmt.Sprint(class[e.To], e.Ops, e.Digits)
				if _, ok := ids[does]; !ok {
					ids[does] = 1 + len(ids)
				}
				per[k] = ids[does]
			}
			for _, k := range s.Edges {
				does := 0
				if k >= 0 {
					does = per[k]
				}
				key = binary.BigEndian.AppendUint32(key, uint32(does))
			}
			if _, ok := next[string(key)]; !ok {
				next[string(key)] = len(next)
			}
			fine[i] = next[string(key)]
		}
		class = fine
		if len(next) == count {
			break
		}
		count = len(next)
	}
	return d.quotient(class)
}

// quotient keeps one state of each class, numbered in the order in which a
// walk from the start meets them.
func (d *DFA) quotient(class []int) *DFA {
	out := &DFA{Regs: d.Regs}
	number := map[int]int{}
	var order []int
	visit := func(i int) int {
		k, ok := number[class[i]]
		if !ok {
			k = len(order)
			number[class[i]] = k
			order = append(order, i)
		}
		return k
	}
	visit(0)
	for k := 0; k < len(order); k++ {
		s := d.States[order[k]]
		for i := range d.States {
			if class[i] == class[order[k]] && plainer(d.States[i].Path, s.Path) {
				s.Path = d.States[i].Path
			}
		}
		st := State{Final: s.Final, End: s.End, Rule: s.Rule, Want: s.Want, Next: s.Next, Open: s.Open, Path: s.Path}
		merged, done := map[string]int{}, make([]int, len(s.Out)) // 0 is not yet
		for c, k := range s.Edges {
			st.Edges[c] = -1
			if k < 0 {
				continue
			}
			if done[k] == 0 {
				e := s.Out[k]
				e.To = visit(e.To)
				key := fmt.Sprint(e)
				m, ok := merged[key]
				if !ok {
					m = len(st.Out)
					merged[key] = m
					st.Out = append(st.Out, e)
				}
				done[k] = m + 1
			}
			st.Edges[c] = done[k] - 1
		}
		out.States = append(out.States, st)
	}
	return out
}

// plainer says whether a is shorter than b, or as long and better to read.
func plainer(a, b []byte) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	for i := range a {
		if a[i] != b[i] {
			return bytes.IndexByte(Readable, a[i]) < bytes.IndexByte(Readable, b[i])
		}
	}
	return false
}

// Classes is the number of classes of octets that the automaton tells apart.
func (d *DFA) Classes() int {
	seen := map[string]bool{}
	for c := 0; c < 256; c++ {
		var key strings.Builder
		for i := range d.States {
			fmt.Fprint(&key, d.States[i].Edges[c], " ")
		}
		seen[key.String()] = true
	}
	return len(seen)
}
