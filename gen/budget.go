package gen

import (
	"slices"
	"strings"

	"github.com/specht-http/specht/spec"
)

// Action is something that rows of transitions do, and what that costs us.
type Action struct {
	Name  string
	Costs []string // of costs; empty for nothing
	Means string
	Row   spec.Row
	used  bool
}

// Budget is what pays for what a peer makes us do.
type Budget struct {
	Name     string
	Refilled string // by what
	Limit    string // the name of the limit that it is
	Means    string
	Room     string
	Doc      *spec.Document
	Row      spec.Row
	used     bool
}

// costs are the kinds of cost: what goes out, what is kept, and what we do.
var costs = []string{"octets", "memory", "work"}

func (m *Model) loadActions() {
	m.Set.Tables(spec.KindAction, func(_ *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			c := t.Cell(r, "costs")
			a := &Action{Name: t.Cell(r, "action").Text, Means: t.Cell(r, "means").Text, Row: r}
			if old := m.action(a.Name); old != nil {
				m.errorf(r.Pos, "the first is at "+old.Row.Pos.String(), "a second action with the name %s", a.Name)
				continue
			}
			if c.Text != "nothing" {
				a.Costs = c.List()
			}
			for _, cost := range a.Costs {
				if !slices.Contains(costs, cost) {
					m.errorf(c.Pos, "expected some of "+strings.Join(costs, ", ")+", or nothing", "unknown cost %q", cost)
				}
			}
			if c.Text == "" {
				m.errorf(c.Pos, "expected some of "+strings.Join(costs, ", ")+", or nothing", "the action %s doesn't say what it costs", a.Name)
			}
			m.Actions = append(m.Actions, a)
		}
	})
}

func (m *Model) loadBudgets() {
	m.Set.Tables(spec.KindBudget, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			b := &Budget{
				Name: t.Cell(r, "budget").Text, Refilled: t.Cell(r, "refilled by").Text, Limit: t.Cell(r, "limit").Text,
				Means: t.Cell(r, "means").Text, Room: m.tableRoom(d), Doc: d, Row: r,
			}
			if old := m.budget(b.Name); old != nil {
				m.errorf(r.Pos, "the first is at "+old.Row.Pos.String(), "a second budget with the name %s", b.Name)
				continue
			}
			if b.Refilled == "" || b.Limit == "" {
				m.errorf(r.Pos, "say what refills it, and which limit it has", "the budget %s would never end, or never be refilled", b.Name)
			} else if !m.isLimit(b.Limit) {
				m.errorf(t.Cell(r, "limit").Pos, "expected a row of a table | settings … |, such as StreamsMax, or Credits.Resets of the table of Credits, or a setting such as SETTINGS_ENABLE_PUSH", "there is no limit %q", b.Limit)
			}
			m.Budgets = append(m.Budgets, b)
		}
	})
}

// isLimit says whether there is a limit with that name: an option, perhaps of a
// part of the options, or a setting of the protocol.
func (m *Model) isLimit(name string) (found bool) {
	for _, x := range m.SettingRanges {
		if x.Name == name {
			return true
		}
	}
	part, option, isPart := strings.Cut(name, ".")
	if !isPart {
		part, option = "Options", name
	}
	m.Set.Tables(spec.KindSetting, func(_ *spec.Document, t *spec.Table) {
		if t.Name != part && !strings.HasSuffix(t.Name, "."+part) {
			return
		}
		for _, r := range t.Rows {
			found = found || r.Cells[0].Text == option
		}
	})
	return found
}

func (m *Model) action(name string) *Action {
	for _, a := range m.Actions {
		if a.Name == name {
			return a
		}
	}
	return nil
}

func (m *Model) budget(name string) *Budget {
	for _, b := range m.Budgets {
		if b.Name == name {
			return b
		}
	}
	return nil
}

// checkPaid holds that whoever makes us send octets, keep memory or start work
// has paid for it: a flood is a row without a payer. A connection error needs
// none, since it happens once.
func (m *Model) checkPaid() {
	for _, t := range m.Transitions {
		for _, r := range t.Rows {
			if t.Answers {
				m.checkRowPaid(t, r)
			}
		}
	}
	for _, a := range m.Actions {
		if !a.used {
			m.refuse(a.Row.Pos, "use it in a table of transitions, or remove it", "no row does %q", a.Name)
		}
	}
	for _, b := range m.Budgets {
		if !b.used {
			m.refuse(b.Row.Pos, "name it in a column pays, or remove it", "the budget %q pays for nothing", b.Name)
		}
	}
}

// Costs says whether a row has a peer make us send octets, keep memory or start
// work. A connection error costs, too, but happens once.
func (m *Model) Costs(r *TransitionRow) bool {
	return r.Scope != ScopeConnection && r.Scope != ScopeMisuse && len(m.costs(r)) > 0
}

// costs are those of a row's action, and of the RST_STREAM that a stream's error is.
func (m *Model) costs(r *TransitionRow) (costs []string) {
	if a := m.action(r.Action); a != nil {
		costs = a.Costs
	}
	if r.Scope == ScopeStream && !slices.Contains(costs, "octets") {
		costs = append(slices.Clone(costs), "octets")
	}
	return costs
}

func (m *Model) checkRowPaid(t *Transitions, r *TransitionRow) {
	if r.Action != "" {
		a := m.action(r.Action)
		if a == nil {
			m.errorf(r.Row.Pos, "define it in a table | action | costs | means |", "unknown action %q", r.Action)
			return
		}
		a.used = true
	}
	costs := m.costs(r)
	for _, name := range r.Pays {
		b := m.budget(name)
		if b == nil {
			m.errorf(r.Row.Pos, "define it in a table | budget | refilled by | limit | means |", "an unknown budget %q pays", name)
			continue
		}
		b.used = true
	}
	switch {
	case r.Scope == ScopeConnection || r.Scope == ScopeMisuse:
		if len(r.Pays) > 0 || r.Action != "" {
			m.refuse(r.Row.Pos, "leave action and pays empty", "transitions %s: a %s error is the last thing that happens, and needs no payer", t.Name, r.Scope)
		}
	case len(costs) > 0 && len(r.Pays) == 0:
		m.refuse(r.Row.Pos, "name a budget in the column pays", "transitions %s: the row costs %s, and nothing pays for it", t.Name, strings.Join(costs, " and "))
	case len(costs) == 0 && len(r.Pays) > 0:
		m.refuse(r.Row.Pos, "leave pays empty, or name an action that costs something", "transitions %s: %s pays for nothing", t.Name, strings.Join(r.Pays, " and "))
	}
}
