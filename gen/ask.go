package gen

import (
	"slices"

	"github.com/specht-http/specht/gen/abnf"
)

// NamedFault is what a row calls some of the faults in a state.
type NamedFault struct {
	*ErrorRow
	At abnf.Set // the octets that it is for, there
}

// FaultsIn are the rows that name faults in a state of a machine. The first row
// that fits an octet counts.
func (m *Model) FaultsIn(ma *Machine, state int) (out []NamedFault) {
	var named abnf.Set
	for _, e := range ma.Errors {
		if e.Overflow {
			continue
		}
		at := m.appliesTo(&ma.DFA.States[state], e)
		if first := at.Minus(named); !first.Empty() {
			out = append(out, NamedFault{e, first})
		}
		named = named.Union(at)
	}
	return out
}

// Raises says whether an error of that row can happen in the machine.
func (ma *Machine) Raises(e *ErrorRow) bool { return ma.raised[e] }

// IsOf says whether a property is one of the machine.
func (m *Model) IsOf(p *Property, ma *Machine) bool {
	return slices.ContainsFunc(p.Of, func(word string) bool { return slices.Contains(m.of(word), ma) })
}

// Limits are those of all machines, in the order of the documents.
func (m *Model) Limits() []*Limit { return m.limits }

// EventsOf are the events that can end a part of a sequence, but for the end of input.
func (m *Model) EventsOf(s *Sequence, p *Part) []string { return m.partEvents(s, p) }
