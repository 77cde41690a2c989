package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// explainTransitions explains a table of transitions, cell by cell.
func explainTransitions(s *Subject, t *gen.Transitions) *Explanation {
	e := &Explanation{Name: t.Name, Kind: "transitions", At: t.Pos.String(), File: t.Doc.File, Room: t.States.Room, Graph: &Graph{Name: t.Name}}
	e.About = fmt.Sprintf("each of %d states answers each of %d events, by %d rows; it begins in %s", len(t.States.Values), len(t.Events), len(t.Rows), t.States.Values[0])
	e.Grid = &Grid{States: t.States.Values, Events: t.Events}
	for _, event := range t.Events {
		var cells, at []string
		for _, state := range t.States.Values {
			cells = append(cells, t.Cell(state, event))
			at = append(at, t.Cells[[2]string{state, event}].Row.Pos.String())
		}
		e.Grid.Cells, e.Grid.At = append(e.Grid.Cells, cells), append(e.Grid.At, at)
	}
	for i, state := range t.States.Values {
		st := State{Name: state, IsEnd: slices.Contains(t.Ends, state)}
		for _, event := range t.Events {
			st.Ways = append(st.Ways, answer(t, state, event))
			if next, _ := t.Next(state, event); next != state {
				e.Graph.Edges = append(e.Graph.Edges, Edge{From: i, To: slices.Index(t.States.Values, next), On: event})
			}
		}
		e.States = append(e.States, st)
		e.Graph.Nodes = append(e.Graph.Nodes, Node{Name: state, IsEnd: st.IsEnd})
	}
	e.Rows = rowsWhere(s.Set, func(_ *spec.Document, in *spec.Table, r spec.Row) bool {
		switch in.Kind {
		case spec.KindTransition, spec.KindDual, spec.KindAsymmetry, spec.KindEnd:
			return in.Name == t.Name
		case spec.KindAction:
			return slices.Contains(t.Actions, r.Cells[0].Text)
		case spec.KindBudget:
			return slices.ContainsFunc(t.Rows, func(row *gen.TransitionRow) bool { return slices.Contains(row.Pays, r.Cells[0].Text) })
		case spec.KindFeed:
			return slices.ContainsFunc(s.Model.Feeds, func(f *gen.Feed) bool { return f.Row.Pos == r.Pos && f.Outcome == t })
		}
		return false
	})
	e.section()
	return e
}

// section is that of the first row that cites one.
func (e *Explanation) section() {
	for _, r := range e.Rows {
		if e.Section == "" {
			e.Section = r.Section
		}
	}
}

// answer is what a state answers to an event.
func answer(t *gen.Transitions, state, event string) Way {
	r := t.Cells[[2]string{state, event}]
	next, _ := t.Next(state, event)
	w := Way{On: event, To: next, At: r.Row.Pos.String()}
	switch {
	case r.Scope == gen.ScopeMisuse:
		w.To = "our own mistake: " + r.Error
	case r.Scope != gen.ScopeNone:
		w.To = fmt.Sprintf("%s error %s: %s", r.Scope, r.Code, r.Error)
	case r.Ignore:
		w.To = "ignored"
	}
	var also []string
	if r.Action != "" {
		also = append(also, r.Action)
	}
	if len(r.Pays) > 0 {
		also = append(also, "paid from "+strings.Join(r.Pays, " and "))
	}
	w.Does = strings.Join(also, ", ")
	return w
}

// explainDecision explains a decision by its rows.
func explainDecision(s *Subject, d *gen.Decision) *Explanation {
	cells, outcomes := d.Count()
	e := &Explanation{Name: d.Name, Kind: "decision", At: d.Pos.String(), File: d.Doc.File, Room: s.Model.Domains[d.Name].Room}
	var of []string
	for _, in := range d.Inputs {
		of = append(of, in.Name)
	}
	e.About = fmt.Sprintf("%d rows decide all %d combinations of %s; %d outcomes and refusals", len(d.Rows), cells, strings.Join(of, ", "), outcomes)
	isNamed := func(group string) bool {
		return slices.ContainsFunc(d.Rows, func(row *gen.DecisionRow) bool {
			return slices.ContainsFunc(row.Row.Cells, func(c spec.Cell) bool { return slices.Contains(c.List(), group) })
		})
	}
	e.Rows = rowsWhere(s.Set, func(_ *spec.Document, in *spec.Table, r spec.Row) bool {
		switch in.Kind {
		case spec.KindDecision:
			return in.Name == d.Name
		case spec.KindGroup:
			return slices.Contains(of, in.Cell(r, "of").Text) && isNamed(r.Cells[0].Text)
		case spec.KindInput:
			return slices.Contains(of, r.Cells[0].Text)
		case spec.KindRefusal:
			return slices.ContainsFunc(d.Rows, func(row *gen.DecisionRow) bool { return row.Refuse != nil && row.Refuse.Row.Pos == r.Pos })
		}
		return false
	})
	e.section()
	return e
}

// explainSequence explains the order in which a message is read.
func explainSequence(s *Subject, q *gen.Sequence) *Explanation {
	e := &Explanation{Name: q.Name, Kind: "sequence", At: q.Pos.String(), File: q.Doc.File, Room: "h1", Graph: &Graph{Name: q.Name}}
	e.About = fmt.Sprintf("a message is read in %d parts, from %s on", len(q.Parts), q.Parts[0].Name)
	index := map[string]int{}
	node := func(name, means string, isEnd bool) int {
		i, ok := index[name]
		if !ok {
			i = len(e.Graph.Nodes)
			index[name] = i
			e.Graph.Nodes = append(e.Graph.Nodes, Node{name, means, isEnd})
		}
		return i
	}
	for _, p := range q.Parts {
		node(p.Name, p.Rows[0].Cells[1].Text, false)
	}
	for i, p := range q.Parts {
		st := State{Name: p.Name, Rule: p.Rows[0].Cells[1].Text}
		for _, r := range p.Rows {
			event, next := r.Cells[2].Text, r.Cells[3].Text
			st.Ways = append(st.Ways, Way{On: event, To: next, At: r.Pos.String()})
			_, isRefusal := strings.CutPrefix(next, "refuse: ")
			e.Graph.Edges = append(e.Graph.Edges, Edge{From: i, To: node(next, "", !isRefusal), On: event})
		}
		e.States = append(e.States, st)
	}
	e.Rows = rowsWhere(s.Set, func(d *spec.Document, in *spec.Table, r spec.Row) bool {
		return in.Kind == spec.KindSequence && in.Name == q.Name || in.Kind == spec.KindFeed && d == q.Doc
	})
	e.section()
	return e
}
