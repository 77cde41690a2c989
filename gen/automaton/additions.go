package automaton

import "slices"

// Additions are inputs that a accepts and b doesn't, the shortest ones first: one
// for each state in which b refuses an octet and each state to which a goes with
// it, and one for each state of b in which the input may end for a alone.
func Additions(a, b *DFA) [][]byte {
	type pair struct{ a, b int }
	paths := map[pair][]byte{{}: {}}
	seen := map[pair]bool{}
	var out [][]byte
	add := func(at pair, path []byte) {
		if !seen[at] {
			seen[at] = true
			out = append(out, path)
		}
	}
	for queue := []pair{{}}; len(queue) > 0; queue = queue[1:] {
		p := queue[0]
		path := paths[p]
		if a.States[p.a].Final && !b.States[p.b].Final {
			add(pair{-1, p.b}, path)
		}
		for _, c := range Readable {
			e, ok := a.States[p.a].Edge(c)
			if !ok {
				continue
			}
			next := append(path[:len(path):len(path)], c)
			f, ok := b.States[p.b].Edge(c)
			if !ok {
				add(pair{e.To, p.b}, append(next, a.toEnd(e.To)...))
				continue
			}
			q := pair{e.To, f.To}
			if _, ok := paths[q]; !ok {
				paths[q] = next
				queue = append(queue, q)
			}
		}
	}
	slices.SortStableFunc(out, func(x, y []byte) int { return len(x) - len(y) })
	return out
}
