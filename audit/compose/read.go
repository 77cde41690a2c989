package compose

import (
	"slices"
	"strconv"
	"strings"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/gen/automaton"
)

// Message is what Read has read.
type Message struct {
	End      int               // octets up to its end
	Outcomes map[string]string // of the decisions that were made of its head
	Lines    [][2]string       // names and values, of its last head
	Content  []byte
	Refused  string // why it isn't one; empty if it is
	Wants    uint64 // octets of content that are missing, if the stream ends among them
}

// Read reads the first message of a stream octet by octet, with all its fields and
// decisions, and knows nothing of Configs: it is the plain way to what Step does in
// parts. ok is false if the stream ends before the message does. The end of the
// stream ends what nothing else ends. Limits are left out.
func Read(m *gen.Model, seq *gen.Sequence, head *gen.Machine, given map[string]string, stream []byte) (msg Message, ok bool) {
	r := &reader{m: m, seq: seq, given: given, stream: stream, numbers: map[*gen.Bound]uint64{}}
	for part := seq.Parts[0]; ; {
		event, ok := "", true
		switch {
		case part == seq.Parts[0]:
			event, ok = r.head(head)
		case part.Machine != nil:
			event, ok = r.part(part)
		case part.ToEnd:
			r.msg.Content, r.at, event = append(r.msg.Content, stream[r.at:]...), len(stream), "end of input"
		default:
			n := r.number(part.Counts, part.Count)
			if left := uint64(len(stream) - r.at); n > left {
				r.msg.Wants = n - left
				return r.msg, false
			}
			r.msg.Content = append(r.msg.Content, stream[r.at:r.at+int(n)]...)
			r.at += int(n)
			event = "complete"
		}
		if !ok || r.msg.Refused != "" {
			return r.msg, r.msg.Refused != ""
		}
		next := part.Next[event]
		if next == "end" {
			r.msg.End = r.at
			return r.msg, true
		}
		if part = seq.Part(next); part == nil {
			r.msg.Refused = next
			return r.msg, true
		}
	}
}

// reader is a Read under way.
type reader struct {
	m       *gen.Model
	seq     *gen.Sequence
	given   map[string]string
	stream  []byte
	at      int
	numbers map[*gen.Bound]uint64
	msg     Message
}

// number is what a machine has yielded last.
func (r *reader) number(ma *gen.Machine, b *gen.Bound) uint64 {
	for o, n := range r.numbers {
		if o.Into == b.Into && slices.Contains(ma.Yields, o) || o == b {
			return n
		}
	}
	return 0
}

// plain is a machine that reads octets.
type plain struct {
	m       *gen.Model
	ma      *gen.Machine
	regs    map[automaton.Reg]int
	numbers map[*gen.Bound]uint64
	marks   []string
	onLine  func(regs map[automaton.Reg]int)
	onEvent func(name string, numbers map[*gen.Bound]uint64)
}

// fault is why a machine refuses.
type fault struct {
	row *gen.ErrorRow // that names it, or nil
	at  int
}

// run reads octets: all of them if isValue is set, and else up to the machine's end.
func (p *plain) run(octets []byte, isValue bool) (n int, isWhole bool, wrong *fault) {
	state := 0
	for i, o := range octets {
		s := &p.ma.DFA.States[state]
		e, ok := s.Edge(o)
		if !ok {
			return i, false, &fault{p.m.ErrorAt(p.ma, state, o), i}
		}
		p.ops(e.Ops, octets, i)
		for _, op := range e.Digits {
			b := p.ma.Yields[op.Arg]
			d, base := uint64(digitOf(o)), uint64(b.Base)
			was := p.numbers[b]
			if b.Wraps == 0 && (d > b.Max || was > (b.Max-d)/base) {
				return i, false, &fault{p.m.Overflow(p.ma), i}
			}
			p.numbers[b] = was*base + d
			if b.Wraps == 32 {
				p.numbers[b] &= 1<<32 - 1
			}
		}
		state = e.To
		if t := &p.ma.DFA.States[state]; !isValue && t.Final && len(t.Out) == 0 {
			p.ops(t.End, octets, i+1)
			return i + 1, true, nil
		}
	}
	if s := &p.ma.DFA.States[state]; isValue && s.Final {
		p.ops(s.End, octets, len(octets))
		return len(octets), true, nil
	}
	if isValue {
		return len(octets), false, &fault{nil, len(octets)}
	}
	return len(octets), false, nil
}

func (p *plain) ops(ops []automaton.Op, octets []byte, at int) {
	for _, op := range ops {
		switch op.Kind {
		case automaton.SetReg:
			p.regs[op.Reg] = at
		case automaton.Zero:
			for _, b := range p.ma.Yields {
				if b.Base > 0 && b.Value == op.Reg {
					p.numbers[b] = 0
				}
			}
		case automaton.Mark:
			for _, b := range p.ma.Yields {
				if b.Mark && b.Value == op.Reg {
					p.marks = append(p.marks, b.Into)
				}
			}
		case automaton.Keyword:
			b := p.ma.Yields[op.Arg]
			p.regs[op.Reg] = keywordOf(b.Set(), octets[p.regs[b.Start]:p.regs[b.End]])
		case automaton.Record:
			if p.onLine != nil {
				p.onLine(p.regs)
			}
		case automaton.Event:
			b := p.ma.Yields[op.Arg]
			name := b.EventName()
			if b.Set() != nil && p.regs[b.ID] > 0 {
				name = b.Set().Words[p.regs[b.ID]-1].Name
			}
			if p.onEvent != nil {
				p.onEvent(name, p.numbers)
			}
		}
	}
}

// keywordOf is the id of a word, from 1; 0 for others.
func keywordOf(set *gen.KeywordSet, word []byte) int {
	for i, w := range set.Words {
		if w.Text == string(word) || set.Fold && len(w.Text) == len(word) && strings.EqualFold(w.Text, string(word)) && isASCII(word) {
			return i + 1
		}
	}
	return 0
}

func isASCII(b []byte) bool { return !slices.ContainsFunc(b, func(o byte) bool { return o >= 0x80 }) }

// part reads a part behind the head.
func (r *reader) part(part *gen.Part) (event string, ok bool) {
	p := &plain{m: r.m, ma: part.Machine, regs: map[automaton.Reg]int{}, numbers: r.numbers}
	n, ok, wrong := p.run(r.stream[r.at:], false)
	r.at += n
	if wrong != nil {
		r.msg.Refused = "malformed " + part.Name
		return "", true
	}
	event = "complete"
	for _, b := range part.Machine.Yields {
		if b.Mark {
			event = strings.TrimSuffix(part.Name, "-line")
			if len(p.marks) > 0 {
				event = strings.ToLower(b.Into) + "-" + event
			}
		}
	}
	return event, ok
}

// head reads a head, feeds what is fed, and decides.
func (r *reader) head(ma *gen.Machine) (event string, ok bool) {
	from := r.at
	r.msg.Lines = nil
	p := &plain{m: r.m, ma: ma, regs: map[automaton.Reg]int{}, numbers: r.numbers}
	var name, value *gen.Bound
	for _, b := range ma.Yields {
		if b.In != nil && b.Span && b.Set() != nil {
			name = b
		} else if b.In != nil && b.Span {
			value = b
		}
	}
	p.onLine = func(regs map[automaton.Reg]int) {
		of := func(b *gen.Bound) string { return string(r.stream[from+regs[b.Start] : from+regs[b.End]]) }
		text := of(value)
		if ma.FoldsAny() {
			text = strings.NewReplacer("\r", " ", "\n", " ").Replace(text)
		}
		r.msg.Lines = append(r.msg.Lines, [2]string{of(name), text})
	}
	n, isWhole, wrong := p.run(r.stream[from:], false)
	r.at += n
	if wrong != nil {
		r.msg.Refused = "malformed head"
		return "", true
	}
	if !isWhole {
		return "", false
	}
	states := map[string]string{}
	for _, l := range r.msg.Lines {
		for _, f := range r.m.FeedsOf(r.seq) {
			if f.Field != "" && strings.EqualFold(f.Field, l[0]) {
				r.feed(f, l[1], states)
			}
		}
	}
	r.feedSpans(ma, p.regs, r.stream[from:], states)
	return r.decide(ma, p.regs, states), true
}

// feed gives a value to its machine, and then what that's spans hold.
func (r *reader) feed(f *gen.Feed, value string, states map[string]string) {
	t := f.Outcome
	if states[t.Name] == "" {
		states[t.Name] = t.States.Values[0]
	}
	before, isTold := states[t.Name], false
	var last string
	tell := func(event string) {
		isTold, last = true, event
		states[t.Name], _ = t.Next(states[t.Name], event)
	}
	p := &plain{m: r.m, ma: f.Machine, regs: map[automaton.Reg]int{}, numbers: map[*gen.Bound]uint64{}, onEvent: func(name string, _ map[*gen.Bound]uint64) { tell(name) }}
	_, _, wrong := p.run([]byte(value), true)
	if wrong != nil {
		tell(f.FaultEvent(wrong.row))
		return
	}
	if !isTold && slices.Contains(t.Events, "empty") {
		tell("empty")
	}
	if t.Cells[[2]string{before, last}] == nil || t.Cells[[2]string{before, last}].Next != "the same" {
		for b, n := range p.numbers {
			r.numbers[b] = n
		}
	}
	r.feedSpans(f.Machine, p.regs, []byte(value), states)
}

func (r *reader) feedSpans(ma *gen.Machine, regs map[automaton.Reg]int, octets []byte, states map[string]string) {
	for _, f := range r.m.FeedsOf(r.seq) {
		if f.From == nil || f.Span.Into == "" || f.From != ma && (ma.Of == nil || f.From != ma.Of) {
			continue
		}
		i := slices.IndexFunc(ma.Yields, func(b *gen.Bound) bool { return b.Into == f.Span.Into && b.Span })
		if b := ma.Yields[i]; regs[b.End] > regs[b.Start] {
			r.feed(f, string(octets[regs[b.Start]:regs[b.End]]), states)
		}
	}
}

// decide makes all decisions; the event is the outcome of that on the body's length.
func (r *reader) decide(ma *gen.Machine, regs map[automaton.Reg]int, states map[string]string) (event string) {
	known := map[string]string{}
	for _, d := range r.m.Decided(r.seq) {
		pick := make([]string, len(d.Inputs))
		for i, in := range d.Inputs {
			pick[i] = r.input(in, ma, regs, states, known)
		}
		row := d.Choose(pick)
		switch {
		case row == nil:
			r.msg.Refused = "no row of " + d.Name
			return ""
		case row.Refuse != nil:
			r.msg.Refused = row.Refuse.Name
			return ""
		}
		known[d.Name] = row.Outcome
	}
	r.msg.Outcomes = known
	return known[r.m.BodyLength(r.seq).Name]
}

func (r *reader) input(in *gen.Domain, ma *gen.Machine, regs map[automaton.Reg]int, states, known map[string]string) string {
	if v, ok := known[in.Name]; ok {
		return v
	}
	if v, ok := states[in.Name]; ok {
		return v
	}
	for _, t := range r.m.Transitions {
		if t.Name == in.Name {
			return t.States.Values[0]
		}
	}
	for _, b := range ma.Yields {
		if b.IsInput(in) {
			return strconv.FormatUint(r.numbers[b], 10)
		}
		if in.Set() != nil && b.Set() == in.Set() && b.In == nil {
			return in.Values[regs[b.ID]]
		}
	}
	return r.given[in.Name]
}
