package automaton

import "slices"

// Overlap is the shortest input that both automata accept; ok is false if
// there is none, which proves that no input is in both languages.
func Overlap(a, b *DFA) (witness []byte, ok bool) {
	type pair struct{ a, b int }
	type step struct {
		from pair
		c    byte
	}
	start := pair{0, 0}
	came := map[pair]step{start: {}}
	queue := []pair{start}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		if a.States[p.a].Final && b.States[p.b].Final {
			for p != start {
				s := came[p]
				witness = append(witness, s.c)
				p = s.from
			}
			for i, j := 0, len(witness)-1; i < j; i, j = i+1, j-1 {
				witness[i], witness[j] = witness[j], witness[i]
			}
			return witness, true
		}
		for _, c := range Readable {
			ea, oka := a.States[p.a].Edge(c)
			eb, okb := b.States[p.b].Edge(c)
			q := pair{ea.To, eb.To}
			if _, seen := came[q]; !oka || !okb || seen {
				continue
			}
			came[q] = step{p, c}
			queue = append(queue, q)
		}
	}
	return nil, false
}

// Outside is the shortest input that a accepts and b doesn't; ok is false if
// there is none, which proves that a's language is a part of b's.
func Outside(a, b *DFA) (witness []byte, ok bool) {
	const dead = -1
	type pair struct{ a, b int }
	type step struct {
		from pair
		c    byte
	}
	start := pair{0, 0}
	came := map[pair]step{start: {}}
	for queue := []pair{start}; len(queue) > 0; queue = queue[1:] {
		p := queue[0]
		if a.States[p.a].Final && (p.b == dead || !b.States[p.b].Final) {
			for ; p != start; p = came[p].from {
				witness = append(witness, came[p].c)
			}
			slices.Reverse(witness)
			return witness, true
		}
		for _, c := range Readable {
			ea, oka := a.States[p.a].Edge(c)
			if !oka {
				continue
			}
			q := pair{ea.To, dead}
			if p.b != dead {
				if eb, okb := b.States[p.b].Edge(c); okb {
					q.b = eb.To
				}
			}
			if _, seen := came[q]; !seen {
				came[q] = step{p, c}
				queue = append(queue, q)
			}
		}
	}
	return nil, false
}

// Readable is all octets, those first that make a witness pleasant to read.
var Readable = func() (order []byte) {
	seen := [256]bool{}
	add := func(lo, hi int) {
		for c := lo; c <= hi; c++ {
			if !seen[c] {
				seen[c] = true
				order = append(order, byte(c))
			}
		}
	}
	add('a', 'z')
	add('A', 'Z')
	add('0', '9')
	add(' ', '~')
	add(0, 255)
	return order
}()

// Language is the minimal automaton of the language alone: without ops, and
// without what errors say, by which Compile tells more states apart.
func (d *DFA) Language() *DFA {
	bare := &DFA{}
	for i := range d.States {
		s := &d.States[i]
		b := State{Final: s.Final, Path: s.Path, Edges: s.Edges}
		for _, e := range s.Out {
			b.Out = append(b.Out, Edge{To: e.To})
		}
		bare.States = append(bare.States, b)
	}
	return bare.minimize(nil)
}

// Extension is an accepted input that is the beginning of another accepted
// input; ok is false if there is none, which proves that the language is
// prefix-free: its inputs end themselves.
func (d *DFA) Extension() (short, long []byte, ok bool) {
	for i := range d.States {
		s := &d.States[i]
		if !s.Final {
			continue
		}
		for c := range s.Edges {
			if e, ok := s.Edge(byte(c)); ok {
				long = append(append([]byte(nil), s.Path...), byte(c))
				return s.Path, append(long, d.toEnd(e.To)...), true
			}
		}
	}
	return nil, nil, false
}

// toEnd is the shortest input from a state to one where the input may end.
func (d *DFA) toEnd(from int) []byte {
	type node struct {
		at   int
		path []byte
	}
	seen := map[int]bool{from: true}
	queue := []node{{from, nil}}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		s := &d.States[n.at]
		if s.Final {
			return n.path
		}
		for _, c := range Readable {
			e, ok := s.Edge(c)
			if ok && !seen[e.To] {
				seen[e.To] = true
				queue = append(queue, node{e.To, append(n.path[:len(n.path):len(n.path)], c)})
			}
		}
	}
	return nil
}

// Cover is a set of accepted inputs that together take every edge for at least
// one octet of each run of octets on it.
func (d *DFA) Cover() [][]byte {
	var out [][]byte
	for i := range d.States {
		s := &d.States[i]
		if s.Final && len(s.Out) == 0 {
			out = append(out, s.Path)
		}
		for k, e := range s.Out {
			for _, r := range s.On(k).Ranges() {
				in := append(append([]byte(nil), s.Path...), r[0])
				out = append(out, append(in, d.toEnd(e.To)...))
			}
		}
	}
	return out
}

// NearMisses are inputs that are refused at one octet: for each state, an octet
// of each run of octets on which it has no edge, with what would have followed
// behind it.
func (d *DFA) NearMisses() [][]byte {
	var out [][]byte
	for i := range d.States {
		s := &d.States[i]
		for _, r := range s.On(-1).Ranges() {
			for _, c := range []byte{r[0], r[1]} {
				in := append(append([]byte(nil), s.Path...), c)
				out = append(out, append(in, d.toEnd(i)...))
				if r[0] == r[1] {
					break
				}
			}
		}
	}
	return out
}
