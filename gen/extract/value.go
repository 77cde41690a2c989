package extract

import (
	"fmt"
	"go/ast"
	"go/token"
)

// value is a number or a truth. typ is its Go type; empty for a constant
// without one.
type value struct {
	typ string
	n   uint64
}

// run is one run of a program.
type run struct {
	p       *program
	b       []byte
	vars    []uint64 // by slot
	set     []bool   // which variables have a value
	records []record
	events  []string
	limits  map[string]uint64
	ret     []string // what was returned, as written
	stop    *stopCall
	steps   int
	from    int               // the position at which the run began
	told    map[string]string // the members of the fault that is made
	out     []byte            // what was appended
}

// record is what was appended to the machine's records: names and numbers.
type record struct {
	names []string
	vals  []uint64
}

// of is the number of that name.
func (rec record) of(name string) (n uint64) {
	for i, k := range rec.names {
		if k == name {
			n = rec.vals[i]
		}
	}
	return n
}

// stopCall is a call of the machine's stop method.
type stopCall struct{ state, why, at uint64 }

// jump is how a statement ends: by falling through, or by a branch.
type jump struct {
	kind token.Token // GOTO, BREAK, CONTINUE, RETURN, or 0
	to   *target
}

// target is a label: where it is, and which state's it is, or -1.
type target struct {
	name  string
	at    int
	state int
}

// most is how many steps a run may have.
const most = 1e6

// fault is a panic value: something that is refused.
type fault struct{ error }

func (p *program) refuse(n ast.Node, format string, args ...any) {
	panic(fault{fmt.Errorf("%s: %s", p.s.fset.Position(n.Pos()), fmt.Sprintf(format, args...))})
}

// caught makes an error of a fault that is on its way.
func caught(err *error) {
	if p := recover(); p != nil {
		f, ok := p.(fault)
		if !ok {
			panic(p)
		}
		*err = f.error
	}
}

// start makes r a run without variables.
func (r *run) start(p *program, limits map[string]uint64) {
	if cap(r.vars) < len(p.slots) {
		r.vars, r.set = make([]uint64, len(p.slots)), make([]bool, len(p.slots))
	}
	*r = run{p: p, vars: r.vars[:len(p.slots)], set: r.set[:len(p.slots)], records: r.records[:0], limits: limits}
	clear(r.set)
	clear(r.vars)
	for _, k := range p.results {
		r.set[k] = true
	}
}

// get is the value of a variable of the function or a member; 0 if it has none.
func (r *run) get(name string) uint64 {
	if k, ok := r.p.names[name]; ok {
		return r.vars[k]
	}
	return 0
}

// put sets a variable of the function or a member, if the program has it.
func (r *run) put(name string, n uint64) {
	if k, ok := r.p.names[name]; ok {
		r.vars[k], r.set[k] = trim(r.p.slots[k].typ, n), true
	}
}

func trim(typ string, n uint64) uint64 {
	switch typ {
	case "uint8", "byte":
		return n & 0xff
	case "uint16":
		return n & 0xffff
	case "uint32":
		return n & 0xffffffff
	}
	return n
}

// execute runs from the statement on until the machine goes to a state after
// having consumed something, or returns. It is the label, or nil for a return.
func (r *run) execute(from int) (to *target, err error) {
	defer caught(&err)
	r.steps = 0
	for pc := from; pc < len(r.p.body); {
		switch j := r.p.body[pc](r); j.kind {
		case 0:
			pc++
		case token.GOTO:
			if j.to.state >= 0 && int(r.vars[r.p.i]) > r.from {
				return j.to, nil
			}
			if r.steps++; r.steps > most {
				return nil, fmt.Errorf("the machine goes round without consuming anything")
			}
			pc = j.to.at
		case token.RETURN:
			return nil, nil
		default:
			return nil, fmt.Errorf("%s outside a loop", j.kind)
		}
	}
	if r.p.isVoid {
		return nil, nil
	}
	return nil, fmt.Errorf("the function ends without a return")
}
