package compose

import (
	"maps"
	"slices"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/gen/automaton"
)

// sameHead says whether both read heads alike: then they are in the same Config up to
// the end of a head, and only what follows has to be walked in pairs.
func (c *Machine) sameHead(o *Machine) bool {
	if !maps.Equal(c.given, o.given) || c.isFolded != o.isFolded || len(c.feeds) != len(o.feeds) || len(c.numbers) != len(o.numbers) || len(c.decisions) != len(o.decisions) || len(c.tables) != len(o.tables) {
		return false
	}
	if !maps.Equal(c.seq.Parts[0].Next, o.seq.Parts[0].Next) || !sameMachine(c.head, o.head) {
		return false
	}
	for i, f := range c.feeds {
		if g := o.feeds[i]; f.Field != g.Field || f.table != g.table || f.number != g.number || !sameMachine(f.Machine, g.Machine) || !sameFaults(c, o, f, g) {
			return false
		}
	}
	for i, t := range c.tables {
		if !sameTable(t, o.tables[i]) {
			return false
		}
	}
	for i, d := range c.decisions {
		if !sameDecision(d, o.decisions[i]) {
			return false
		}
	}
	return true
}

// sameMachine compares states, edges, what is done on them, and yields.
func sameMachine(a, b *gen.Machine) bool {
	if len(a.DFA.States) != len(b.DFA.States) || len(a.Yields) != len(b.Yields) {
		return false
	}
	for i, y := range a.Yields {
		z := b.Yields[i]
		if y.Into != z.Into || y.Base != z.Base || y.Max != z.Max || y.Wraps != z.Wraps || y.EventName() != z.EventName() || (y.Set() == nil) != (z.Set() == nil) {
			return false
		}
		if y.Set() != nil && !slices.EqualFunc(y.Set().Words, z.Set().Words, func(v, w gen.Keyword) bool { return v.Text == w.Text && v.Name == w.Name }) {
			return false
		}
	}
	for i := range a.DFA.States {
		s, t := &a.DFA.States[i], &b.DFA.States[i]
		if s.Final != t.Final || s.Edges != t.Edges || !slices.Equal(s.End, t.End) || !slices.EqualFunc(s.Out, t.Out, func(e, f automaton.Edge) bool {
			return e.To == f.To && slices.Equal(e.Ops, f.Ops) && slices.Equal(e.Digits, f.Digits)
		}) {
			return false
		}
	}
	return true
}

// sameFaults compares the events that faults of a value are.
func sameFaults(c, o *Machine, f, g *feed) bool {
	for state := range f.Machine.DFA.States {
		for i := range 256 {
			if _, ok := f.Machine.DFA.States[state].Edge(byte(i)); !ok && c.faultEvent(f, state, byte(i)) != o.faultEvent(g, state, byte(i)) {
				return false
			}
		}
	}
	return true
}

func sameTable(a, b *gen.Transitions) bool {
	if a.Name != b.Name || !slices.Equal(a.States.Values, b.States.Values) || !slices.Equal(a.Events, b.Events) {
		return false
	}
	for k, r := range a.Cells {
		if o := b.Cells[k]; o == nil || o.Next != r.Next {
			return false
		}
	}
	return true
}

func sameDecision(a, b *gen.Decision) bool {
	return a.Name == b.Name && slices.EqualFunc(a.Rows, b.Rows, func(r, s *gen.DecisionRow) bool {
		return r.Outcome == s.Outcome && (r.Refuse == nil) == (s.Refuse == nil) && slices.EqualFunc(r.Sets, s.Sets, slices.Equal[[]string])
	})
}

// body is where a head may lead to, with the shortest octets that lead there.
type body struct {
	cfg    Config
	stream []byte
}

// bodies are all places that heads lead to, behind the last of them.
func (c *Machine) bodies() (all []body, cut int) {
	if c.found != nil {
		return c.found, c.cut
	}
	type way struct {
		from int32
		o    byte
	}
	start := c.id(c.Start())
	came := map[int32]way{start: {}}
	c.found = []body{}
	for queue := []int32{start}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		for _, o := range c.octets {
			to := c.go_(at, o)
			if to == toCut {
				c.cut++
			}
			if _, isKnown := came[to]; to < 0 || isKnown {
				continue
			}
			came[to] = way{at, o}
			if c.configs[to].part == 0 {
				queue = append(queue, to)
				continue
			}
			var stream []byte
			for s := to; s != start; s = came[s].from {
				stream = append(stream, came[s].o)
			}
			slices.Reverse(stream)
			c.found = append(c.found, body{c.configs[to], stream})
		}
	}
	return c.found, c.cut
}
