package trace

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/specht-http/specht/spec"
)

// Mutant is a specification in which one row says something else.
type Mutant struct {
	What  string // "→ outcome: fixed instead of none"
	File  string
	edits []edit
}

// edit changes a line of a document. A line with no cells is taken away.
type edit struct {
	line  int
	cells map[int]string // by column, from 0
	text  string         // of the whole line, if there are no cells
	drop  bool
}

// Apply is the document with the change.
func (m *Mutant) Apply(text string) string {
	lines := strings.Split(text, "\n")
	for _, e := range m.edits {
		line := &lines[e.line-1]
		switch {
		case e.drop:
			*line = "\x00"
		case e.cells == nil:
			*line = e.text
		default:
			*line = withCells(*line, e.cells)
		}
	}
	lines = slices.DeleteFunc(lines, func(l string) bool { return l == "\x00" })
	return strings.Join(lines, "\n")
}

// withCells is a row with other texts in some of its cells.
func withCells(line string, cells map[int]string) string {
	parts := strings.Split(strings.ReplaceAll(line, `\|`, "\x00"), "|")
	for i, c := range cells {
		text := strings.ReplaceAll(c, "|", "\x00")
		if strings.HasPrefix(strings.TrimSpace(parts[i+1]), "`") {
			text = "`" + text + "`"
		}
		parts[i+1] = " " + text + " "
	}
	return strings.ReplaceAll(strings.Join(parts, "|"), "\x00", `\|`)
}

// Mutants are the changes of a row, the one to begin with first: what can't be
// generated or built is passed over.
func Mutants(r *Row) []*Mutant {
	switch r.Table.Kind {
	case spec.KindDecision:
		return r.decision()
	case spec.KindTransition:
		return r.transition()
	case spec.KindSequence:
		return r.others("→ next", append(r.column("→ next"), "end"))
	case spec.KindSyntaxError:
		return append(r.dropped(), r.to(map[string]string{"error": "something else", "status": "599"})...)
	case spec.KindLimit:
		return r.limit()
	case spec.KindKeyword:
		return r.to(map[string]string{"value": strings.TrimSuffix(r.cell("value"), `"`) + `x"`})
	case spec.KindOption:
		return r.option()
	case spec.KindFrameValidity:
		return r.validity()
	case spec.KindSettingRange:
		return r.setting()
	case spec.KindAsymmetry:
		return r.dropped()
	case spec.KindProperty:
		return r.to(map[string]string{"never": "*OCTET"})
	}
	return nil
}

func (r *Row) cell(column string) string { return r.Table.Cell(r.Row, column).Text }

// to is the row with other texts in some columns.
func (r *Row) to(columns map[string]string) []*Mutant {
	e := edit{line: r.Row.Pos.Line, cells: map[int]string{}}
	var what []string
	for i, h := range r.Table.Header {
		if text, ok := columns[h.Text]; ok {
			e.cells[i] = text
			what = append(what, fmt.Sprintf("%s: %q instead of %q", h.Text, text, r.Row.Cells[i].Text))
		}
	}
	return []*Mutant{{What: strings.Join(what, ", "), File: r.Document.File, edits: []edit{e}}}
}

// dropped is the document without the row.
func (r *Row) dropped() []*Mutant {
	if len(r.Table.Rows) == 1 {
		return nil // a table without rows is none
	}
	return []*Mutant{{What: "without the row", File: r.Document.File, edits: []edit{{line: r.Row.Pos.Line, drop: true}}}}
}

// column are the texts of a column of the row's table, each once.
func (r *Row) column(name string) (out []string) {
	for _, row := range r.Table.Rows {
		if text := r.Table.Cell(row, name).Text; !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// others are mutants with each of the texts in a column that isn't there.
func (r *Row) others(column string, texts []string) (out []*Mutant) {
	for _, text := range texts {
		if text != r.cell(column) {
			out = append(out, r.to(map[string]string{column: text})...)
		}
	}
	return out
}

// decision: another outcome, and first one that doesn't refuse; or the outcomes of
// two rows are exchanged, so that none is missing.
func (r *Row) decision() []*Mutant {
	all := r.column("→ outcome")
	slices.SortStableFunc(all, func(a, b string) int { return count(isRefusal(a)) - count(isRefusal(b)) })
	out := r.others("→ outcome", all)
	n := len(r.Table.Header) - 2
	for _, row := range r.Table.Rows {
		if text := row.Cells[n].Text; text != r.cell("→ outcome") {
			out = append(out, &Mutant{
				What: fmt.Sprintf("→ outcome: %q instead of %q, exchanged with the row %q", text, r.cell("→ outcome"), row.Cells[0].Text),
				File: r.Document.File,
				edits: []edit{
					{line: r.Row.Pos.Line, cells: map[int]string{n: text}},
					{line: row.Pos.Line, cells: map[int]string{n: r.cell("→ outcome")}},
				},
			})
		}
	}
	return out
}

func isRefusal(outcome string) bool { return strings.HasPrefix(outcome, "refuse: ") }

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// transition: an error is none any more, what is none is one, and a state is another.
func (r *Row) transition() []*Mutant {
	next := r.cell("→ next")
	isAnswer := slices.ContainsFunc(r.Table.Header, func(c spec.Cell) bool { return c.Text == "pays" })
	broken := "error: something else"
	if isAnswer {
		broken = "connection error: INTERNAL_ERROR, something else"
	}
	texts := []string{broken}
	if strings.Contains(next, "error: ") {
		texts = []string{"the same", broken}
	}
	if !isAnswer && !strings.Contains(next, "error: ") {
		// Most of these tables have no errors, and code that doesn't look for one.
		texts = append([]string{"the same"}, states(r.Table)...)
		texts = append(texts, broken)
	}
	if isAnswer && !strings.Contains(next, "error: ") {
		texts = append(texts, "the same")
	}
	if from := r.Row.Cells[0].Text; next == "the same" || next == from { // for a single state that is one thing
		texts = slices.DeleteFunc(texts, func(text string) bool { return text == "the same" || text == from })
	}
	return r.others("→ next", texts)
}

func states(t *spec.Table) (out []string) {
	for _, row := range t.Rows {
		for _, s := range row.Cells[0].List() {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

// limit: another error.
func (r *Row) limit() []*Mutant {
	return r.to(map[string]string{"status": "599", "error": "something else"})
}

// option: its rule wants an octet more.
func (r *Row) option() []*Mutant {
	for _, g := range r.Document.Grammars {
		if g.Option != r.Row.Cells[0].Text {
			continue
		}
		for i, line := range strings.Split(g.Text, "\n") {
			if strings.Contains(line, "=/") {
				return []*Mutant{{
					What:  fmt.Sprintf("%q instead of %q", strings.TrimSpace(line)+" %x7F", strings.TrimSpace(line)),
					File:  r.Document.File,
					edits: []edit{{line: g.Pos.Line + i, text: line + " %x7F"}},
				}}
			}
		}
	}
	return nil
}

var errorCode = regexp.MustCompile(`[A-Z_]{5,}`)

// validity: another code, where a frame is refused.
func (r *Row) validity() []*Mutant {
	column := "otherwise"
	if r.cell(column) == "" {
		column = "too long"
	}
	return r.to(map[string]string{column: errorCode.ReplaceAllString(r.cell(column), "INTERNAL_ERROR")})
}

// setting: another code, or another initial value.
func (r *Row) setting() []*Mutant {
	if r.cell("otherwise") == "" {
		return r.to(map[string]string{"initial": "100"})
	}
	return r.to(map[string]string{"otherwise": errorCode.ReplaceAllString(r.cell("otherwise"), "INTERNAL_ERROR")})
}
