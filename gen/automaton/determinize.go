package automaton

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// AmbiguityError says that the same octets can be read in two ways that leave
// different values behind, and that no preference chooses.
type AmbiguityError struct {
	Where   string // the place where the readings part
	Reg     string // a register in which they differ
	Witness []byte // the shortest input that shows it
}

// Error names the place, the register and the witness.
func (e *AmbiguityError) Error() string {
	return fmt.Sprintf("ambiguous span: %q can be read in two ways that give different values to %s; they part at %s", e.Witness, e.Reg, e.Where)
}

// RegistersError says that one register a tag is not enough.
type RegistersError struct {
	Reg     string
	Witness []byte
}

// Error names the register and the witness.
func (e *RegistersError) Error() string {
	return fmt.Sprintf("after %q more than one register is needed for %s: two readings are still possible and need different values", e.Witness, e.Reg)
}

// item is one reading that is still possible: the state after the last octet,
// and for each register a class. Items that hold equal values have equal
// classes; 0 is a register that is not set. One class more stands for the
// records and events so far, with what they said.
type item struct {
	state int
	class []int
	last  *Frame // of the last octet consumed
}

// rawState is a state of the automaton before minimisation. Its items are in
// the order of preference.
type rawState struct {
	items []item
	part  [][]int // part[a][b]: the fork at which readings a and b parted
	edges [256]*rawEdge
	end   *rawEdge // at the end of the input; nil if that is not accepted
	path  []byte   // the shortest input that leads here
}

// rawEdge is a transition. Each of its moves says how an item of the target
// came to be.
type rawEdge struct {
	to    int // -1 for the end
	moves []move
}

type move struct {
	from  int // index of the item in the source
	at    int // the NFA state whose octet was consumed, or the accepting one
	ops   []Op
	forks []choice
	item  item
}

type choice struct{ fork, alt int }

type determinizer struct {
	n      *NFA
	live   [][]bool
	states []*rawState
	index  map[string]int
	told   map[string]int // classes of records and events
}

// determinize builds the automaton of all readings, unminimised.
func determinize(n *NFA) ([]*rawState, error) {
	d := &determinizer{n: n, live: n.liveness(), index: map[string]int{}, told: map[string]int{}}
	first := item{state: n.start, class: make([]int, len(n.regs)+1)}
	d.intern([]move{{item: first}}, nil, nil)
	for i := 0; i < len(d.states); i++ {
		if len(d.states) > 5000 {
			return nil, fmt.Errorf("the automaton has more than 5000 states; split the machine")
		}
		if err := d.expand(i); err != nil {
			return nil, err
		}
	}
	return d.states, nil
}

// expand computes the edges of a state, one for each class of octets that its
// readings tell apart.
func (d *determinizer) expand(i int) error {
	s := d.states[i]
	var all []move
	for k, it := range s.items {
		d.closure(it.state, move{from: k}, map[int]bool{}, func(m move, at int) {
			m.at = at
			all = append(all, m)
		})
	}
	cache := map[string]*rawEdge{}
	var key []byte
	for _, c := range order {
		key = key[:0]
		for k, m := range all {
			t := &d.n.states[m.at]
			if end := t.kind == acceptState; end == (c == 256) && (end || t.set.Has(byte(c))) {
				key = append(key, byte(k), byte(k>>8))
			}
		}
		if len(key) == 0 {
			continue
		}
		if e, ok := cache[string(key)]; ok {
			s.edges[c] = e
			continue
		}
		moves := make([]move, 0, len(key)/2)
		for i := 0; i < len(key); i += 2 {
			m := all[int(key[i])|int(key[i+1])<<8]
			m.item = d.step(s.items[m.from], m.ops, &d.n.states[m.at], m.at)
			moves = append(moves, m)
		}
		kept, part, err := d.resolve(s, moves, c)
		if err != nil {
			return err
		}
		e := &rawEdge{to: -1, moves: kept}
		if c == 256 {
			s.end = e
			continue
		}
		e.to = d.intern(kept, part, append(append([]byte(nil), s.path...), byte(c)))
		s.edges[c], cache[string(key)] = e, e
	}
	return nil
}

// order is every octet, pleasant ones first, and then the end of the input.
var order = func() (all []int) {
	for _, c := range Readable {
		all = append(all, int(c))
	}
	return append(all, 256)
}()

// closure walks the states that consume nothing, preferred ones first.
func (d *determinizer) closure(at int, m move, seen map[int]bool, yield func(move, int)) {
	s := &d.n.states[at]
	switch s.kind {
	case charState, acceptState:
		yield(m, at)
	case opState:
		m.ops = append(m.ops[:len(m.ops):len(m.ops)], s.op)
		d.closure(s.next, m, seen, yield)
	case splitState:
		if seen[at] {
			return // round an empty loop
		}
		seen[at] = true
		for k, a := range s.alts {
			b := m
			b.forks = append(m.forks[:len(m.forks):len(m.forks)], choice{s.fork, k})
			d.closure(a, b, seen, yield)
		}
		delete(seen, at)
	}
}

const fresh = 1 << 20 // a value that is made in this step

// step is the item after the ops and after the octet.
func (d *determinizer) step(from item, ops []Op, t *nfaState, at int) item {
	it := item{state: at, class: append([]int(nil), from.class...), last: t.frame}
	if t.kind == charState {
		it.state = t.next
	}
	for _, op := range ops {
		switch op.Kind {
		case SetReg, Zero, Mark, Keyword:
			it.class[op.Reg] = fresh + int(op.Kind)
		case Check:
			it.class[op.Reg] = 0
		case Record, Event:
			it.class[len(d.n.regs)] = d.tell(op, it.class)
		}
	}
	for _, op := range t.digit {
		// Equal values stay equal under the same digit.
		it.class[op.Reg] = fresh*2 + it.class[op.Reg]
	}
	for r := range d.n.regs {
		if !d.live[it.state][r] && !d.n.regs[r].Scope {
			it.class[r] = 0
		}
	}
	return it
}

// tell is the class of what was told before, and op with the values that the
// registers have.
func (d *determinizer) tell(op Op, class []int) int {
	key := fmt.Sprint(op, class)
	if d.told[key] == 0 {
		d.told[key] = fresh*3 + len(d.told)
	}
	return d.told[key]
}

// resolve drops readings that came to the same state as a preferred one.
func (d *determinizer) resolve(s *rawState, moves []move, c int) ([]move, [][]int, error) {
	var kept []move
next:
	for _, m := range moves {
		for _, k := range kept {
			if k.item.state != m.item.state {
				continue
			}
			r := d.differ(k, m)
			if r < 0 {
				continue next
			}
			f := d.parted(s, k, m)
			if f < 0 || !d.n.forks[f].preferred {
				w := append([]byte(nil), s.path...)
				if c < 256 {
					w = append(w, byte(c))
				}
				where := "the start"
				if f >= 0 {
					where = d.n.forks[f].where
				}
				return nil, nil, &AmbiguityError{Where: where, Reg: d.name(r), Witness: w}
			}
			continue next
		}
		kept = append(kept, m)
	}
	part := make([][]int, len(kept))
	for a := range kept {
		part[a] = make([]int, len(kept))
		for b := range kept {
			if a != b {
				part[a][b] = d.parted(s, kept[a], kept[b])
			}
		}
	}
	return kept, part, nil
}

// name is the name of a register, or of what stands for records and events.
func (d *determinizer) name(r int) string {
	if r == len(d.n.regs) {
		return "a record or an event"
	}
	return d.n.regs[r].Name
}

// differ is a register in which two readings of the same state differ, or -1.
func (d *determinizer) differ(a, b move) int {
	for r := range d.n.regs {
		ca, cb := a.item.class[r], b.item.class[r]
		if ca == cb || d.n.regs[r].Lax && (ca == 0 || cb == 0) {
			continue
		}
		if d.live[a.item.state][r] {
			return r
		}
	}
	if told := len(d.n.regs); a.item.class[told] != b.item.class[told] {
		return told
	}
	return -1
}

func effects(ops []Op) string {
	var b strings.Builder
	for _, o := range ops {
		if o.effect() {
			fmt.Fprint(&b, o, " ")
		}
	}
	return b.String()
}

// parted is the fork at which two readings parted, or -1.
func (d *determinizer) parted(s *rawState, a, b move) int {
	if a.from != b.from {
		if s.part == nil {
			return -1
		}
		return s.part[a.from][b.from]
	}
	for i := range a.forks {
		if i >= len(b.forks) || a.forks[i] != b.forks[i] {
			return a.forks[i].fork
		}
	}
	return -1
}

// intern finds or adds the state with these items.
func (d *determinizer) intern(moves []move, part [][]int, path []byte) int {
	s := &rawState{part: part, path: path}
	for _, m := range moves {
		s.items = append(s.items, m.item)
	}
	canonical(s.items)
	var key []byte
	number := func(n int) { key = append(strconv.AppendInt(key, int64(n), 10), ' ') }
	for _, it := range s.items {
		number(it.state)
		for _, c := range it.class {
			number(c)
		}
		key = append(append(key, frameName(it.last)...), ';')
	}
	key = append(key, '|')
	for _, row := range part {
		for _, f := range row {
			number(f)
		}
	}
	if i, ok := d.index[string(key)]; ok {
		return i
	}
	d.states = append(d.states, s)
	d.index[string(key)] = len(d.states) - 1
	return len(d.states) - 1
}

// canonical renames the classes in the order of their first appearance.
func canonical(items []item) {
	if len(items) == 0 {
		return
	}
	for r := range items[0].class {
		names := map[int]int{0: 0}
		if r == len(items[0].class)-1 {
			names = map[int]int{} // only whether it is the same counts
		}
		for i := range items {
			c := items[i].class[r]
			if _, ok := names[c]; !ok {
				names[c] = len(names)
			}
			items[i].class[r] = names[c]
		}
	}
}

// usefulItems finds the readings that can still win, state by state: the ones
// from which an accepted input can be reached without losing to a preferred
// reading on every way.
func usefulItems(states []*rawState) [][]bool {
	useful := make([][]bool, len(states))
	for i, s := range states {
		useful[i] = make([]bool, len(s.items))
	}
	for changed := true; changed; {
		changed = false
		for i, s := range states {
			visit := func(e *rawEdge) {
				if e == nil {
					return
				}
				for k, m := range e.moves {
					if (e.to < 0 || useful[e.to][k]) && !useful[i][m.from] {
						useful[i][m.from], changed = true, true
					}
				}
			}
			visit(s.end)
			for c := range s.edges {
				visit(s.edges[c])
			}
		}
	}
	return useful
}

func frameName(f *Frame) string {
	if f == nil {
		return ""
	}
	return f.Rule + "<" + frameName(f.Parent)
}

// expected lists what a state waits for: the labels of the octets that its
// readings could consume, and where in the grammar they stand.
func (d *determinizer) expected(s *rawState, useful []bool) (labels []string, frames []*Frame) {
	seen := map[string]bool{}
	for k, it := range s.items {
		if !useful[k] {
			continue
		}
		d.closure(it.state, move{}, map[int]bool{}, func(_ move, at int) {
			t := &d.n.states[at]
			label := t.label
			if t.kind == acceptState {
				label = "the end"
			} else {
				frames = append(frames, t.frame)
			}
			if !seen[label] {
				seen[label] = true
				labels = append(labels, label)
			}
		})
	}
	sort.Strings(labels)
	return labels, frames
}
