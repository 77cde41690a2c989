package gen

import (
	"github.com/dave/jennifer/jen"
	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/gen/automaton"
)

// statePlan is how a state is printed.
type statePlan struct {
	final  bool     // the input ends here and nothing can follow: no code
	self   int      // the edge that stays in the state and does nothing, or -1
	loop   abnf.Set // octets that the state goes through without doing anything
	merge  int      // a state whose octets are scanned together with this one's, or -1
	merged bool     // the other one of the two
	end    automaton.Reg
}

// skip says whether an edge is done by the scan alone.
func (s *statePlan) skip(e automaton.Edge) bool { return s.merge >= 0 && e.To == s.merge }

// without is ops less the one that stepping back has already done.
func (s *statePlan) without(ops []automaton.Op) []automaton.Op {
	if s.merge >= 0 && len(ops) > 0 && ops[0].Kind == automaton.SetReg && ops[0].Reg == s.end {
		return ops[1:]
	}
	return ops
}

// planStates finds which states are scanned in bulk, and which pairs of states
// are scanned together.
func planStates(ma *Machine) []statePlan {
	d := ma.DFA
	plan := make([]statePlan, len(d.States))
	for k := range d.States {
		s := &d.States[k]
		p := &plan[k]
		p.self, p.merge = -1, -1
		p.final = s.Final && len(s.Out) == 0 && ma.Input != "value"
		for o, e := range s.Out {
			if e.To == k && len(e.Ops) == 0 && len(e.Digits) == 0 {
				p.self, p.loop = o, s.On(o)
			}
		}
	}
	if ma.Input != "window" {
		return plan // octets behind the position may be gone
	}
	for v := range d.States {
		for w := range d.States {
			if r, ok := mergeable(d, plan, v, w); ok {
				plan[v].merge, plan[v].end = w, r
				plan[v].loop = plan[v].loop.Union(plan[w].loop)
				plan[w].merged = true
			}
		}
	}
	return plan
}

// mergeable says whether v and w differ only in what is after the last octet
// that counts: w is v after octets (white space) that end something only if
// nothing more follows, so that one register is set on the way from v to w and
// wherever else v is left. Then both can be scanned as one, and the register
// found by stepping back over w's octets.
//
// It holds if: v stays in v on A; v goes to w on B and does nothing but set r;
// w stays in w on B, and goes to v on A and does nothing; and on every other
// octet both go to the same state and do the same, but for v's setting r
// first. And v is never entered with an octet of B.
func mergeable(d *automaton.DFA, plan []statePlan, v, w int) (r automaton.Reg, ok bool) {
	sv, sw := &d.States[v], &d.States[w]
	if v == w || v == 0 || w == 0 || plan[v].self < 0 || plan[w].self < 0 || sv.Final || sw.Final {
		return 0, false
	}
	a, b := plan[v].loop, plan[w].loop
	if !a.Intersect(b).Empty() {
		return 0, false
	}
	found := false
	for c := 0; c < 256; c++ {
		ev, okv := sv.Edge(byte(c))
		ew, okw := sw.Edge(byte(c))
		switch {
		case okv != okw:
			return 0, false
		case !okv:
		case a.Has(byte(c)):
			if ew.To != v || len(ew.Ops) != 0 || len(ew.Digits) != 0 {
				return 0, false
			}
		case b.Has(byte(c)):
			if ev.To != w || len(ev.Ops) != 1 || ev.Ops[0].Kind != automaton.SetReg || len(ev.Digits) != 0 {
				return 0, false
			}
			if found && r != ev.Ops[0].Reg {
				return 0, false
			}
			r, found = ev.Ops[0].Reg, true
		}
	}
	if !found {
		return 0, false
	}
	for c := 0; c < 256; c++ {
		if a.Has(byte(c)) || b.Has(byte(c)) {
			continue
		}
		ev, okv := sv.Edge(byte(c))
		ew, _ := sw.Edge(byte(c))
		if okv && (ev.To != ew.To || !sameBut(ev.Ops, ew.Ops, r)) {
			return 0, false
		}
	}
	for k := range d.States {
		for o, e := range d.States[k].Out {
			if e.To == v && k != v && !d.States[k].On(o).Intersect(b).Empty() {
				return 0, false
			}
			if e.To == w && k != v && k != w {
				return 0, false
			}
		}
	}
	return r, true
}

// sameBut says whether a is r := position and then b.
func sameBut(a, b []automaton.Op, r automaton.Reg) bool {
	if len(a) != len(b)+1 || a[0].Kind != automaton.SetReg || a[0].Reg != r {
		return false
	}
	for i := range b {
		if a[i+1] != b[i] {
			return false
		}
	}
	return true
}

// order is the order in which a state's edges are tested: single octets first,
// which are the delimiters, then sets; what the scan goes through comes last.
func (p *machineEmitter) order(k int) (out []int) {
	s := &p.ma.DFA.States[k]
	for pass := 0; pass < 3; pass++ {
		for o := range s.Out {
			rank := 1
			switch {
			case o == p.plan[k].self && p.scans(k):
				rank = 2
			case s.On(o).Len() == 1:
				rank = 0
			}
			if rank == pass && (rank < 2) {
				out = append(out, o)
			}
		}
	}
	return out
}

// scans says whether the state goes through its octets in a loop of its own.
func (p *machineEmitter) scans(k int) bool { return p.plan[k].self >= 0 }

// scan prints the loop over the octets that a state goes through without doing
// anything.
func (p *machineEmitter) scan(g *jen.Group, k int) {
	if !p.scans(k) {
		return
	}
	set := p.plan[k].loop
	p.bulk(g, k, set)
	// for {
	//	if uint(i) >= uint(end) {
	//		state, why = 22, 0
	//		goto stop
	//	}
	//	c = b[i]
	//	if requestHeadOctets[c]&8 == 0 {
	//		break
	//	}
	//	i++
	// }
	g.For().BlockFunc(func(g *jen.Group) {
		p.fetch(g, k)
		g.If(p.outside(set)).Block(jen.Break())
		g.Id("i").Op("++")
	})
	if p.bulked(set) {
		g.Line()
		g.Id(label(k) + "out").Op(":")
	}
}

// outside is the test that c is not in a set.
func (p *machineEmitter) outside(set abnf.Set) *jen.Statement {
	r := set.Ranges()
	if len(r) > 2 || set.Len() > 2 {
		return p.lookup(jen.Id("c"), set).Op("==").Lit(0)
	}
	s := jen.Null()
	for i, x := range r {
		if i > 0 {
			s.Op("&&")
		}
		s.Id("c").Op("!=").Add(octet(x[0]))
		if x[0] != x[1] {
			s.Op("&&").Id("c").Op("!=").Add(octet(x[1]))
		}
	}
	return s
}

// stepBack prints how the end of a value is found behind the white space that
// was scanned with it.
func (p *machineEmitter) stepBack(g *jen.Group, k int) {
	pl := p.plan[k]
	w := p.plan[pl.merge].loop
	r := func() *jen.Statement { return p.reg(pl.end) }
	// m.record.Value.End = uint32(i)
	// for requestHeadOctets[b[m.record.Value.End-1]]&2 != 0 {
	//	m.record.Value.End--
	// }
	g.Add(r()).Op("=").Add(p.pos())
	g.For(p.lookup(jen.Id("b").Index(r().Op("-").Lit(1)), w).Op("!=").Lit(0)).Block(r().Op("--"))
}

// header is a state that every loop goes through, self-loops aside, or -1 if
// there is no loop, or no such state.
func (p *machineEmitter) header() int {
	if !p.cyclic(-1) {
		return -1
	}
	for h := len(p.ma.DFA.States) - 1; h >= 0; h-- {
		if !p.plan[h].merged && !p.cyclic(h) {
			return h
		}
	}
	return -1
}

// cyclic says whether there is a loop that doesn't go through the state
// without. A state and the one merged with it count as one.
func (p *machineEmitter) cyclic(without int) bool {
	d := p.ma.DFA
	mark := make([]uint8, len(d.States)) // 1 under way, 2 done
	var visit func(k int) bool
	visit = func(k int) bool {
		mark[k] = 1
		var to []int
		for _, e := range d.States[k].Out {
			to = append(to, e.To)
		}
		if j := p.planJump(k); j != nil {
			to = append(to, j.to)
		}
		for _, t := range to {
			if t == k || t == without || t == p.plan[k].merge {
				continue
			}
			if mark[t] == 1 || mark[t] == 0 && visit(t) {
				return true
			}
		}
		mark[k] = 2
		return false
	}
	for k := range d.States {
		if k != without && !p.plan[k].merged && mark[k] == 0 && visit(k) {
			return true
		}
	}
	return false
}
