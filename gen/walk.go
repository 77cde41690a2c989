package gen

import (
	"slices"

	"github.com/specht-http/specht/gen/automaton"
)

// What is here answers those who walk a model instead of printing it: package
// audit, and the slow interpreters that it compares with.

// FeedsOf are the feeds of a sequence's head.
func (m *Model) FeedsOf(s *Sequence) []*Feed { return m.feeds(s) }

// Decided are the decisions that are made when the head of s is whole, each behind
// those whose outcomes it asks for.
func (m *Model) Decided(s *Sequence) []*Decision { return m.decided(s) }

// Given are the inputs of these decisions that the octets don't tell.
func (m *Model) Given(s *Sequence) []*Domain { return m.given(s) }

// Set is the keywords that a span is looked up in, or nil.
func (b *Bound) Set() *KeywordSet { return b.set }

// EventName is the event that a yield raises without a keyword.
func (b *Bound) EventName() string { return b.event() }

// IsNumeric says whether the values are the numbers from 0 on.
func (d *Domain) IsNumeric() bool { return d.numeric() }

// Set is the keywords that are the values, or nil.
func (d *Domain) Set() *KeywordSet { return d.set }

// IsInput says whether a number of a machine is this input of decisions.
func (b *Bound) IsInput(d *Domain) bool {
	return b.In == nil && b.Base > 0 && unexported(b.Into) == d.Name
}

// FoldsAny says whether the machine reads folded lines, so that the values in them
// are read as if each octet of a line's end were SP.
func (ma *Machine) FoldsAny() bool { return ma.foldsAny() }

// Choose is the row for one value of each input; nil if there is none.
func (d *Decision) Choose(pick []string) *DecisionRow {
	for _, r := range d.Rows {
		if r.Match(pick) {
			return r
		}
	}
	return nil
}

// FaultEvent is the event of a feed that a fault of its machine is: that of the row
// if the table answers it, or malformed.
func (f *Feed) FaultEvent(row *ErrorRow) string {
	if row != nil && slices.Contains(f.Outcome.Events, row.Name) {
		return row.Name
	}
	return "malformed"
}

// Consumes says whether any edge that can be taken from a state on has a digit of a
// register.
func (ma *Machine) Consumes(state int, r automaton.Reg) bool {
	seen := make([]bool, len(ma.DFA.States))
	var look func(int) bool
	look = func(at int) bool {
		if seen[at] {
			return false
		}
		seen[at] = true
		for _, e := range ma.DFA.States[at].Out {
			isDigit := func(o automaton.Op) bool { return o.Reg == r }
			if slices.ContainsFunc(e.Digits, isDigit) || slices.ContainsFunc(e.Ops, func(o automaton.Op) bool { return o.Kind == automaton.Zero && o.Reg == r }) || look(e.To) {
				return true
			}
		}
		return false
	}
	return look(state)
}
