package gen

import (
	"slices"
	"strings"

	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/spec"
)

// Feed says which values go to which machine: those of a field, or what a span
// of another machine holds.
type Feed struct {
	Field   string   // or empty
	From    *Machine // whose span it is, or nil
	Span    *Bound
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
				if o.Doc == d && o.From == nil && strings.EqualFold(o.Field, f.Field) {
					m.errorf(r.Pos, "remove one of the two", "the field %s is fed twice, first at %s", f.Field, o.Row.Pos)
				}
				if o.Machine == f.Machine && o.Outcome != f.Outcome {
					m.errorf(r.Pos, "let a machine have one outcome", "the machine %s feeds %s here, and %s at %s", f.Machine.Name, f.Outcome.Name, o.Outcome.Name, o.Row.Pos)
				}
			}
			if strings.Contains(f.Field, "/") {
				m.loadSpanFeed(f)
			} else {
				m.checkField(f)
			}
			m.checkEvents(f)
			m.Feeds = append(m.Feeds, f)
		}
	})
}

// isByHand says whether no field has this name: what stands in angle brackets is
// for people, who write the code that feeds the machine.
func (f *Feed) isByHand() bool { return strings.HasPrefix(f.Field, "<") }

// checkField finds a field without an id, or one that the machine doesn't read. A
// pseudo-header field has no rule. Of others a room of its own may have machines
// that read less than the rule, and are named after the field: te-trailers.
func (m *Model) checkField(f *Feed) {
	if m.tableRoom(f.Doc) != "h1" && (f.isByHand() || m.isPseudoHeader(f.Field)) {
		return
	}
	known := false
	for _, k := range m.Keywords {
		for _, w := range k.Words {
			known = known || k.Name == "field-name" && strings.EqualFold(w.Text, f.Field)
		}
	}
	if !known {
		m.errorf(f.Row.Pos, "add it to the keyword set field-name", "the field %s is not a known name, so it has no id to go by", f.Field)
	}
	isPart := m.tableRoom(f.Doc) != "h1" && strings.HasPrefix(f.Machine.Name, strings.ToLower(f.Field)+"-")
	if known && !isPart && !refers(f.Machine.Root, f.Field) {
		m.errorf(f.Row.Pos, "name a machine whose root has the rule of the field", "the machine %s reads %s, which isn't %s", f.Machine.Name, abnf.String(f.Machine.Root), f.Field)
	}
}

// isPseudoHeader says whether a name is in the set of these.
func (m *Model) isPseudoHeader(name string) bool {
	k := m.KeywordSet("pseudo-header")
	return k != nil && slices.ContainsFunc(k.Words, func(w Keyword) bool { return w.Text == name })
}

// loadSpanFeed finds the span that MACHINE/Span names.
func (m *Model) loadSpanFeed(f *Feed) {
	name, into, _ := strings.Cut(f.Field, "/")
	f.Field = ""
	if f.From = m.Machine(name); f.From != nil {
		for _, b := range f.From.Yields {
			if b.Into == into && f.From.keeps(b) {
				f.Span = b
			}
		}
	}
	if f.Span == nil {
		m.errorf(f.Row.Pos, "expected the name of a field, or MACHINE/Span with a span that the machine keeps", "nothing is known of %q", f.Row.Cells[0].Text)
	}
}

// keeps says whether a machine still has a span when it is done: one that
// belongs neither to a record nor to an event.
func (ma *Machine) keeps(b *Bound) bool { return b.Span && b.In == nil && !b.Event }

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
			m.refuse(f.Outcome.Pos, "remove the event; the machine raises: "+strings.Join(raised, ", "), "transitions %s: dead row: machine %s never raises the event %s", f.Outcome.Name, f.Machine.Name, e)
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
		out = append(out, b.event())
	}
	for _, e := range f.Machine.Errors {
		if e.used && slices.Contains(f.Outcome.Events, e.Name) && f.Machine.raises(e) {
			out = append(out, e.Name)
		}
	}
	return append(out, "malformed")
}

// event is the name of the event that a yield raises, if it has no keyword.
func (y *Yield) event() string {
	if y.Name != "" {
		return y.Name
	}
	return "other"
}

// raises says whether the error can happen in this machine.
func (ma *Machine) raises(e *ErrorRow) bool { return ma.raised[e] }

// isFed says whether what a span holds goes to another machine.
func (m *Model) isFed(b *Bound) bool {
	for _, f := range m.Feeds {
		if f.Span == b {
			return true
		}
	}
	return false
}
