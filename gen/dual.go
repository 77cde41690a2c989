package gen

import (
	"slices"
	"strings"

	"github.com/specht-http/specht/spec"
)

// asymmetry is a row that lists where the two ends of a connection may see a
// thing differently.
type asymmetry struct {
	states, events []string
	row            spec.Row
	used           map[[2]string]bool
}

// loadDuals reads which state the peer is in when we are in one, and where that
// isn't the whole truth.
func (m *Model) loadDuals() {
	m.Set.Tables(spec.KindDual, func(_ *spec.Document, t *spec.Table) {
		tr := m.about(t)
		if tr == nil {
			return
		}
		tr.duals = map[string]string{}
		for _, r := range t.Rows {
			state, dual := r.Cells[0].Text, t.Cell(r, "is").Text
			for _, s := range []string{state, dual} {
				if !slices.Contains(tr.States.Values, s) {
					m.errorf(r.Pos, "expected one of: "+strings.Join(tr.States.Values, ", "), "%q is not a state of %s", s, tr.Name)
				}
			}
			if tr.duals[state] != "" {
				m.errorf(r.Pos, "one of them is enough", "a second dual of %s", state)
			}
			tr.duals[state] = dual
		}
		for _, s := range tr.States.Values {
			switch dual := tr.duals[s]; {
			case dual == "":
				m.errorf(t.Pos, "add a row", "%s has no dual", s)
			case tr.duals[dual] != "" && tr.duals[dual] != s:
				m.errorf(t.Pos, "a dual is mutual", "the dual of %s is %s, and that of %s is %s", s, dual, dual, tr.duals[dual])
			}
		}
	})
	m.Set.Tables(spec.KindAsymmetry, func(_ *spec.Document, t *spec.Table) {
		tr := m.about(t)
		if tr == nil {
			return
		}
		if tr.duals == nil {
			m.errorf(t.Pos, "add a table | dual of "+tr.Name+" | is |", "%s has no duals, so nothing is asymmetric", tr.Name)
		}
		for _, r := range t.Rows {
			a := &asymmetry{states: r.Cells[0].List(), events: t.Cell(r, "event").List(), row: r, used: map[[2]string]bool{}}
			for _, s := range a.states {
				if !slices.Contains(tr.States.Values, s) {
					m.errorf(r.Pos, "expected one of: "+strings.Join(tr.States.Values, ", "), "%q is not a state of %s", s, tr.Name)
				}
			}
			if t.Cell(r, "because").Text == "" {
				m.errorf(r.Pos, "say why, in the column because", "an asymmetry without a reason")
			}
			tr.listed = append(tr.listed, a)
		}
	})
}

// loadEnds reads in which states a table may stay.
func (m *Model) loadEnds() {
	m.Set.Tables(spec.KindEnd, func(_ *spec.Document, t *spec.Table) {
		tr := m.about(t)
		if tr == nil {
			return
		}
		for _, r := range t.Rows {
			s := r.Cells[0].Text
			if !slices.Contains(tr.States.Values, s) {
				m.errorf(r.Pos, "expected one of: "+strings.Join(tr.States.Values, ", "), "%q is not a state of %s", s, tr.Name)
			}
			tr.ends = append(tr.ends, s)
		}
	})
}

// about is the transitions that a table says something of.
func (m *Model) about(t *spec.Table) *Transitions {
	tr := m.transitions(t.Name)
	if tr == nil {
		m.errorf(t.Pos, "expected the name of a table of transitions", "there are no transitions %q", t.Name)
	}
	return tr
}

// checkEnds finds traps: states from which no events lead to an end.
func (m *Model) checkEnds() {
	for _, t := range m.Transitions {
		if !t.Answers {
			continue
		}
		if len(t.ends) == 0 {
			m.errorf(t.Pos, "add a table | end of "+t.Name+" | because |", "transitions %s: no state is an end", t.Name)
			continue
		}
		for _, s := range t.States.Values {
			reached := t.reached(s)
			if !slices.ContainsFunc(t.ends, func(end string) bool { return reached[end] }) {
				m.errorf(t.Pos, "add a way to "+strings.Join(t.ends, " or ")+", or list it as an end", "transitions %s: the state %s is a trap: no end can be reached from it", t.Name, s)
			}
		}
	}
}

// checkDuality compares what one end may send with what the other takes: if we
// are in a state and send, the peer is in its dual and receives. Each difference
// must be listed, and nothing else.
func (m *Model) checkDuality() {
	for _, t := range m.Transitions {
		if t.duals == nil {
			continue
		}
		for _, s := range t.States.Values {
			for _, e := range t.Events {
				what, ok := strings.CutPrefix(e, "sent ")
				if ok && slices.Contains(t.Events, "received "+what) {
					m.checkDualCell(t, s, what)
				}
			}
		}
		for _, a := range t.listed {
			for _, s := range a.states {
				for _, e := range a.events {
					if !a.used[[2]string{s, e}] {
						m.errorf(a.row.Pos, "remove it from the table of asymmetries", "transitions %s: %s in state %s is symmetric", t.Name, e, s)
					}
				}
			}
		}
	}
}

// Asymmetry says how what is sent in a state, and how the peer receives it,
// differ; "" if they don't.
func (t *Transitions) Asymmetry(state, what string) string {
	peer := t.duals[state]
	sent, received := t.Cells[[2]string{state, "sent " + what}], t.Cells[[2]string{peer, "received " + what}]
	next, _ := t.Next(state, "sent "+what)
	theirs, _ := t.Next(peer, "received "+what)
	switch {
	case sent.isLegal() && !received.isLegal():
		return "it may be sent, and is an error to the peer, which is " + peer
	case !sent.isLegal() && received.isLegal():
		return "it may not be sent, and is no error to the peer, which is " + peer
	case sent.isLegal() && t.duals[next] != theirs:
		return "we are " + next + " then, and the peer " + theirs
	}
	return ""
}

func (m *Model) checkDualCell(t *Transitions, state, what string) {
	why := t.Asymmetry(state, what)
	if why == "" {
		return
	}
	for _, a := range t.listed {
		if slices.Contains(a.states, state) && slices.Contains(a.events, what) {
			a.used[[2]string{state, what}] = true
			return
		}
	}
	m.errorf(t.Pos, "correct one of the two rows, or list it in a table | asymmetry of "+t.Name+" | event | because | requirement |",
		"transitions %s: %s in state %s is asymmetric: %s", t.Name, what, state, why)
}
