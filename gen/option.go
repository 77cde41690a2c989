package gen

import (
	"slices"
	"strings"

	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/gen/automaton"
	"github.com/specht-http/specht/spec"
)

// Option is a delta of the grammar that a requirement allows: alternatives for
// some rules. Machines have it that are variants of others.
type Option struct {
	Name   string
	Row    spec.Row
	extras []abnf.Extra
	used   bool
}

func (m *Model) option(name string) *Option {
	for _, o := range m.Options {
		if o.Name == name {
			return o
		}
	}
	return nil
}

// loadOptions reads what options there are, and their rules.
func (m *Model) loadOptions() {
	m.Set.Tables(spec.KindOption, func(_ *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			m.Options = append(m.Options, &Option{Name: t.Cell(r, "option").Text, Row: r})
		}
	})
	for _, d := range m.Set.Documents {
		for _, g := range d.Grammars {
			if g.Option == "" {
				continue
			}
			o := m.option(g.Option)
			if o == nil {
				m.errorf(g.Pos, "add a row to a table | option | means | requirement |", "rules of an unknown option %s", g.Option)
				continue
			}
			extras, err := m.Grammar.Extras(g)
			m.fail(err)
			o.extras = append(o.extras, extras...)
		}
	}
	for _, o := range m.Options {
		if len(o.extras) == 0 && len(m.errs) == 0 {
			m.errorf(o.Row.Pos, "write a block ```abnf option "+o.Name+" rfc9112#4 that adds alternatives with =/", "the option %s has no rules", o.Name)
		}
	}
}

// loadVariants adds a machine for each variant: it reads the same root, with
// the alternatives of its options.
func (m *Model) loadVariants() {
	m.Set.Tables(spec.KindVariant, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			name, of := t.Cell(r, "variant"), t.Cell(r, "of")
			base := m.Machine(of.Text)
			if base == nil || base.Of != nil {
				m.errorf(of.Pos, "expected the name of a machine that is no variant", "unknown machine %q", of.Text)
				continue
			}
			if !strings.HasSuffix(name.Text, "-"+base.Name) || m.Machine(name.Text) != nil {
				m.errorf(name.Pos, "expected a word of its own and -"+base.Name, "%q isn't a name for a variant of %s", name.Text, base.Name)
				continue
			}
			v := *base
			v.Name, v.Doc, v.Row, v.Of = name.Text, d, r, base
			v.Breaks = splitProperties(t.Cell(r, "breaks").Text)
			v.extras = map[*abnf.Rule][]abnf.Node{}
			for _, word := range t.Cell(r, "options").List() {
				o := m.option(word)
				if o == nil {
					m.errorf(t.Cell(r, "options").Pos, "expected names of options", "unknown option %q", word)
					continue
				}
				o.used = true
				v.options = append(v.options, o.Name)
				for _, x := range o.extras {
					v.extras[x.Of] = append(v.extras[x.Of], x.Def)
				}
			}
			m.Machines = append(m.Machines, &v)
		}
	})
	for _, o := range m.Options {
		if !o.used && len(m.errs) == 0 {
			m.errorf(o.Row.Pos, "name it in a table | variant | of | options | breaks |, or remove it", "no variant has the option %s", o.Name)
		}
	}
}

// noteExtras says of the elements of an alternative what the tables say of
// those of its rule that stand there too: the first name is the first name.
func (m *Model) noteExtras() {
	for _, o := range m.Options {
		for _, x := range o.extras {
			of := map[string][]abnf.Node{}
			walk(x.Of.Def, func(n abnf.Node) { of[abnf.String(n)] = append(of[abnf.String(n)], n) })
			walk(x.Def, func(n abnf.Node) {
				same := of[abnf.String(n)]
				if len(same) == 0 {
					return
				}
				if note := m.notes[same[0]]; note != nil {
					m.notes[n] = note
				}
				of[abnf.String(n)] = same[1:]
			})
		}
	}
}

// def is what a rule means to a machine.
func (ma *Machine) def(r *abnf.Rule) abnf.Node {
	if ma == nil || len(ma.extras[r]) == 0 {
		return r.Def
	}
	return &abnf.Alt{At: r.At, Parts: append([]abnf.Node{r.Def}, ma.extras[r]...)}
}

// definitions are those of rules, and then the alternatives that options add.
func (m *Model) definitions(rules []*abnf.Rule) (out []abnf.Node) {
	for _, r := range rules {
		out = append(out, r.Def)
	}
	for _, o := range m.Options {
		for _, x := range o.extras {
			if slices.Contains(rules, x.Of) {
				out = append(out, x.Def)
			}
		}
	}
	return out
}

// isChanged says whether a rule means something else to a machine, at once or
// over others.
func (m *Model) isChanged(ma *Machine, r *abnf.Rule, in ...*abnf.Rule) (yes bool) {
	if ma == nil || len(ma.extras) == 0 || slices.Contains(in, r) {
		return false
	}
	if len(ma.extras[r]) > 0 {
		return true
	}
	walk(r.Def, func(n abnf.Node) {
		if ref, ok := n.(*abnf.Ref); ok && !yes {
			next, err := m.Grammar.Lookup(r.Namespace, ref.Name, ref.At)
			yes = err == nil && m.isChanged(ma, next, append(in, r)...)
		}
	})
	return yes
}

// variants are those of a machine.
func (m *Model) variants(of *Machine) (out []*Machine) {
	for _, ma := range m.Machines {
		if ma.Of != nil && ma.Of == of {
			out = append(out, ma)
		}
	}
	return out
}

// checkBreaks holds that a variant breaks what it says, and nothing else.
func (m *Model) checkBreaks() {
	for _, ma := range m.Machines {
		for _, name := range ma.Breaks {
			if !slices.ContainsFunc(m.Properties, func(p *Property) bool { return p.Name == name }) {
				m.errorf(ma.Row.Pos, "expected names of properties", "variant %s breaks an unknown property %q", ma.Name, name)
			}
		}
	}
}

// name is how paths name a machine: a variant as what it is a variant of.
func (ma *Machine) name() string {
	if ma.Of != nil {
		return ma.Of.Name
	}
	return ma.Name
}

// splitProperties is a list of names that may have commas.
func splitProperties(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "; ")
}

// Variants are the machines that read what another one reads, with options.
func (m *Model) Variants(of *Machine) []*Machine { return m.variants(of) }

// OptionsOf are the options of a variant, in the order of its row.
func (m *Model) OptionsOf(v *Machine) (out []*Option) {
	for _, o := range m.Options {
		if slices.Contains(v.options, o.Name) {
			out = append(out, o)
		}
	}
	return out
}

// asked is machine, for any goroutine.
func (m *Model) asked(ma *Machine) *automaton.NFA {
	m.asking.Lock()
	defer m.asking.Unlock()
	return m.machine(ma)
}

// WithOption is the language of a machine with one option alone.
func (m *Model) WithOption(of *Machine, o *Option) (*automaton.DFA, error) {
	v := *of
	v.extras = map[*abnf.Rule][]abnf.Node{}
	for _, x := range o.extras {
		v.extras[x.Of] = append(v.extras[x.Of], x.Def)
	}
	v.Yields, v.Limits, v.RecordLimit = nil, nil, nil
	nfa := m.asked(&v)
	if nfa == nil {
		return nil, m.mistakes()
	}
	nfa.Bare()
	return automaton.Compile(nfa, nil)
}
