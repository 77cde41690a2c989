package report

import (
	"regexp"
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

// Cell is what is said of one pair, and the claim of it that is to be seen first.
type Cell struct {
	Verdict audit.Verdict `json:"verdict"`
	Counts  []Count       `json:"counts"`
	Worst   *Claim        `json:"worst"`
}

// matrix collects what is said of pairs: by a report, such as "peer:a, beside
// default", or by a claim, such as "request-message: default and peer:a end each
// message at the same octet". The reader that is named first has a column, the other
// one a row.
func (p *Page) matrix() {
	for _, c := range p.Checks {
		if left, right, ok := strings.Cut(c.About, ", beside "); ok {
			for _, claim := range c.Claims {
				p.beside(c.Check).put(right, left, claim)
			}
			continue
		}
		for _, claim := range c.Claims {
			if m := readers.FindStringSubmatch(claim.Name); m != nil && c.Check != "diff" {
				p.beside(c.Check).put(m[2], m[1], claim)
			}
		}
	}
}

var readers = regexp.MustCompile(`(?:^|: )((?:default|output|peer:|rev:)\S*) and ((?:default|output|peer:|rev:)\S*) `)

// beside is the matrix of a check.
func (p *Page) beside(check string) *Matrix {
	i := slices.IndexFunc(p.Matrix, func(m *Matrix) bool { return m.Check == check })
	if i < 0 {
		i = len(p.Matrix)
		p.Matrix = append(p.Matrix, &Matrix{Check: check})
	}
	return p.Matrix[i]
}

// put adds a claim to the cell of a pair.
func (m *Matrix) put(left, right string, claim *Claim) {
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
	cell := m.Cells[row][column]
	if cell == nil {
		cell = &Cell{Verdict: audit.Says, Worst: claim}
		m.Cells[row][column] = cell
	}
	if w := cell.Worst; w.Verdict < claim.Verdict || w.Witness == nil && claim.Witness != nil && w.Verdict <= max(claim.Verdict, audit.Holds) {
		cell.Worst = claim // a listed difference with a witness is to be seen beside what holds
	}
	cell.Verdict = max(cell.Verdict, claim.Verdict)
	i := slices.IndexFunc(cell.Counts, func(c Count) bool { return c.Verdict == claim.Verdict })
	if i < 0 {
		cell.Counts = append(cell.Counts, Count{claim.Verdict, 1})
		return
	}
	cell.Counts[i].N++
}
