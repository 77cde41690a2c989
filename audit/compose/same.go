package compose

import (
	"maps"
	"slices"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/gen/automaton"
)

// sameHead says whether both read heads alike: then they are in the same Config up to
// the end of a head, and only what follows has to be walked in pairs. It compares all
// that the ways of a head's Config are made of.
func (c *Machine) sameHead(o *Machine) bool {
	if c.heads == o.heads {
		return true
	}
	first, other := c.seq.Parts[0], o.seq.Parts[0]
	return maps.Equal(c.given, o.given) && c.isFolded == o.isFolded && c.numerals[10].small == o.numerals[10].small &&
		first.Name == other.Name && maps.Equal(first.Next, other.Next) && c.sameOutcomes(o) &&
		sameMachine(c.head, o.head) &&
		slices.EqualFunc(c.numbers, o.numbers, sameNumber) &&
		slices.EqualFunc(c.tables, o.tables, sameTable) &&
		slices.EqualFunc(c.decisions, o.decisions, sameDecision) &&
		slices.EqualFunc(c.feeds, o.feeds, func(f, g *feed) bool { return c.sameFeed(o, f, g) })
}

// sameOutcomes compares what a head may come to, and of what octets are counted then.
func (c *Machine) sameOutcomes(o *Machine) bool {
	return slices.EqualFunc(c.outcomes(), o.outcomes(), func(a, b string) bool { return a == b && c.counted(a) == o.counted(b) })
}

func sameNumber(n, m *number) bool {
	return n.of.Name == m.of.Name && n.bound.Into == m.bound.Into && sameDomain(n.isOf, m.isOf)
}

func sameDomain(d, e *gen.Domain) bool {
	return d == e || d != nil && e != nil && d.Name == e.Name && slices.Equal(d.Values, e.Values)
}

// sameFeed compares what reads a field's value, and what it tells its table.
func (c *Machine) sameFeed(o *Machine, f, g *feed) bool {
	return f.Field == g.Field && f.table == g.table && f.number == g.number && sameMachine(f.Machine, g.Machine) && sameFaults(c, o, f, g)
}

// sameMachine compares states, edges, what is done on them, and yields.
func sameMachine(a, b *gen.Machine) bool {
	if a == b {
		return true
	}
	return slices.EqualFunc(a.Yields, b.Yields, sameYield) && slices.EqualFunc(a.DFA.States, b.DFA.States, func(s, t automaton.State) bool {
		return s.Final == t.Final && s.Edges == t.Edges && slices.Equal(s.End, t.End) && slices.EqualFunc(s.Out, t.Out, func(e, f automaton.Edge) bool {
			return e.To == f.To && slices.Equal(e.Ops, f.Ops) && slices.Equal(e.Digits, f.Digits)
		})
	})
}

func sameYield(y, z *gen.Bound) bool {
	if y.Into != z.Into || y.Base != z.Base || y.Max != z.Max || y.Wraps != z.Wraps || y.EventName() != z.EventName() || (y.Set() == nil) != (z.Set() == nil) {
		return false
	}
	if y.Start != z.Start || y.End != z.End || y.ID != z.ID || y.Value != z.Value || y.Span != z.Span || y.Event != z.Event || y.Mark != z.Mark || (y.In == nil) != (z.In == nil) {
		return false
	}
	return y.Set() == nil || y.Set().Fold == z.Set().Fold && slices.EqualFunc(y.Set().Words, z.Set().Words, func(v, w gen.Keyword) bool { return v.Text == w.Text && v.Name == w.Name })
}

// sameFaults compares the events that faults of a value are.
func sameFaults(c, o *Machine, f, g *feed) bool {
	if f.FaultEvent(nil) != g.FaultEvent(nil) || f.FaultEvent(c.model.Overflow(f.Machine)) != g.FaultEvent(o.model.Overflow(g.Machine)) {
		return false
	}
	for state := range f.Machine.DFA.States {
		for i := range 256 {
			if f.Machine.DFA.States[state].Edges[i] < 0 && c.faultEvent(f, state, byte(i)) != o.faultEvent(g, state, byte(i)) {
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
	return a.Name == b.Name && slices.EqualFunc(a.Inputs, b.Inputs, sameDomain) && slices.EqualFunc(a.Rows, b.Rows, func(r, s *gen.DecisionRow) bool {
		return r.Outcome == s.Outcome && (r.Refuse == nil) == (s.Refuse == nil) && slices.EqualFunc(r.Sets, s.Sets, slices.Equal[[]string])
	})
}

// left is what comes behind all heads.
type left struct {
	exits []wayOut
	heads int // Configs of heads that were come to
	cut   int // branches that end at numbers which aren't explored
}

// wayOut is an exit of heads, with the shortest octets that lead there.
type wayOut struct {
	to     int32
	stream []byte
}

// leave finds all ways out of heads, behind the last of them.
func (c *Machine) leave() *left {
	if c.out != nil {
		return c.out
	}
	type step struct {
		from int32
		o    byte
	}
	c.out = &left{}
	start := c.id(c.Start())
	came := map[int32]step{start: {}}
	for queue := []int32{start}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		c.out.heads++
		for _, w := range c.from(at) {
			to := c.lead(w.to)
			_, isKnown := came[w.to]
			switch {
			case to == toCut:
				c.out.cut += w.on.Intersect(c.each).Len()
			case to == toRefused || isKnown:
			case w.to > toExit:
				came[to] = step{at, w.octet()}
				queue = append(queue, to)
			case to == start: // a head behind another
			default:
				came[w.to] = step{}
				stream := []byte{w.octet()}
				for s := at; s != start; s = came[s].from {
					stream = append(stream, came[s].o)
				}
				slices.Reverse(stream)
				c.out.exits = append(c.out.exits, wayOut{w.to, stream})
			}
		}
	}
	return c.out
}
