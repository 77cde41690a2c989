package spec

import (
	"slices"
	"strings"
)

// Key names a row in a way that lasts: its document, the name of its table if it has
// one, and as many of its first cells as tell it from other rows, such as
// "bodylength.md: request-body-length | both". It is empty if the set hasn't the row.
func (s *Set) Key(r Row) string {
	for _, d := range s.Documents {
		if d.File != r.Pos.File {
			continue
		}
		for _, t := range d.Tables {
			if slices.ContainsFunc(t.Rows, func(o Row) bool { return o.Pos == r.Pos }) {
				return d.key(t, r)
			}
		}
	}
	return ""
}

func (d *Document) key(t *Table, r Row) string {
	var parts []string
	switch t.Kind {
	case KindMachine, KindYield, KindPreference, KindDual, KindEnd, KindAsymmetry:
		parts = append(parts, t.Header[0].Text) // others are about the same, by the same name
	default:
		if t.Name != "" {
			parts = append(parts, t.Name)
		}
	}
	for n := 1; n <= len(r.Cells); n++ {
		parts = append(parts, r.Cells[n-1].Text)
		if !d.hasOther(t, r, n) {
			break
		}
	}
	return d.File + ": " + strings.Join(parts, " | ")
}

// hasOther says whether another row of such a table begins with the same n cells.
func (d *Document) hasOther(t *Table, r Row, n int) bool {
	for _, other := range d.Tables {
		if other.Kind != t.Kind || other.Name != t.Name {
			continue
		}
		for _, o := range other.Rows {
			if o.Pos != r.Pos && slices.EqualFunc(o.Cells[:n], r.Cells[:n], func(a, b Cell) bool { return a.Text == b.Text }) {
				return true
			}
		}
	}
	return false
}
