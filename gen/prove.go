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

// prove checks every property: the language of the machine and the language
// of what must never be have no input in common, and those that are said to be in
// a machine's are.
func (m *Model) prove() {
	m.proveInclusions()
	for _, p := range m.Properties {
		never, err := m.Language(p.Never, p.space)
		if err != nil {
			m.fail(located(p.Row.Pos, "of property "+p.Name, err))
			continue
		}
		var done []*Machine
		for _, of := range p.Of {
			for _, ma := range m.of(of) {
				if slices.Contains(done, ma) {
					continue
				}
				done = append(done, ma)
				w, bad := automaton.Overlap(ma.DFA, never)
				switch {
				case slices.Contains(ma.Breaks, p.Name):
					if !bad {
						m.errorf(ma.Row.Pos, "remove it from what the variant breaks", "variant %s doesn't break the property %q", ma.Name, p.Name)
					}
				case bad:
					m.errorf(p.Row.Pos, "change the grammar or its choices: what the machine accepts must have nothing in common with the column never",
						"property %q fails: %s accepts %q", p.Name, ma.Name, w)
				}
			}
		}
	}
}

// proveInclusions checks that every input of an expression is accepted by a
// machine.
func (m *Model) proveInclusions() {
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
			language, err := m.Language(n, space(d))
			if err != nil {
				m.fail(located(r.Pos, "of property "+r.Cells[0].Text, err))
				continue
			}
			if w, isOutside := automaton.Outside(language, ma.DFA); isOutside {
				m.errorf(r.Pos, "change the grammar or its choices: the machine must accept all that the column every describes",
					"property %q fails: %s doesn't accept %q", r.Cells[0].Text, ma.Name, w)
			}
		}
	})
}

// Language is the automaton of an expression, without anything that tables say
// of its rules.
func (m *Model) Language(n abnf.Node, space string) (*automaton.DFA, error) {
	c := &compiler{m: m, nfa: automaton.NewNFA()}
	before := len(m.errs)
	r := &abnf.Rule{Name: "never", Namespace: space, Def: n, At: n.Pos()}
	c.nfa.SetStart(c.rule(r, scope{space: space}, c.nfa.Accept()))
	if len(m.errs) > before {
		err := m.errs[before]
		m.errs = m.errs[:before]
		return nil, err
	}
	return automaton.Compile(c.nfa, nil)
}
