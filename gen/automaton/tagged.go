package automaton

import (
	"fmt"
	"slices"
	"strings"
)

// Tagged is an automaton with the names of what its ops do, by which another one's
// are compared.
type Tagged struct {
	*DFA
	// Names are those of the registers that are compared at the end, by register;
	// empty for the others.
	Names []string
	// Tell is what a Keyword, Digit, Record or Event op does, and of which registers.
	Tell func(op Op) (what string, of []Reg)
}

// Difference is an input that two automata accept and of which they tell something
// else.
type Difference struct {
	Witness []byte
	What    []string // the registers that differ, and what is told of another thing
}

// Differ is the shortest input that both automata accept with different values in
// their registers, or with different records and events; nil if there is none,
// which proves that they tell the same of all inputs that both accept. It goes
// through the product of both, in whose states values are classes: two registers
// have one class if they hold the same in every input that leads there. A record or
// an event that one automaton tells some octets later than the other is no
// difference. States is how many there are; isDecided is false if there are more
// than most.
func Differ(a, b Tagged, most int) (d *Difference, states int, isDecided bool) {
	p := &product{side: [2]Tagged{a, b}, index: map[string]int{}}
	p.add(twin{values: [2][]int{make([]int, len(a.Regs)), make([]int, len(b.Regs))}}, -1, 0)
	for i := 0; i < len(p.states); i++ {
		if len(p.states) > most {
			return nil, len(p.states), false
		}
		if what := p.ends(p.states[i]); what != nil {
			return &Difference{p.witness(i), what}, len(p.states), true
		}
		done := map[[2]int]bool{}
		for _, c := range Readable {
			at := p.states[i].at
			k := [2]int{a.States[at[0]].Edges[c], b.States[at[1]].Edges[c]}
			if k[0] < 0 || k[1] < 0 || done[k] {
				continue
			}
			done[k] = true
			p.add(p.step(p.states[i], k), i, c)
		}
	}
	return nil, len(p.states), true
}

// product is that of two automata, as far as it was seen.
type product struct {
	side   [2]Tagged
	states []twin
	from   []int  // the state before
	by     []byte // and the octet
	index  map[string]int
}

// twin is a state of the product.
type twin struct {
	at     [2]int
	values [2][]int // the class of each register; 0 is nothing or the number 0, 1 a mark
	// told is what one side has told and the other hasn't: ahead is the side.
	told    []string
	ahead   int
	isOther bool // what was told is different, whatever comes
}

// firstClass is the first class that isn't a constant.
const firstClass = 2

func (p *product) add(t twin, from int, c byte) {
	t.canonical()
	key := fmt.Sprint(t)
	if _, ok := p.index[key]; ok {
		return
	}
	p.index[key] = len(p.states)
	p.states, p.from, p.by = append(p.states, t), append(p.from, from), append(p.by, c)
}

func (p *product) witness(i int) (w []byte) {
	for ; p.from[i] >= 0; i = p.from[i] {
		w = append(w, p.by[i])
	}
	slices.Reverse(w)
	return w
}

// step is the state behind the edges k.
func (p *product) step(t twin, k [2]int) twin {
	t = t.clone()
	made := classes{ids: map[string]int{}}
	for i, side := range p.side {
		e := side.States[t.at[i]].Out[k[i]]
		p.do(&t, i, e.Ops, &made)
		p.do(&t, i, e.Digits, &made)
		t.at[i] = e.To
	}
	return t
}

// ends is what differs if the input ends here; nil if nothing does, or if one of
// the two doesn't accept it.
func (p *product) ends(t twin) (what []string) {
	if !p.side[0].States[t.at[0]].Final || !p.side[1].States[t.at[1]].Final {
		return nil
	}
	t = t.clone()
	made := classes{ids: map[string]int{}}
	for i, side := range p.side {
		p.do(&t, i, side.States[t.at[i]].End, &made)
	}
	for r, name := range p.side[0].Names {
		if k := slices.Index(p.side[1].Names, name); name != "" && k >= 0 && t.values[0][r] != t.values[1][k] {
			what = append(what, name)
		}
	}
	if t.isOther || len(t.told) > 0 {
		what = append(what, "records or events")
	}
	return what
}

// classes are those that are made in one step: equal ones for both sides.
type classes struct{ ids map[string]int }

// newClass is where they begin: canonical makes them small.
const newClass = 1 << 20

func (c *classes) of(key string) int {
	if _, ok := c.ids[key]; !ok {
		c.ids[key] = newClass + len(c.ids)
	}
	return c.ids[key]
}

// do does the ops of one side.
func (p *product) do(t *twin, i int, ops []Op, made *classes) {
	values := t.values[i]
	for _, op := range ops {
		switch op.Kind {
		case SetReg:
			values[op.Reg] = made.of("here")
		case Zero:
			values[op.Reg] = 0
		case Mark:
			values[op.Reg] = 1
		case Keyword:
			values[op.Reg] = made.of(p.saying(t, i, op))
		case Digit:
			what, _ := p.side[i].Tell(op)
			values[op.Reg] = made.of(fmt.Sprint(what, " ", values[op.Reg]))
		case Record, Event:
			t.tell(i, p.saying(t, i, op))
		}
	}
}

// saying is what an op says of which values.
func (p *product) saying(t *twin, i int, op Op) string {
	what, of := p.side[i].Tell(op)
	for _, r := range of {
		what += fmt.Sprint("\x00", t.values[i][r])
	}
	return what
}

// tell adds to what a side has told, or finds that the other has told it.
func (t *twin) tell(i int, what string) {
	switch {
	case t.isOther:
	case len(t.told) == 0 || t.ahead == i:
		t.ahead = i
		if t.told = append(t.told, what); len(t.told) > 4 {
			t.isOther, t.told = true, nil
		}
	case t.told[0] == what:
		t.told = t.told[1:]
	default:
		t.isOther, t.told = true, nil
	}
}

func (t *twin) clone() twin {
	c := *t
	c.values = [2][]int{slices.Clone(t.values[0]), slices.Clone(t.values[1])}
	c.told = slices.Clone(t.told)
	return c
}

// canonical renames the classes in the order of their first appearance.
func (t *twin) canonical() {
	names := map[int]int{}
	rename := func(c int) int {
		if c < firstClass {
			return c
		}
		if _, ok := names[c]; !ok {
			names[c] = firstClass + len(names)
		}
		return names[c]
	}
	for _, side := range t.values {
		for r, c := range side {
			side[r] = rename(c)
		}
	}
	for k, what := range t.told {
		parts := strings.Split(what, "\x00")
		for n, s := range parts[1:] {
			c := 0
			fmt.Sscan(s, &c)
			parts[n+1] = fmt.Sprint(rename(c))
		}
		t.told[k] = strings.Join(parts, "\x00")
	}
	if len(t.told) == 0 {
		t.ahead, t.told = 0, nil
	}
}
