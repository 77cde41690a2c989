package extract

import (
	"slices"
	"strings"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/gen/automaton"
)

// reference is the automaton of the specification, walked octet by octet.
type reference struct {
	c       *checker
	state   int
	whole   bool     // nothing was read before
	regs    []uint64 // by register
	records []record
	events  []uint64
}

func (c *checker) reference() *reference {
	return &reference{c: c, regs: make([]uint64, len(c.ma.DFA.Regs))}
}

// clone is a copy that goes its own way, with no records and events yet.
func (f *reference) clone() *reference {
	return &reference{c: f.c, state: f.state, regs: slices.Clone(f.regs)}
}

// step takes the edge for octet in[at]. It is false if there is none, or if a
// number would pass its largest value.
func (f *reference) step(in []byte, at int) (ok, overflow bool) {
	e, ok := f.c.ma.DFA.States[f.state].Edge(in[at])
	if !ok {
		return false, false
	}
	f.ops(e.Ops, in, at)
	for _, op := range e.Digits {
		y := f.c.ma.Yields[op.Arg]
		d := digit(in[at])
		if d > y.Max || f.regs[op.Reg] > (y.Max-d)/uint64(y.Base) {
			return false, true
		}
		f.regs[op.Reg] = f.regs[op.Reg]*uint64(y.Base) + d
	}
	f.state = e.To
	return true, false
}

func digit(c byte) uint64 {
	switch {
	case c >= '0' && c <= '9':
		return uint64(c - '0')
	case c >= 'a' && c <= 'f':
		return uint64(c-'a') + 10
	}
	return uint64(c-'A') + 10
}

// end does what the automaton does at the end of the input, if it may end.
func (f *reference) end(in []byte) bool {
	s := &f.c.ma.DFA.States[f.state]
	if s.Final {
		f.ops(s.End, in, len(in))
	}
	return s.Final
}

func (f *reference) ops(ops []automaton.Op, in []byte, at int) {
	for _, op := range ops {
		switch op.Kind {
		case automaton.SetReg:
			f.regs[op.Reg] = uint64(at)
		case automaton.Zero:
			f.regs[op.Reg] = 0
		case automaton.Mark:
			f.regs[op.Reg] = 1
		case automaton.Keyword:
			y := f.c.ma.Yields[op.Arg]
			f.regs[op.Reg] = f.c.keyword(y, in[f.regs[y.Start]:f.regs[y.End]])
		case automaton.Record:
			var rec record
			for _, y := range f.c.ma.Yields {
				if y.In != f.c.ma.Yields[op.Arg] {
					continue
				}
				rec.names = append(rec.names, y.Into+".Start", y.Into+".End")
				rec.vals = append(rec.vals, f.regs[y.Start], f.regs[y.End])
				if y.Keyword != "" {
					rec.names, rec.vals = append(rec.names, y.Into+"ID"), append(rec.vals, f.regs[y.ID])
				}
			}
			f.records = append(f.records, rec)
		case automaton.Event:
			f.events = append(f.events, f.c.eventOf(f.c.ma.Yields[op.Arg], f.regs))
		}
	}
}

// keyword is the id of a word: its place in the set, from 1; 0 for others.
func (c *checker) keyword(y *gen.Bound, word []byte) uint64 {
	set := c.m.KeywordSet(y.Keyword)
	for i, w := range set.Words {
		if w.Text == string(word) || set.Fold && strings.EqualFold(w.Text, string(word)) && isASCII(word) {
			return uint64(i + 1)
		}
	}
	return 0
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// eventOf is the number of the event that a yield raises now.
func (c *checker) eventOf(y *gen.Bound, regs []uint64) uint64 {
	f := c.feed()
	if f == nil {
		return 0
	}
	name := "other"
	if y.Name != "" {
		name = y.Name
	}
	if y.Keyword != "" {
		if id := regs[y.ID]; id > 0 {
			name = c.m.KeywordSet(y.Keyword).Words[id-1].Name
		}
	}
	for i, e := range f.Outcome.Events {
		if e == name {
			return uint64(i)
		}
	}
	return ^uint64(0)
}

func (c *checker) feed() *gen.Feed {
	for _, f := range c.m.Feeds {
		if f.Machine == c.ma {
			return f
		}
	}
	return nil
}
