package gen

import (
	"cmp"
	"errors"
	"regexp"
	"slices"

	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/gen/automaton"
	"github.com/specht-http/specht/spec"
)

// mistakes joins what was found, in the order of the documents.
func (m *Model) mistakes() error {
	slices.SortStableFunc(m.errs, func(a, b error) int {
		var x, y *spec.Error
		if !errors.As(a, &x) || !errors.As(b, &y) {
			return 0
		}
		return cmp.Or(cmp.Compare(x.Pos.File, y.Pos.File), cmp.Compare(x.Pos.Line, y.Pos.Line), cmp.Compare(x.Pos.Column, y.Pos.Column), cmp.Compare(x.What, y.What))
	})
	m.errs = slices.CompactFunc(m.errs, func(a, b error) bool { return a.Error() == b.Error() })
	return errors.Join(m.errs...)
}

// goName is what can be a field, a constant or a part of one.
var goName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)

func (m *Model) checkName(c spec.Cell) {
	if !goName.MatchString(c.Text) {
		m.errorf(c.Pos, "expected letters, digits and hyphens, a letter first: it becomes a name in Go", "%q is not a name", c.Text)
	}
}

// checkUse finds what tables say of places that no machine reaches.
func (m *Model) checkUse() {
	for _, n := range m.notes { // in any order: Load sorts what is found
		for _, y := range n.yields {
			if !y.used {
				m.errorf(y.Pos, "remove the row, or let a machine's root reach the rule", "no machine reads %s", y.Path)
			}
		}
		for _, l := range n.limits {
			if !l.used {
				m.errorf(l.Row.Pos, "remove the row, or let a machine's root reach the rule", "no machine counts %s", l.Path)
			}
		}
		if n.prefer != "" && !n.used {
			m.errorf(n.row.Pos, "remove the row", "no machine has a choice there")
		}
	}
	seen := map[*ErrorRow]bool{}
	for _, ma := range m.Machines {
		for _, e := range ma.Errors {
			if !e.used && !seen[e] {
				m.errorf(e.Row.Pos, "remove the row, or correct its path or octets", "the error %q can't happen: no machine waits there for something else than these octets, or a row above names them", e.Name)
			}
			seen[e] = true
		}
	}
	for _, k := range m.Keywords {
		if !k.used {
			m.errorf(k.Pos, "use it in a table of yields, or remove it", "no rule yields a keyword of %s", k.Name)
		}
	}
}

// checkKeywords finds keywords that the rule whose span is looked up never
// matches.
func (m *Model) checkKeywords() {
	for place, n := range m.notes {
		for _, y := range n.yields {
			if y.set == nil {
				continue
			}
			def, space := m.definition(place)
			words, err := m.Language(def, space)
			if err != nil {
				m.fail(located(y.Pos, "of keywords", err))
				continue
			}
			for _, w := range y.set.Words {
				if !words.Match([]byte(w.Text)) {
					m.errorf(w.Row.Pos, "remove the keyword, or correct it", "the keyword %q can't stand at %s", w.Text, y.Path)
				}
			}
		}
	}
}

// definition is the grammar of a place, and the namespace of its names.
func (m *Model) definition(place any) (def abnf.Node, space string) {
	if r, ok := place.(*abnf.Rule); ok {
		return r.Def, r.Namespace
	}
	rules := slices.Clone(m.Grammar.Rules())
	for _, ma := range m.Machines {
		rules = append(rules, ma.rule)
	}
	for _, r := range rules {
		walk(r.Def, func(n abnf.Node) {
			if n == place {
				def, space = n, r.Namespace
			}
		})
	}
	for _, o := range m.Options {
		for _, x := range o.extras {
			walk(x.Def, func(n abnf.Node) {
				if n == place {
					def, space = n, x.Of.Namespace
				}
			})
		}
	}
	return def, space
}

// checkChoices finds rules of our own that nothing refers to.
func (m *Model) checkChoices() {
	for _, r := range m.Grammar.Rules() {
		if r.Namespace == abnf.ChoiceNamespace && !m.Grammar.Used(r) {
			m.errorf(r.At, "remove the rule, or use it; a rule of an RFC comes before one of ours with the same name", "nothing refers to our rule %s", r.Name)
		}
	}
}

// checkBounded finds what a peer could grow without end: a loop of a machine
// that reads a window or a stream, in which neither octets nor records are
// counted. A count of octets holds in a loop that never leaves the element
// that is counted.
func (m *Model) checkBounded(ma *Machine) {
	repeats := ma.loops()
	for i, s := range ma.DFA.States {
		if !repeats[i][i] {
			continue
		}
		bounded := slices.ContainsFunc(s.Open, func(r automaton.Reg) bool { return ma.counts(r, repeats[i], repeats) })
		if !bounded {
			m.errorf(ma.Row.Pos, "add a row to a table of limits that counts octets or records there",
				"machine %s: nothing limits what can be repeated after %q", ma.Name, s.Path)
			return
		}
	}
}

// loops says which states can follow which, over any number of octets, without
// a record that is counted.
func (ma *Machine) loops() [][]bool {
	n := len(ma.DFA.States)
	reach := make([][]bool, n)
	for i := range reach {
		reach[i] = make([]bool, n)
		for _, e := range ma.DFA.States[i].Out {
			counted := slices.ContainsFunc(e.Ops, func(o automaton.Op) bool { return o.Kind == automaton.Record })
			if !counted || ma.RecordLimit == nil {
				reach[i][e.To] = true
			}
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				reach[i][j] = reach[i][j] || reach[i][k] && reach[k][j]
			}
		}
	}
	return reach
}

// counts says whether the count that begins with register r goes on, and never
// starts anew, in all the states that can follow a state and be followed by it.
func (ma *Machine) counts(r automaton.Reg, from []bool, reach [][]bool) bool {
	for j, s := range ma.DFA.States {
		if !from[j] || !reach[j][j] || !slices.Equal(reach[j], from) {
			continue // not in the same loop
		}
		if !slices.Contains(s.Open, r) {
			return false
		}
		for _, e := range s.Out {
			anew := slices.ContainsFunc(e.Ops, func(o automaton.Op) bool { return o.Kind == automaton.SetReg && o.Reg == r })
			if anew && slices.Equal(reach[e.To], from) {
				return false
			}
		}
	}
	return true
}
