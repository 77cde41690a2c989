package audit

import (
	"fmt"
	"strings"

	"github.com/specht-http/specht/spec"
)

// asWritten are the kinds of tables that are compared row by row, as they are written:
// what they mean isn't looked at otherwise.
var asWritten = []struct {
	kind spec.Kind
	of   string
}{
	{spec.KindSequence, "sequences"},
	{spec.KindFeed, "fields that are fed"},
	{spec.KindProperty, "properties"},
	{spec.KindInclusion, "properties of all that a language has"},
	{spec.KindMessageProperty, "properties of messages"},
	{spec.KindSyntaxError, "errors of machines"},
	{spec.KindRefusal, "errors of decisions"},
	{spec.KindSetting, "settings"},
	{spec.KindAction, "actions"},
	{spec.KindBudget, "budgets"},
	{spec.KindDual, "duals"},
	{spec.KindAsymmetry, "asymmetries"},
	{spec.KindEnd, "ends"},
	{spec.KindRoom, "rooms"},
}

// diffRows compares the rows of all tables that nothing else compares.
func diffRows(r *Report, a, b *spec.Set) {
	for _, k := range asWritten {
		first, at := written(a, k.kind)
		second, atSecond := written(b, k.kind)
		if len(first) == 0 && len(second) == 0 {
			continue
		}
		if len(first) == 0 {
			at = atSecond
		}
		rows(r, "what is written of "+k.of, at, fmt.Sprintf("%d rows", len(first)), sets(first, second))
	}
}

// written are the rows of all tables of a kind, each behind what its table is of, and
// where the first one is.
func written(s *spec.Set, kind spec.Kind) (all []string, at spec.Pos) {
	s.Tables(kind, func(d *spec.Document, t *spec.Table) {
		if len(all) == 0 {
			at = t.Pos
		}
		for _, row := range t.Rows {
			cells := []string{strings.TrimSpace(t.Header[0].Text)}
			for _, c := range row.Cells {
				cells = append(cells, c.Text)
			}
			of := d.File + ": "
			if t.Name != "" {
				of = ""
			}
			all = append(all, of+strings.Join(cells, " | "))
		}
	})
	return all, at
}
