package gen

import (
	"fmt"

	"github.com/specht-http/specht/gen/automaton"
)

// Tagged is the machine's automaton with the names of what its ops do, as another
// machine's can be compared with it: by the names that its document gives. What is
// a member of a record is told with it; what is kept besides has a name.
func (m *Machine) Tagged() automaton.Tagged {
	t := automaton.Tagged{DFA: m.DFA, Names: make([]string, len(m.DFA.Regs)), Tell: m.tells}
	for _, y := range m.Yields {
		isKept := y.In == nil && !(m.Input == "value" && y.Event)
		for _, r := range []automaton.Reg{y.Start, y.End, y.ID, y.Value} {
			if r >= 0 && isKept {
				t.Names[r] = m.DFA.Regs[r].Name
			}
		}
	}
	return t
}

// tells is what an op says, and of which registers.
func (m *Machine) tells(op automaton.Op) (what string, of []automaton.Reg) {
	y := m.Yields[op.Arg]
	switch op.Kind {
	case automaton.Keyword:
		return "keyword " + y.Keyword, []automaton.Reg{y.Start, y.End}
	case automaton.Digit:
		return fmt.Sprintf("base %d at most %d", y.Base, y.Max), nil
	case automaton.Record:
		for _, z := range m.Yields {
			if z.In == y {
				of = append(of, z.Start, z.End)
				if z.Keyword != "" {
					of = append(of, z.ID)
				}
			}
		}
		return "record " + y.Into, of
	case automaton.Event:
		if y.Keyword != "" {
			return "event " + y.Keyword, []automaton.Reg{y.ID}
		}
		return "event " + y.Name, nil
	}
	return "", nil
}

// Space is the namespace in which the machine's root is looked up.
func (m *Machine) Space() string { return m.rule.Namespace }
