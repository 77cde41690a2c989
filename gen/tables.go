package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/spec"
)

// Domain is an enumeration: the values of an input, the states of transitions,
// or the outcomes of a decision.
type Domain struct {
	Name   string
	Room   string
	Values []string
	Pos    spec.Pos
	groups map[string][]string
}

// Refusal is an error that a decision can come to.
type Refusal struct {
	Name   string
	Status int
	Means  string
	Room   string
	Row    spec.Row
	used   bool
}

// Decision is a total function from inputs to an outcome, written as rows that
// don't overlap.
type Decision struct {
	Name   string
	Doc    *spec.Document
	Pos    spec.Pos
	Inputs []*Domain
	Rows   []*DecisionRow
}

// DecisionRow is one row; Sets has a set of values for each input.
type DecisionRow struct {
	Name        string
	Sets        [][]string
	Outcome     string   // empty when the row refuses
	Refuse      *Refusal // or nil
	Requirement string
	Row         spec.Row
}

// Transitions is a total function from state and event to the next state or an
// error.
type Transitions struct {
	Name   string
	Doc    *spec.Document
	Pos    spec.Pos
	States *Domain
	Events []string
	Cells  map[[2]string]*TransitionRow // by state and event
	Rows   []*TransitionRow
	raw    []*TransitionRow
}

// TransitionRow is one row, for all its states and events.
type TransitionRow struct {
	States, Events []string
	Next           string // "the same" is replaced by the state in Transitions.Next
	Error          string
	Action         string
	Requirement    string
	Row            spec.Row
}

// Next is the cell for a state and an event.
func (t *Transitions) Next(state, event string) (next, misuse string) {
	r := t.Cells[[2]string{state, event}]
	if r.Next == "the same" {
		return state, r.Error
	}
	return r.Next, r.Error
}

// Feed says which field's values go to which machine.
type Feed struct {
	Field   string
	Machine *Machine
	Outcome *Transitions
	Row     spec.Row
}

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
}

// loadDomains reads the inputs, and gives every decision and every transition
// table a domain of its own.
func (m *Model) loadDomains() {
	m.Set.Tables(spec.KindInput, func(_ *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			m.domain(t.Cell(r, "input").Text, t.Cell(r, "room").Text, t.Cell(r, "values").List(), r.Pos)
		}
	})
	m.Set.Tables(spec.KindRefusal, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			name := t.Cell(r, "error").Text
			if m.refusal(name) != nil {
				m.errorf(r.Pos, "one of them is enough", "the error %s is defined twice", name)
			}
			m.Refusals = append(m.Refusals, &Refusal{Name: name, Status: m.status(t.Cell(r, "status")), Means: t.Cell(r, "means").Text, Room: "h1", Row: r})
		}
	})
}

func (m *Model) refusal(name string) *Refusal {
	for _, r := range m.Refusals {
		if r.Name == name {
			return r
		}
	}
	return nil
}

func (m *Model) domain(name, room string, values []string, at spec.Pos) *Domain {
	if d := m.Domains[name]; d != nil {
		m.errorf(at, "the first is at "+d.Pos.String(), "a second input, decision or transition table with the name %s", name)
		return d
	}
	d := &Domain{Name: name, Room: room, Values: values, Pos: at, groups: map[string][]string{}}
	m.Domains[name] = d
	return d
}

// values resolves the values of a cell: values of the domain, groups of it,
// or several with commas.
func (m *Model) values(d *Domain, c spec.Cell) (out []string) {
	for _, v := range c.List() {
		switch {
		case d.groups[v] != nil:
			out = append(out, d.groups[v]...)
		case slices.Contains(d.Values, v):
			out = append(out, v)
		default:
			m.errorf(c.Pos, fmt.Sprintf("expected some of: %s%s", strings.Join(d.Values, ", "), d.groupNames()), "%q is not a value of %s", v, d.Name)
		}
	}
	if len(out) == 0 {
		m.errorf(c.Pos, "name the values, or a group of them", "the cell for %s is empty", d.Name)
	}
	return out
}

func (d *Domain) groupNames() string {
	var names []string
	for g := range d.groups {
		names = append(names, g)
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return "; or a group: " + strings.Join(names, ", ")
}

func (m *Model) loadTransitions() {
	m.Set.Tables(spec.KindTransition, func(d *spec.Document, t *spec.Table) {
		tr := &Transitions{Name: t.Name, Doc: d, Pos: t.Pos, Cells: map[[2]string]*TransitionRow{}}
		var states []string
		for _, r := range t.Rows {
			next := t.Cell(r, "→ next").Text
			row := &TransitionRow{
				States: r.Cells[0].List(), Events: t.Cell(r, "event").List(), Next: next,
				Action: t.Cell(r, "action").Text, Requirement: t.Cell(r, "requirement").Text, Row: r,
			}
			if e, ok := strings.CutPrefix(next, "error: "); ok {
				row.Next, row.Error = "the same", e
			}
			for _, s := range row.States {
				if !slices.Contains(states, s) {
					states = append(states, s)
				}
			}
			for _, e := range row.Events {
				if !slices.Contains(tr.Events, e) {
					tr.Events = append(tr.Events, e)
				}
			}
			if len(row.States) == 0 || len(row.Events) == 0 {
				m.errorf(r.Pos, "name at least one state and one event", "the row says nothing")
			}
			tr.Rows = append(tr.Rows, row)
		}
		tr.States = m.domain(t.Name, "h1", states, t.Pos)
		for _, row := range tr.Rows {
			if row.Next != "the same" && !slices.Contains(states, row.Next) {
				m.errorf(row.Row.Pos, "expected the same, error: NAME, or one of: "+strings.Join(states, ", "),
					"%q is not a state of %s: no row says what happens in it", row.Next, t.Name)
			}
			for _, s := range row.States {
				for _, e := range row.Events {
					if old := tr.Cells[[2]string{s, e}]; old != nil {
						m.errorf(row.Row.Pos, fmt.Sprintf("the first is at %s", old.Row.Pos), "a second row for state %s and event %s", s, e)
						continue
					}
					tr.Cells[[2]string{s, e}] = row
				}
			}
		}
		for _, s := range states {
			for _, e := range tr.Events {
				if tr.Cells[[2]string{s, e}] == nil {
					m.errorf(t.Pos, "add a row: every event must have an answer in every state", "transitions %s: missing cell: state %s, event %s", t.Name, s, e)
				}
			}
		}
		m.Transitions = append(m.Transitions, tr)
	})
}

// loadDecisions reads the decisions in an order in which each finds the
// domains of its inputs, whatever document they are in.
func (m *Model) loadDecisions() {
	type todo struct {
		d *spec.Document
		t *spec.Table
	}
	var wait []todo
	m.Set.Tables(spec.KindDecision, func(d *spec.Document, t *spec.Table) {
		wait = append(wait, todo{d, t})
		var outcomes []string
		for _, r := range t.Rows {
			o := t.Cell(r, "→ outcome").Text
			if !strings.HasPrefix(o, "refuse: ") && !slices.Contains(outcomes, o) {
				outcomes = append(outcomes, o)
			}
		}
		m.domain(t.Name, "h1", outcomes, t.Pos)
	})
	m.Set.Tables(spec.KindGroup, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			of := t.Cell(r, "of")
			dom := m.Domains[of.Text]
			if dom == nil {
				m.errorf(of.Pos, "expected the name of an input, decision or transition table", "a group of an unknown input %q", of.Text)
				continue
			}
			name := t.Cell(r, "group").Text
			if dom.groups[name] != nil {
				m.errorf(r.Pos, "give it another name", "a second group %s of %s", name, dom.Name)
			}
			dom.groups[name] = m.values(dom, t.Cell(r, "values"))
		}
	})
	for _, w := range wait {
		m.decision(w.d, w.t)
	}
}

func (m *Model) decision(d *spec.Document, t *spec.Table) {
	dec := &Decision{Name: t.Name, Doc: d, Pos: t.Pos}
	for _, h := range t.Header[1 : len(t.Header)-2] {
		dom := m.Domains[h.Text]
		if dom == nil {
			m.errorf(t.Pos, "expected the name of an input, decision or transition table", "decision %s: unknown input %q", t.Name, h.Text)
			return
		}
		dec.Inputs = append(dec.Inputs, dom)
	}
	for _, r := range t.Rows {
		row := &DecisionRow{Name: r.Cells[0].Text, Requirement: t.Cell(r, "requirement").Text, Row: r}
		for i, in := range dec.Inputs {
			row.Sets = append(row.Sets, m.values(in, r.Cells[i+1]))
		}
		out := t.Cell(r, "→ outcome")
		if name, ok := strings.CutPrefix(out.Text, "refuse: "); ok {
			row.Refuse = m.refusal(name)
			if row.Refuse == nil {
				m.errorf(out.Pos, "define it in a table | error | status | means |", "unknown error %q", name)
			} else {
				row.Refuse.used = true
			}
		} else {
			row.Outcome = out.Text
		}
		dec.Rows = append(dec.Rows, row)
	}
	m.Decisions = append(m.Decisions, dec)
}

// combinations calls yield with every combination of the values of domains.
func combinations(domains []*Domain, yield func([]string)) {
	pick := make([]string, len(domains))
	var rec func(int)
	rec = func(i int) {
		if i == len(domains) {
			yield(slices.Clone(pick))
			return
		}
		for _, v := range domains[i].Values {
			pick[i] = v
			rec(i + 1)
		}
	}
	rec(0)
}

// Match says whether a row is for this combination.
func (r *DecisionRow) Match(pick []string) bool {
	for i, v := range pick {
		if !slices.Contains(r.Sets[i], v) {
			return false
		}
	}
	return true
}

// checkTables finds what is missing, said twice, or said in vain.
func (m *Model) checkTables() {
	for _, d := range m.Decisions {
		hits := make([]int, len(d.Rows))
		combinations(d.Inputs, func(pick []string) {
			var first *DecisionRow
			for i, r := range d.Rows {
				if !r.Match(pick) {
					continue
				}
				if first != nil {
					m.errorf(r.Row.Pos, "make the rows disjoint", "decision %s: the rows %q (%s) and %q overlap, at %s", d.Name, first.Name, first.Row.Pos, r.Name, describe(d.Inputs, pick))
					continue
				}
				first = r
				hits[i]++
			}
			if first == nil {
				m.errorf(d.Pos, "add a row for it", "decision %s: missing cell: no row for %s", d.Name, describe(d.Inputs, pick))
			}
		})
		for i, r := range d.Rows {
			if hits[i] == 0 {
				m.errorf(r.Row.Pos, "remove it, or correct its cells", "decision %s: dead row: %q is never the first to match", d.Name, r.Name)
			}
		}
		m.cap()
	}
	for _, t := range m.Transitions {
		reached := map[string]bool{t.States.Values[0]: true}
		for changed := true; changed; {
			changed = false
			for s := range reached {
				for _, e := range t.Events {
					if next, _ := t.Next(s, e); !reached[next] {
						reached[next], changed = true, true
					}
				}
			}
		}
		for _, r := range t.Rows {
			alive := false
			for _, s := range r.States {
				alive = alive || reached[s]
			}
			if !alive {
				m.errorf(r.Row.Pos, "remove it, or add a way to its states", "transitions %s: dead row: the states %s can't be reached from %s", t.Name, strings.Join(r.States, ", "), t.States.Values[0])
			}
		}
	}
	for _, r := range m.Refusals {
		if !r.used {
			m.errorf(r.Row.Pos, "use it in a decision, or remove it", "no row refuses with %q", r.Name)
		}
	}
}

// cap keeps a report of overlapping rows readable.
func (m *Model) cap() {
	if len(m.errs) > 20 {
		m.errs = m.errs[:20]
	}
}

func describe(inputs []*Domain, pick []string) string {
	var parts []string
	for i, in := range inputs {
		parts = append(parts, in.Name+" "+pick[i])
	}
	return strings.Join(parts, ", ")
}

func (m *Model) transitions(name string) *Transitions {
	for _, t := range m.Transitions {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// Decision is the decision of that name, or nil.
func (m *Model) Decision(name string) *Decision {
	for _, d := range m.Decisions {
		if d.Name == name {
			return d
		}
	}
	return nil
}

func (m *Model) loadFeeds() {
	m.Set.Tables(spec.KindFeed, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			f := &Feed{Field: t.Cell(r, "field").Text, Row: r}
			if f.Machine = m.Machine(t.Cell(r, "machine").Text); f.Machine == nil || f.Machine.Input != "value" {
				m.errorf(t.Cell(r, "machine").Pos, "expected a machine whose input is a value", "unknown machine %q", t.Cell(r, "machine").Text)
				continue
			}
			if f.Outcome = m.transitions(t.Cell(r, "outcome").Text); f.Outcome == nil {
				m.errorf(t.Cell(r, "outcome").Pos, "expected the name of a transition table", "unknown outcome %q", t.Cell(r, "outcome").Text)
				continue
			}
			known := false
			for _, k := range m.Keywords {
				for _, w := range k.Words {
					known = known || k.Name == "field-name" && strings.EqualFold(w.Text, f.Field)
				}
			}
			if !known {
				m.errorf(r.Pos, "add it to the keyword set field-name", "the field %s is not a known name, so it has no id to go by", f.Field)
			}
			m.checkEvents(f)
			m.Feeds = append(m.Feeds, f)
		}
	})
}

// checkEvents compares the events that a value machine raises with those that
// its transitions answer.
func (m *Model) checkEvents(f *Feed) {
	raised := f.events()
	for _, e := range raised {
		if !slices.Contains(f.Outcome.Events, e) {
			m.errorf(f.Outcome.Pos, "add rows for it", "transitions %s: missing cell: machine %s raises the event %s", f.Outcome.Name, f.Machine.Name, e)
		}
	}
	for _, e := range f.Outcome.Events {
		if e != "empty" && !slices.Contains(raised, e) {
			m.errorf(f.Outcome.Pos, "remove the event; the machine raises: "+strings.Join(raised, ", "), "transitions %s: dead row: machine %s never raises the event %s", f.Outcome.Name, f.Machine.Name, e)
		}
	}
}

// events are the events that the machine of a feed raises: its keywords,
// other, its named errors that the transitions answer, and malformed.
func (f *Feed) events() (out []string) {
	for _, b := range f.Machine.Yields {
		if !b.Event {
			continue
		}
		if b.set != nil {
			for _, w := range b.set.Words {
				out = append(out, w.Name)
			}
		}
		out = append(out, "other")
	}
	for _, e := range f.Machine.Errors {
		if e.used && slices.Contains(f.Outcome.Events, e.Name) && f.Machine.raises(e) {
			out = append(out, e.Name)
		}
	}
	return append(out, "malformed")
}

// raises says whether the error can happen in this machine.
func (ma *Machine) raises(e *ErrorRow) bool {
	r, _ := e.Node.(abnf.Node)
	found := false
	walk(ma.Root, func(n abnf.Node) { found = found || n == r })
	return found
}

func (m *Model) loadSequences() {
	m.Set.Tables(spec.KindSequence, func(d *spec.Document, t *spec.Table) {
		s := &Sequence{Name: t.Name, Doc: d, Pos: t.Pos}
		for _, r := range t.Rows {
			name := r.Cells[0].Text
			p := s.Part(name)
			if p == nil {
				p = &Part{Name: name, Next: map[string]string{}}
				s.Parts = append(s.Parts, p)
				m.reads(p, t.Cell(r, "reads"))
			}
			event := t.Cell(r, "event").Text
			if p.Next[event] != "" {
				m.errorf(r.Pos, "remove one of the two", "a second row for %s and event %s", name, event)
			}
			p.Next[event] = t.Cell(r, "→ next").Text
			p.Rows = append(p.Rows, r)
		}
		for _, p := range s.Parts {
			for e, next := range p.Next {
				if next != "end" && s.Part(next) == nil {
					m.errorf(p.Rows[0].Pos, "expected end, or a part that has rows", "after %s and event %s comes an unknown part %q", p.Name, e, next)
				}
			}
			m.checkPart(s, p)
		}
		m.Sequences = append(m.Sequences, s)
	})
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
	for _, e := range want {
		if p.Next[e] == "" {
			m.errorf(p.Rows[0].Pos, "add a row for it", "sequence %s: missing cell: %s, event %s", s.Name, p.Name, e)
		}
	}
	for e := range p.Next {
		if !slices.Contains(want, e) {
			m.errorf(p.Rows[0].Pos, "expected one of: "+strings.Join(want, ", "), "sequence %s: dead row: %s never ends with event %q", s.Name, p.Name, e)
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
