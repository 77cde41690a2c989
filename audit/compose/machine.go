// Package compose makes one machine of all that reads a message: the machines of a
// sequence, those that the values of fields are fed to, the tables that these
// change, and the decisions that are made when the head is whole. It is explored
// octet by octet, so that questions about whole messages are answered by walking
// it, alone or beside another.
//
// Nouns: a [Machine] is a sequence of a model; a [Config] is where it is, and can be
// compared; [Machine.Step] takes an octet, and ways are that for all octets at once. What
// was come to is kept, and shared by machines that read heads alike ([Shelf]). A [Pair]
// walks two of them over one
// stream.
//
// A Config holds what decides about the end of a message, and nothing else: the
// state of the machine that reads; of a field's name whether it is one that is fed;
// of its value the state of the machine that it goes to; the states of the tables
// that the decision on the body's length asks; and numbers. A number that counts
// octets is exact if it is small or among those of [Numerals], and cut else. Octets
// that are counted are all alike. Limits are left out.
package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/gen/automaton"
)

// Outcome is what came of an octet.
type Outcome uint8

// The outcomes.
const (
	Running Outcome = iota // the message goes on
	Ended                  // it is complete with this octet
	Refused                // it is malformed, or refused by a decision
	Cut                    // a number is not among those that are explored
)

// Machine is a sequence as one machine.
type Machine struct {
	model    *gen.Model
	seq      *gen.Sequence
	head     *gen.Machine
	given    map[string]string
	heldOnly bool
	numerals map[int]*numerals // by base

	decisions []*gen.Decision // those that the body's length depends on, and it
	tables    []*gen.Transitions
	feeds     []*feed
	names     *words // of fields that are fed
	numbers   []*number
	hopes     map[hope]prospect // those that were looked at
	name      *gen.Bound        // the span of a record whose keywords are the fields'
	value     *gen.Bound        // the span beside it
	isFolded  bool
	spans     map[*gen.Machine][]*gen.Bound // of value machines: those with keywords, in order
	sets      map[*gen.KeywordSet]*words
	class     [256]uint8 // octets of the same class nothing here tells apart
	octets    []byte     // one of each class
	members   []abnf.Set // the places of each class's octets
	each      abnf.Set   // the place of one of each class

	begun uint8 // the feed whose field's value began last

	faults map[[3]int]string // events, by table, state and class
	parts  map[alike][]abnf.Set

	heads  *explored // Configs of the head, by number; shared with who reads heads alike
	bodies explored  // all others, whose numbers have the bit inBody
	led    []int32   // where each exit of heads leads here
	out    *left     // nil as long as nobody has asked
}

// The most there may be of each in a Config.
const (
	tablesMax  = 4
	numbersMax = 5
	spansMax   = 2

	outcomesMax = 15 // bits of may, but for one
)

// Config is where a Machine is. Two that are equal go on alike.
type Config struct {
	part   uint8
	state  uint16
	tables [tablesMax]uint8
	number [numbersMax]uint16
	name   word
	value  value
	fed    result // what the value would come to if it ended where its span was last ended
	mark   bool
	count  count
	// settled is the outcome, from 1, that the head comes to whatever fields follow: then
	// none are looked at any more.
	settled uint8
}

// word is a span that is looked up in a set of words: where in its tree the reader
// is, and where it was when the span was last ended.
type word struct{ at, end uint16 }

// value is the machine that a field's value goes to.
type value struct {
	feed   uint8  // from 1; 0 is none
	state  uint16 // from 1; 0 is that it has refused
	table  uint8
	isTold bool // of an element
	number uint16
	words  [spansMax]word
	ids    [spansMax]uint8
}

// result is what a value comes to.
type result struct {
	table  uint8
	number uint16
	counts bool // the number is one
	isSet  bool
}

// count is how many octets are left of those that are counted: number numerals are
// huge, and of these isStale that some octets have been taken.
type count struct {
	left    uint16
	huge    uint16 // a numeral, from 1; 0 is that left counts
	isStale bool
	toEnd   bool
}

// feed is one of the model's that is looked at.
type feed struct {
	*gen.Feed
	table  int
	number int // -1 for none
}

// number is a number of a machine that is looked at.
type number struct {
	of    *gen.Machine
	bound *gen.Bound
	isOf  *gen.Domain // the input of decisions that it is; nil if it counts octets
	done  []bool      // by state of the machine: no digit of it comes any more
	alike []uint16    // by value of the input, the first that no decision tells from it
}

// Options say how a sequence is read.
type Options struct {
	// Head is the machine that reads the head: that of the sequence, if nil, or a
	// variant of it.
	Head *gen.Machine
	// Given are the values of the inputs that the octets don't tell.
	Given map[string]string
	// Small is the largest number of octets that is counted out. 0 means 3.
	Small int
	// HeldOnly leaves out numbers that are read as others, as they wrap.
	HeldOnly bool
	// Shelf has machines that may share what they find out, or is nil. Those that do
	// are of one goroutine.
	Shelf *Shelf
}

// Shelf is where a machine finds another that reads heads alike: what was explored of
// heads is then of both.
type Shelf struct{ machines []*Machine }

// share has a machine use the heads of another.
func (s *Shelf) share(c *Machine) {
	if i := slices.IndexFunc(s.machines, c.sameHead); i >= 0 {
		c.heads = s.machines[i].heads
		return
	}
	s.machines = append(s.machines, c)
}

// New makes a machine of the sequence of that name.
func New(m *gen.Model, sequence string, o Options) (*Machine, error) {
	i := slices.IndexFunc(m.Sequences, func(s *gen.Sequence) bool { return s.Name == sequence })
	if i < 0 {
		return nil, fmt.Errorf("compose: there is no sequence %q", sequence)
	}
	if o.Small == 0 {
		o.Small = 3
	}
	c := &Machine{
		model: m, seq: m.Sequences[i], head: o.Head, given: o.Given, heldOnly: o.HeldOnly,
		numerals: map[int]*numerals{10: newNumerals(10, o.Small), 16: newNumerals(16, o.Small)},
		faults:   map[[3]int]string{}, parts: map[alike][]abnf.Set{}, hopes: map[hope]prospect{}, spans: map[*gen.Machine][]*gen.Bound{}, sets: map[*gen.KeywordSet]*words{},
	}
	if c.head == nil {
		c.head = c.seq.Parts[0].Machine
	}
	c.isFolded = c.head.FoldsAny()
	for _, d := range m.Given(c.seq) {
		if !slices.Contains(d.Values, o.Given[d.Name]) {
			return nil, fmt.Errorf("compose: %s needs a value of %s that is given: one of %s", sequence, d.Name, strings.Join(d.Values, ", "))
		}
	}
	if err := c.build(); err != nil {
		return nil, err
	}
	c.classify()
	c.heads, c.bodies = newExplored(c), *newExplored(c)
	if o.Shelf != nil {
		o.Shelf.share(c)
	}
	return c, nil
}

// build finds what the body's length depends on.
func (c *Machine) build() error {
	var need func(d *gen.Decision) error
	need = func(d *gen.Decision) error {
		for _, in := range d.Inputs {
			if err := c.needInput(in, need); err != nil {
				return err
			}
		}
		if !slices.Contains(c.decisions, d) {
			c.decisions = append(c.decisions, d)
		}
		return nil
	}
	if err := need(c.model.BodyLength(c.seq)); err != nil {
		return err
	}
	for _, n := range c.numbers {
		n.alike = c.represent(n.isOf)
	}
	for _, p := range c.seq.Parts {
		if p.Count != nil {
			c.addNumber(p.Counts, p.Count, nil)
		}
	}
	var fields []string
	for _, f := range c.model.FeedsOf(c.seq) {
		at := slices.Index(c.tables, f.Outcome)
		if at < 0 || f.Field == "" {
			continue
		}
		c.feeds = append(c.feeds, &feed{f, at, c.numberOf(f.Machine)})
		fields = append(fields, f.Field)
		for _, b := range f.Machine.Yields {
			if b.Set() != nil {
				c.spans[f.Machine] = append(c.spans[f.Machine], b)
				c.sets[b.Set()] = wordsOf(b.Set())
			}
		}
		if len(c.spans[f.Machine]) > spansMax {
			return fmt.Errorf("compose: machine %s has more than %d spans with keywords", f.Machine.Name, spansMax)
		}
	}
	c.names = newWords(fields, true)
	for _, b := range c.head.Yields {
		switch {
		case b.In == nil || !b.Span:
		case b.Set() != nil:
			c.name = b
		default:
			c.value = b
		}
	}
	if len(c.tables) > tablesMax || len(c.numbers) > numbersMax {
		return fmt.Errorf("compose: %d tables and %d numbers decide about %s; %d and %d is the most", len(c.tables), len(c.numbers), c.seq.Name, tablesMax, numbersMax)
	}
	if n := len(c.outcomes()); n > outcomesMax {
		return fmt.Errorf("compose: a body of %s has %d outcomes; %d is the most", c.seq.Name, n, outcomesMax)
	}
	if len(c.feeds) > 0 && (c.name == nil || c.value == nil) {
		return fmt.Errorf("compose: the machine %s has no record of a name and a value", c.head.Name)
	}
	return nil
}

// needInput has an input of a decision looked at.
func (c *Machine) needInput(in *gen.Domain, need func(*gen.Decision) error) error {
	if d := c.model.Decision(in.Name); d != nil {
		return need(d)
	}
	for _, b := range c.head.Yields {
		if b.IsInput(in) {
			c.addNumber(c.head, b, in)
			return nil
		}
	}
	for _, t := range c.model.Transitions {
		if t.Name == in.Name {
			if !slices.Contains(c.tables, t) {
				c.tables = append(c.tables, t)
			}
			return nil
		}
	}
	if _, ok := c.given[in.Name]; ok {
		return nil
	}
	return fmt.Errorf("compose: %s depends on %s, which can't be told octet by octet", c.seq.Name, in.Name)
}

func (c *Machine) addNumber(ma *gen.Machine, b *gen.Bound, in *gen.Domain) {
	for _, n := range c.numbers {
		if n.of == ma && n.bound.Into == b.Into {
			return
		}
	}
	n := &number{of: ma, bound: b, isOf: in, done: make([]bool, len(ma.DFA.States))}
	for s := range n.done {
		n.done[s] = !ma.Consumes(s, b.Value)
	}
	c.numbers = append(c.numbers, n)
}

// numberOf is the number of a machine that is looked at, or -1.
func (c *Machine) numberOf(ma *gen.Machine) int {
	return slices.IndexFunc(c.numbers, func(n *number) bool { return n.of == ma })
}

// next is the state of table k behind an event.
func (c *Machine) next(k int, state uint8, event string) uint8 {
	t := c.tables[k]
	next, _ := t.Next(t.States.Values[state], event)
	return uint8(slices.Index(t.States.Values, next))
}

// keeps says whether a row says "the same": then what was told counts for nothing.
func (c *Machine) keeps(k int, state uint8, event string) bool {
	t := c.tables[k]
	return t.Cells[[2]string{t.States.Values[state], event}].Next == "the same"
}

// Start is where each message begins.
func (c *Machine) Start() Config {
	cfg := Config{}
	for k := range c.tables {
		cfg.tables[k] = 0
	}
	return cfg
}

// machine is what reads in a part.
func (c *Machine) machine(part uint8) *gen.Machine {
	if part == 0 {
		return c.head
	}
	return c.seq.Parts[part].Machine
}

// Step takes an octet. The Config is of no use behind Ended, Refused and Cut.
func (c *Machine) Step(cfg Config, o byte) (Config, Outcome) {
	p := c.seq.Parts[cfg.part]
	switch ma := c.machine(cfg.part); {
	case ma != nil:
		return c.read(cfg, ma, o)
	case p.ToEnd:
		return cfg, Running
	case cfg.count.huge > 0:
		cfg.count.isStale = true
		return cfg, Running
	}
	cfg.count.left--
	if cfg.count.left > 0 {
		return cfg, Running
	}
	return c.after(cfg, "complete")
}

// read takes an octet in a part that a machine reads.
func (c *Machine) read(cfg Config, ma *gen.Machine, o byte) (Config, Outcome) {
	e, ok := ma.DFA.States[cfg.state].Edge(o)
	if !ok {
		return cfg, Refused
	}
	if out := c.ops(&cfg, ma, e.Ops); out != Running {
		return cfg, out
	}
	cfg, event, out := c.take(cfg, ma, e, o, nil)
	if event != "" {
		return c.after(cfg, event)
	}
	return cfg, out
}

// take takes an octet behind the ops of its edge. The event is not empty if the
// machine has read its part. What can come of a head isn't asked again if it is what
// it was.
func (c *Machine) take(cfg Config, ma *gen.Machine, e automaton.Edge, o byte, was *hope) (to Config, event string, out Outcome) {
	for _, op := range e.Digits {
		k := slices.IndexFunc(c.numbers, func(n *number) bool { return n.of == ma && n.bound.Value == op.Reg })
		if k < 0 {
			continue
		}
		n, out := c.digit(c.numbers[k], cfg.number[k], o)
		if out != Running {
			return cfg, "", out
		}
		cfg.number[k] = n
	}
	if cfg.part == 0 {
		c.octet(&cfg, o)
	}
	cfg.state = uint16(e.To)
	c.forget(&cfg, ma)
	s := &ma.DFA.States[e.To]
	if !s.Final || len(s.Out) > 0 {
		if cfg.part == 0 && cfg.settled == 0 {
			return cfg, "", c.look(&cfg, was)
		}
		return cfg, "", Running
	}
	if out := c.ops(&cfg, ma, s.End); out != Running {
		return cfg, "", out
	}
	if event = c.whole(&cfg, ma); event == "" {
		return cfg, "", Refused
	}
	return cfg, event, Running
}

// forget drops what can't matter any more of numbers that decisions ask for: which
// of those that no row tells apart it was.
func (c *Machine) forget(cfg *Config, ma *gen.Machine) {
	for k, n := range c.numbers {
		if n.of == ma && n.isOf != nil && n.done[cfg.state] {
			cfg.number[k] = n.alike[cfg.number[k]]
		}
	}
}

// digit is a number with one digit more.
func (c *Machine) digit(n *number, v uint16, o byte) (uint16, Outcome) {
	d := digitOf(o)
	if n.isOf != nil {
		v = v*uint16(n.bound.Base) + uint16(d)
		if uint64(v) > n.bound.Max {
			return 0, Refused
		}
		return v, Running
	}
	nums := c.numerals[n.bound.Base]
	to := nums.next(v, d)
	if to < 0 {
		return 0, Cut
	}
	if n.bound.Wraps == 0 && nums.above(uint16(to), n.bound.Max) {
		return 0, Refused
	}
	return uint16(to), Running
}

func digitOf(o byte) int {
	switch {
	case o >= '0' && o <= '9':
		return int(o - '0')
	case o >= 'a' && o <= 'f':
		return int(o-'a') + 10
	}
	return int(o-'A') + 10
}

// ops does what stands on an edge, before its octet.
func (c *Machine) ops(cfg *Config, ma *gen.Machine, ops []automaton.Op) Outcome {
	for _, op := range ops {
		switch op.Kind {
		case automaton.Zero:
			if k := slices.IndexFunc(c.numbers, func(n *number) bool { return n.of == ma && n.bound.Value == op.Reg }); k >= 0 {
				cfg.number[k] = 0
			}
		case automaton.Mark:
			cfg.mark = true
		case automaton.SetReg:
			if cfg.part == 0 {
				c.bound(cfg, op.Reg)
			}
		case automaton.Record:
			if cfg.part == 0 {
				if out := c.record(cfg); out != Running {
					return out
				}
			}
		}
	}
	return Running
}

// whole is what it means that the machine of a part has read it; empty if a decision
// refuses.
func (c *Machine) whole(cfg *Config, ma *gen.Machine) (event string) {
	if cfg.part > 0 {
		event = "complete"
		for _, b := range ma.Yields {
			if b.Mark {
				event = strings.TrimSuffix(c.seq.Parts[cfg.part].Name, "-line")
				if cfg.mark {
					event = strings.ToLower(b.Into) + "-" + event
				}
			}
		}
		return event
	}
	if cfg.settled > 0 {
		return c.outcomes()[cfg.settled-1]
	}
	outcome, _ := c.decide(cfg.tables, func(in *gen.Domain) string {
		k := slices.IndexFunc(c.numbers, func(n *number) bool { return n.isOf == in })
		return in.Values[cfg.number[k]]
	})
	return outcome
}

// after goes to the part that comes behind an event.
func (c *Machine) after(cfg Config, event string) (Config, Outcome) {
	next := c.seq.Parts[cfg.part].Next[event]
	if next == "end" {
		return cfg, Ended
	}
	k := slices.IndexFunc(c.seq.Parts, func(p *gen.Part) bool { return p.Name == next })
	if k < 0 {
		return cfg, Refused
	}
	if k == 0 {
		return c.Start(), Running // a head behind another
	}
	p := c.seq.Parts[k]
	to := Config{part: uint8(k)}
	if p.Machine != nil {
		return to, Running
	}
	if p.ToEnd {
		to.count.toEnd = true
		return to, Running
	}
	n := slices.IndexFunc(c.numbers, func(n *number) bool { return n.of == p.Counts && n.bound.Into == p.Count.Into })
	numerals := c.numerals[p.Count.Base]
	if c.heldOnly && numerals.wraps(cfg.number[n], p.Count.Wraps) {
		return to, Cut
	}
	to.count = numerals.count(cfg.number[n], p.Count.Wraps)
	switch {
	case to.count == count{}:
		return c.after(to, "complete")
	case to.count.huge == cutNumber:
		return to, Cut
	}
	return to, Running
}
