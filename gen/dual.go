package gen

import (
	"slices"
	"strings"

	"github.com/specht-http/specht/spec"
)

// Asymmetry is a row that lists where the two ends of a connection may see a
// thing differently.
type Asymmetry struct {
	States, Events []string
	Because        string
	Row            spec.Row
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
		tr.Duals = map[string]string{}
		for _, r := range t.Rows {
			state, dual := r.Cells[0].Text, t.Cell(r, "is").Text
			for _, s := range []string{state, dual} {
				if !slices.Contains(tr.States.Values, s) {
					m.errorf(r.Pos, "expected one of: "+strings.Join(tr.States.Values, ", "), "%q is not a state of %s", s, tr.Name)
				}
			}
			if tr.Duals[state] != "" {
				m.errorf(r.Pos, "one of them is enough", "a second dual of %s", state)
			}
			tr.Duals[state] = dual
		}
		for _, s := range tr.States.Values {
			switch dual := tr.Duals[s]; {
			case dual == "":
				m.errorf(t.Pos, "add a row", "%s has no dual", s)
			case tr.Duals[dual] != "" && tr.Duals[dual] != s:
				m.errorf(t.Pos, "a dual is mutual", "the dual of %s is %s, and that of %s is %s", s, dual, dual, tr.Duals[dual])
			}
		}
	})
	m.Set.Tables(spec.KindAsymmetry, func(_ *spec.Document, t *spec.Table) {
		tr := m.about(t)
		if tr == nil {
			return
		}
		if tr.Duals == nil {
			m.errorf(t.Pos, "add a table | dual of "+tr.Name+" | is |", "%s has no duals, so nothing is asymmetric", tr.Name)
		}
		for _, r := range t.Rows {
			a := &Asymmetry{States: r.Cells[0].List(), Events: t.Cell(r, "event").List(), Because: t.Cell(r, "because").Text, Row: r, used: map[[2]string]bool{}}
			for _, s := range a.States {
				if !slices.Contains(tr.States.Values, s) {
					m.errorf(r.Pos, "expected one of: "+strings.Join(tr.States.Values, ", "), "%q is not a state of %s", s, tr.Name)
				}
			}
			if t.Cell(r, "because").Text == "" {
				m.errorf(r.Pos, "say why, in the column because", "an asymmetry without a reason")
			}
			tr.Asymmetries = append(tr.Asymmetries, a)
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
			tr.Ends = append(tr.Ends, s)
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
		if len(t.Ends) == 0 {
			m.errorf(t.Pos, "add a table | end of "+t.Name+" | because |", "transitions %s: no state is an end", t.Name)
			continue
		}
		for _, s := range t.States.Values {
			reached := t.Reached(s)
			if !slices.ContainsFunc(t.Ends, func(end string) bool { return reached[end] }) {
				m.refuse(t.Pos, "add a way to "+strings.Join(t.Ends, " or ")+", or list it as an end", "transitions %s: the state %s is a trap: no end can be reached from it", t.Name, s)
			}
		}
	}
}

// checkDuality compares what one end may send with what the other takes: if we
// are in a state and send, the peer is in its dual and receives. Each difference
// must be listed, and nothing else.
func (m *Model) checkDuality() {
	for _, t := range m.Transitions {
		if t.Duals == nil {
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
		for _, a := range t.Asymmetries {
			for _, s := range a.States {
				for _, e := range a.Events {
					if !a.used[[2]string{s, e}] {
						m.refuse(a.Row.Pos, "remove it from the table of asymmetries", "transitions %s: %s in state %s is symmetric", t.Name, e, s)
					}
				}
			}
		}
	}
}

// Differ says how what is sent in a state, and how the peer receives it,
// differ; "" if they don't.
func (t *Transitions) Differ(state, what string) string {
	peer := t.Duals[state]
	sent, received := t.Cells[[2]string{state, "sent " + what}], t.Cells[[2]string{peer, "received " + what}]
	next, _ := t.Next(state, "sent "+what)
	theirs, _ := t.Next(peer, "received "+what)
	switch {
	case sent.isLegal() && !received.isLegal():
		return "it may be sent, and is an error to the peer, which is " + peer
	case !sent.isLegal() && received.isLegal():
		return "it may not be sent, and is no error to the peer, which is " + peer
	case sent.isLegal() && t.Duals[next] != theirs:
		return "we are " + next + " then, and the peer " + theirs
	}
	return ""
}

func (m *Model) checkDualCell(t *Transitions, state, what string) {
	why := t.Differ(state, what)
	if why == "" {
		return
	}
	for _, a := range t.Asymmetries {
		if slices.Contains(a.States, state) && slices.Contains(a.Events, what) {
			a.used[[2]string{state, what}] = true
			return
		}
	}
	m.refuse(t.Pos, "correct one of the two rows, or list it in a table | asymmetry of "+t.Name+" | event | because | requirement |",
		"transitions %s: %s in state %s is asymmetric: %s", t.Name, what, state, why)
}
