package automaton

import "slices"

// MaySkip says whether an input is accepted on whose way nothing sets r. What
// was in the register before is in it afterwards then.
func (d *DFA) MaySkip(r Reg) bool {
	sets := func(op Op) bool { return op.Reg == r && op.Kind != Digit && op.Kind != Check }
	seen := make([]bool, len(d.States))
	seen[0] = true
	for todo := []int{0}; len(todo) > 0; todo = todo[1:] {
		s := &d.States[todo[0]]
		if s.Final && !slices.ContainsFunc(s.End, sets) {
			return true
		}
		for _, e := range s.Out {
			if !seen[e.To] && !slices.ContainsFunc(e.Ops, sets) {
				seen[e.To] = true
				todo = append(todo, e.To)
			}
		}
	}
	return false
}
