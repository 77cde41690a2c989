package compose

import (
	"slices"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/gen/automaton"
)

// way is where some octets lead from a Config: those that are refused have none.
type way struct {
	on    abnf.Set // places of the octets in automaton.Readable, so that the first is the most pleasant
	to    int32    // a Config by number, toEnded, toCut, or an exit
	begun uint8    // the feed whose field's value begins there, from 1
}

// places is where each octet stands in automaton.Readable.
var places = func() (at [256]byte) {
	for i, o := range automaton.Readable {
		at[o] = byte(i)
	}
	return at
}()

// every is all octets.
var every = abnf.Range(0, 255)

// alike is all that a machine's edge and what goes on beside it can tell octets by.
type alike struct {
	ma    *gen.Machine
	state uint16
	edge  int
	name  uint16
	feed  uint8
	value uint16
	words [spansMax]uint16
}

// ways are those from a Config, in the order of their first octets. It is Step for all
// octets at once: what stands on an edge is done once, and of octets that nothing can
// tell apart there one is taken.
func (c *Machine) ways(cfg Config) (all []way) {
	ma := c.machine(cfg.part)
	if ma == nil {
		next, out := c.Step(cfg, 0)
		return []way{{on: every, to: c.number(next, out)}}
	}
	put := func(w way) {
		for i := range all {
			if all[i].to == w.to && all[i].begun == w.begun {
				all[i].on = all[i].on.Union(w.on)
				return
			}
		}
		all = append(all, w)
	}
	var was *hope
	if cfg.part == 0 && cfg.settled == 0 && cfg != c.Start() {
		h := c.hope(&cfg)
		was = &h
	}
	for k, e := range ma.DFA.States[cfg.state].Out {
		next := cfg
		c.begun = 0
		out := c.ops(&next, ma, e.Ops)
		begun := c.begun
		for _, on := range c.apart(&next, ma, cfg.state, k) {
			got, event, out := next, "", out
			if out == Running {
				got, event, out = c.take(next, ma, e, automaton.Readable[on.First()], was)
			}
			switch {
			case out == Refused:
			case event != "" && cfg.part == 0:
				put(way{on, c.exit(event, got), begun})
			case event != "":
				put(way{on, c.number(c.after(got, event)), begun})
			default:
				put(way{on, c.number(got, out), begun})
			}
		}
	}
	slices.SortFunc(all, func(v, w way) int { return int(v.on.First()) - int(w.on.First()) })
	return all
}

// apart parts the octets of an edge into those that something tells apart, behind the
// edge's ops.
func (c *Machine) apart(cfg *Config, ma *gen.Machine, state uint16, edge int) []abnf.Set {
	v := &cfg.value
	at := alike{ma, state, edge, cfg.name.at, v.feed, v.state, [spansMax]uint16{v.words[0].at, v.words[1].at}}
	parts, ok := c.parts[at]
	if ok {
		return parts
	}
	s := &ma.DFA.States[state]
	known := map[sign]int{}
	for k, o := range c.octets {
		if s.Edges[o] != edge {
			continue
		}
		is := c.sign(cfg, &s.Out[edge], o)
		i, ok := known[is]
		if !ok {
			i = len(parts)
			known[is] = i
			parts = append(parts, abnf.Set{})
		}
		parts[i] = parts[i].Union(c.members[k])
	}
	c.parts[at] = parts
	return parts
}

// sign is what an octet is to all that takes it.
type sign struct {
	digit, valueDigit int8
	name              uint16
	edge              int16
	event             string
	words             [spansMax]uint16
}

// sign says what an octet is.
func (c *Machine) sign(cfg *Config, e *automaton.Edge, o byte) (is sign) {
	if len(e.Digits) > 0 {
		is.digit = int8(digitOf(o))
	}
	if cfg.part > 0 {
		return is
	}
	if cfg.name.at != 0 {
		is.name = c.names.step(cfg.name.at, o)
	}
	v := &cfg.value
	if v.feed == 0 || v.state == 0 {
		return is
	}
	if c.isFolded && (o == '\r' || o == '\n') {
		o = ' '
	}
	f := c.feeds[v.feed-1]
	s := &f.Machine.DFA.States[v.state-1]
	is.edge = int16(s.Edges[o])
	if is.edge < 0 {
		is.event = c.faultEvent(f, int(v.state)-1, o)
		return is
	}
	if len(s.Out[is.edge].Digits) > 0 {
		is.valueDigit = int8(digitOf(o))
	}
	for k, b := range c.spans[f.Machine] {
		at := v.words[k].at
		for _, op := range s.Out[is.edge].Ops {
			if op.Kind == automaton.SetReg && op.Reg == b.Start {
				at = root
			}
		}
		if at != 0 {
			is.words[k] = c.sets[b.Set()].step(at, o)
		}
	}
	return is
}
