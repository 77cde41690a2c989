package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/specht-http/specht/spec"
)

// Transitions is a total function from state and event to an answer: the next
// state or an error, and with a column pays what it costs and who pays for it.
type Transitions struct {
	Name    string
	Doc     *spec.Document
	Pos     spec.Pos
	States  *Domain
	Events  []string
	Actions []string                     // that its rows name, in order
	Cells   map[[2]string]*TransitionRow // by state and event
	Rows    []*TransitionRow
	// Answers is that the table has a column pays: its rows may be errors of a
	// stream or a connection, and do something.
	Answers bool

	Duals       map[string]string // what the peer is in, by state; nil without a table of them
	Ends        []string          // where it may stay
	Asymmetries []*Asymmetry
}

// Scope is whom an error of a row concerns.
type Scope string

// The scopes of errors. A misuse is our own side's.
const (
	ScopeNone       Scope = ""
	ScopeStream     Scope = "stream"
	ScopeConnection Scope = "connection"
	ScopeMisuse     Scope = "misuse"
)

// TransitionRow is one row, for all its states and events.
type TransitionRow struct {
	States, Events []string
	Next           string // a state, or the same
	Error          string // what is wrong, if there is a scope
	Scope          Scope
	Code           string // of a stream's or connection's error, as the RFC has it
	Ignore         bool
	Action         string
	Pays           []string
	Requirement    string
	Row            spec.Row
}

const same = "the same"

// Next is the cell for a state and an event.
func (t *Transitions) Next(state, event string) (next, misuse string) {
	r := t.Cells[[2]string{state, event}]
	if r.Next == same {
		return state, r.Error
	}
	return r.Next, r.Error
}

// Rule is what an error says: what is wrong, and the section. It is empty for
// rows that are none.
func (r *TransitionRow) Rule() string {
	where := Section(r.Requirement)
	if r.Scope == ScopeNone || where == "" {
		return r.Error
	}
	return r.Error + " (" + where + ")"
}

// isLegal says whether the row is no error.
func (r *TransitionRow) isLegal() bool { return r.Scope == ScopeNone }

func (m *Model) loadTransitions() {
	m.loadActions()
	m.loadBudgets()
	m.Set.Tables(spec.KindTransition, func(d *spec.Document, t *spec.Table) {
		tr := &Transitions{Name: t.Name, Doc: d, Pos: t.Pos, Cells: map[[2]string]*TransitionRow{}}
		tr.Answers = slices.ContainsFunc(t.Header, func(c spec.Cell) bool { return c.Text == "pays" })
		before := len(m.errs)
		var states []string
		for _, r := range t.Rows {
			row := m.transitionRow(tr, t, r)
			for _, s := range row.States {
				if !slices.Contains(states, s) {
					states = append(states, s)
				}
			}
			for _, e := range row.Events {
				if !slices.Contains(tr.Events, e) {
					tr.Events = append(tr.Events, e)
				}
			}
			if row.Action != "" && !slices.Contains(tr.Actions, row.Action) {
				tr.Actions = append(tr.Actions, row.Action)
			}
			tr.Rows = append(tr.Rows, row)
		}
		tr.States = m.domain(t.Name, m.room(d), states, t.Pos)
		m.fillCells(tr, states)
		m.Transitions = append(m.Transitions, tr)
		if len(m.errs) > before {
			return // what is missing would follow from these
		}
		for _, s := range states {
			for _, e := range tr.Events {
				if tr.Cells[[2]string{s, e}] == nil {
					m.errorf(t.Pos, "add a row: every event must have an answer in every state", "transitions %s: missing cell: state %s, event %s", t.Name, s, e)
				}
			}
		}
		if len(m.errs) == before {
			m.checkReachable(tr)
		}
	})
	m.checkPaid()
	m.loadDuals()
	m.loadEnds()
	if len(m.errs) == 0 {
		m.checkEnds()
		m.checkDuality()
	}
}

// transitionRow reads a row.
func (m *Model) transitionRow(tr *Transitions, t *spec.Table, r spec.Row) *TransitionRow {
	next := t.Cell(r, "→ next")
	row := &TransitionRow{
		States: r.Cells[0].List(), Events: t.Cell(r, "event").List(), Next: next.Text,
		Action: t.Cell(r, "action").Text, Pays: t.Cell(r, "pays").List(), Requirement: t.Cell(r, "requirement").Text, Row: r,
	}
	if len(row.States) == 0 || len(row.Events) == 0 {
		m.errorf(r.Pos, "name at least one state and one event", "the row says nothing")
	}
	if e, ok := strings.CutPrefix(next.Text, "error: "); ok {
		row.Next, row.Scope, row.Error = same, ScopeMisuse, e
	}
	if !tr.Answers {
		if row.Action != "" {
			m.errorf(t.Cell(r, "action").Pos, "leave it empty, or give the table a column pays: what such a table does must show in its states", "nothing is made of the action %q", row.Action)
		}
		return row
	}
	if next.Text == "ignore" {
		row.Next, row.Ignore = same, true
	}
	for _, scope := range []Scope{ScopeStream, ScopeConnection} {
		e, ok := strings.CutPrefix(next.Text, string(scope)+" error: ")
		if !ok {
			continue
		}
		row.Next, row.Scope = same, scope
		row.Code, row.Error, ok = strings.Cut(e, ", ")
		if !ok || row.Error == "" {
			m.errorf(next.Pos, "write "+string(scope)+" error: CODE, and behind a comma what is wrong", "the error %q doesn't say what is wrong", e)
		}
		if m.errorCode(row.Code) == nil {
			m.errorf(next.Pos, "expected a code of the table of error codes", "unknown error code %q", row.Code)
		}
	}
	return row
}

// fillCells gives each cell its row.
func (m *Model) fillCells(tr *Transitions, states []string) {
	form := "the same, error: NAME, or one of: "
	if tr.Answers {
		form = "the same, ignore, stream error: CODE, RULE, connection error: CODE, RULE, error: NAME, or one of: "
	}
	for _, row := range tr.Rows {
		if row.Next != same && !slices.Contains(states, row.Next) {
			m.errorf(row.Row.Pos, "expected "+form+strings.Join(states, ", "),
				"%q is not a state of %s: no row says what happens in it", row.Next, tr.Name)
		}
		for _, s := range row.States {
			for _, e := range row.Events {
				if old := tr.Cells[[2]string{s, e}]; old != nil {
					m.errorf(row.Row.Pos, fmt.Sprintf("the first is at %s", old.Row.Pos), "a second row for state %s and event %s", s, e)
					continue
				}
				tr.Cells[[2]string{s, e}] = row
			}
		}
	}
}

// Reached are the states that events lead to from s, itself among them.
func (t *Transitions) Reached(s string) map[string]bool {
	reached := map[string]bool{}
	var reach func(string)
	reach = func(s string) {
		if reached[s] {
			return
		}
		reached[s] = true
		for _, e := range t.Events {
			next, _ := t.Next(s, e)
			reach(next)
		}
	}
	reach(s)
	return reached
}

// checkReachable finds states that no events lead to, from the first one.
func (m *Model) checkReachable(t *Transitions) {
	start := t.States.Values[0]
	reached := t.Reached(start)
	for _, r := range t.Rows {
		for _, s := range r.States {
			if !reached[s] {
				reached[s] = true // said once
				m.refuse(r.Row.Pos, "remove it, or add a way to it", "transitions %s: dead row: the state %s can't be reached from %s", t.Name, s, start)
			}
		}
	}
}

func (m *Model) transitions(name string) *Transitions {
	for _, t := range m.Transitions {
		if t.Name == name {
			return t
		}
	}
	return nil
}
