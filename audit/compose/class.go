package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/gen/automaton"
)

// classify finds octets that no automaton, word or number here tells apart.
func (c *Machine) classify() {
	machines := []*gen.Machine{c.head}
	for _, p := range c.seq.Parts[1:] {
		if p.Machine != nil && !slices.Contains(machines, p.Machine) {
			machines = append(machines, p.Machine)
		}
	}
	sets := []*words{c.names}
	for _, f := range c.feeds {
		if !slices.Contains(machines, f.Machine) {
			machines = append(machines, f.Machine)
		}
	}
	for _, w := range c.sets {
		sets = append(sets, w)
	}
	c.class, c.octets = classes(func(o byte) string {
		var b strings.Builder
		for _, ma := range machines {
			for i := range ma.DFA.States {
				fmt.Fprint(&b, ma.DFA.States[i].Edges[o], " ")
			}
		}
		for _, w := range sets {
			for _, next := range w.next {
				fmt.Fprint(&b, next[w.fold(o)], " ")
			}
		}
		if isHex(o) {
			fmt.Fprint(&b, digitOf(o))
		}
		if o == '\r' || o == '\n' {
			fmt.Fprint(&b, o) // a fold is another octet to the value
		}
		return b.String()
	})
	c.members = make([]abnf.Set, len(c.octets))
	for o, k := range c.class {
		c.members[k] = c.members[k].Union(abnf.Of(places[o]))
	}
	c.each = placesOf(c.octets)
}

// placesOf are the places of octets.
func placesOf(octets []byte) (set abnf.Set) {
	for _, o := range octets {
		set = set.Union(abnf.Of(places[o]))
	}
	return set
}

func isHex(o byte) bool { return o >= '0' && o <= '9' || o|0x20 >= 'a' && o|0x20 <= 'f' }

// classes numbers octets by what is said of them, with the most pleasant octet of
// each.
func classes(say func(byte) string) (class [256]uint8, octets []byte) {
	known := map[string]uint8{}
	for _, o := range automaton.Readable {
		said := say(o)
		k, ok := known[said]
		if !ok {
			k = uint8(len(octets))
			known[said] = k
			octets = append(octets, o)
		}
		class[o] = k
	}
	return class, octets
}

// common are octets of all classes of two machines together.
func common(a, b *Machine) []byte {
	_, octets := classes(func(o byte) string { return fmt.Sprint(a.class[o], " ", b.class[o]) })
	return octets
}
