package compose

import "math/bits"

// Two sides in heads agree whatever follows if the ends of their heads can't be at
// different octets, and if each can only refuse or come to the one outcome that ends
// the message at the same octet on both sides. Pairs that agree needn't be walked on.

// may are the outcomes that a head may still come to: bit 0 is that it is refused,
// bit i+1 outcome i.
type may uint16

const mayRefuse may = 1

// mayBe is what may come of a Config of a head.
func (c *Machine) mayBe(id int32) may {
	x := c.heads
	for len(x.may) <= int(id) {
		x.may = append(x.may, 0)
	}
	if x.may[id] == 0 {
		cfg := &x.configs[id]
		if cfg.settled > 0 {
			x.may[id] = 1 << cfg.settled
		} else {
			x.may[id] = x.by.hopeful(x.by.hope(cfg)).may
		}
	}
	return x.may[id]
}

// agree is what a pair of machines knows about where the two agree.
type agree struct {
	parts [][]bool // by the states of their heads: the ends of heads can be at different octets
	same  may      // outcomes that end a message at the same octet on both sides
}

func (p *Pair) agree() *agree {
	g := &agree{parts: p.parts()}
	begin := both{p.A.id(p.A.Start()), p.B.id(p.B.Start())}
	for i, outcome := range p.A.outcomes() {
		if i >= len(p.B.outcomes()) || p.B.outcomes()[i] != outcome || p.A.counted(outcome) || p.B.counted(outcome) {
			continue
		}
		to, verdict := p.judge(p.A.behind(exit{event: outcome}), p.B.behind(exit{event: outcome}))
		if verdict == stuck || verdict == goesOn && to == begin {
			g.same |= 1 << (i + 1)
		}
	}
	return g
}

// agrees says whether nothing can come of a pair.
func (p *Pair) agrees(g *agree, at both) bool {
	if at.a == ended || at.b == ended || (at.a|at.b)&inBody != 0 {
		return false
	}
	all := (p.A.mayBe(at.a) | p.B.mayBe(at.b)) &^ mayRefuse
	return all&^g.same == 0 && bits.OnesCount16(uint16(all)) <= 1 &&
		!g.parts[p.A.heads.configs[at.a].state][p.B.heads.configs[at.b].state]
}

// parts finds the pairs of states of two heads from which one can come to its end
// where the other goes on. What stands on edges isn't looked at: it can only refuse
// more.
func (p *Pair) parts() [][]bool {
	a, b := p.A.head.DFA, p.B.head.DFA
	type pair struct{ a, b int }
	from := map[pair][]pair{}
	var apart []pair
	queue, known := []pair{{0, 0}}, map[pair]bool{{0, 0}: true}
	for ; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		s, t := &a.States[at.a], &b.States[at.b]
		for o := range 256 {
			e, okA := s.Edge(byte(o))
			f, okB := t.Edge(byte(o))
			if !okA || !okB {
				continue
			}
			to := pair{e.To, f.To}
			isEndA := a.States[e.To].Final && len(a.States[e.To].Out) == 0
			isEndB := b.States[f.To].Final && len(b.States[f.To].Out) == 0
			switch {
			case isEndA != isEndB:
				apart = append(apart, at)
			case !isEndA:
				from[to] = append(from[to], at)
				if !known[to] {
					known[to] = true
					queue = append(queue, to)
				}
			}
		}
	}
	out := make([][]bool, len(a.States))
	for i := range out {
		out[i] = make([]bool, len(b.States))
	}
	for ; len(apart) > 0; apart = apart[1:] {
		if at := apart[0]; !out[at.a][at.b] {
			out[at.a][at.b] = true
			apart = append(apart, from[at]...)
		}
	}
	return out
}
