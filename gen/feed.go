package gen

import (
	"slices"
	"strings"

	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/spec"
)

// Feed says which field's values go to which machine.
type Feed struct {
	Field   string
	Machine *Machine
	Outcome *Transitions
	Doc     *spec.Document // whose sequence reads the head with the field
	Row     spec.Row
}

// feeds are those of a sequence: the ones of its document.
func (m *Model) feeds(s *Sequence) (out []*Feed) {
	for _, f := range m.Feeds {
		if f.Doc == s.Doc {
			out = append(out, f)
		}
	}
	return out
}

func (m *Model) loadFeeds() {
	m.Set.Tables(spec.KindFeed, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			f := &Feed{Field: t.Cell(r, "field").Text, Doc: d, Row: r}
			if f.Machine = m.Machine(t.Cell(r, "machine").Text); f.Machine == nil || f.Machine.Input != "value" {
				m.errorf(t.Cell(r, "machine").Pos, "expected a machine whose input is a value", "unknown machine %q", t.Cell(r, "machine").Text)
				continue
			}
			if f.Outcome = m.transitions(t.Cell(r, "outcome").Text); f.Outcome == nil {
				m.errorf(t.Cell(r, "outcome").Pos, "expected the name of a transition table", "unknown outcome %q", t.Cell(r, "outcome").Text)
				continue
			}
			for _, o := range m.Feeds {
				if o.Doc == d && strings.EqualFold(o.Field, f.Field) {
					m.errorf(r.Pos, "remove one of the two", "the field %s is fed twice, first at %s", f.Field, o.Row.Pos)
				}
				if o.Machine == f.Machine && o.Outcome != f.Outcome {
					m.errorf(r.Pos, "let a machine have one outcome", "the machine %s feeds %s here, and %s at %s", f.Machine.Name, f.Outcome.Name, o.Outcome.Name, o.Row.Pos)
				}
			}
			known := false
			for _, k := range m.Keywords {
				for _, w := range k.Words {
					known = known || k.Name == "field-name" && strings.EqualFold(w.Text, f.Field)
				}
			}
			if !known {
				m.errorf(r.Pos, "add it to the keyword set field-name", "the field %s is not a known name, so it has no id to go by", f.Field)
			}
			if known && !refers(f.Machine.Root, f.Field) {
				m.errorf(r.Pos, "name a machine whose root has the rule of the field", "the machine %s reads %s, which isn't %s", f.Machine.Name, abnf.String(f.Machine.Root), f.Field)
			}
			m.checkEvents(f)
			m.Feeds = append(m.Feeds, f)
		}
	})
}

// refers says whether an expression has a rule of that name.
func refers(n abnf.Node, rule string) (yes bool) {
	walk(n, func(n abnf.Node) {
		r, ok := n.(*abnf.Ref)
		yes = yes || ok && strings.EqualFold(r.Name, rule)
	})
	return yes
}

// checkFed finds machines that have an outcome, and that no field feeds: it
// would stay what it is at the start, and decisions would go by that.
func (m *Model) checkFed() {
	for _, ma := range m.Machines {
		fed := ma.Input != "value" || m.transitions(ma.Name) == nil
		for _, f := range m.Feeds {
			fed = fed || f.Machine == ma
		}
		if !fed {
			m.errorf(ma.Row.Pos, "add a row to a table | field | machine | outcome |", "no field feeds the machine %s", ma.Name)
		}
	}
}

// checkEvents compares the events that a value machine raises with those that
// its transitions answer.
func (m *Model) checkEvents(f *Feed) {
	raised := f.events()
	for _, e := range raised {
		if !slices.Contains(f.Outcome.Events, e) {
			m.errorf(f.Outcome.Pos, "add rows for it", "transitions %s: missing cell: machine %s raises the event %s", f.Outcome.Name, f.Machine.Name, e)
		}
	}
	for _, e := range f.Outcome.Events {
		if e != "empty" && !slices.Contains(raised, e) {
			m.errorf(f.Outcome.Pos, "remove the event; the machine raises: "+strings.Join(raised, ", "), "transitions %s: dead row: machine %s never raises the event %s", f.Outcome.Name, f.Machine.Name, e)
		}
	}
}

// events are the events that the machine of a feed raises: its keywords,
// other, its named errors that the transitions answer, and malformed.
func (f *Feed) events() (out []string) {
	for _, b := range f.Machine.Yields {
		if !b.Event {
			continue
		}
		if b.set != nil {
			for _, w := range b.set.Words {
				out = append(out, w.Name)
			}
		}
		out = append(out, "other")
	}
	for _, e := range f.Machine.Errors {
		if e.used && slices.Contains(f.Outcome.Events, e.Name) && f.Machine.raises(e) {
			out = append(out, e.Name)
		}
	}
	return append(out, "malformed")
}

// raises says whether the error can happen in this machine.
func (ma *Machine) raises(e *ErrorRow) bool { return ma.raised[e] }
