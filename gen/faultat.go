package gen

// ErrorAt is the row that names the fault of an octet in a state of a machine; nil
// if none does. The first row that fits wins.
func (m *Model) ErrorAt(ma *Machine, state int, octet byte) *ErrorRow {
	for _, n := range m.FaultsIn(ma, state) {
		if n.At.Has(octet) {
			return n.ErrorRow
		}
	}
	return nil
}

// Overflow is the row that names the fault of a number of the machine that is too
// large; nil if none does.
func (m *Model) Overflow(ma *Machine) *ErrorRow {
	for _, e := range ma.Errors {
		if e.Overflow && e.used && m.overflows(ma, e) {
			return e
		}
	}
	return nil
}

// overflows says whether the row is about a number of this machine.
func (m *Model) overflows(ma *Machine, e *ErrorRow) bool {
	for _, b := range ma.Yields {
		if n := m.notes[e.Node]; b.Base > 0 && n != nil && hasYield(n, b.Yield) {
			return true
		}
	}
	return false
}
