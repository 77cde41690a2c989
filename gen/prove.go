package gen

import (
	"slices"

	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/gen/automaton"
	"github.com/specht-http/specht/spec"
)

func (m *Model) loadProperties() {
	m.Set.Tables(spec.KindProperty, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			never := t.Cell(r, "never")
			n, err := abnf.Parse(never.Text, space(d), never.Pos)
			if err != nil {
				m.fail(err)
				continue
			}
			p := &Property{Name: t.Cell(r, "property").Text, Of: t.Cell(r, "of").List(), Never: n, Row: r, space: space(d)}
			if len(p.Of) == 0 {
				m.errorf(t.Cell(r, "of").Pos, "expected machines, or server or client for all machines of that role that read a window or a stream", "the property %q is of nothing", p.Name)
			}
			for _, of := range p.Of {
				if len(m.of(of)) == 0 {
					m.errorf(t.Cell(r, "of").Pos, "expected machines, or server or client for all machines of that role that read a window or a stream", "the property %q is of nothing: %q", p.Name, of)
				}
			}
			m.Properties = append(m.Properties, p)
		}
	})
}

// of are the machines that a property's word stands for.
func (m *Model) of(word string) (out []*Machine) {
	for _, ma := range m.Machines {
		if ma.Name == word || ma.Of != nil && ma.Of.Name == word || slices.Contains(ma.Roles, word) && ma.Input != "value" {
			out = append(out, ma)
		}
	}
	return out
}

// Proof is a property of one machine, or an inclusion, and what came of it. It is
// about all inputs of all lengths: the product of two automata was walked.
type Proof struct {
	Property  *Property  // or nil
	Inclusion *Inclusion // or nil
	Machine   *Machine
	States    [2]int // of the machine's automaton, and of the language's
	Witness   []byte // the shortest input that shows the contrary
	Holds     bool
	// Breaks is that the machine is a variant that breaks the property, as its
	// row says: then it must not hold.
	Breaks bool
}

// Proofs proves every property of every machine that it is of, and all
// inclusions.
func (m *Model) Proofs() (out []*Proof, err error) {
	for _, in := range m.Inclusions {
		every, err := m.Language(in.Every, in.space)
		if err != nil {
			return nil, located(in.Row.Pos, "of property "+in.Name, err)
		}
		w, isOutside := automaton.Outside(every, in.In.DFA)
		out = append(out, &Proof{Inclusion: in, Machine: in.In, States: [2]int{len(in.In.DFA.States), len(every.States)}, Witness: w, Holds: !isOutside})
	}
	for _, p := range m.Properties {
		never, err := m.Language(p.Never, p.space)
		if err != nil {
			return nil, located(p.Row.Pos, "of property "+p.Name, err)
		}
		var done []*Machine
		for _, of := range p.Of {
			for _, ma := range m.of(of) {
				if slices.Contains(done, ma) {
					continue
				}
				done = append(done, ma)
				w, bad := automaton.Overlap(ma.DFA, never)
				out = append(out, &Proof{
					Property: p, Machine: ma, States: [2]int{len(ma.DFA.States), len(never.States)},
					Witness: w, Holds: !bad, Breaks: slices.Contains(ma.Breaks, p.Name),
				})
			}
		}
	}
	return out, nil
}

// Err is a *spec.Error if the proof isn't as the documents say, or nil.
func (p *Proof) Err() error {
	switch {
	case p.Holds && p.Breaks:
		return spec.Errorf(p.Machine.Row.Pos, "remove it from what the variant breaks", "variant %s doesn't break the property %q", p.Machine.Name, p.Property.Name)
	case p.Holds || p.Breaks:
		return nil
	case p.Inclusion != nil:
		return spec.Errorf(p.Inclusion.Row.Pos, "change the grammar or its choices: the machine must accept all that the column every describes",
			"property %q fails: %s doesn't accept %q", p.Inclusion.Name, p.Machine.Name, p.Witness)
	}
	return spec.Errorf(p.Property.Row.Pos, "change the grammar or its choices: what the machine accepts must have nothing in common with the column never",
		"property %q fails: %s accepts %q", p.Property.Name, p.Machine.Name, p.Witness)
}

// prove makes mistakes of proofs that aren't as the documents say.
func (m *Model) prove() {
	proofs, err := m.Proofs()
	m.fail(err)
	for _, p := range proofs {
		m.fail(p.Err())
	}
}

func (m *Model) loadInclusions() {
	m.Set.Tables(spec.KindInclusion, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			every, in := t.Cell(r, "every"), t.Cell(r, "is in")
			n, err := abnf.Parse(every.Text, space(d), every.Pos)
			if err != nil {
				m.fail(err)
				continue
			}
			ma := m.Machine(in.Text)
			if ma == nil {
				m.errorf(in.Pos, "expected the name of a machine", "nothing is proved to be in %q", in.Text)
				continue
			}
			m.Inclusions = append(m.Inclusions, &Inclusion{Name: r.Cells[0].Text, Every: n, In: ma, Row: r, space: space(d)})
		}
	})
}

// Language is the automaton of an expression, without anything that tables say
// of its rules.
func (m *Model) Language(n abnf.Node, space string) (*automaton.DFA, error) {
	nfa, err := m.language(n, space)
	if err != nil {
		return nil, err
	}
	return automaton.Compile(nfa, nil)
}

func (m *Model) language(n abnf.Node, space string) (*automaton.NFA, error) {
	m.asking.Lock()
	defer m.asking.Unlock()
	c := &compiler{m: m, nfa: automaton.NewNFA()}
	before := len(m.errs)
	r := &abnf.Rule{Name: "never", Namespace: space, Def: n, At: n.Pos()}
	c.nfa.SetStart(c.rule(r, scope{space: space}, c.nfa.Accept()))
	if len(m.errs) > before {
		err := m.errs[before]
		m.errs = m.errs[:before]
		return nil, err
	}
	return c.nfa, nil
}
