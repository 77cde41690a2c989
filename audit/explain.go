package audit

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// Explanation is what there is to know of a machine, a table of transitions, a
// decision or a sequence: its states, what is expected there, the rows that say
// so, and a diagram.
type Explanation struct {
	Name    string  `json:"name"`
	Kind    string  `json:"kind"`  // "machine", "transitions", "decision" or "sequence"
	About   string  `json:"about"` // in a sentence
	At      string  `json:"at"`
	Section string  `json:"section,omitempty"`
	States  []State `json:"states,omitempty"`
	Rows    []Row   `json:"rows"`
	Graph   *Graph  `json:"graph,omitempty"` // nil for decisions

	File string `json:"file"` // the document, "chunked.md"
	Room string `json:"room"` // the package that it goes to
	Grid *Grid  `json:"grid,omitempty"`
}

// State is one state of a machine or table.
type State struct {
	Name   string   `json:"name"`
	Path   string   `json:"path,omitempty"` // the shortest octets that lead there, quoted
	Rule   string   `json:"rule,omitempty"`
	Wants  []string `json:"wants,omitempty"`
	IsEnd  bool     `json:"end,omitempty"`
	Ways   []Way    `json:"ways"`
	Faults []Way    `json:"faults,omitempty"` // those that have a name of their own, then the others

	rules []string // all that are under way or begin there
}

// Way is what happens to some octets or events in a state.
type Way struct {
	On   string `json:"on"`
	To   string `json:"to"` // a state, or an error
	Does string `json:"does,omitempty"`
	At   string `json:"at,omitempty"` // the row
}

// Row is a row of a document, as it stands there.
type Row struct {
	At          string   `json:"at"`
	Header      []string `json:"header"`
	Cells       []string `json:"cells"`
	Requirement string   `json:"requirement,omitempty"`
	Section     string   `json:"section,omitempty"`
}

// Grid is a table with a row for each event and a column for each state.
type Grid struct {
	States []string   `json:"states"`
	Events []string   `json:"events"`
	Cells  [][]string `json:"cells"` // by event, then by state
	At     [][]string `json:"at"`    // the row that each is from
}

// Names are the machines, tables and sequences that can be explained, in the order
// of the documents.
func (s *Subject) Names() []string { return s.namesIn("") }

// namesIn are the names in one document, such as bodylength or spec/bodylength.md, or in
// all of them.
func (s *Subject) namesIn(document string) (out []string) {
	if s.Model == nil {
		return nil
	}
	file := strings.TrimSuffix(strings.TrimPrefix(document, "spec/"), ".md") + ".md"
	for _, d := range s.Set.Documents {
		if document != "" && d.File != file {
			continue
		}
		for _, ma := range s.Model.Machines {
			if ma.Doc == d {
				out = append(out, ma.Name)
			}
		}
		for _, t := range d.Tables {
			switch t.Kind {
			case spec.KindTransition, spec.KindDecision, spec.KindSequence:
				if !slices.Contains(out, t.Name) {
					out = append(out, t.Name)
				}
			}
		}
	}
	return out
}

// Explain explains what has the name: machine first, then the tables. What, if
// it isn't empty, narrows it to a state, a rule or a requirement.
func Explain(s *Subject, name, what string) (*Explanation, error) {
	all, err := ExplainAll(s, name)
	if err != nil {
		return nil, err
	}
	if what == "" {
		return all[0], nil
	}
	example := all[0].example()
	for _, e := range all {
		if e.narrow(what) {
			return e, nil
		}
	}
	return nil, fmt.Errorf("audit: %s has no state, rule or requirement %q: expected a state such as %s, a rule that it reads, or an id such as rfc9112#7.1/3", name, what, example)
}

// ExplainAll explains everything that has the name: a machine and the transitions
// that its values feed may share one.
func ExplainAll(s *Subject, name string) (out []*Explanation, err error) {
	if err := s.need(); err != nil {
		return nil, err
	}
	if ma := s.Model.Machine(name); ma != nil {
		out = append(out, explainMachine(s, ma))
	}
	for _, t := range s.Model.Transitions {
		if t.Name == name {
			out = append(out, explainTransitions(s, t))
		}
	}
	if d := s.Model.Decision(name); d != nil {
		out = append(out, explainDecision(s, d))
	}
	for _, q := range s.Model.Sequences {
		if q.Name == name {
			out = append(out, explainSequence(s, q))
		}
	}
	if len(out) == 0 {
		if in := s.namesIn(name); len(in) > 0 {
			return nil, fmt.Errorf("audit: %q is a document: expected one of its machines and tables, %s", name, strings.Join(in, ", "))
		}
		return nil, fmt.Errorf("audit: there is no machine or table %q: expected one of %s", name, strings.Join(s.Names(), ", "))
	}
	return out, nil
}

func (e *Explanation) example() string {
	if len(e.States) > 0 {
		return e.States[len(e.States)-1].Name
	}
	return e.Name
}

// narrow keeps the states and rows that have to do with a state, a rule or a
// requirement; false if there are none.
func (e *Explanation) narrow(what string) bool {
	isState := slices.ContainsFunc(e.States, func(st State) bool { return st.Name == what })
	var rows []Row
	var places []string
	for _, r := range e.Rows {
		path := strings.TrimPrefix(strings.TrimPrefix(r.Cells[0], "octets of "), "records of ")
		inPath := slices.Contains(strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '[' }), what)
		if !isState && (slices.Contains(strings.Split(r.Requirement, ", "), what) || strings.HasPrefix(r.Requirement, what+"/") || inPath || slices.Contains(r.Cells, what)) {
			rows = append(rows, r)
			places = append(places, r.At)
		}
	}
	var states []State
	for _, st := range e.States {
		touches := func(w Way) bool { return w.At != "" && slices.Contains(places, w.At) }
		if st.Name == what || !isState && (slices.Contains(st.rules, what) || slices.ContainsFunc(st.Faults, touches) || slices.ContainsFunc(st.Ways, touches)) {
			states = append(states, st)
			for _, w := range append(slices.Clone(st.Ways), st.Faults...) {
				i := slices.IndexFunc(e.Rows, func(r Row) bool { return r.At == w.At })
				if isState && i >= 0 && !slices.ContainsFunc(rows, func(r Row) bool { return r.At == w.At }) {
					rows = append(rows, e.Rows[i])
				}
			}
		}
	}
	e.States, e.Rows = states, rows
	return len(states)+len(rows) > 0
}

// Text writes the explanation for people.
func (e *Explanation) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s\n  at %s", e.Kind, e.Name, e.About, e.At)
	if e.Section != "" {
		fmt.Fprintf(&b, "; %s", e.Section)
	}
	b.WriteString("\n")
	if len(e.States) > 0 {
		b.WriteString("\nstates\n")
	}
	for _, s := range e.States {
		s.text(&b)
	}
	if len(e.Rows) > 0 {
		b.WriteString("\nrows\n")
	}
	for i, r := range e.Rows {
		if head := strings.Join(r.Header, " | "); i == 0 || head != strings.Join(e.Rows[i-1].Header, " | ") {
			fmt.Fprintf(&b, "    | %s |\n", head)
		}
		fmt.Fprintf(&b, "    | %s |  %s\n", strings.Join(r.Cells, " | "), r.At)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *State) text(b *strings.Builder) {
	fmt.Fprintf(b, "  %s", s.Name)
	if s.Path != "" {
		fmt.Fprintf(b, ", behind %s", s.Path)
	}
	if s.Rule != "" {
		fmt.Fprintf(b, ", in %s", s.Rule)
	}
	if s.IsEnd {
		b.WriteString("; it may end here")
	}
	b.WriteString("\n")
	if len(s.Wants) > 0 {
		fmt.Fprintf(b, "      expected: %s\n", strings.Join(s.Wants, ", "))
	}
	for _, w := range append(slices.Clone(s.Ways), s.Faults...) {
		fmt.Fprintf(b, "      %s → %s", w.On, w.To)
		if w.Does != "" {
			fmt.Fprintf(b, "; %s", w.Does)
		}
		if w.At != "" {
			fmt.Fprintf(b, "  (%s)", w.At)
		}
		b.WriteString("\n")
	}
}

// rowsWhere are the rows of a set that fit, as they stand there.
func rowsWhere(set *spec.Set, fits func(*spec.Document, *spec.Table, spec.Row) bool) (out []Row) {
	for _, d := range set.Documents {
		for _, t := range d.Tables {
			for _, r := range t.Rows {
				if fits(d, t, r) {
					out = append(out, RowOf(t, r))
				}
			}
		}
	}
	return out
}

// RowOf is a row as it stands under the header of its table.
func RowOf(t *spec.Table, r spec.Row) Row {
	row := Row{At: r.Pos.String()}
	for i, h := range t.Header {
		row.Header = append(row.Header, h.Text)
		row.Cells = append(row.Cells, r.Cells[i].Text)
		if h.Text == "requirement" {
			row.Requirement = r.Cells[i].Text
			row.Section = gen.Section(row.Requirement)
		}
	}
	return row
}
