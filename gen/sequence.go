package gen

import (
	"slices"
	"strings"

	"github.com/specht-http/specht/spec"
)

// Sequence is the order in which machines read a message.
type Sequence struct {
	Name  string
	Doc   *spec.Document
	Pos   spec.Pos
	Parts []*Part
}

// Part is a state of a sequence: what reads the octets there, and what follows
// each of its events.
type Part struct {
	Name    string
	Machine *Machine // or nil
	Count   *Bound   // octets are counted: the number that says how many
	Counts  *Machine // whose number that is
	Next    map[string]string
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
				if next != "end" && s.Part(next) == nil {
					m.errorf(p.rows[e].Pos, "expected end, or a part that has rows", "after %s and event %s comes an unknown part %q", p.Name, e, next)
				}
			}
			if len(m.errs) == 0 {
				m.checkPart(s, p)
			}
		}
		if len(m.errs) == 0 {
			m.checkReached(s)
		}
		m.Sequences = append(m.Sequences, s)
	})
}

func (m *Model) sequenceRow(s *Sequence, t *spec.Table, r spec.Row) {
	name, reads, event := r.Cells[0].Text, t.Cell(r, "reads"), t.Cell(r, "event").Text
	p := s.Part(name)
	if p == nil {
		p = &Part{Name: name, Next: map[string]string{}, rows: map[string]spec.Row{}}
		s.Parts = append(s.Parts, p)
		m.reads(p, reads)
	} else if first := t.Cell(p.Rows[0], "reads"); first.Text != reads.Text {
		m.errorf(reads.Pos, "write the same in all rows of a part", "%s reads %q here, and %q at %s", name, reads.Text, first.Text, first.Pos)
	}
	if old, ok := p.rows[event]; ok {
		m.errorf(r.Pos, "remove one of the two", "a second row for %s and event %s, first at %s", name, event, old.Pos)
	}
	p.Next[event], p.rows[event] = t.Cell(r, "→ next").Text, r
	p.Rows = append(p.Rows, r)
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
			m.errorf(p.Rows[0].Pos, "remove it, or add a way to it", "sequence %s: dead row: %s can't be reached from %s", s.Name, p.Name, s.Parts[0].Name)
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

// reads understands "machine NAME" and "MACHINE/Number octets".
func (m *Model) reads(p *Part, c spec.Cell) {
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
	m.errorf(c.Pos, "expected machine NAME, or MACHINE/Number octets with a number that the machine yields", "unknown reader %q", c.Text)
}

// checkPart compares the events that a part answers with those that can
// happen in it.
func (m *Model) checkPart(s *Sequence, p *Part) {
	want := m.partEvents(s, p)
	if len(want) == 0 {
		return // nothing says what can happen: that was reported
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
	case p.Machine != nil:
		for _, b := range p.Machine.Yields {
			if b.Mark {
				return []string{strings.TrimSuffix(p.Name, "-line"), strings.ToLower(b.Into) + "-" + strings.TrimSuffix(p.Name, "-line")}
			}
		}
	}
	return []string{"complete"}
}
