package report

import (
	"slices"
	"strings"

	"github.com/specht-http/specht/audit"
)

// Matrix is what came of comparing readers with each other in pairs.
type Matrix struct {
	Check   string    `json:"check"`
	Rows    []string  `json:"rows"`
	Columns []string  `json:"columns"`
	Cells   [][]*Cell `json:"cells"` // by row, then by column; nil for a pair that wasn't compared
}

// Cell is the report on one pair, and its worst claim.
type Cell struct {
	Verdict audit.Verdict `json:"verdict"`
	Counts  []Count       `json:"counts"`
	Worst   *Claim        `json:"worst,omitempty"`

	Check *Check `json:"-"`
}

// matrix collects the reports that are about pairs, such as those of desync: a row
// for each reader on the left, and a column for each on the right.
func (p *Page) matrix() {
	for _, c := range p.Checks {
		left, right, ok := pair(c.About)
		if !ok {
			continue
		}
		i := slices.IndexFunc(p.Matrix, func(m *Matrix) bool { return m.Check == c.Check })
		if i < 0 {
			i = len(p.Matrix)
			p.Matrix = append(p.Matrix, &Matrix{Check: c.Check})
		}
		cell := &Cell{Verdict: c.Verdict, Counts: c.Counts, Check: c}
		for _, claim := range c.Claims {
			if w := cell.Worst; w == nil || w.Verdict < claim.Verdict || w.Verdict == claim.Verdict && w.Witness == nil && claim.Witness != nil {
				cell.Worst = claim
			}
		}
		p.Matrix[i].put(left, right, cell)
	}
}

// pair are the two readers that a report is about.
func pair(about string) (left, right string, ok bool) {
	for _, between := range []string{", beside ", " against "} {
		if left, right, ok = strings.Cut(about, between); ok {
			return left, right, true
		}
	}
	return "", "", false
}

func (m *Matrix) put(left, right string, cell *Cell) {
	row, column := slices.Index(m.Rows, left), slices.Index(m.Columns, right)
	if column < 0 {
		column = len(m.Columns)
		m.Columns = append(m.Columns, right)
		for i := range m.Cells {
			m.Cells[i] = append(m.Cells[i], nil)
		}
	}
	if row < 0 {
		row = len(m.Rows)
		m.Rows = append(m.Rows, left)
		m.Cells = append(m.Cells, make([]*Cell, len(m.Columns)))
	}
	m.Cells[row][column] = cell
}
