package gen

import (
	"slices"
	"strings"

	"github.com/specht-http/specht/gen/automaton"
	"github.com/specht-http/specht/spec"
)

// Sequence is the order in which machines read a message.
type Sequence struct {
	Name  string
	Doc   *spec.Document
	Pos   spec.Pos
	Parts []*Part

	Before string // the event that the input ends before the message begins
	before []int  // the states of the first machine in which it has not begun
}

// endOfInput is the event that no more octets come. With a path behind it, it
// is that none come before that place.
const endOfInput = "end of input"

// Part is a state of a sequence: what reads the octets there, and what follows
// each of its events.
type Part struct {
	Name    string
	Machine *Machine // or nil
	Count   *Bound   // octets are counted: the number that says how many
	Counts  *Machine // whose number that is
	ToEnd   bool     // octets are taken up to the end of input
	Next    map[string]string
	Refuse  map[string]*Refusal // by event, where the input ends too early
	Rows    []spec.Row

	rows map[string]spec.Row // by event
}

func (m *Model) loadSequences() {
	m.Set.Tables(spec.KindSequence, func(d *spec.Document, t *spec.Table) {
		s := &Sequence{Name: t.Name, Doc: d, Pos: t.Pos}
		for _, o := range m.Sequences {
			if o.Name == s.Name {
				m.errorf(t.Pos, "give it another name", "a second sequence with the name %s, first at %s", s.Name, o.Pos)
			}
		}
		for _, r := range t.Rows {
			m.sequenceRow(s, t, r)
		}
		for _, p := range s.Parts {
			for e, next := range p.Next {
				if !strings.HasPrefix(next, "refuse: ") && next != "end" && s.Part(next) == nil && !(next == "nothing" && e == s.Before) {
					m.errorf(p.rows[e].Pos, "expected end, or a part that has rows", "after %s and event %s comes an unknown part %q", p.Name, e, next)
				}
			}
			if len(m.errs) == 0 {
				m.checkPart(s, p)
			}
		}
		if len(m.errs) == 0 {
			m.checkReached(s)
			m.checkGiven(s)
		}
		m.Sequences = append(m.Sequences, s)
	})
	for _, f := range m.Feeds {
		if m.tableRoom(f.Doc) != "h1" { // an engine that takes fields one by one feeds them itself
			continue
		}
		if !slices.ContainsFunc(m.Sequences, func(s *Sequence) bool { return s.Doc == f.Doc }) {
			m.errorf(f.Row.Pos, "write it into the document of the sequence that reads the field", "no sequence in this document feeds the machine %s", f.Machine.Name)
		}
	}
}

func (m *Model) sequenceRow(s *Sequence, t *spec.Table, r spec.Row) {
	name, reads, event := r.Cells[0].Text, t.Cell(r, "reads"), t.Cell(r, "event").Text
	p := s.Part(name)
	if p == nil {
		p = &Part{Name: name, Next: map[string]string{}, Refuse: map[string]*Refusal{}, rows: map[string]spec.Row{}}
		s.Parts = append(s.Parts, p)
		m.reads(p, reads)
	} else if first := t.Cell(p.Rows[0], "reads"); first.Text != reads.Text {
		m.errorf(reads.Pos, "write the same in all rows of a part", "%s reads %q here, and %q at %s", name, reads.Text, first.Text, first.Pos)
	}
	if old, ok := p.rows[event]; ok {
		m.errorf(r.Pos, "remove one of the two", "a second row for %s and event %s, first at %s", name, event, old.Pos)
	}
	next := t.Cell(r, "→ next")
	p.Next[event], p.rows[event] = next.Text, r
	p.Rows = append(p.Rows, r)
	if name, ok := strings.CutPrefix(next.Text, "refuse: "); ok {
		m.refuseAtEnd(p, event, name, next)
	}
	if path, ok := strings.CutPrefix(event, endOfInput+" before "); ok && p == s.Parts[0] && p.Machine != nil {
		s.Before = event
		s.before = m.statesBefore(p.Machine, path, t.Cell(r, "event").Pos)
	}
}

// refuseAtEnd is a row that refuses a message whose input ends too early.
func (m *Model) refuseAtEnd(p *Part, event, name string, at spec.Cell) {
	r := m.refusal(name)
	switch {
	case !strings.HasPrefix(event, endOfInput):
		m.errorf(at.Pos, "let the machine or a decision refuse", "the event %q of a sequence can't refuse: only the end of input can", event)
		return
	case r == nil:
		m.errorf(at.Pos, "define it in a table | error | status | means |", "unknown error %q", name)
		return
	}
	r.used = true
	r.at = append(r.at, p.rows[event])
	p.Refuse[event] = r
}

// statesBefore are the states of a machine in which an element has not begun.
// A limit on the octets of the element tells where it begins.
func (m *Model) statesBefore(ma *Machine, path string, at spec.Pos) (out []int) {
	i := slices.IndexFunc(ma.Limits, func(l *Limit) bool { return l.Path == ma.name()+"/"+path })
	if i < 0 {
		m.errorf(at, "expected an element of "+ma.Name+" whose octets are limited", "nothing tells where %s begins", path)
		return nil
	}
	begins := func(o automaton.Op) bool { return o.Kind == automaton.SetReg && o.Reg == ma.Limits[i].Start }
	for todo := []int{0}; len(todo) > 0; todo = todo[1:] {
		if slices.Contains(out, todo[0]) {
			continue
		}
		out = append(out, todo[0])
		for _, e := range ma.DFA.States[todo[0]].Out {
			if !slices.ContainsFunc(e.Ops, begins) {
				todo = append(todo, e.To)
			}
		}
	}
	slices.Sort(out)
	return out
}

// checkReached finds parts that no way leads to.
func (m *Model) checkReached(s *Sequence) {
	reached := map[*Part]bool{}
	var reach func(*Part)
	reach = func(p *Part) {
		if p == nil || reached[p] {
			return
		}
		reached[p] = true
		for _, next := range p.Next {
			reach(s.Part(next))
		}
	}
	reach(s.Parts[0])
	for _, p := range s.Parts {
		if !reached[p] {
			m.refuse(p.Rows[0].Pos, "remove it, or add a way to it", "sequence %s: dead row: %s can't be reached from %s", s.Name, p.Name, s.Parts[0].Name)
		}
	}
}

// Part is the part of that name, or nil.
func (s *Sequence) Part(name string) *Part {
	for _, p := range s.Parts {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// reads understands "machine NAME", "MACHINE/Number octets" and "octets to the
// end of input".
func (m *Model) reads(p *Part, c spec.Cell) {
	if c.Text == "octets to the end of input" {
		p.ToEnd = true
		return
	}
	if name, ok := strings.CutPrefix(c.Text, "machine "); ok {
		if p.Machine = m.Machine(name); p.Machine == nil {
			m.errorf(c.Pos, "expected the name of a machine", "unknown machine %q", name)
		}
		return
	}
	if path, ok := strings.CutSuffix(c.Text, " octets"); ok {
		name, into, _ := strings.Cut(path, "/")
		if p.Counts = m.Machine(name); p.Counts != nil {
			for _, b := range p.Counts.Yields {
				if b.Into == into && b.Base > 0 {
					p.Count = b
				}
			}
		}
		if p.Count != nil {
			return
		}
	}
	m.errorf(c.Pos, "expected machine NAME, octets to the end of input, or MACHINE/Number octets with a number that the machine yields", "unknown reader %q", c.Text)
}

// checkPart compares the events that a part answers with those that can
// happen in it.
func (m *Model) checkPart(s *Sequence, p *Part) {
	want := m.partEvents(s, p)
	if len(want) == 0 {
		return // nothing says what can happen: that was reported
	}
	if !p.ToEnd {
		want = append(slices.Clone(want), endOfInput)
	}
	if p == s.Parts[0] && s.Before != "" {
		want = append(want, s.Before)
	}
	for _, e := range want {
		if p.Next[e] == "" {
			m.errorf(p.Rows[0].Pos, "add a row for it", "sequence %s: missing cell: %s, event %s", s.Name, p.Name, e)
		}
	}
	for e := range p.Next {
		if !slices.Contains(want, e) {
			m.errorf(p.rows[e].Pos, "expected one of: "+strings.Join(want, ", "), "sequence %s: dead row: %s never ends with event %q", s.Name, p.Name, e)
		}
	}
}

// BodyLength is the decision that a head's part ends with, by convention of
// the sequence's name: request-message asks request-body-length.
func (m *Model) BodyLength(s *Sequence) *Decision {
	return m.Decision(strings.TrimSuffix(s.Name, "-message") + "-body-length")
}

func (m *Model) partEvents(s *Sequence, p *Part) []string {
	switch {
	case p == s.Parts[0]:
		d := m.BodyLength(s)
		if d == nil {
			m.errorf(s.Pos, "name a decision after the sequence", "sequence %s: no decision says how long the body is", s.Name)
			return nil
		}
		return m.Domains[d.Name].Values
	case p.ToEnd:
		return []string{endOfInput}
	case p.Machine != nil:
		for _, b := range p.Machine.Yields {
			if b.Mark {
				return []string{strings.TrimSuffix(p.Name, "-line"), strings.ToLower(b.Into) + "-" + strings.TrimSuffix(p.Name, "-line")}
			}
		}
	}
	return []string{"complete"}
}

// decided are the decisions that are made when the head is whole, in an order
// in which each finds what it asks for: the one on the body's length with what
// it asks for, and all others that can be made of that.
func (m *Model) decided(s *Sequence) (out []*Decision) {
	known := m.known(s)
	for _, d := range m.given(s) {
		known[d.Name] = true
	}
	// What goes by numbers of the head alone comes first: the version says by
	// which rules the rest is read.
	order := slices.Clone(m.Decisions)
	slices.SortStableFunc(order, func(a, b *Decision) int { return a.words() - b.words() })
	for changed := true; changed; {
		changed = false
		for _, d := range order {
			other := d != m.BodyLength(s) && strings.HasSuffix(d.Name, "-body-length")
			unknown := slices.ContainsFunc(d.Inputs, func(in *Domain) bool { return !known[in.Name] })
			elsewhere := m.Domains[d.Name].Room != m.tableRoom(s.Doc)
			if other || unknown || elsewhere || known[d.Name] {
				continue
			}
			out = append(out, d)
			known[d.Name], changed = true, true
		}
	}
	return out
}

// words is 1 if an input is more than a number, else 0.
func (d *Decision) words() int {
	if slices.ContainsFunc(d.Inputs, func(in *Domain) bool { return !in.numeric() }) {
		return 1
	}
	return 0
}

// known are the inputs that a sequence's head gives: numbers of its machine,
// and what its fields come to.
func (m *Model) known(s *Sequence) map[string]bool {
	known := map[string]bool{}
	for _, b := range s.Parts[0].Machine.Yields {
		if b.Base > 0 && b.In == nil {
			known[unexported(b.Into)] = true
		}
		if b.set != nil && b.In == nil {
			known[b.set.Name] = true
		}
	}
	for _, f := range m.feeds(s) {
		known[f.Outcome.Name] = true
	}
	return known
}

// given are the inputs that the decision on the body's length asks for, at once
// or over others, and that nothing in the message tells: whoever reads it gives
// them.
func (m *Model) given(s *Sequence) (out []*Domain) {
	known := m.known(s)
	var ask func(d *Decision)
	ask = func(d *Decision) {
		for _, in := range d.Inputs {
			if next := m.Decision(in.Name); next != nil {
				ask(next)
			} else if !known[in.Name] && !slices.Contains(out, in) {
				out = append(out, in)
			}
		}
	}
	ask(m.BodyLength(s))
	return out
}

// checkGiven finds inputs that the caller can't give: numbers, which the head's
// machine has to yield, and states, which a field has to be fed for.
func (m *Model) checkGiven(s *Sequence) {
	for _, d := range m.given(s) {
		switch {
		case m.transitions(d.Name) != nil:
			m.errorf(s.Pos, "add a row for it to a table | field | machine | outcome | of this document", "sequence %s: nothing is fed to %s, which decides how long the body is", s.Name, d.Name)
		case d.numeric():
			m.errorf(s.Pos, "let the machine yield it as a number", "sequence %s: %s yields no number %s, which decides how long the body is", s.Name, s.Parts[0].Machine.Name, exported(d.Name))
		}
	}
}
