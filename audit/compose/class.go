package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen"
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

// What a Config leads to, where it isn't a Config.
const (
	toEnded   int32 = -1 - int32(Ended)
	toRefused int32 = -1 - int32(Refused)
	toCut     int32 = -1 - int32(Cut)
	unknown   int32 = -100
)

// id is the number of a Config.
func (c *Machine) id(cfg Config) int32 {
	id, ok := c.ids[cfg]
	if !ok {
		id = int32(len(c.configs))
		c.ids[cfg] = id
		c.configs = append(c.configs, cfg)
		row := make([]int32, len(c.octets))
		for i := range row {
			row[i] = unknown
		}
		c.steps = append(c.steps, row)
	}
	return id
}

// go_ is Step by numbers, remembered.
func (c *Machine) go_(id int32, o byte) int32 {
	k := c.class[o]
	to := c.steps[id][k]
	if to != unknown {
		return to
	}
	cfg, out := c.Step(c.configs[id], o)
	if out == Running {
		to = c.id(cfg)
	} else {
		to = -1 - int32(out)
	}
	c.steps[id][k] = to
	return to
}
