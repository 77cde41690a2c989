package gen

import (
	"fmt"
	"slices"
	"strings"

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
	set    *KeywordSet // whose words are the values, or nil
}

// Refusal is an error that a decision can come to.
type Refusal struct {
	Name   string
	Status int
	Means  string
	Room   string
	Row    spec.Row
	used   bool
	at     []spec.Row // the rows of sequences that refuse so
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

// loadDomains reads the inputs, and gives every decision and every transition
// table a domain of its own.
func (m *Model) loadDomains() {
	m.Set.Tables(spec.KindInput, func(_ *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			m.domain(t.Cell(r, "input").Text, t.Cell(r, "room").Text, m.list(t.Cell(r, "values")), r.Pos)
		}
	})
	m.Set.Tables(spec.KindRefusal, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			name := t.Cell(r, "error").Text
			if m.refusal(name) != nil {
				m.errorf(r.Pos, "one of them is enough", "the error %s is defined twice", name)
			}
			m.Refusals = append(m.Refusals, &Refusal{Name: name, Status: m.status(t.Cell(r, "status")), Means: t.Cell(r, "means").Text, Room: m.tableRoom(d), Row: r})
		}
	})
}

// RefusalNumber is the value of the constant for an error, in its room.
func (m *Model) RefusalNumber(r *Refusal) int {
	n := 0
	for _, o := range m.Refusals {
		if o.Room == r.Room {
			n++
		}
		if o == r {
			break
		}
	}
	return n
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
	for i, v := range values {
		if slices.Contains(values[:i], v) {
			m.errorf(at, "name every value once", "%s has the value %s twice", name, v)
		}
	}
	d := &Domain{Name: name, Room: room, Values: values, Pos: at, groups: map[string][]string{}}
	m.Domains[name] = d
	return d
}

// values resolves the values of a cell: values of the domain, groups of it,
// or several with commas.
func (m *Model) values(d *Domain, c spec.Cell) (out []string) {
	for _, v := range m.list(c) {
		switch {
		case d.groups[v] != nil:
			out = append(out, d.groups[v]...)
		case slices.Contains(d.Values, v):
			out = append(out, v)
		default:
			m.errorf(c.Pos, fmt.Sprintf("expected some of: %s%s", d.names(), d.groupNames()), "%q is not a value of %s", v, d.Name)
		}
	}
	if c.Text == "" {
		m.errorf(c.Pos, "name the values, or a group of them", "the cell for %s is empty", d.Name)
	}
	return out
}

// names are the values in short.
func (d *Domain) names() string {
	if d.numeric() && len(d.Values) > 1 {
		return "0 to " + d.Values[len(d.Values)-1]
	}
	return strings.Join(d.Values, ", ")
}

// list is the cell's values.
func (m *Model) list(c spec.Cell) (out []string) {
	for _, v := range c.Values() {
		if strings.Contains(v, " to ") && v[0] >= '0' && v[0] <= '9' {
			m.errorf(c.Pos, "write the smaller number first", "there is nothing in %q", v)
			continue
		}
		out = append(out, v)
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
		m.domain(t.Name, m.tableRoom(d), outcomes, t.Pos)
	})
	m.loadKeywordInputs()
	m.Set.Tables(spec.KindGroup, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			of := t.Cell(r, "of")
			dom := m.Domains[of.Text]
			if dom == nil {
				m.errorf(of.Pos, "expected the name of an input, decision or transition table", "a group of an unknown input %q", of.Text)
				continue
			}
			name := t.Cell(r, "group").Text
			if dom.groups[name] != nil || slices.Contains(dom.Values, name) {
				m.errorf(r.Pos, "give it another name", "a second group, or a value, of %s with the name %s", dom.Name, name)
			}
			dom.groups[name] = m.values(dom, t.Cell(r, "values"))
		}
	})
	if len(m.errs) > 0 {
		return // a group that is missing would be reported in each row
	}
	for _, w := range wait {
		m.decision(w.d, w.t)
	}
	for _, d := range m.Decisions {
		if m.checkCircle(d, d, nil) {
			return // the others in it would be reported too
		}
	}
}

// loadKeywordInputs makes an input of each set of keywords, unless its name is
// taken: the words, and other for all else.
func (m *Model) loadKeywordInputs() {
	for _, k := range m.Keywords {
		if m.Domains[k.Name] != nil {
			continue
		}
		values := []string{"other"}
		for _, w := range k.Words {
			values = append(values, w.Text)
		}
		m.domain(k.Name, m.room(k.Doc), values, k.Pos).set = k
	}
}

// checkCircle finds a decision whose input is its own outcome, at once or over
// others.
func (m *Model) checkCircle(first, d *Decision, over []string) bool {
	over = append(over, d.Name)
	for _, in := range d.Inputs {
		next := m.Decision(in.Name)
		switch {
		case next == nil:
		case next == first:
			m.errorf(first.Pos, "remove one of the inputs", "decisions go in a circle: %s", strings.Join(append(over, first.Name), " asks "))
			return true
		case !slices.Contains(over, next.Name) && m.checkCircle(first, next, over):
			return true
		}
	}
	return false
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
			} else if row.Refuse.used = true; row.Refuse.Room != m.tableRoom(d) {
				m.errorf(out.Pos, "define it in a document whose tables go to "+m.tableRoom(d), "the error %q is in the room %s", name, row.Refuse.Room)
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

// Count is how many combinations of inputs there are, and how many different
// outcomes and refusals.
func (d *Decision) Count() (cells, outcomes int) {
	combinations(d.Inputs, func([]string) { cells++ })
	seen := map[any]bool{}
	for _, r := range d.Rows {
		if r.Refuse != nil {
			seen[r.Refuse] = true
		} else {
			seen[r.Outcome] = true
		}
	}
	return cells, len(seen)
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
	for _, r := range m.Refusals {
		if !r.used {
			m.refuse(r.Row.Pos, "use it in a decision, or remove it", "no row refuses with %q", r.Name)
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

// Decision is the decision of that name, or nil.
func (m *Model) Decision(name string) *Decision {
	for _, d := range m.Decisions {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// Each calls f for each combination of the inputs' values.
func (d *Decision) Each(f func(words []string)) { combinations(d.Inputs, f) }
