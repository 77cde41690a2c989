package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

func diffKeywords(r *Report, a, b *gen.Model) {
	name := func(k *gen.KeywordSet) (string, spec.Pos) { return k.Name, k.Pos }
	each(r, "keywords", a.Keywords, b.Keywords, name, func(x, y *gen.KeywordSet) {
		list := func(k *gen.KeywordSet) (out []string) {
			for _, w := range k.Words {
				s := fmt.Sprintf("%s %q", w.Name, w.Text)
				for _, f := range k.Flags {
					s += fmt.Sprintf(" %s: %v", f, w.Is(f))
				}
				out = append(out, s)
			}
			return out
		}
		how := sets(list(x), list(y))
		if x.Fold != y.Fold {
			how = append(how, "only one of them is compared without case")
		}
		rows(r, "keyword set "+x.Name, x.Pos, fmt.Sprintf("%d words", len(x.Words)), how)
	})
}

// sets are the lines that only one of two lists has.
func sets(a, b []string) (how []string) {
	for _, s := range a {
		if !slices.Contains(b, s) {
			how = append(how, "only the first: "+s)
		}
	}
	for _, s := range b {
		if !slices.Contains(a, s) {
			how = append(how, "only the second: "+s)
		}
	}
	return how
}

func diffLimits(r *Report, a, b *gen.Model) {
	type limit struct {
		*gen.Limit
		of string
	}
	all := func(m *gen.Model) (out []limit) {
		for _, ma := range m.Machines {
			for _, l := range ma.Limits {
				out = append(out, limit{l, ma.Name})
			}
			if ma.RecordLimit != nil {
				out = append(out, limit{ma.RecordLimit, ma.Name})
			}
		}
		return out
	}
	name := func(l limit) (string, spec.Pos) { return l.Name + " of " + l.of, l.Row.Pos }
	each(r, "limit", all(a), all(b), name, func(x, y limit) {
		text := func(l limit) []string {
			return []string{fmt.Sprintf("%d of %s %s: %d", l.Default, map[bool]string{true: "records", false: "octets"}[l.Records], l.Rule, l.Status)}
		}
		rows(r, "limit "+x.Name+" of "+x.of, x.Row.Pos, text(x)[0], sets(text(x), text(y)))
	})
}

func diffDecisions(r *Report, a, b *gen.Model) {
	name := func(d *gen.Decision) (string, spec.Pos) { return d.Name, d.Pos }
	each(r, "decision", a.Decisions, b.Decisions, name, func(x, y *gen.Decision) {
		var how []string
		inputs := func(d *gen.Decision) (out []string) {
			for _, in := range d.Inputs {
				out = append(out, in.Name+": "+strings.Join(in.Values, ", "))
			}
			return out
		}
		how = sets(inputs(x), inputs(y))
		cells := 0
		if len(how) == 0 {
			x.Each(func(words []string) {
				cells++
				if p, q := outcome(x, words), outcome(y, words); p != q {
					how = append(how, fmt.Sprintf("%s: the first says %s, the second %s", strings.Join(words, " | "), p, q))
				}
			})
		}
		rows(r, "decision "+x.Name, x.Pos, fmt.Sprintf("%d combinations", cells), how)
	})
}

// outcome is what a decision says of a combination of its inputs.
func outcome(d *gen.Decision, words []string) string {
	for _, row := range d.Rows {
		if row.Match(words) {
			if row.Refuse != nil {
				return fmt.Sprintf("refuse: %s (%d)", row.Refuse.Name, row.Refuse.Status)
			}
			return row.Outcome
		}
	}
	return "nothing"
}

func diffTransitions(r *Report, a, b *gen.Model) {
	name := func(t *gen.Transitions) (string, spec.Pos) { return t.Name, t.Pos }
	each(r, "transitions", a.Transitions, b.Transitions, name, func(x, y *gen.Transitions) {
		how := append(sets(x.States.Values, y.States.Values), sets(x.Events, y.Events)...)
		if p, q := x.States.Values[0], y.States.Values[0]; p != q {
			how = append(how, fmt.Sprintf("the first begins in state %s, the second in %s", p, q))
		}
		cells := 0
		for _, state := range x.States.Values {
			for _, event := range x.Events {
				if !slices.Contains(y.States.Values, state) || !slices.Contains(y.Events, event) {
					continue
				}
				cells++
				if p, q := cell(x, state, event), cell(y, state, event); p != q {
					how = append(how, fmt.Sprintf("%s in state %s: the first has %s, the second %s", event, state, p, q))
				}
			}
		}
		rows(r, "transitions "+x.Name, x.Pos, fmt.Sprintf("%d cells", cells), how)
	})
}

// cell is what a state answers an event, as one line.
func cell(t *gen.Transitions, state, event string) string {
	next, wrong := t.Next(state, event)
	row := t.Cells[[2]string{state, event}]
	s := next
	if wrong != "" {
		s += fmt.Sprintf(" (%s)", wrong)
	}
	if row != nil && row.Scope != gen.ScopeNone {
		s += fmt.Sprintf(", %s error %s", row.Scope, row.Code)
	}
	if row != nil && row.Action != "" {
		s += ", " + row.Action
	}
	if row != nil && len(row.Pays) > 0 {
		s += ", paid by " + strings.Join(row.Pays, " and ")
	}
	return s
}

func diffFrames(r *Report, a, b *gen.Model) {
	layout := func(l *gen.Layout) (string, spec.Pos) { return l.Name, l.Pos }
	each(r, "layout", a.Layouts, b.Layouts, layout, func(x, y *gen.Layout) {
		text := func(l *gen.Layout) (out []string) {
			out = append(out, fmt.Sprintf("type %#x, length %d, only on stream 0: %v", l.Type, l.Length, l.Zero))
			for _, f := range l.Flags {
				out = append(out, fmt.Sprintf("flag %s %#x", f.Name, f.Bit))
			}
			for i, f := range l.Fields {
				out = append(out, fmt.Sprintf("field %d: %s (%d), at most %d, with %q, reserved: %v, repeated: %v", i+1, f.Name, f.Bits, f.Most, f.With, f.IsReserved, f.IsRepeated))
			}
			return out
		}
		rows(r, "layout "+x.Name, x.Pos, fmt.Sprintf("%d fields, %d flags", len(x.Fields), len(x.Flags)), sets(text(x), text(y)))
	})
	valid := func(v *gen.Validity) (string, spec.Pos) {
		return v.Row.Cells[0].Text + " on stream " + map[bool]string{true: "0", false: "not 0"}[v.Zero], v.Row.Pos
	}
	each(r, "validity of", a.Validities, b.Validities, valid, func(x, y *gen.Validity) {
		n, _ := valid(x)
		rows(r, "validity of "+n, x.Row.Pos, x.Row.String(), sets(cellsOf(x.Row), cellsOf(y.Row)))
	})
	setting := func(s *gen.SettingRange) (string, spec.Pos) { return s.Name, s.Row.Pos }
	each(r, "setting", a.SettingRanges, b.SettingRanges, setting, func(x, y *gen.SettingRange) {
		rows(r, "setting "+x.Name, x.Row.Pos, x.Row.String(), sets(cellsOf(x.Row), cellsOf(y.Row)))
	})
	code := func(c *gen.ErrorCode) (string, spec.Pos) { return c.Name, c.Row.Pos }
	each(r, "error code", a.ErrorCodes, b.ErrorCodes, code, func(x, y *gen.ErrorCode) {
		rows(r, "error code "+x.Name, x.Row.Pos, x.Row.String(), sets(cellsOf(x.Row), cellsOf(y.Row)))
	})
}

// cellsOf are the cells of a row with their places, but for the last one, which
// cites.
func cellsOf(row spec.Row) (out []string) {
	for i, c := range row.Cells[:len(row.Cells)-1] {
		out = append(out, fmt.Sprintf("column %d: %s", i+1, c.Text))
	}
	return out
}
