package spec

import (
	"fmt"
	"slices"
	"strings"
)

// WithOptions is set with these options of grammar alone: its variants have no others,
// and one that has none of them reads as the machine does that it is of. It is an error
// if there is no such option.
func (s *Set) WithOptions(names []string) (*Set, error) {
	var known []string
	s.Tables(KindOption, func(_ *Document, t *Table) {
		for _, r := range t.Rows {
			known = append(known, t.Cell(r, "option").Text)
		}
	})
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("spec: there is no option %q; there are: %s", name, strings.Join(known, ", "))
		}
	}
	out := &Set{Requirements: s.Requirements, Over: "options " + strings.Join(names, ",")}
	for _, d := range s.Documents {
		has := *d
		has.Grammars = slices.DeleteFunc(slices.Clone(d.Grammars), func(g *Grammar) bool { return g.Option != "" && !slices.Contains(names, g.Option) })
		has.Tables = nil
		for _, t := range d.Tables {
			has.Tables = append(has.Tables, t.withOptions(names))
		}
		out.Documents = append(out.Documents, &has)
	}
	return out, nil
}

// withOptions is t without other options.
func (t *Table) withOptions(names []string) *Table {
	u := *t
	u.Rows = nil
	for _, r := range t.Rows {
		switch t.Kind {
		case KindOption:
			if !slices.Contains(names, t.Cell(r, "option").Text) {
				continue
			}
		case KindVariant:
			at := slices.IndexFunc(t.Header, func(h Cell) bool { return h.Text == "options" })
			kept := slices.DeleteFunc(r.Cells[at].List(), func(o string) bool { return !slices.Contains(names, o) })
			r.Cells = slices.Clone(r.Cells)
			r.Cells[at].Text = strings.Join(kept, ", ")
		}
		u.Rows = append(u.Rows, r)
	}
	return &u
}
