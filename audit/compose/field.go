package compose

import (
	"slices"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/gen/automaton"
)

// bound is that a span of the head begins or ends before the next octet.
func (c *Machine) bound(cfg *Config, r automaton.Reg) {
	switch {
	case c.name == nil || cfg.settled > 0:
	case r == c.name.Start:
		cfg.name = word{at: root}
	case r == c.name.End:
		cfg.name.end = cfg.name.at
	case r == c.value.Start:
		cfg.value, cfg.fed = value{}, result{}
		if id := c.names.id(cfg.name.end); id > 0 {
			cfg.value = c.begin(uint8(id), cfg.tables[c.feeds[id-1].table])
		}
	case r == c.value.End:
		if cfg.value.feed > 0 {
			cfg.fed = c.ended(cfg.value)
			cfg.fed.isSet = true
		}
	}
}

// begin is a value of which nothing has been read.
func (c *Machine) begin(feed, table uint8) value {
	c.begun = feed
	return value{feed: feed, state: 1, table: table}
}

// record is that a field line is whole.
func (c *Machine) record(cfg *Config) Outcome {
	if cfg.value.feed > 0 {
		f := c.feeds[cfg.value.feed-1]
		cfg.tables[f.table] = cfg.fed.table
		if cfg.fed.counts && f.number >= 0 {
			cfg.number[f.number] = cfg.fed.number
			if nums := c.numerals[c.numbers[f.number].bound.Base]; cfg.fed.number == cutNumber || !nums.whole[cfg.fed.number] {
				return Cut
			}
		}
	}
	cfg.name, cfg.value, cfg.fed = word{}, value{}, result{}
	return Running
}

// hope is what is known of the outcome in a Config.
func (c *Machine) hope(cfg *Config) hope {
	at := hope{tables: cfg.tables, also: cfg.tables}
	if v := cfg.value; v.feed > 0 {
		k := c.feeds[v.feed-1].table
		at.tables[k], at.also[k] = v.table, v.table
		if cfg.fed.isSet {
			at.also[k] = cfg.fed.table // white space may follow, which is none of the value
		}
	}
	for k, n := range c.numbers {
		if n.isOf != nil && n.done[cfg.state] {
			at.known[k], at.number[k] = true, cfg.number[k]
		}
	}
	return at
}

// look finds out what can still come of a head, so that what no longer matters isn't
// looked at. What was known before, if it isn't nil, has been looked at.
func (c *Machine) look(cfg *Config, was *hope) Outcome {
	at := c.hope(cfg)
	if was != nil && at == *was {
		return Running
	}
	is := c.hopeful(at)
	switch {
	case is.isHopeless:
		return Refused
	case is.settled > 0:
		*cfg = Config{part: cfg.part, state: cfg.state, settled: is.settled}
	}
	return Running
}

// octet has an octet go into what is under way in the head.
func (c *Machine) octet(cfg *Config, o byte) {
	if cfg.name.at != 0 {
		cfg.name.at = c.names.step(cfg.name.at, o)
	}
	if cfg.value.feed == 0 {
		return
	}
	cfg.name = word{} // the feed says which it was
	if c.isFolded && (o == '\r' || o == '\n') {
		o = ' '
	}
	c.stepValue(&cfg.value, o)
}

// stepValue has a machine of values take an octet. One that has refused stays where
// it is, and its table where the fault has led it.
func (c *Machine) stepValue(v *value, o byte) {
	if v.state == 0 {
		return
	}
	f := c.feeds[v.feed-1]
	ma := f.Machine
	s := &ma.DFA.States[v.state-1]
	e, ok := s.Edge(o)
	if !ok {
		c.fault(v, c.faultEvent(f, int(v.state)-1, o))
		return
	}
	c.valueOps(v, f, e.Ops)
	for _, op := range e.Digits {
		if f.number < 0 || c.numbers[f.number].bound.Value != op.Reg {
			continue
		}
		n, out := c.digit(c.numbers[f.number], v.number, o)
		switch out {
		case Refused:
			c.fault(v, f.FaultEvent(c.model.Overflow(ma)))
			return
		case Cut:
			n = cutNumber
		}
		v.number = n
	}
	for k, b := range c.spans[ma] {
		if v.words[k].at != 0 {
			v.words[k].at = c.sets[b.Set()].step(v.words[k].at, o)
		}
	}
	v.state = uint16(e.To) + 1
}

// faultEvent is the event of a feed that an octet is which its machine has no edge for.
func (c *Machine) faultEvent(f *feed, state int, o byte) string {
	at := [3]int{f.table, state, int(c.class[o])}
	event, ok := c.faults[at]
	if !ok {
		event = f.FaultEvent(c.model.ErrorAt(f.Machine, state, o))
		c.faults[at] = event
	}
	return event
}

// fault has a value's machine refuse.
func (c *Machine) fault(v *value, event string) {
	f := c.feeds[v.feed-1]
	*v = value{feed: v.feed, table: c.next(f.table, v.table, event)}
}

// valueOps does what stands on an edge of a value's machine.
func (c *Machine) valueOps(v *value, f *feed, ops []automaton.Op) {
	spans := c.spans[f.Machine]
	for _, op := range ops {
		switch op.Kind {
		case automaton.Zero:
			if f.number >= 0 && c.numbers[f.number].bound.Value == op.Reg {
				v.number = 0
			}
		case automaton.SetReg:
			for k, b := range spans {
				if op.Reg == b.Start {
					v.words[k] = word{at: root}
				}
				if op.Reg == b.End {
					v.words[k].end = v.words[k].at
				}
			}
		case automaton.Keyword:
			for k, b := range spans {
				if op.Reg == b.ID {
					v.ids[k] = uint8(c.sets[b.Set()].id(v.words[k].end))
				}
			}
		case automaton.Event:
			v.isTold = true
			v.table = c.next(f.table, v.table, c.event(v, f, f.Machine.Yields[op.Arg]))
			v.words, v.ids = [spansMax]word{}, [spansMax]uint8{}
		}
	}
}

// event is what a yield tells.
func (c *Machine) event(v *value, f *feed, b *gen.Bound) string {
	for k, s := range c.spans[f.Machine] {
		if s == b && v.ids[k] > 0 {
			return b.Set().Words[v.ids[k]-1].Name
		}
	}
	return b.EventName()
}

// ended is what a value comes to if it ends here.
func (c *Machine) ended(v value) result {
	f := c.feeds[v.feed-1]
	if v.state == 0 {
		return result{table: v.table}
	}
	s := &f.Machine.DFA.States[v.state-1]
	before := v.table
	if !s.Final {
		return result{table: c.next(f.table, v.table, f.FaultEvent(nil))}
	}
	told := v.isTold
	c.valueOps(&v, f, s.End)
	if !v.isTold && slices.Contains(f.Outcome.Events, "empty") {
		return result{table: c.next(f.table, v.table, "empty")}
	}
	r := result{table: v.table}
	if f.number >= 0 {
		// The number of a value whose event leaves all as it is counts for nothing.
		b := c.numbers[f.number].bound
		r.counts = told || !b.Event || !c.keeps(f.table, before, b.EventName())
		if r.counts {
			r.number = v.number
		}
	}
	return r
}

// words is a set of words as a tree: whatever isn't one ends up at its sink.
type words struct {
	isFolded bool
	next     []map[byte]uint16
	ids      []int
}

// The nodes that each tree has; 0 is that no span is under way.
const (
	root uint16 = 1
	sink uint16 = 2
)

func wordsOf(k *gen.KeywordSet) *words {
	var all []string
	for _, w := range k.Words {
		all = append(all, w.Text)
	}
	return newWords(all, k.Fold)
}

// newWords has ids from 1 on, in the order of the words.
func newWords(all []string, isFolded bool) *words {
	w := &words{isFolded: isFolded, next: []map[byte]uint16{nil, {}, {}}, ids: []int{0, 0, 0}}
	for i, text := range all {
		at := root
		for _, o := range []byte(text) {
			o = w.fold(o)
			to, ok := w.next[at][o]
			if !ok {
				to = uint16(len(w.next))
				w.next = append(w.next, map[byte]uint16{})
				w.ids = append(w.ids, 0)
				w.next[at][o] = to
			}
			at = to
		}
		w.ids[at] = i + 1
	}
	return w
}

func (w *words) fold(o byte) byte {
	if w.isFolded && o >= 'A' && o <= 'Z' {
		return o | 0x20
	}
	return o
}

func (w *words) step(at uint16, o byte) uint16 {
	if to, ok := w.next[at][w.fold(o)]; ok {
		return to
	}
	return sink
}

// id is that of the word that ends at a node; 0 if none does.
func (w *words) id(at uint16) int {
	return w.ids[at]
}
